"""Copying in batches, each stored together with how far it came: who is killed goes on there."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)

from porch.transfer.ends import CannotTransfer, shown
from porch.transfer.tables import TABLES, Key, key_of, rows_after

BATCH = 1000  # rows of one transaction

# In the target, while it is being filled: the last key of each table that was begun, as JSON, and its rows.
PROGRESS = Table(
    "data_migration",
    MetaData(),
    Column("name", String(64), primary_key=True),
    Column("source", Text, nullable=False),
    Column("last", Text),
    Column("rows", BigInteger, nullable=False),
)


class Copy:
    """Raises CannotTransfer for a target with something in it that is no unfinished copy of this source."""

    def __init__(self, source: Connection, target: Connection) -> None:
        self._source, self._target = source, target
        PROGRESS.create(target, checkfirst=True)
        known = target.execute(select(PROGRESS.c.source).distinct()).scalars().all()
        name = shown(source.engine.url)
        if not known:
            _confirm_empty(target)
            rows = [{"name": table.name, "source": name, "last": None, "rows": 0} for table in TABLES]
            target.execute(insert(PROGRESS), rows)
        elif known != [name]:
            raise CannotTransfer(f"A copy of {known[0]} was begun there, and has not come to its end.")
        target.commit()

    def done(self) -> int:
        """How many rows were copied before."""
        return int(self._target.scalar(select(func.sum(PROGRESS.c.rows))) or 0)

    def rest_of(self, table: Table) -> Iterator[int]:
        """Copy the rows that are not there yet; gives the number of each batch, once it is stored."""
        at = PROGRESS.c.name == table.name
        told, copied = self._target.execute(select(PROGRESS.c.last, PROGRESS.c.rows).where(at)).one()
        last: Key | None = None if told is None else msgspec.json.decode(told)
        while rows := rows_after(self._source, table, last, BATCH):
            last, copied = key_of(table, rows[-1]), copied + len(rows)
            self._target.execute(insert(table), [row._asdict() for row in rows])
            told = msgspec.json.encode(last).decode()
            self._target.execute(update(PROGRESS).where(at).values(last=told, rows=copied))
            self._target.commit()
            yield len(rows)

    def finish(self) -> None:
        """From now on the target is a database like any other."""
        PROGRESS.drop(self._target)
        self._target.commit()


def counted(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in TABLES
    }


def _confirm_empty(target: Connection) -> None:
    full = [name for name, number in counted(target).items() if number]
    if full:
        PROGRESS.drop(target)
        target.commit()
        raise CannotTransfer(
            f"{shown(target.engine.url)} is not empty: there is something in {', '.join(full)}."
            " Nothing was changed."
        )
