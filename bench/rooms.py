"""What it costs to log in, to look at the lobby of a site with many rooms, and to enter a room.

A real server is asked one thing after another. For each: the time until the answer (median and 95th
percentile, in milliseconds) and the CPU time that the server spent on it (milliseconds a call).
"""

from __future__ import annotations

import argparse
import secrets
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import requests  # noqa: E402  # the path had to come first

from bench.asking import show  # noqa: E402
from tests.support.people import Guest  # noqa: E402
from tests.support.server import Server  # noqa: E402

PASSWORD = "a sentence that is easy to remember"  # noqa: S105  # of nobody
RATES = ("message", "room", "sign_in", "sign_up", "log_in", "typing", "visit")
OFF: dict[str, Any] = {f"{rate}_rate": "off" for rate in RATES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=10_000, help="listed rooms; 10,000 if not given")
    parser.add_argument("--calls", type=int, default=300, help="calls of each kind; 300 if not given")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), **OFF) as server:
        measure(server, Path(folder) / "chat.db", arguments.rooms, arguments.calls)


def measure(server: Server, database: Path, rooms: int, calls: int) -> None:
    ann = Guest(server.url)
    ann.token = ann.post("/users", {"username": "Ann", "password": PASSWORD})["token"]
    own = [ann.post("/chats", {"name": f"Own room {number}"}) for number in range(20)]
    fill(database, rooms)
    web = requests.Session()
    web.headers["Authorization"] = f"Bearer {ann.token}"

    def get(path: str, **parameters: str) -> Callable[[int], object]:
        return lambda _: web.get(server.url + path, params=parameters, timeout=30).raise_for_status()

    def log_in(_: int) -> None:
        body = {"username": "Ann", "password": PASSWORD}
        requests.post(f"{server.url}/sessions", json=body, timeout=30).raise_for_status()

    print(f"{rooms:,} listed rooms, {calls} calls of each kind")
    print(f"{'':44}{'median ms':>10}{'95 % ms':>9}{'CPU ms':>8}")
    pid = server.process.pid
    show("log in (argon2id, 19 MiB)", pid, max(20, calls // 10), log_in)
    show("GET /chats, 100 rooms", pid, calls, get("/chats"))
    show("GET /chats?q=, one in a thousand", pid, calls, get("/chats", q="room 777"))
    show("lobby page", pid, calls, get("/chatrooms/"))
    show("room page", pid, calls, get(own[0]["url"]))
    show("PUT presence, another room each time", pid, calls, lambda n: ann.request("PUT", place(own, n)))
    with ann.socket() as socket:
        show("enter by socket, another room each time", pid, calls, lambda n: socket.enter(own[n % len(own)]))


def place(rooms: list[dict[str, object]], number: int) -> str:
    return f"/chats/{rooms[number % len(rooms)]['id']}/presence"


def fill(database: Path, rooms: int) -> None:
    """Straight into the table: opening each by the server would take longer than all that is measured."""
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        (
            f"Listed room {number}",
            f"listed room {number}",
            secrets.token_urlsafe(16),
            str(now - timedelta(minutes=number)),
        )
        for number in range(rooms)
    ]
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        connection.executemany(
            "INSERT INTO chat (name, search_name, hash_key, created_at, active_at, kind, encryption, rev,"
            " changed_rev, reset_rev) VALUES (?1, ?2, ?3, ?4, ?4, 'listed', 'none', 0, 0, 0)",
            rows,
        )


if __name__ == "__main__":
    main()
