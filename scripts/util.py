#!/usr/bin/env python3
"""Insert test messages, or delete all messages; a running server and its open pages follow."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from porch.launch import explained, read_dotenv  # the path had to come first

with explained():
    import click
    from sqlalchemy import func, select

    from porch.access.links import chat_by_link
    from porch.actions.encryption.envelopes import SEALED
    from porch.actions.messages.edits import delete_all_messages
    from porch.actions.messages.sending import Said, send_message
    from porch.actions.rooms.chats import join_chat, open_chat
    from porch.app import create_app
    from porch.cli import upgrade
    from porch.cli.guests import guests, unlimited
    from porch.config import settings_from
    from porch.engines import Engines
    from porch.errors import PorchError
    from porch.extensions import db, reading
    from porch.models import Chat, Message

MOST_MESSAGES = 100_000
PEOPLE = ("Ada", "Bela", "Chidi", "Dora", "Emre", "Farah", "Goran", "Hana", "Ines", "Jonas")
LINES = (
    "The kettle is on.",
    "Who has the key to the shed?",
    "I do. I will bring it on Saturday.",
    "Rain again, so the path is soft. Take boots.",
    "There is soup left for whoever comes first.",
    "Could somebody read this through before I send it?",
    "Looks good to me. One comma too many, in the second line.",
    "See you at seven, then.",
)


@click.group(help=__doc__)
@click.option("--data", help="Folder that holds all state (PORCH_DATA).")
@click.pass_context
def util(context: click.Context, data: str | None) -> None:
    read_dotenv()
    environ = os.environ | ({"PORCH_DATA": data} if data else {})
    with explained():
        app = create_app(mode="threading", settings=settings_from(environ))
    context.obj = unlimited(app.extensions["porch_engines"])
    context.with_resource(app.app_context())
    upgrade()
    context.call_on_close(db.engine.dispose)
    context.call_on_close(context.obj.writer.stop)


@util.command()
@click.option(
    "--messages", default=20, type=click.IntRange(1, MOST_MESSAGES), help="How many; 20 if not given."
)
@click.option(
    "--people", default=3, type=click.IntRange(1, 100), help="From how many people; 3 if not given."
)
@click.option("--room", help="The room's link, hash key or id. Otherwise a new room is opened.")
@click.pass_obj
def insert(engines: Engines, messages: int, people: int, room: str | None) -> None:
    """Insert test messages."""
    wanted = _find(room) if room is not None else None
    if wanted is not None and wanted.encryption != "none":
        raise click.ClickException(f"{wanted.name}: {SEALED}")
    with _explained(), guests(engines, list(islice(cycle(PEOPLE), people))) as actors:
        chat = wanted or open_chat(engines, actors[0], name="Test room", address="")
        for actor in actors:
            join_chat(engines, actor, chat.hash_key)
        for number, actor, line in zip(range(1, messages + 1), cycle(actors), cycle(LINES), strict=False):
            send_message(engines, actor, chat.id, Said(f"{line} ({number})", str(uuid.uuid4())))
    click.echo(
        f"Inserted {messages} messages from {people} people into {chat.name}: /chatrooms/{chat.hash_key}/"
    )


@util.command()
@click.option("--room", help="Only of this room: its link, hash key or id.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(engines: Engines, room: str | None, yes: bool) -> None:
    """Delete all messages, of every room or of one; the rooms and the people stay."""
    chat = _find(room) if room is not None else None
    with reading() as session:
        counted = select(func.count()).select_from(Message)
        count = session.scalar(counted.where(Message.chat_id == chat.id) if chat else counted)
    where = f"in {chat.name}" if chat else "in every room"
    if not yes:
        click.confirm(f"Delete {count} messages {where}? They cannot be brought back.", abort=True)
    deleted = delete_all_messages(engines, chat.id if chat else None)
    click.echo(f"Deleted {deleted} messages {where}.")


@contextmanager
def _explained() -> Iterator[None]:
    """A room may take nothing, or not so much: it is closed, or slow, or of two people."""
    try:
        yield
    except PorchError as error:
        raise click.ClickException(error.message) from None


def _find(room: str) -> Chat:
    hash_key = room.rstrip("/").rpartition("/")[2]
    with reading() as session:
        if room.isascii() and room.isdigit() and len(room) < 19:
            chat = session.get(Chat, int(room))
            if chat is not None:
                return chat
    try:
        return chat_by_link(hash_key)
    except PorchError:
        raise click.ClickException(f"There is no room {room}.") from None


if __name__ == "__main__":
    util()
