"""The documentation of the events: it has all that there are, with the data that they have."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

from flask import Flask

from porch import events
from porch.events import Event
from porch.extensions import socketio
from porch.realtime.sockets import RESERVED
from tests.support.keys import Device, Pair, an_epoch, begin
from tests.support.people import Guest, Json
from tests.support.server import ROOT, Server
from tests.support.waiting import eventually

PAGE = (ROOT / "docs" / "events.md").read_text()
SCHEMAS = json.loads((ROOT / "docs" / "openapi.json").read_text())["components"]["schemas"]
PERSONAL = {"mine", "may_manage"}
# What is not written out in the page: everybody's view of a room, a row of direct chats, and a message.
CHAT = set(SCHEMAS["ChatFields"]["required"]) - PERSONAL
DIRECT = (SCHEMAS["ChatFields"]["properties"] | SCHEMAS["DirectRow"]["properties"]).keys() - {
    "may_write",
    "encryption",  # only where messages are encrypted
}
OF_KEYS = {"keys", "key_request", "epoch"}  # heard by accounts that have some
MESSAGE = set(SCHEMAS["Message"]["required"])  # what few messages carry is not in these tests


def table(heading: str) -> dict[str, str]:
    """From the name of each event in this section to its data, as the page has it."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE))


def documented_keys(data: str) -> set[str]:
    if written := re.fullmatch(r"`\{(.*)\}`", data):
        return set(filter(None, written[1].split(", ")))
    if data.startswith("a row of `GET /directs`"):
        return set(DIRECT)
    return MESSAGE if data.startswith("the message") else CHAT


def test_the_clients_events_in_the_page_are_those_that_are_answered(app: Flask) -> None:
    handled = set(socketio.server.handlers["/"]) - set(RESERVED)
    assert set(table("From the client")) == handled


def test_the_servers_events_in_the_page_are_those_that_can_be_announced() -> None:
    announced = {event.name for event in map(example, vocabulary()) if is_heard(event)}
    # Engines tell what nobody stored: who is where, and what the lobby shows.
    sources = "".join(path.read_text() for path in (ROOT / "porch" / "engines").rglob("*.py"))
    emitted = set(re.findall(r'\.emit\(\s*"(\w+)"', sources))
    assert {"presence", "moved", "lobby"} <= emitted, "the search above finds nothing any more"
    assert set(table("From the server")) == announced | emitted


def test_each_event_is_heard_with_the_data_that_the_page_shows(server: Server, ann: Guest) -> None:
    bob = Guest.sign_in(server.url)
    with bob.socket() as socket:

        def names() -> set[str]:
            return {name for name, _ in list(socket.heard)}

        socket.call("lobby", {})
        room, other = ann.open_chat(), ann.open_chat()
        for chat in (room, other):
            bob.join(chat)
            socket.enter(chat)
        socket.enter(room)
        ann.send(room, "Hello")
        ann.patch(f"/chats/{room['id']}/", {"name": "Another name"})
        ann.post(f"/chats/{room['id']}/typing")
        ann.put(f"/chats/{room['id']}/mutes/{bob.user_id}", {"seconds": 600})
        bob.read(room, 1)
        bob.patch(f"/chats/{room['id']}/membership", {"level": "nothing"})
        ann.open_direct(bob)
        eventually(lambda: {"head", "presence", "lobby", "direct"} <= names())
        ann.delete(f"/chats/{room['id']}/")
        ann.send(other, "Somewhere else")
        eventually(lambda: "notice" in names())
        socket.enter(other)
        ann.delete(f"/chats/{other['id']}/members/{bob.user_id}")
        bob.patch("/users/current", {"username": f"{bob.username} again"})
        bob.delete("/sessions/current")
        documented = table("From the server")
        for name in OF_KEYS:
            del documented[name]
        eventually(lambda: documented.keys() <= names())
    heard = dict(socket.heard)
    assert {name: set(data) for name, data in heard.items()} == {
        name: documented_keys(data) for name, data in documented.items()
    }
    assert set(heard["moved"]["to"]) == {"id", "name", "url"}


def test_each_event_about_keys_is_heard_with_the_data_that_the_page_shows(server: Server) -> None:
    pair = Pair.meet(server.url)
    phone, bob = Device(pair.bob.person.user_id), pair.bob.person
    with bob.socket() as socket:
        socket.enter(pair.chat)
        bob.post("/keys/requests", phone.public)
        pair.bob.add(phone, pair.bob.browser)
        begin(bob, pair.chat, an_epoch(pair.chat, pair.both, phone, pair.epoch))
        eventually(lambda: {name for name, _ in list(socket.heard)} >= OF_KEYS)
        heard = dict(socket.heard)
    documented = table("From the server")
    assert {name: set(heard[name]) for name in OF_KEYS} == {
        name: documented_keys(documented[name]) for name in OF_KEYS
    }


def test_a_lobbys_rows_have_what_the_page_says(server: Server, ann: Guest) -> None:
    room = ann.open_chat()
    with ann.socket() as socket:

        def rows() -> list[Json]:
            return [row for name, data in list(socket.heard) if name == "lobby" for row in data["chats"]]

        socket.call("lobby", {})
        ann.send(room, "Hello")
        eventually(lambda: any(row["id"] == room["id"] and row["last_at"] for row in rows()))
        (row, *_) = (row for row in rows() if row["id"] == room["id"])
    assert set(row) == CHAT | {"last_at", "present", "mine", "member", "level", "unread", "mentioned"}


def vocabulary() -> list[Any]:
    return [
        function
        for _, function in inspect.getmembers(events, inspect.isfunction)
        if function.__module__ == events.__name__ and function.__name__ not in ("dataclass", "field")
    ]


def example(function: Any) -> Event:
    """An event that the function makes of any arguments."""
    samples: dict[str, object] = {"int": 1, "str": "", "bool": False}
    arguments = {
        name: samples.get(parameter.annotation, {"id": 1, "chat_id": 1})
        for name, parameter in inspect.signature(function).parameters.items()
    }
    made: Event = function(**arguments)
    return made


def is_heard(event: Event) -> bool:
    return any((event.chat_id, event.user_id, event.session_id))
