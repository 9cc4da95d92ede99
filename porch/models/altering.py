"""What migrations share. It must go on to do what it did when they were written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op


@contextmanager
def chat_numbers_kept() -> Iterator[None]:
    """SQLite makes a table anew to change it, and would give out again the numbers of chats that are gone."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        yield
        return
    known = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'chat'").fetchall()
    yield
    for (number,) in known:
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'chat'")
        connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES ('chat', ?)", (number,))
