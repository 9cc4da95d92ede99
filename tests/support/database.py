"""Reading and changing a running server's database from outside, mostly to move time."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


def change(data: Path, statement: str, *parameters: object) -> int:
    """Run one statement in a transaction of its own; returns how many rows it changed."""
    with closing(_connect(data)) as connection, connection:
        return connection.execute(statement, parameters).rowcount


def rows(data: Path, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    with closing(_connect(data)) as connection:
        return connection.execute(query, parameters).fetchall()


def ago(**units: float) -> str:
    """A moment in the past as the tables keep it: `ago(days=8)`."""
    moment = datetime.now(UTC) - timedelta(**units)
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def move_sessions(data: Path, user_id: int, column: str, **units: float) -> None:
    """Make a time of a person's sessions lie in the past."""
    assert column in ("last_used_at", "created_at")
    changed = change(data, f"UPDATE session SET {column} = ? WHERE user_id = ?", ago(**units), user_id)
    assert changed, "this person has no session"


def write_messages(data: Path, chat_id: int, user_id: int, username: str, count: int) -> None:
    """Let a person have written so many messages at the end of a room's log."""
    ((rev,),) = rows(data, "SELECT rev FROM chat WHERE id = ?", chat_id)
    with closing(_connect(data)) as connection, connection:
        connection.executemany(
            "INSERT INTO message (chat_id, seq, rev, timestamp, user_id, username, guest, content,"
            " client_id, deleted) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, 0)",
            [
                (chat_id, seq, seq, ago(), user_id, username, f"Line {seq}", str(uuid.uuid4()))
                for seq in range(rev + 1, rev + 1 + count)
            ],
        )
        connection.execute("UPDATE chat SET rev = rev + ? WHERE id = ?", (count, chat_id))


def _connect(data: Path) -> sqlite3.Connection:
    return sqlite3.connect(data / "chat.db", timeout=10)
