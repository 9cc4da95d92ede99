"""Asking once a second: where sockets are blocked, where the site wants it, and where a person chose it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.conftest import UNLIMITED
from tests.support.browser import UNREACHABLE, Person, Room
from tests.support.browser_wire import NoSocketsProxy, Wire, answer, cursor
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

Make = Callable[..., Person]

NO_SOCKETS = """
window.WebSocket = class extends EventTarget {
  constructor() {
    super();
    setTimeout(() => {
      this.onerror?.(new Event("error"));
      this.onclose?.(new CloseEvent("close", { code: 1006 }));
    });
  }
  send() {}
  close() {}
};
"""


@dataclass
class Site:
    """Where pages have to ask, and why."""

    why: str
    url: str
    proxy: NoSocketsProxy | None = None

    def prepare(self, person: Person) -> None:
        if self.why == "blocked in the browser":
            person.context.add_init_script(NO_SOCKETS)
        if self.proxy:
            person.expects(UNREACHABLE)

    def choose(self, room: Room) -> None:
        switch = room.page.get_by_label("Ask once a second")
        if self.why == "chosen by the reader":
            switch.check()
        elif self.why == "set by the site":
            expect(switch).to_be_checked()
            expect(switch).to_be_disabled()


@pytest.fixture(
    params=[
        pytest.param("blocked in the browser", marks=pytest.mark.long),
        "refused by a proxy",
        pytest.param("set by the site", marks=pytest.mark.long),
        pytest.param("chosen by the reader", marks=pytest.mark.long),
    ]
)
def site(
    request: pytest.FixtureRequest, server: Server, start_server: Callable[..., Server]
) -> Iterator[Site]:
    match request.param:
        case "refused by a proxy":
            with NoSocketsProxy(server.url) as proxy:
                yield Site(request.param, proxy.url, proxy)
        case "set by the site":
            yield Site(request.param, start_server(live="poll", **UNLIMITED).url)
        case _:
            yield Site(request.param, server.url)


def test_messages_go_both_ways_by_asking_for_what_is_new(site: Site, visitor: Make) -> None:
    opened = Guest.sign_in(site.url).open_chat("No line")
    ann, bob = visitor(url=site.url), visitor(url=site.url)
    for one in (ann, bob):
        site.prepare(one)
        one.sign_in(a_name())
    wire = Wire(ann.page)
    left, right = ann.enter(opened).ready(), bob.enter(opened).ready()
    site.choose(left)
    site.choose(right)
    ann.until(lambda: len(wire.polls(opened)) >= 2)
    received = wire.frames_received

    left.say("From Ann")
    right.shows("From Ann")
    right.say("From Bob")
    left.shows("From Ann", "From Bob")
    ann.until(lambda: cursor(wire.polls(opened)[-1]) == 2)
    polls = wire.polls(opened)
    brought: list[str] = []
    for poll in polls:
        messages = answer(poll)["messages"]
        assert all(message["rev"] > cursor(poll) for message in messages)
        brought += [message["content"] for message in messages]
    assert brought in (["From Bob"], ["From Ann", "From Bob"]), "a poll brings what is new, and that once"
    assert wire.frames_received == received, "something came by a socket"
    if site.proxy:
        assert site.proxy.refused > 0
    else:
        assert all(socket.is_closed() for socket in wire.sockets)


def test_who_has_not_answered_yet_does_not_come_in_again_and_again(person: Make, host: Guest) -> None:
    """Nobody is shown them there until they have; that is no reason to come in at every look."""
    bob = person()
    chat = host.post("/directs", {"username": bob.name})
    wire = Wire(bob.page)
    bob.enter(chat).ready().page.get_by_label("Ask once a second").check()
    bob.until(lambda: len(wire.polls(chat)) >= 5)
    comings = [r for r in wire.requests if r.method == "PUT" and r.url.endswith("/presence")]
    assert comings == []


@pytest.mark.long
def test_a_page_asks_about_once_a_second(person: Make, chat: Json) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    room.page.get_by_label("Ask once a second").check()
    wire = Wire(room.page)
    ann.until(lambda: len(wire.polls(chat)) >= 4)
    times = [poll.timing["startTime"] / 1000 for poll in wire.polls(chat)]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert min(pauses) > 0.9
    assert sorted(pauses)[len(pauses) // 2] < 2.5


def test_the_choice_of_asking_is_remembered_and_can_be_taken_back(
    person: Make, host: Guest, chat: Json
) -> None:
    ann = person()
    wire = Wire(ann.page)
    room = ann.enter(chat).ready()
    switch = room.page.get_by_label("Ask once a second")
    expect(switch).not_to_be_checked()
    ann.until(lambda: wire.frames_received)
    switch.check()
    ann.until(wire.sockets[-1].is_closed)
    opened = len(wire.sockets)
    room.page.reload()
    expect(room.ready().page.get_by_label("Ask once a second")).to_be_checked()
    asked = len(wire.polls(chat))
    ann.until(lambda: len(wire.polls(chat)) >= asked + 2)
    assert len(wire.sockets) == opened, "a socket was opened against the choice"

    switch.uncheck()
    ann.until(lambda: len(wire.sockets) > opened)
    host.send(chat, "By the line again")
    room.shows("By the line again")
    ann.until(lambda: any("enter" in frame for frame in wire.frames_sent))
    room.page.reload()
    expect(room.ready().page.get_by_label("Ask once a second")).not_to_be_checked()


def test_with_a_line_a_page_does_not_ask(person: Make, host: Guest, chat: Json) -> None:
    ann = person()
    ann.page.clock.install()
    wire = Wire(ann.page)
    room = ann.enter(chat).ready()
    ann.until(lambda: any("enter" in frame for frame in wire.frames_sent))
    room.say("Hello")
    expect(room.stored).to_have_count(1)
    host.send(chat, "Hello yourself")
    room.shows("Hello", "Hello yourself")
    asked = len(wire.polls(chat))
    room.page.clock.run_for(5000)
    room.say("Quiet here")
    expect(room.stored).to_have_count(3)
    assert len(wire.polls(chat)) == asked
    assert wire.sends() == []
    assert len(wire.sockets) == 1


# Presses the switch in the very moment in which the page opens its line.
CHANGES_ONES_MIND = """
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    setTimeout(() => document.querySelector("#polling").click());
  }
};
"""


def test_who_chooses_to_ask_while_the_line_opens_hears_no_complaint(
    person: Make, host: Guest, chat: Json
) -> None:
    ann = person()
    ann.context.add_init_script(CHANGES_ONES_MIND)
    wire = Wire(ann.page)
    room = ann.enter(chat).ready()
    ann.until(lambda: wire.sockets and wire.sockets[0].is_closed())
    host.send(chat, "Can you hear me?")
    room.shows("Can you hear me?")
