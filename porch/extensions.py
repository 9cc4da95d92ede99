"""The unbound Flask extensions, and how the database is read. Writing is the writer's alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask_migrate import Migrate
from flask_socketio import SocketIO
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Session


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


# For tables whose ids are known outside: SQLite would give the id of a deleted newest row to the next.
NEVER_REUSED = {"sqlite_autoincrement": True}

db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate()
socketio = SocketIO()


@contextmanager
def reading() -> Iterator[Session]:
    """Read in one snapshot of the database; needs an application context.

    The snapshot ends with the block, so keep it short and never wait for anything inside: a held
    snapshot holds back the checkpoint and one connection of the pool.
    """
    with Session(db.engine, autoflush=False, expire_on_commit=False) as session:
        yield session
