"""Runs the migrations on a connection of their own: the application's own connections only read."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.operations.ops import MigrationScript
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from porch.engines.writing.durable import make_durable
from porch.models.clock import UTCDateTime

target = current_app.extensions["migrate"].db.metadata
options = current_app.extensions["migrate"].configure_args


def _is_empty(script: MigrationScript) -> bool:
    return script.upgrade_ops is not None and script.upgrade_ops.is_empty()


def skip_empty(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    if getattr(context.config.cmd_opts, "autogenerate", False) and _is_empty(directives[0]):
        directives[:] = []
        print("Models and database agree: there is nothing to migrate.")


def render_item(kind: str, item: object, autogen: object) -> str | Literal[False]:
    """Migrations stand alone: our own column types appear as what they are in the database."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UTCDateTime) else False


def leave_out_the_index(name: str | None, kind: str, _parents: object) -> bool:
    """Search keeps tables of its own, which it makes itself."""
    return not (kind == "table" and name is not None and name.startswith("search_text"))


def leave_children_alone(driver: Any, _record: object) -> None:
    """SQLite changes a table by making it anew; with foreign keys on, dropping the old one would take the
    rows of other tables with it. Nor does the driver itself begin transactions for these statements.
    """
    driver.isolation_level = None
    driver.execute("PRAGMA foreign_keys=OFF")


def begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def wait_for_others(connection: Connection) -> None:
    """PostgreSQL, where several processes may start at once: the first migrates, the others find it done."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('porch migrations'))")


def refuse_orphans(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        raise RuntimeError(f"rows would be left without what they belong to: {orphans[:5]}")


def connected(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except OperationalError as error:
        raise CommandError(f"the database {engine.url} cannot be had: {error.orig}") from None


def run() -> None:
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    if context.is_offline_mode():
        context.configure(url=url, target_metadata=target, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = create_engine(url, poolclass=NullPool)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        event.listen(engine, "connect", make_durable)
        event.listen(engine, "connect", leave_children_alone)
    event.listen(engine, "begin", begin if is_sqlite else wait_for_others)
    with connected(engine) as connection:
        context.configure(
            connection=connection,
            target_metadata=target,
            process_revision_directives=skip_empty,
            render_item=render_item,
            include_name=leave_out_the_index,
            transactional_ddl=True,  # a migration that is cut off has changed nothing
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite:
                refuse_orphans(connection)


run()
