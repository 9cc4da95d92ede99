"""`porch audit`: what was done to keep order, from the command line."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import with_appcontext

from porch.actions.upkeep.audit import MOST_ENTRIES, entries_before
from porch.cli.migrations import upgrade
from porch.models.ids import LARGEST_ID


@click.command("audit")
@with_appcontext
@click.option("--limit", type=click.IntRange(1, MOST_ENTRIES), default=50, help="How many lines.")
@click.option(
    "--before", type=click.IntRange(1, LARGEST_ID), help="Only those before the entry of this number."
)
def audit(limit: int, before: int | None) -> None:
    """Show who did what to keep order, the newest first.

    Number, time, action, who, to whom, where, the message's place, and a word more, with tabs between.
    """
    upgrade()
    for entry in entries_before(before, limit=limit)["entries"]:
        click.echo("\t".join(_columns(entry)))


def _columns(entry: dict[str, Any]) -> list[str]:
    actor, user, chat = entry["actor"], entry["user"], entry["chat"]
    return [
        str(entry["id"]),
        entry["at"],
        entry["action"],
        actor["username"] if actor else "the host, by a command",
        user["username"] if user else "",
        f"{chat['id']} {chat['name'] or 'direct chat'}" if chat else "",
        f"message {entry['seq']}" if entry["seq"] else "",
        entry["detail"] or "",
    ]
