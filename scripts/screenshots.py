"""Pictures of every page of the demo: phone and desktop, light and dark. Started as bin/screenshots."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import FLAGS, PHONE, Room, find_chromium
from tests.support.browser_actions import Act
from tests.support.server import ROOT, Server, clean_environ

FOLDER = ROOT / "docs" / "screenshots"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
SIZES = {"phone": PHONE | {"device_scale_factor": 1}, "desktop": DESKTOP}
VISITOR = "Juno"
LINK = "https://porch.example"  # what share links are shown as


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        room = fill(Path(folder))
        with Server(Path(folder), url=LINK) as server, open_browser() as browser:
            for (size, viewport), theme in product(SIZES.items(), ("light", "dark")):
                context = browser.new_context(
                    **viewport, color_scheme=theme, locale="en-GB", reduced_motion="reduce"
                )
                for name, page in pages(context.new_page(), server.url, room):
                    page.evaluate("document.fonts.ready")
                    page.screenshot(path=FOLDER / f"{name}-{size}-{theme}.png")
                    print(f"{name}-{size}-{theme}.png")
                leave(context.pages[0])
                context.close()


def fill(data: Path) -> str:
    """Make the demo; the path of its first room."""
    done = subprocess.run(
        [sys.executable, "-m", "porch.launch", "demo"],
        cwd=ROOT,
        env=clean_environ(data=data),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout.splitlines()[0].rpartition(": ")[2]


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def pages(page: Page, url: str, room: str) -> Iterator[tuple[str, Page]]:
    """Walk as a visitor does, from the front page into the room."""
    page.goto(url)
    yield "front", page
    page.goto(url + room)
    yield "sign-in", page
    page.fill("[name=username]", VISITOR)
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=content]")
    page.locator(".msg").last.wait_for()
    yield "room", page
    act = Act(Room(page).ready(), touch=page.evaluate("matchMedia('(pointer: coarse)').matches"))
    text = "Count me in for Saturday."
    act.room.composer.fill(text)
    act.press(act.room.send_button)
    act.line(text).wait_for()
    act.open(text)
    page.wait_for_timeout(400)  # for the mark that a finger leaves
    yield "menu", page
    act.press(act.items.filter(has_text="Edit"))
    act.editing.wait_for()
    yield "editing", page
    act.press(act.cancel)
    act.delete(text)
    page.goto(f"{url}{room}messages/2/")
    page.locator(".msg.at").wait_for()
    yield "permalink", page
    page.goto(f"{url}/chatrooms/")
    yield "rooms", page


def leave(page: Page) -> None:
    """Log out, so that the name is free for the next picture."""
    page.locator("form[action='/logout/'] button").first.click()
    page.locator("main form[action='/logout/'] button").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")


if __name__ == "__main__":
    main()
