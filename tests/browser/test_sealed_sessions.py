"""Long sessions of several people in a sealed room, by chance: all who have its link read the same, and
neither that nor the link's key stands anywhere on the server.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import UNLIMITED
from tests.support.browser import UNREACHABLE, Person
from tests.support.long_sessions import STEPS, Browser, Deed, Session, nothing_is_left
from tests.support.sealed_rooms import open_room, visit, whole_link
from tests.support.server import Server

pytestmark = pytest.mark.long

Make = Callable[..., Person]

MOST_BROWSERS = 5


@dataclass(kw_only=True)
class Sealed(Session[Browser]):
    """The first browser is that of who opened the room."""

    person: Make

    def more(self) -> list[Deed]:
        return [self.reload, self.newcomer, self.renew_link]

    def reload(self) -> None:
        self.some().reload()

    def newcomer(self) -> None:
        """One by the link that somebody shows; where there are many, in the place of another."""
        others = self.browsers[1:]
        if len(self.browsers) >= MOST_BROWSERS:
            gone = self.chance.choice(others)
            gone.person.page.goto("about:blank")
            self.browsers.remove(gone)
        person = self.person()
        person.expects(UNREACHABLE)
        room = visit(person, whole_link(self.some().room)).ready()
        self.browsers.append(Browser(person.name, person, room))

    def renew_link(self) -> None:
        """Who is in stays in; who comes takes the new link."""
        before = whole_link(self.browsers[0].room)
        self.browsers[0].ask("POST", f"/chats/{self.chat['id']}/link")
        for browser in self.browsers:
            link = browser.room.page.locator("#share-link")
            expect(link).not_to_have_text(before)
            assert whole_link(browser.room).partition("#")[2] == before.partition("#")[2]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_people_do_in_a_sealed_room_the_host_has_nothing_of_it(
    start_server: Callable[..., Server],
    account: Make,
    person: Make,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    seed: int,
) -> None:
    server = start_server(heartbeat=1, **UNLIMITED)
    make = partial(person, url=server.url)
    people = [account(url=server.url), make(), make()]
    for one in people:
        one.expects(UNREACHABLE)
    room = open_room(people[0])
    link = whole_link(room)
    rooms = [room, *(visit(one, link).ready() for one in people[1:])]
    browsers = [Browser(one.name, one, its) for one, its in zip(people, rooms, strict=True)]
    chat = {"id": room.page.evaluate("sealing.chatId")}
    session = Sealed(server, chat, random.Random(seed), browsers, person=make)
    key = link.partition("#k1=")[2]
    session.secrets.append(key)
    session.run(STEPS)
    record_property("done", f"{session.done}, {len(session.secrets)} secrets")
    contents = nothing_is_left(session, tmp_path)
    secret = base64.urlsafe_b64decode(key + "=")
    assert [place for place, content in contents.items() if secret in content] == []
