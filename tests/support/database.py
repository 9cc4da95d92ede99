"""Reading and changing a running server's database from outside, mostly to move time."""

from __future__ import annotations

import re
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from porch.engines.postgres.transactions import LOCK
from porch.engines.reading.memory import LATELY
from tests.support import postgres
from tests.support.news import News

# Its sequence would not do for messages: one that is refused has taken an id.
WRITTEN = "SELECT last_value, is_called, (SELECT max(id) FROM message) FROM write_number"


def change(data: Path, statement: str, *parameters: object) -> int:
    """Run one statement in a transaction of its own; returns how many rows it changed."""
    with _cursor(data) as cursor:
        cursor.execute(_spelled(statement), parameters)
        changed: int = cursor.rowcount
        return changed


def rows(data: Path, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    with _cursor(data, writes=False) as cursor:
        cursor.execute(_spelled(query), parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def ago(**units: float) -> str:
    """A moment in the past as the tables keep it: `ago(days=8)`."""
    moment = datetime.now(UTC) - timedelta(**units)
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def move_sessions(data: Path, user_id: int, column: str, **units: float) -> None:
    """Make a time of a person's sessions lie in the past."""
    assert column in ("last_used_at", "created_at")
    changed = change(data, f"UPDATE session SET {column} = ? WHERE user_id = ?", ago(**units), user_id)
    assert changed, "this person has no session"


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Another program keeps everybody else from writing, until the block ends."""
    if postgres.is_chosen():
        with postgres.connect(data) as connection:
            connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            yield
        return
    with closing(sqlite3.connect(data / "chat.db", timeout=10, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


@contextmanager
def version(data: Path) -> Iterator[Callable[[], object]]:
    """What tells of the database, within the block, something else after each write."""
    if postgres.is_chosen():
        with postgres.connect(data, autocommit=True) as connection:
            yield lambda: connection.execute(WRITTEN).fetchone()
        return
    with closing(sqlite3.connect(data / "chat.db", check_same_thread=False)) as database:
        yield lambda: database.execute("PRAGMA data_version").fetchone()


def skip_ids(data: Path, count: int) -> None:
    """Let so many ids of messages be given out to nobody."""
    if postgres.is_chosen():
        rows(data, "SELECT setval('message_id_seq', nextval('message_id_seq') + ?)", count)
    else:
        change(data, "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'message'", count)


def write_messages(data: Path, chat_id: int, user_id: int, username: str, count: int) -> None:
    """Let a person have written so many messages at the end of a room's log."""
    ((rev,),) = rows(data, "SELECT rev FROM chat WHERE id = ?", chat_id)
    with _cursor(data) as cursor:
        cursor.executemany(
            _spelled(
                "INSERT INTO message (chat_id, seq, rev, timestamp, user_id, username, guest, content,"
                " client_id, deleted) VALUES (?, ?, ?, ?, ?, ?, false, ?, ?, false)"
            ),
            [
                (chat_id, seq, seq, ago(), user_id, username, f"Line {seq}", str(uuid.uuid4()))
                for seq in range(rev + 1, rev + 1 + count)
            ],
        )
        cursor.execute(_spelled("UPDATE chat SET rev = rev + ? WHERE id = ?"), (count, chat_id))


@contextmanager
def _cursor(data: Path, *, writes: bool = True) -> Iterator[Any]:
    """In a transaction of its own, after which a server knows that somebody has written."""
    if not postgres.is_chosen():
        with closing(sqlite3.connect(data / "chat.db", timeout=10)) as connection, connection:
            yield connection.cursor()
        if writes:
            time.sleep(LATELY)
        return
    with News() if writes else nullcontext() as news:
        with postgres.connect(data) as connection, connection.cursor() as cursor:
            yield cursor
            if news is not None:  # whoever writes there says so
                news.tell(cursor)
        if news is not None:
            news.wait()


def _spelled(statement: str) -> str:
    """As the database has it."""
    if not postgres.is_chosen():
        return statement
    quoted = re.sub(r"\b(UPDATE|FROM|INTO|JOIN) user\b", r'\1 "user"', statement)
    return quoted.replace("%", "%%").replace("?", "%s")
