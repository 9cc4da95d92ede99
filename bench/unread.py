"""What it costs to count what somebody in many rooms has not read, inside the application.

In each row something is unread in every room, or in one of ten: so many messages of others after the place up
to which the person has read. CPU time of one count, the fastest of many, in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from porch.access.actors import Actor  # noqa: E402
from porch.actions.notifications.unread import attention, attentions  # noqa: E402
from porch.app import create_app  # noqa: E402
from porch.cli import upgrade  # noqa: E402
from porch.config import settings_from  # noqa: E402
from porch.extensions import reading  # noqa: E402

LIMIT = 2.0  # milliseconds
HEAD = 400  # messages of each room
AUTHORS = 8
# What is unread in a room, in one of how many rooms, and whether the limit is also for a number each.
CASES = ((0, 1, True), (20, 10, True), (100, 10, True), (20, 1, False), (200, 1, False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rooms", type=int, default=500, help="rooms that the person is in; 500 if not given"
    )
    parser.add_argument("--calls", type=int, default=200, help="counts of each kind; 200 if not given")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_from(os.environ | {"PORCH_DATA": folder, "PORCH_SITE": f"{folder}/site"})
        app = create_app("threading", settings)
        with app.app_context():
            upgrade()
            fill(Path(folder) / "chat.db", arguments.rooms)
            over = measure(arguments.rooms, arguments.calls)
    sys.exit(1 if over else 0)


def measure(rooms: int, calls: int) -> bool:
    print(f"{rooms} rooms of {HEAD} messages, CPU ms")
    print(f"{'unread in a room':>18}{'in rooms':>10}{'the sum':>10}{'each of them':>14}")
    over = False
    for number, (unread, of, counts) in enumerate(CASES, 1):
        actor = Actor(1, AUTHORS + number, "Reader", True, "member", datetime.now(UTC))
        total, each = fastest(calls, attention, actor), fastest(calls // 4, rows, actor)
        print(f"{unread:18}{rooms // of if unread else 0:10}{total:10.2f}{each:14.2f}")
        over |= total > LIMIT or (counts and each > LIMIT)
    return over


def rows(actor: Actor) -> None:
    with reading() as session:
        attentions(session, actor.user_id)


def fastest(calls: int, call: Callable[[Actor], object], actor: Actor) -> float:
    best = float("inf")
    for _ in range(max(1, calls)):
        start = time.process_time()
        call(actor)
        best = min(best, time.process_time() - start)
    return best * 1000


def fill(database: Path, rooms: int) -> None:
    """Straight into the tables: sending each message would take longer than all that is measured."""
    now = str(datetime.now(UTC).replace(tzinfo=None))
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        connection.executemany(
            "INSERT INTO user (id, username, guest, created_at) VALUES (?, ?, 1, ?)",
            [(id_, f"P {id_}", now) for id_ in range(1, AUTHORS + len(CASES) + 1)],
        )
        connection.executemany(
            "INSERT INTO chat (id, name, search_name, hash_key, created_at, active_at, kind, encryption, rev,"
            " changed_rev, reset_rev) VALUES (?1, 'Room', 'room', ?2, ?3, ?3, 'link', 'none', ?4, 0, 0)",
            [(id_, f"key {id_}", now, HEAD) for id_ in range(1, rooms + 1)],
        )
        connection.executemany(
            "INSERT INTO message (chat_id, seq, rev, timestamp, user_id, username, guest, content, client_id,"
            " deleted) VALUES (?1, ?2, ?2, ?3, ?4, 'P', 1, ?5, ?6, 0)",
            (
                (room, seq, now, 1 + seq % AUTHORS, f"Something of everyday length, {seq}. " * 3, f"{seq}")
                for seq in range(1, HEAD + 1)
                for room in range(1, rooms + 1)
            ),
        )
        connection.executemany(
            "INSERT INTO membership (chat_id, user_id, joined_at, read_seq) VALUES (?, ?, ?, ?)",
            (
                (room, AUTHORS + number, now, HEAD - (0 if room % of else unread))
                for number, (unread, of, _) in enumerate(CASES, 1)
                for room in range(1, rooms + 1)
            ),
        )


if __name__ == "__main__":
    main()
