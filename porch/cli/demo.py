"""`porch demo`: people, rooms and a conversation to look at."""

from __future__ import annotations

import tomllib
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from porch.actions.chats import join_chat, open_chat
from porch.actions.messages import send_message
from porch.cli.guests import guests, unlimited
from porch.cli.migrations import upgrade
from porch.engines import Engines
from porch.extensions import reading
from porch.models import Chat
from porch.models.clock import utc_now
from porch.web.identity import engines as current_engines

ROOMS = tomllib.loads(Path(__file__).with_name("demo.toml").read_text(encoding="utf-8"))["rooms"]


@click.command("demo")
@click.option("--again", is_flag=True, help="Also where there are rooms already.")
@with_appcontext
def demo(again: bool) -> None:
    """Fill the data folder with people, rooms and a conversation."""
    upgrade()
    if not again and _has_rooms():
        raise click.ClickException("There are rooms here already. To add to them: porch demo --again")
    engines = unlimited(current_engines())
    for room in ROOMS:
        chat = _fill(engines, room)
        click.echo(f"{chat.name}: /chatrooms/{chat.hash_key}/")
    click.echo("Start ./bin/run and open one of them there.", err=True)


def _has_rooms() -> bool:
    with reading() as session:
        return session.execute(select(Chat.id).limit(1)).first() is not None


def _fill(engines: Engines, room: dict[str, Any]) -> Chat:
    """A message is `[minutes ago, who, what]`; who speaks first opens the room."""
    now = utc_now()
    people = list(dict.fromkeys(name for _, name, _ in room["messages"]))
    with guests(engines, people) as actors:
        chat = open_chat(engines, actors[0], name=room["name"], address="")
        for actor in actors:
            join_chat(engines, actor, chat.hash_key)
        for minutes, name, content in room["messages"]:
            send_message(
                engines,
                actors[people.index(name)],
                chat.id,
                content=content,
                client_id=str(uuid.uuid4()),
                at=now - timedelta(minutes=minutes),
            )
    return chat
