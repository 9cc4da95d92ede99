"""Reading by statements that are compiled once, as the driver gives the rows: for paths where a session of
SQLAlchemy costs more than what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import TimeoutError
from sqlalchemy.sql.expression import ClauseElement

from porch.engines.reading.statements import Values, compiled
from porch.errors import RetryLater
from porch.extensions import BEGIN, db, is_our_mistake


class Snapshot:
    """The database as it is at one moment."""

    __slots__ = ("_cursor", "dialect")

    def __init__(self, cursor: DBAPICursor, dialect: Dialect) -> None:
        self._cursor = cursor
        self.dialect = dialect

    def rows(self, statement: ClauseElement, values: Values) -> Iterable[Sequence[Any]]:
        """The rows of a select that is a constant of its module, before anything else is read."""
        ready = compiled(statement, self.dialect)
        self._cursor.execute(ready.sql, ready.arguments(values))
        return self._cursor  # type: ignore[return-value]  # drivers' cursors give their rows one by one

    def first(self, statement: ClauseElement, values: Values) -> Sequence[Any] | None:
        self.rows(statement, values)
        row: Sequence[Any] | None = self._cursor.fetchone()
        return row


@contextmanager
def snapshot(*, of_one: bool = False) -> Iterator[Snapshot]:
    """The same as `extensions.reading`, and as short; needs an application context. Raises RetryLater when
    the database cannot be had.

    `of_one` is for whoever asks for one row: a statement is a snapshot by itself, and over a network each one
    more is a journey.
    """
    engine = db.engine
    connection = None
    try:
        connection = engine.raw_connection()
        cursor = connection.cursor()
        if not of_one:
            cursor.execute(BEGIN[engine.dialect.name])
        yield Snapshot(cursor, engine.dialect)
        cursor.close()
    except (engine.dialect.loaded_dbapi.OperationalError, TimeoutError) as error:  # the second is of the pool
        if is_our_mistake(error):
            raise
        if connection is not None:
            connection.invalidate(error)  # the pool would end its transaction, which fails where it is dead
            connection = None
        engine.dispose()  # the other connections of the pool may be as dead
        raise RetryLater(cause=str(error)) from error
    finally:
        if connection is not None:
            connection.close()  # back to the pool, which ends the transaction
