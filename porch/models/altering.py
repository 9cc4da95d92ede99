"""What migrations share. It must go on to do what it did when they were written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op


@contextmanager
def numbers_kept(*tables: str) -> Iterator[None]:
    """SQLite makes a table anew to change it, and would give out again the numbers of rows that are gone."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        yield
        return
    known = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence").fetchall()
    yield
    for name, number in known:
        if name in tables:
            connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            connection.exec_driver_sql(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, number)
            )
