"""`porch migrate-data`: everything out of one database into another, of the same kind or not."""

from __future__ import annotations

import click
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from porch.transfer.comparing import differences
from porch.transfer.copying import Copy, counted
from porch.transfer.ends import CannotTransfer, confirm_at, opened
from porch.transfer.sequences import carry_on
from porch.transfer.tables import TABLES


@click.command("migrate-data")
@with_appcontext
@click.option(
    "--from", "source_url", required=True, help="The database to read, for example sqlite:///data/chat.db"
)
@click.option(
    "--to",
    "target_url",
    required=True,
    help="An empty one, for example postgresql+psycopg://porch@host/porch",
)
def migrate_data(source_url: str, target_url: str) -> None:
    """Copy all that a site's database holds into another database.

    No server may run on either. The target has its tables already, and nothing in them; a copy that was
    stopped goes on where it was. At the end both are compared. Then name the target in the settings and
    start: the data folder with uploads and keys stays what it is, and the search index, which is not copied,
    is made anew beside the requests.
    """
    if source_url == target_url:
        raise click.ClickException("A database cannot be copied into itself.")
    try:
        rows = _transfer(source_url, target_url)
    except CannotTransfer as error:
        raise click.ClickException(str(error)) from None
    except DBAPIError as error:
        raise click.ClickException(f"A database could not do it: {error.orig}") from None
    click.echo(f"Copied {rows:,} rows; both databases have the same in them.")


def _transfer(source_url: str, target_url: str) -> int:
    """How many rows there are. Raises CannotTransfer, DBAPIError."""
    migrations = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    with opened(source_url) as source, opened(target_url) as target:
        confirm_at(migrations.get_current_head(), source, target)
        copy = Copy(source, target)
        rows = sum(counted(source).values())
        with click.progressbar(length=rows, label="Copying") as bar:
            bar.update(copy.done())
            for table in TABLES:
                for number in copy.rest_of(table):
                    bar.update(number)
        carry_on(source, target)
        with click.progressbar(length=2 * rows, label="Comparing") as bar:
            wrong = differences(source, target, bar.update)
        if wrong:
            raise CannotTransfer("\n".join(["The copy is not like what it was made of:", *wrong]))
        copy.finish()
    return rows
