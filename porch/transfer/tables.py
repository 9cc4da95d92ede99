"""What is copied: all tables of the models, in the order in which rows refer to others, but the index's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, select, tuple_

from porch.extensions import db
from porch.models import SearchChange, SearchProgress, SearchSpan

INDEX = {model.__tablename__ for model in (SearchChange, SearchProgress, SearchSpan)}
TABLES = [table for table in db.metadata.sorted_tables if table.name not in INDEX]

Key = Sequence[Any]  # the values of a row's primary key
Rows = Sequence[Row[Any]]


def rows_after(connection: Connection, table: Table, key: Key | None, most: int) -> Rows:
    """The next rows by primary key, from the first one where there is no key."""
    columns = list(table.primary_key.columns)
    query = select(table).order_by(*columns).limit(most)
    if key is not None:
        query = query.where(tuple_(*columns) > tuple_(*key))
    return connection.execute(query).all()


def key_of(table: Table, row: Row[Any]) -> list[Any]:
    return [row._mapping[column] for column in table.primary_key.columns]
