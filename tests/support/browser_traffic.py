"""What a visit moves over the wire, and when its page can be used."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.support.browser import Person
from tests.support.people import Guest, Json

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


def talk(host: Guest, chat: Json) -> None:
    """Fill a room's first page: three people and 50 messages of everyday length."""
    people = [host, Guest.sign_in(host.url), Guest.sign_in(host.url)]
    for one in people:
        one.join(chat)
    for number in range(50):
        people[number * 7 // 3 % 3].send(chat, LINES[number % len(LINES)])


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
