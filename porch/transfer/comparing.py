"""Whether two databases have the same in them, room by room and table by table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from porch.models import Message
from porch.transfer.tables import TABLES, key_of, rows_after

PIECE = 1000  # rows read at once
MOST_TOLD = 20


@dataclass(slots=True)
class Content:
    """Of rows in any order, since databases sort texts each in its own way: how many, and the sum of their
    hashes.
    """

    rows: int = 0
    digest: int = 0

    def add(self, values: tuple[Any, ...]) -> None:
        self.rows += 1
        self.digest += int.from_bytes(hashlib.sha256(msgspec.json.encode(values)).digest())


def differences(source: Connection, target: Connection, tell: Callable[[int], object]) -> list[str]:
    """What is not the same, in words; `tell` is called with the number of rows that were read since."""
    found = []
    for table in TABLES:
        one, other = (_contents(connection, table, tell) for connection in (source, target))
        for group in sorted(one.keys() | other.keys()):
            if one.get(group) != other.get(group):
                rows = [content.rows if content else 0 for content in (one.get(group), other.get(group))]
                what = f"room {group}" if group else f"the table {table.name}"
                found.append(f"{what}: {rows[0]} and {rows[1]} rows")
    more = [f"and {len(found) - MOST_TOLD} more"] if len(found) > MOST_TOLD else []
    return found[:MOST_TOLD] + more


def _contents(connection: Connection, table: Table, tell: Callable[[int], object]) -> dict[int, Content]:
    """Of messages by their room; of another table under 0, which is no room's id."""
    found: dict[int, Content] = {}
    is_log = table is Message.__table__
    for rows in _pieces(connection, table):
        for row in rows:
            found.setdefault(row.chat_id if is_log else 0, Content()).add(tuple(row))
        tell(len(rows))
    return found


def _pieces(connection: Connection, table: Table) -> Iterator[Any]:
    last = None
    while rows := rows_after(connection, table, last, PIECE):
        last = key_of(table, rows[-1])
        yield rows
