"""Preparing the database: `initdb`, and Flask-Migrate's commands made to fit shipped migrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import flask_migrate
from flask.cli import with_appcontext
from flask_migrate.cli import db as db_commands
from sqlalchemy import Inspector, inspect
from sqlalchemy.exc import OperationalError

from porch.extensions import db
from porch.transfer.copying import PROGRESS
from porch.web.identity import engines


def fit_db_commands() -> None:
    """`flask db` is found before the application is loaded, so its commands are replaced in place."""
    for name, replace in (("init", _db_init), ("migrate", _db_migrate), ("stamp", _db_stamp)):
        command = db_commands.commands[name]
        original = getattr(command, "original_callback", command.callback)
        command.original_callback = original  # for the next application
        command.callback = replace(original)


@click.command("initdb")
@with_appcontext
def initdb() -> None:
    """Make the database, or bring it up to date."""
    database = engines().settings.database_name
    before = _revision()
    upgrade()
    after = _revision()
    if before is None:
        click.echo(f"Made the database {database}.")
    elif before != after:
        click.echo(f"Brought the database {database} up to date.")
    else:
        click.echo(f"The database {database} is up to date; nothing was changed.")


def upgrade() -> None:
    """Bring the database to the newest migration; needs an application context. Raises ClickException for one
    that cannot be reached, or holds a part of a site.
    """
    if _inspected().has_table(PROGRESS.name):
        raise click.ClickException(
            f"A copy into {engines().settings.database_name} has not come to its end, so most of the site may"
            " be missing there. Type the same `porch migrate-data` again, which goes on where it was."
        )
    flask_migrate.upgrade()


def _revision() -> str | None:
    if not _inspected().has_table("alembic_version"):
        return None
    with db.engine.connect() as connection:
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _inspected() -> Inspector:
    try:
        return inspect(db.engine)
    except OperationalError as error:
        # What comes after the first line is advice, or the same of another address.
        reason = str(error.orig).partition("\n")[0]
        raise click.ClickException(
            f"The database {engines().settings.database_name} cannot be reached: {reason}"
        ) from None


def _db_init(original: Callable[..., None]) -> Callable[..., None]:
    @with_appcontext
    def init(**options: Any) -> None:
        click.echo("The migrations are there already (folder migrations/). Next: flask db upgrade")

    return init


def _db_migrate(original: Callable[..., None]) -> Callable[..., None]:
    @with_appcontext
    def migrate(**options: Any) -> None:
        # A revision is made by comparing models and database, so the database must be current first.
        upgrade()
        original(**options)

    return migrate


def _db_stamp(original: Callable[..., None]) -> Callable[..., None]:
    @with_appcontext
    def stamp(**options: Any) -> None:
        if _revision() is None:
            upgrade()
            click.echo("The database was empty, so it was upgraded rather than stamped.")
        else:
            original(**options)

    return stamp
