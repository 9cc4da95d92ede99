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
from porch.actions.pins import pin
from porch.actions.reactions import react
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
    """Who speaks first opens the room."""
    now = utc_now()
    names = list(dict.fromkeys(name for _, name, *_ in room["messages"]))
    with guests(engines, names) as actors:
        people = dict(zip(names, actors, strict=True))
        chat = open_chat(engines, actors[0], name=room["name"], address="")
        for actor in actors:
            join_chat(engines, actor, chat.hash_key)
        sent: list[int] = []
        for minutes, name, content, *more in room["messages"]:
            beside = more[0] if more else {}
            message, _ = send_message(
                engines,
                people[name],
                chat.id,
                content=content,
                client_id=str(uuid.uuid4()),
                reply_to=sent[beside["answers"] - 1] if "answers" in beside else None,
                at=now - timedelta(minutes=minutes),
            )
            sent.append(message["seq"])
            for emoji, who in beside.get("reactions", {}).items():
                for reader in who:
                    react(engines, people[reader], chat.id, sent[-1], emoji, on=True)
            if beside.get("pinned"):
                pin(engines, actors[0], chat.id, sent[-1], on=True)
    return chat
