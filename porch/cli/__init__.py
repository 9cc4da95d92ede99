"""The door for the host: commands."""

from flask import Flask

from porch.cli.claim import claim
from porch.cli.demo import demo
from porch.cli.migrations import fit_db_commands, initdb, upgrade
from porch.cli.site import site
from porch.cli.users import users

__all__ = ["register", "upgrade"]


def register(app: Flask) -> None:
    app.cli.add_command(initdb)
    app.cli.add_command(demo)
    app.cli.add_command(claim)
    app.cli.add_command(users)
    app.cli.add_command(site)
    fit_db_commands()
