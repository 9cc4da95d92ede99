"""What direct chats cost on a site that has very many of them.

A real server is asked one thing after another, by somebody with 200 direct chats and somebody with two. For
each: the time until the answer (median and 95th percentile, in milliseconds) and the CPU time that the server
spent on it (milliseconds a call).
"""

from __future__ import annotations

import argparse
import secrets
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import requests  # noqa: E402  # the path had to come first

from bench.asking import show  # noqa: E402
from tests.support.people import Guest, Json  # noqa: E402
from tests.support.server import Server  # noqa: E402

RATES = ("message", "sign_in", "direct", "visit")
OFF: dict[str, Any] = {f"{rate}_rate": "off" for rate in RATES}
PEOPLE = 2_000  # who talk with each other
OWN = 200  # direct chats of the busy one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directs", type=int, default=100_000, help="direct chats; 100,000 if not given")
    parser.add_argument("--calls", type=int, default=300, help="calls of each kind; 300 if not given")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), **OFF) as server:
        measure(server, Path(folder) / "chat.db", arguments.directs, arguments.calls)


def measure(server: Server, database: Path, directs: int, calls: int) -> None:
    busy, quiet, other = (Guest.sign_in(server.url, name) for name in ("Busy", "Quiet", "Other"))
    fill(database, directs, busy)
    old, room = quiet.open_direct(other), quiet.open_chat()
    other.join(room)

    def ask(
        guest: Guest, method: str, path: str, body: Callable[[int], Json | None]
    ) -> Callable[[int], object]:
        web = requests.Session()
        web.headers["Authorization"] = f"Bearer {guest.token}"
        url = server.url + path
        return lambda number: web.request(method, url, json=body(number), timeout=30).raise_for_status()

    def nothing(_: int) -> None:
        return None

    def message(_: int) -> Json:
        return {"content": "The mast is up.", "client_id": str(uuid.uuid4())}

    print(f"{directs:,} direct chats, {calls} calls of each kind")
    print(f"{'':44}{'median ms':>10}{'95 % ms':>9}{'CPU ms':>8}")
    pid = server.process.pid
    for what, call in (
        ("POST /directs, a new one", ask(quiet, "POST", "/directs", lambda n: {"username": person(n + 1)})),
        ("POST /directs, one that is there", ask(quiet, "POST", "/directs", lambda _: {"username": "Other"})),
        (f"GET /directs, 100 of {OWN}", ask(busy, "GET", "/directs", nothing)),
        ("GET /directs, of one", ask(other, "GET", "/directs", nothing)),
        ("GET /users?q=, one letter", ask(quiet, "GET", "/users?q=p", nothing)),
        ("send into one", ask(quiet, "POST", f"/chats/{old['id']}/messages", message)),
        ("send into a room", ask(quiet, "POST", f"/chats/{room['id']}/messages", message)),
    ):
        show(what, pid, calls, call)
    with other.socket():
        into_one = ask(quiet, "POST", f"/chats/{old['id']}/messages", message)
        show("send into one, the other listens", pid, calls, into_one)


def person(number: int) -> str:
    return f"Person {number:05}"


def fill(database: Path, directs: int, busy: Guest) -> None:
    """Straight into the tables: opening each by the server would take longer than all that is measured."""
    now = datetime.now(UTC).replace(tzinfo=None)
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        first = busy.user_id + 10
        names = [(first + number, person(number)) for number in range(PEOPLE)]
        connection.executemany(
            "INSERT INTO user (id, username, search_name, guest, role, direct_from, created_at)"
            " VALUES (?, ?, ?, 1, 'member', 'everyone', ?)",
            [(user_id, name, name.casefold(), str(now)) for user_id, name in names],
        )
        connection.executemany(
            "INSERT INTO name_key (key, user_id) VALUES (?, ?)",
            [(name.casefold(), user_id) for user_id, name in names],
        )
        for number, (one, two) in enumerate(pairs(directs, first, busy)):
            add(connection, 10_000 + number, one, two, now - timedelta(minutes=number))


def pairs(directs: int, first: int, busy: Guest) -> list[tuple[int, int]]:
    """Who talks with whom: the busy one with some, the others with those who come next."""
    found = [(busy.user_id, first + number) for number in range(OWN)]
    step = 1
    while len(found) < directs:
        found += [(first + number, first + (number + step) % PEOPLE) for number in range(PEOPLE)]
        step += 1
    return found[:directs]


def add(connection: sqlite3.Connection, chat_id: int, one: int, two: int, at: datetime) -> None:
    """A direct chat in which the second has said two things that the first has not read."""
    connection.execute(
        "INSERT INTO chat (id, name, search_name, hash_key, created_at, active_at, kind, encryption, rev,"
        " changed_rev, reset_rev) VALUES (?1, '', '', ?2, ?3, ?3, 'direct', 'none', 2, 0, 0)",
        (chat_id, secrets.token_urlsafe(16), str(at)),
    )
    for user_id, peer_id, read in ((one, two, 0), (two, one, 2)):
        connection.execute(
            "INSERT INTO direct (user_id, peer_id, chat_id, state) VALUES (?, ?, ?, 'open')",
            (user_id, peer_id, chat_id),
        )
        connection.execute(
            "INSERT INTO membership (chat_id, user_id, joined_at, read_seq, direct) VALUES (?, ?, ?, ?, 1)",
            (chat_id, user_id, str(at), read),
        )
    connection.executemany(
        "INSERT INTO message (chat_id, seq, rev, timestamp, user_id, username, guest, content, client_id,"
        " deleted) VALUES (?1, ?2, ?2, ?3, ?4, 'Somebody', 1, 'The tea is still hot.', ?5, 0)",
        [(chat_id, seq, str(at), two, str(uuid.uuid4())) for seq in (1, 2)],
    )


if __name__ == "__main__":
    main()
