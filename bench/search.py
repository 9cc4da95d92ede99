"""What a search costs on a site where very much was said.

A real server is asked one thing after another, by people in one room, in 20, in 150 and in 500 of 1,000. The
words are as common as in a language: the most common is in half of the messages. For each: the time until
the answer (median and 95th percentile, in milliseconds) and the CPU time that the server spent on it
(milliseconds a call), of which asking for nothing takes about one.
"""

from __future__ import annotations

import argparse
import itertools
import random
import secrets
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import requests  # noqa: E402  # the path had to come first

from bench.asking import show  # noqa: E402
from porch.app import create_app  # noqa: E402
from porch.cli import upgrade  # noqa: E402
from porch.config import Settings  # noqa: E402
from porch.engines.search.index import Indexed, SearchIndex  # noqa: E402
from porch.engines.writing.durable import connect  # noqa: E402
from porch.models.search import SPAN_BITS  # noqa: E402
from tests.support.people import Guest  # noqa: E402
from tests.support.server import Server  # noqa: E402

OFF: dict[str, Any] = {"search_rate": "off", "sign_in_rate": "off"}
ROOMS = 1_000
VOCABULARY = 50_000
PIECE = 2_000
PEOPLE = {"in 1 room": 1, "in 20 rooms": 20, "in 150 rooms": 150, "in 500 rooms": 500}


def word(rank: int) -> str:
    """The longer, the rarer: two letters for the 80 most common ones, then four, then six."""
    syllables, left = "", rank
    while left or not syllables:
        left, place = divmod(left, 80)
        syllables += "bdfghjklmnprstvz"[place // 5] + "aeiou"[place % 5]
    return syllables


COMMON = word(2)
JUNE = {"after": "2025-06-01", "before": "2025-06-02"}
SOUGHT = (
    ("a common word", COMMON),
    ("a rare one", word(30_000)),
    ("one that nobody said", "nothing"),
    ("two common ones", f"{word(5)} {word(9)}"),
    ("a common one, two rare", f"{COMMON} {word(2001)} {word(2003)}"),
    ("the beginning of words", word(81)),
    ("two words in quotes", f'"{word(4)} {word(6)}"'),
    ("common, without another", f"{COMMON} -{word(1)}"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000_000, help="5,000,000 if not given")
    parser.add_argument("--calls", type=int, default=100, help="calls of each kind; 100 if not given")
    parser.add_argument("--folder", type=Path, help="where the database is kept for the next time")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = arguments.folder or Path(passing)
        data = folder / "data"
        if not (data / "chat.db").exists():
            fill(Settings(data=data, site=folder / "site"), arguments.messages)
        with Server(data, **OFF) as server:
            measure(server, data / "chat.db", arguments.calls)


def measure(server: Server, database: Path, calls: int) -> None:
    people = {who: Guest.sign_in(server.url, f"Reader {secrets.token_hex(4)}") for who in PEOPLE}
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        for who, guest in people.items():
            for room in random.sample(range(1, ROOMS + 1), PEOPLE[who]):
                connection.execute(
                    "INSERT INTO membership (chat_id, user_id, joined_at) VALUES (?, ?, ?)",
                    (room, guest.user_id, "2026-01-01 00:00:00.000000"),
                )
    print(f"{'':44}{'median ms':>10}{'95 % ms':>9}{'CPU ms':>8}")
    pid = server.process.pid
    for who, guest in people.items():
        show(f"{who}: nothing to look for", pid, calls, ask(guest, q="!"))
        for what, q in SOUGHT:
            show(f"{who}: {what}", pid, calls, ask(guest, q=q))
        show(f"{who}: common, of one day", pid, calls, ask(guest, q=COMMON, **JUNE))
        show(f"{who}: common, by one person", pid, calls, ask(guest, q=COMMON, **{"from": "1"}))


def ask(guest: Guest, **parameters: str) -> Callable[[int], object]:
    web = requests.Session()
    web.headers["Authorization"] = f"Bearer {guest.token}"
    return lambda _: web.get(f"{guest.url}/search", params=parameters, timeout=60).raise_for_status()


def fill(settings: Settings, messages: int) -> None:
    """Straight into the tables and the index: to send them would take longer than all that is measured."""
    app = create_app("threading", settings)
    with app.app_context():
        upgrade()
    began = time.monotonic()
    with closing(connect(settings.database, 30)) as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        connection.exec_driver_sql("BEGIN")
        now = str(datetime.now(UTC).replace(tzinfo=None))
        connection.exec_driver_sql(
            "INSERT INTO user (id, username, guest, role, direct_from, created_at)"
            " VALUES (?, ?, 1, 'member', 'everyone', ?)",
            [(number, f"Person {number}", now) for number in range(1, 101)],
        )
        connection.exec_driver_sql(
            "INSERT INTO chat (id, name, search_name, hash_key, created_at, active_at, kind, encryption, rev,"
            " changed_rev, reset_rev) VALUES (?, 'A room', 'a room', ?, ?, ?, 'link', 'none', ?, 0, 0)",
            [(room, secrets.token_urlsafe(16), now, now, messages) for room in range(1, ROOMS + 1)],
        )
        index = SearchIndex()
        index.make(connection)
        spans: dict[int, list[str]] = {}
        for piece in pieces(messages):
            connection.exec_driver_sql(
                "INSERT INTO message (id, chat_id, seq, rev, timestamp, user_id, username, guest, content,"
                " client_id, deleted, removed) VALUES (?, ?, ?, ?, ?, ?, 'Somebody', 1, ?, ?, 0, 0)",
                [
                    (id_, chat, id_, id_, at, user, content, f"{id_:036}")
                    for id_, chat, user, content, at in piece
                ],
            )
            index.add(connection, [Indexed(*row[:4]) for row in piece])
            for row in piece:
                spans.setdefault(row[0] >> SPAN_BITS, []).append(row[4])
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql(
            "INSERT INTO search_span (span, oldest, newest) VALUES (?, ?, ?)",
            [(span, min(times), max(times)) for span, times in spans.items()],
        )
        connection.exec_driver_sql("UPDATE search_progress SET message_id = ?", (messages,))
        connection.exec_driver_sql("COMMIT")
        size = connection.exec_driver_sql("SELECT sum(length(block)) FROM search_text_data").scalar_one()
    took = time.monotonic() - began
    print(f"{messages:,} messages in {ROOMS:,} rooms, made in {took:.0f} s; the index has {size >> 20} MiB")


def pieces(messages: int) -> Iterator[list[tuple[int, int, int, str, str]]]:
    """(id, room, person, content, when): words by Zipf's law, two years up to now."""
    chance = random.Random(7)  # noqa: S311  # of nothing secret
    weights = list(itertools.accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    words = [word(rank) for rank in range(VOCABULARY)]
    first = datetime(2024, 12, 1)  # noqa: DTZ001  # as the tables keep it
    step = timedelta(days=700) / messages
    for start in range(1, messages + 1, PIECE):
        count = min(PIECE, messages + 1 - start)
        said = chance.choices(words, cum_weights=weights, k=count * 9)
        yield [
            (
                start + place,
                int(chance.random() * ROOMS) + 1,
                place % 100 + 1,
                " ".join(said[place * 9 : place * 9 + 9]),
                (first + (start + place) * step).isoformat(" ", "microseconds"),
            )
            for place in range(count)
        ]


if __name__ == "__main__":
    main()
