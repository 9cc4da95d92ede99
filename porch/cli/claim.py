"""`porch claim`: the link that makes whoever opens it the host."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from porch.actions.people.hosting import has_host
from porch.addresses import origins
from porch.claim import claim_token
from porch.cli.migrations import upgrade
from porch.config import Settings
from porch.web.identity import engines


@click.command("claim")
@with_appcontext
def claim() -> None:
    """Print the link that makes whoever opens it the host."""
    upgrade()
    if has_host():
        raise click.ClickException("This site has a host already. See: porch user list")
    settings = engines().settings
    click.echo(claim_link(settings, origins(settings)[0]))


def claim_link(settings: Settings, address: str) -> str:
    """`address` is where the server can be reached, if the settings name no public address."""
    return f"{settings.url or address}/claim/{claim_token(settings.data)}/"
