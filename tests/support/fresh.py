"""Data folders with a database that is made already: the migrations cost more than most tests do."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from porch.app import create_app
from porch.cli import upgrade
from porch.config import Settings
from porch.extensions import db
from tests.support import postgres


def database_of(data: Path) -> dict[str, Any]:
    """The settings by which a site with this data folder finds its database."""
    return {"database_url": postgres.address_of(data)} if postgres.is_chosen() else {}


def fill(data: Path) -> None:
    """Put an empty database of the newest migration there, unless there is one."""
    if postgres.is_chosen():
        postgres.fill(data)
        return
    database = data / "chat.db"
    if not database.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        database.write_bytes(_empty())


def make_template() -> None:
    """What `fill` copies on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        _migrate(
            Settings(
                data=Path(folder) / "data",
                site=Path(folder) / "site",
                database_url=postgres.make_template(),
            )
        )


def empty_file(place: Path) -> Path:
    """Put an empty database of SQLite there, whatever the tests run on."""
    place.write_bytes(_empty())
    return place


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data", site=Path(folder) / "site")
        _migrate(settings)
        with closing(sqlite3.connect(settings.database)) as connection:
            return connection.serialize()


def _migrate(settings: Settings) -> None:
    app = create_app("threading", settings)
    with app.app_context():
        upgrade()
        db.engine.dispose()
    app.extensions["porch_engines"].writer.stop()
