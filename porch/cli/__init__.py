"""The door for the host: commands."""

from flask import Flask

from porch.cli.audit import audit
from porch.cli.backup import backup
from porch.cli.claim import claim
from porch.cli.demo import demo
from porch.cli.migrate_data import migrate_data
from porch.cli.migrations import fit_db_commands, initdb, upgrade
from porch.cli.restore import restore
from porch.cli.rooms import rooms
from porch.cli.site import site
from porch.cli.users import users
from porch.cli.verify import verify

__all__ = ["register", "upgrade"]


def register(app: Flask) -> None:
    app.cli.add_command(initdb)
    app.cli.add_command(demo)
    app.cli.add_command(claim)
    app.cli.add_command(audit)
    app.cli.add_command(migrate_data)
    app.cli.add_command(backup)
    app.cli.add_command(restore)
    app.cli.add_command(rooms)
    app.cli.add_command(users)
    app.cli.add_command(site)
    app.cli.add_command(verify)
    fit_db_commands()
