"""`porch rooms ...`: what was said in rooms, as files."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from porch.cli.migrations import upgrade
from porch.cli.rooms.export import export_rooms
from porch.models.ids import LARGEST_ID

rooms = AppGroup("rooms", help="Write what was said in rooms as files.")


@rooms.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--room", "ids", type=click.IntRange(1, LARGEST_ID), multiple=True, help="Only the room of this number."
)
def export(folder: Path, ids: tuple[int, ...]) -> None:
    """Write rooms into FOLDER, which must be new or empty.

    Open its index.html to read and to search. Each room has `room.json` and `messages.jsonl`, in each line
    a message as the API tells it, beside its pages and files. Direct chats are not written; what sealed
    rooms say stays locked.
    """
    upgrade()
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty. Nothing was written.")
    try:
        count, messages = export_rooms(folder, ids)
    except OSError as error:
        raise click.ClickException(f"Nothing was written: {error}") from None
    click.echo(f"Rooms written: {count}, with messages: {messages}. Open {folder / 'index.html'}")
