"""Pictures of the demo: phone and desktop, light and dark. Started as bin/screenshots."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain, product
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.browser import FLAGS, PHONE, Person, find_chromium
from tests.support.browser_lobby import sign_up
from tests.support.encrypted import begin_encrypted
from tests.support.people import Guest, Json, Socket
from tests.support.server import ROOT, Server, clean_environ

Theme = Literal["light", "dark"]

FOLDER = ROOT / "docs" / "screenshots"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
SIZES = {"phone": PHONE | {"device_scale_factor": 1}, "desktop": DESKTOP}
MEMBERS = {"phone": "Juno", "desktop": "Oda"}
THEMES: tuple[Theme, ...] = ("light", "dark")
LINK = "https://porch.example"  # what share links are shown as
SECRETS = [
    ("phone", "Are you still coming on Saturday?"),
    ("desktop", "With the ladder, and with the *good* rope. Do not tell Bo about the rope."),
    ("phone", "Not a word. Nobody else can read this anyway."),
    ("desktop", "Then I can say it: it is his."),
]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=30_000)
    with tempfile.TemporaryDirectory() as folder:
        first, *others = fill(Path(folder))
        with Server(Path(folder), url=LINK) as server, open_browser() as browser, ExitStack() as there:
            for name in ("Ravi", "Isa"):
                there.enter_context(come(server.url, name, first))
            members = {
                size: sign_up(open_for(browser, server.url, size), name) for size, name in MEMBERS.items()
            }
            for member, path in product(members.values(), [first, *others]):
                member.guest.post(f"{path}join")
            direct = begin_encrypted(*members.values())
            whisper(members, direct)
            for theme, size in product(THEMES, SIZES):
                stranger = open_for(browser, server.url, size)
                walk = chain(strangers_walk(stranger, first), members_walk(members[size], first, direct))
                for name, page in walk:
                    take(page, f"{name}-{size}-{theme}.png", theme)
                stranger.context.close()


def fill(data: Path) -> list[str]:
    """Make the demo; the paths of its rooms."""
    done = subprocess.run(
        [sys.executable, "-m", "porch.launch", "demo"],
        cwd=ROOT,
        env=clean_environ(data=data),
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return [line.rpartition(": ")[2] for line in done.stdout.splitlines()]


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def open_for(browser: Browser, url: str, size: str) -> Person:
    return Person(browser.new_context(**SIZES[size], locale="en-GB", reduced_motion="reduce"), url)


def come(url: str, name: str, path: str) -> Socket:
    """Somebody of the demo is there again; as long as the socket is open."""
    guest = Guest.sign_in(url, name)
    chat = guest.post(f"{path}join")
    socket = guest.socket()
    socket.enter(chat)
    return socket


def whisper(people: dict[str, Person], direct: Json) -> None:
    rooms = {size: person.enter(direct).ready() for size, person in people.items()}
    for size, text in SECRETS:
        rooms[size].composer.fill(text)
        rooms[size].send_button.click()
        for room in rooms.values():
            expect(room.page.locator(".msg[id]").filter(has_text=text.partition("*")[0])).to_have_count(1)


def strangers_walk(stranger: Person, path: str) -> Iterator[tuple[str, Page]]:
    yield "front", stranger.open("/")
    yield "sign-in", stranger.open(path)


def members_walk(member: Person, path: str, direct: Json) -> Iterator[tuple[str, Page]]:
    yield "room", member.enter({"url": path}).ready().page
    yield "direct", member.enter(direct).ready().page
    lobby = member.open("/chatrooms/")
    expect(lobby.locator("#rooms li")).to_have_count(3)
    yield "rooms", lobby


def take(page: Page, name: str, theme: Theme) -> None:
    page.emulate_media(color_scheme=theme)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=FOLDER / name)
    print(name)


if __name__ == "__main__":
    main()
