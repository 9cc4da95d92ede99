"""Data folders with a database that is made already: the migrations cost more than most tests do."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from porch.app import create_app
from porch.cli import upgrade
from porch.config import Settings


def fill(data: Path) -> None:
    """Put an empty database of the newest migration there, unless there is one."""
    database = data / "chat.db"
    if not database.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        database.write_bytes(_empty())


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data", site=Path(folder) / "site")
        app = create_app("threading", settings)
        with app.app_context():
            upgrade()
        app.extensions["porch_engines"].writer.stop()
        with closing(sqlite3.connect(settings.database)) as connection:
            return connection.serialize()
