"""SQLAlchemy Core statements compiled once to the driver's SQL, for paths where compiling costs more than
running: the driver's cursor takes them as they are, on SQLite as on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
Columns = tuple[KeyedColumnElement[Any], ...]


class Statement:
    """The SQL of one statement, and how its values are put in the order that the driver wants.

    `columns` are those that an insert fills; other statements name their values by `bindparam`. Every value
    is given, as the driver stores it: `as_stored` turns those that need it.
    """

    def __init__(
        self, statement: ClauseElement, dialect: Dialect, *, columns: list[str] | None = None
    ) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)
        self.sql = str(compiled)
        # What an insert fills has a symbol there, in the place of a value.
        constants = {
            name: value
            for name, value in compiled.params.items()
            if value is not None and name not in (columns or ())
        }
        # What the driver's `execute` takes beside the SQL.
        self.arguments = _in_order(compiled.positiontup, constants)


@cache
def compiled(statement: ClauseElement, dialect: Dialect) -> Statement:
    """For statements that are constants of their modules."""
    return Statement(statement, dialect)


def _in_order(names: list[str] | None, constants: Values) -> Callable[[Values], Any]:
    if names is None:  # the driver takes values by name
        return lambda values: {**constants, **values}
    if constants or len(names) == 1:
        return lambda values: tuple(values[name] if name in values else constants[name] for name in names)
    return itemgetter(*names)


def as_stored(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """How a value of this type is given to the driver."""
    convert = type_.dialect_impl(dialect).bind_processor(dialect)
    return convert or (lambda value: value)


def as_fields(columns: Columns, row: Sequence[Any], dialect: Dialect) -> dict[str, Any]:
    """The values of a driver's row by the names of its columns, each as its type has it in Python."""
    return {
        name: value if convert is None else convert(value)
        for (name, convert), value in zip(_readers(columns, dialect), row, strict=False)
    }


@cache
def _readers(columns: Columns, dialect: Dialect) -> list[tuple[str, Callable[[Any], Any] | None]]:
    return [
        (column.key, column.type.dialect_impl(dialect).result_processor(dialect, None)) for column in columns
    ]
