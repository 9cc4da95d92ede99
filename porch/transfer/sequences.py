"""Ids go on where they were: none is given a second time, not even one whose row is gone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Table, func, select, text

from porch.transfer.tables import TABLES

GIVEN = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
FORGET = text("DELETE FROM sqlite_sequence WHERE name = :name")
NOTE = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :given)")


def carry_on(source: Connection, target: Connection) -> None:
    """Let each table of the target give the ids after those that the source has given."""
    for table in TABLES:
        column = table.autoincrement_column
        if column is None:
            continue
        given = max(_given(source, table, column), source.scalar(select(func.max(column))) or 0)
        if given:
            _set(target, table, column, given)
    target.commit()


def _given(connection: Connection, table: Table, column: Column[Any]) -> int:
    if connection.dialect.name == "sqlite":
        return connection.scalar(GIVEN, {"name": table.name}) or 0
    return connection.scalar(select(func.pg_sequence_last_value(_sequence(connection, table, column)))) or 0


def _set(connection: Connection, table: Table, column: Column[Any], given: int) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.setval(_sequence(connection, table, column), given)))
    elif table.dialect_options["sqlite"]["autoincrement"]:
        connection.execute(FORGET, {"name": table.name})
        connection.execute(NOTE, {"name": table.name, "given": given})


def _sequence(connection: Connection, table: Table, column: Column[Any]) -> Any:
    name = connection.dialect.identifier_preparer.format_table(table)
    return func.pg_get_serial_sequence(name, column.name)
