"""What a first visit costs: bytes over the wire, and the wait on a phone's network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.browser import PHONE, Person
from tests.support.people import Guest, Json

Make = Callable[..., Person]

LIMIT = 100_000  # bytes, headers of answers included
PATIENCE = 1000  # milliseconds
# Chromium's own "Fast 4G": 9 Mbit/s and 60 ms, as it calibrates them for requests.
FAST_4G = {"offline": False, "latency": 165, "downloadThroughput": 1_012_500, "uploadThroughput": 168_750}
LINES = [
    "The mast is up. Nothing fell on anyone.",
    "That is a very confident guy rope.",
    "Is it logging already, or only looking handsome?",
    "Logging. One line a minute, all night.",
    "Please leave February in. I want the frost dates before they go.",
    "Then sixty days it is. Who has a ladder on Saturday?",
]
# When the page could be read and written on: the composer works once the room's scripts have run.
USABLE = """() => new Promise((done) => {
  const look = () => document.querySelector("#updates")?.hidden === false
    ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""


@pytest.fixture
def conversation(host: Guest, chat: Json) -> Json:
    """A room with a full first page: three people and 50 messages of everyday length."""
    people = [host, Guest.sign_in(host.url), Guest.sign_in(host.url)]
    for one in people:
        one.join(chat)
    for number in range(50):
        people[number * 7 // 3 % 3].send(chat, LINES[number % len(LINES)])
    return chat


class Traffic:
    """The answers that a page gets, in bytes, by address."""

    def __init__(self, page: Page) -> None:
        self.sizes: dict[str, int] = {}
        self._addresses: dict[str, str] = {}
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.session.on("Network.responseReceived", self._begin)
        self.session.on("Network.loadingFinished", self._end)

    def slow_down(self) -> None:
        self.session.send("Network.emulateNetworkConditions", FAST_4G)

    def _begin(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["response"]["url"]

    def _end(self, event: dict[str, Any]) -> None:
        address = self._addresses.get(event["requestId"], "?")
        self.sizes[address] = self.sizes.get(address, 0) + event["encodedDataLength"]


def visit(person: Person, path: str, *, slow: bool = False) -> tuple[Traffic, float]:
    """Open a page with nothing kept, until nothing moves; the time is when a room became usable."""
    traffic = Traffic(person.page)
    if slow:
        traffic.slow_down()
    page = person.open(path)
    usable: float = page.evaluate(USABLE) if page.locator("#updates").count() else 0.0
    page.wait_for_load_state("networkidle")
    return traffic, usable


@pytest.mark.parametrize("device", [PHONE, {}], ids=["phone", "laptop"])
def test_a_cold_room_page_moves_under_100_kb(
    person: Make, conversation: Json, device: dict[str, Any]
) -> None:
    traffic, _ = visit(person(**device), conversation["url"])
    assert sum(traffic.sizes.values()) < LIMIT, traffic.sizes
    assert len(traffic.sizes) <= 12, "every request more is a wait"


@pytest.mark.parametrize("path", ["/", "/sessions/new/", "/chatrooms/"])
def test_every_other_page_moves_under_100_kb(visitor: Make, path: str) -> None:
    traffic, _ = visit(visitor(**PHONE), path)
    assert sum(size for address, size in traffic.sizes.items() if "/media/" not in address) < LIMIT, (
        traffic.sizes
    )


def test_a_cold_room_is_usable_within_a_second_on_4g(person: Make, conversation: Json) -> None:
    """The best of three: a busy machine adds to a time and never takes from it."""
    times = [visit(person(**PHONE), conversation["url"], slow=True)[1] for _ in range(3)]
    assert 0 < min(times) < PATIENCE, times


def test_a_second_visit_moves_the_page_alone(person: Make, conversation: Json) -> None:
    one = person(**PHONE)
    visit(one, conversation["url"])
    traffic = Traffic(one.page)
    one.page.reload()
    one.page.wait_for_load_state("networkidle")
    moved = {address: size for address, size in traffic.sizes.items() if "/static/" in address and size > 0}
    assert moved == {}


def test_the_messages_are_in_the_page_once(person: Make, conversation: Json) -> None:
    one = person()
    one.guest.join(conversation)
    one.guest.send(conversation, "a text that is said nowhere else")
    page = one.context.request.get(one.url + conversation["url"]).text()
    assert page.count("a text that is said nowhere else") == 1
