"""The door for the host: commands."""

from flask import Flask

from porch.cli.demo import demo
from porch.cli.migrations import fit_db_commands, initdb, upgrade

__all__ = ["register", "upgrade"]


def register(app: Flask) -> None:
    app.cli.add_command(initdb)
    app.cli.add_command(demo)
    fit_db_commands()
