"""What a state of a page is made with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.browser import Person, Room
from tests.support.browser_lobby import sign_up
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

Make = Callable[..., Person]
State = Callable[[Any], Page]


def parameters(names: dict[str, object], short: tuple[State, ...]) -> list[Any]:
    """The states that a module makes, for a test of each; those that are not in `short` are long."""
    return [
        pytest.param(value, id=name, marks=[] if value in short else pytest.mark.long)
        for name, value in names.items()
        if getattr(value, "__annotations__", {}).get("scene")
    ]


@dataclass
class Scene:
    """What a state is made with."""

    visitor: Make
    host: Guest
    chat: Json
    device: dict[str, Any]
    start_server: Callable[..., Server]
    expected: list[str] = field(default_factory=list)

    def somebody(self, **options: Any) -> Person:
        one = self.visitor(**self.device | options)
        one.expects(*self.expected)
        return one

    def signed_in(self, **options: Any) -> Person:
        one = self.somebody(**options)
        one.sign_in(a_name("Person"))
        return one

    def owner(self, **options: Any) -> Person:
        """Somebody with an account and rooms of every kind, one of them with people in it."""
        one = sign_up(self.somebody(**options))
        for kind in ("listed", "link", "private"):
            one.guest.open_chat(f"Of kind {kind}", kind)
        self.host.enter(self.chat)
        one.guest.join(self.chat)
        return one

    def member(self, **options: Any) -> Room:
        return Room(self.signed_in(**options).open(self.chat["url"])).ready()

    def say(self, room: Room, text: str) -> None:
        """By the button, as Enter is a new line on a phone."""
        room.composer.fill(text)
        room.send_button.click()

    def fill(self, count: int) -> None:
        for number in range(count):
            self.host.send(self.chat, f"Line {number}, see https://example.org/{number}")


def called_member(of: Scene) -> Person:
    """Somebody who has not seen what was said in the room and two more, of which some calls them."""
    one = of.signed_in()
    quiet, more = of.host.open_chat("A quiet one"), of.host.open_chat("Another")
    for chat in (of.chat, quiet, more):
        one.guest.join(chat)
        of.host.send(chat, f"Is the key with you, @{one.name}?")
    one.guest.patch(f"/chats/{quiet['id']}/membership", {"level": "nothing"})
    one.guest.patch(f"/chats/{more['id']}/membership", {"level": "mentions"})
    return one
