"""The unbound Flask extensions, and how the database is read. Writing is the writer's alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import SQLITE_ERROR

from flask_migrate import Migrate
from flask_socketio import SocketIO
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Integer, MetaData, String
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlalchemy.orm import DeclarativeBase, Session

from porch.errors import RetryLater


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
Base.registry.update_type_annotation_map({int: BigInteger().with_variant(Integer(), "sqlite")})

# For tables whose ids are known outside: SQLite would give the id of a deleted newest row to the next.
NEVER_REUSED = {"sqlite_autoincrement": True}


def by_bytes(length: int) -> String:
    """Text whose order is that of its bytes, as SQLite's always is: what begins alike lies together, and what
    is signed in an order is found in it.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate()
socketio = SocketIO()


# How a snapshot begins. Drivers that begin by themselves do so only before writing, or without a snapshot.
BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


def is_our_mistake(error: Exception) -> bool:
    """Whether a statement is wrong, and not the database gone: SQLite has one class for both."""
    cause = error.orig if isinstance(error, OperationalError) else error
    return getattr(cause, "sqlite_errorcode", None) == SQLITE_ERROR


@contextmanager
def reading() -> Iterator[Session]:
    """Read in one snapshot of the database; needs an application context.

    The snapshot ends with the block, so keep it short and never wait for anything inside: a held
    snapshot holds back the checkpoint and one connection of the pool. Raises RetryLater when the database
    cannot be had.
    """
    try:
        with Session(db.engine, autoflush=False, expire_on_commit=False) as session:
            yield session
    except (OperationalError, TimeoutError) as error:  # the second is of the pool
        if is_our_mistake(error):
            raise
        raise RetryLater(cause=str(error)) from error
