"""The two databases of a copy: opened so that nobody else is at them, and held to what they have to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, NullPool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

KINDS = ("sqlite", "postgresql")
IN_USE = "Somebody is at the database {}. Stop the server that runs on it."
OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


class CannotTransfer(Exception):
    """What a person has to do first, in words."""


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    """A connection to a database that nobody else is connected to. Raises CannotTransfer."""
    place = _place(url)
    engine = create_engine(place, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _alone)
    try:
        connection = engine.connect()
    except DBAPIError as error:
        in_use = engine.dialect.name == "sqlite" and "locked" in str(error.orig)
        why = IN_USE if in_use else f"The database {{}} cannot be had: {error.orig}"
        raise CannotTransfer(why.format(shown(place))) from None
    with connection:
        if engine.dialect.name == "postgresql" and connection.scalar(OTHERS):
            raise CannotTransfer(IN_USE.format(shown(place)))
        connection.rollback()
        yield connection
    engine.dispose()


def shown(place: URL) -> str:
    """An address without its password."""
    return place.render_as_string(hide_password=True)


def confirm_at(newest: str | None, *connections: Connection) -> None:
    """All have the tables of this migration. Raises CannotTransfer."""
    for connection in connections:
        found, name = _revision(connection), shown(connection.engine.url)
        if found is None:
            raise CannotTransfer(f"{name} has no tables. Name it in the settings and type: porch initdb")
        if found != newest:
            raise CannotTransfer(
                f"{name} is at migration {found}, this version of Porch at {newest}."
                " Name it in the settings and type: porch initdb"
            )


def _place(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError:
        raise CannotTransfer(f"{url!r} is not the address of a database.") from None
    if place.get_backend_name() not in KINDS:
        raise CannotTransfer(f"Databases are of these kinds: {', '.join(KINDS)}.")
    if place.get_backend_name() == "sqlite" and not Path(place.database or "").is_file():
        raise CannotTransfer(f"There is no database {place.database}.")
    return place


def _alone(driver: Any, _record: object) -> None:
    """Lock the file, for as long as it is open, against everybody else: also those who read have it open."""
    driver.execute("PRAGMA locking_mode=EXCLUSIVE")
    driver.execute("PRAGMA foreign_keys=ON")
    driver.execute("BEGIN EXCLUSIVE")
    driver.execute("COMMIT")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    connection.rollback()
    return found
