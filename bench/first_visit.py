"""How long a first visit to a room takes on a phone's network, and what it moves. See bench/first-visit."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import FLAGS, PHONE, Person, find_chromium
from tests.support.browser_traffic import talk, visit
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

VISITS = 7


def main() -> None:
    """Print the median and the fastest of some visits, each with nothing kept, on Chromium's Fast 4G."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder), message_rate="off") as server,
        sync_playwright() as playwright,
    ):
        host = Guest.sign_in(server.url)
        chat = host.open_chat("The ridge station")
        talk(host, chat)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        times, sizes = zip(*(first_visit(browser, server.url, chat) for _ in range(VISITS)), strict=True)
        browser.close()
    print(
        f"until one can read and write: median {statistics.median(times):.0f} ms, fastest {min(times):.0f} ms"
    )
    print(f"moved: {statistics.median(sizes) / 1000:.1f} KB")


def first_visit(browser: Browser, url: str, chat: Json) -> tuple[float, int]:
    """Milliseconds until the page is usable, and bytes moved."""
    person = Person(browser.new_context(**PHONE), url)
    person.sign_in(a_name())
    traffic, usable = visit(person, chat["url"], slow=True)
    person.context.close()
    return usable, sum(traffic.sizes.values())


if __name__ == "__main__":
    main()
