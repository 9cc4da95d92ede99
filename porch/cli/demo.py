"""`porch demo`: people, rooms and a conversation to look at."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from porch.access.actors import Actor
from porch.actions.messages.pins import pin
from porch.actions.messages.reactions import react
from porch.actions.messages.sending import Said, send_message
from porch.actions.rooms.chats import join_chat, open_chat
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
    for chat in _fill(engines):
        click.echo(f"{chat.name}: /chatrooms/{chat.hash_key}/")
    click.echo("Start ./bin/run and open one of them there.", err=True)


def _has_rooms() -> bool:
    with reading() as session:
        return session.execute(select(Chat.id).limit(1)).first() is not None


def _fill(engines: Engines) -> list[Chat]:
    now = utc_now()
    names = dict.fromkeys(name for room in ROOMS for _, name, *_ in room["messages"])
    lines = [(number, line) for number, room in enumerate(ROOMS) for line in room["messages"]]
    with guests(engines, list(names)) as actors:
        people = dict(zip(names, actors, strict=True))
        chats = [_open(engines, people, room) for room in ROOMS]
        sent: list[list[int]] = [[] for _ in chats]
        # The oldest first, whichever the room: search has the order in which messages came.
        for number, (minutes, *said) in sorted(lines, key=lambda one: -one[1][0]):
            at = now - timedelta(minutes=minutes)
            sent[number].append(_say(engines, people, chats[number], sent[number], at, *said))
    return chats


def _open(engines: Engines, people: dict[str, Actor], room: dict[str, Any]) -> Chat:
    """Who speaks first opens the room."""
    names = list(dict.fromkeys(name for _, name, *_ in room["messages"]))
    chat = open_chat(engines, people[names[0]], name=room["name"], address="")
    for name in names:
        join_chat(engines, people[name], chat.hash_key)
    return chat


def _say(
    engines: Engines,
    people: dict[str, Actor],
    chat: Chat,
    sent: list[int],
    at: datetime,
    name: str,
    content: str,
    beside: Mapping[str, Any] = MappingProxyType({}),
) -> int:
    """Send a message, and do what stands beside it; `sent` are the numbers of those before."""
    said = Said(
        content,
        str(uuid.uuid4()),
        reply_to=sent[beside["answers"] - 1] if "answers" in beside else None,
        at=at,
    )
    message, _ = send_message(engines, people[name], chat.id, said)
    seq: int = message["seq"]
    for emoji, who in beside.get("reactions", {}).items():
        for reader in who:
            react(engines, people[reader], chat.id, seq, emoji, on=True)
    if beside.get("pinned"):
        opener = next(actor for actor in people.values() if actor.user_id == chat.creator_id)
        pin(engines, opener, chat.id, seq, on=True)
    return seq
