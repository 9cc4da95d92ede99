"""A real Chromium, and people who use it: each with cookies of their own and a record of what went wrong."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, expect

from tests.support.people import Guest, Json
from tests.support.server import Server
from tests.support.waiting import eventually

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP porch.test 127.0.0.1",  # a plain-http origin that is not localhost
]
# What a laptop, a phone and a small phone are to the page.
LAPTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
SMALL_PHONE: dict[str, Any] = PHONE | {"viewport": {"width": 320, "height": 568}}

RECORD_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `securitypolicyviolation ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""
# Keeps every text that the live region has had, in order.
LISTEN = """
window.heard = [];
new MutationObserver(() => window.heard.push(announcer.innerText.trim()))
  .observe(announcer, { childList: true, subtree: true, characterData: true });
"""
# What Chromium writes to the console while nothing answers, and when it gives up a socket.
UNREACHABLE = r"net::ERR_|WebSocket connection to .* failed"

# What lasts as long as the browser's profile does: of a context, and of its clock.
LASTING = ("add_init_script", "grant_permissions", "new_cdp_session")
LASTING_CLOCK = ("install", "pause_at", "set_fixed_time", "set_system_time")

# What a page may be told that comes soon after another of the same person, when keys are made and writing was
# told; or just when the person leaves.
HASTE = (
    r"status of (4(01 \(UNAUTHORIZED\)|09 \(CONFLICT\)) \(\S*/keys"
    r"|429 \(TOO MANY REQUESTS\) \(\S*/typing)\)$"
)


def find_chromium() -> str | None:
    """The browser that CHROMIUM names, else the first on PATH."""
    names = [
        os.environ.get("CHROMIUM"),
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
    ]
    return next((found for name in names if name and (found := shutil.which(name))), None)


class Person:
    """Somebody with a browser profile of their own. `problems` is what no page should have done."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.problems: list[str] = []
        self.name = ""
        self.guest = Guest(url)
        self._expected: list[str] = []
        self._is_over = False  # True while the page is left, whatever stands in its forms
        context.set_default_timeout(30_000)
        context.add_init_script(RECORD_VIOLATIONS)
        self._open_session = context.new_cdp_session
        self.lasting = False  # True once something was done that `begin_again` cannot undo
        for lasts in LASTING:
            self._watch(context, lasts)
        for lasts in LASTING_CLOCK:
            self._watch(context.clock, lasts)
        context.on("console", self._note_console)
        context.on("weberror", lambda failure: self.problems.append(f"uncaught: {failure.error}"))
        context.on("request", self._note_foreign)
        context.on("dialog", self._note_dialog)
        self.page = context.pages[0] if context.pages else context.new_page()
        self._heard_by: list[tuple[Any, Any]] = []  # what a test listens to, and by what
        self._hear: Callable[[Any, Any], None] = self.page.on
        self.page.on = self._hear_for_now  # type: ignore[assignment, method-assign]

    def expects(self, *patterns: str) -> None:
        """Declare what this test provokes, as regular expressions of console lines."""
        self._expected += patterns

    def unexpected(self) -> list[str]:
        known = re.compile("|".join([HASTE, *self._expected]))
        return [problem for problem in self.problems if not known.search(problem)]

    @property
    def can_begin_again(self) -> bool:
        return not (self.lasting or self.page.is_closed())

    def begin_again(self, url: str) -> None:
        """Be somebody who has not been here before, in the same page; what was provoked is forgotten.

        Until then the page stays with the server at `url`, on a text: so the browser keeps the process that
        it has for it, with the scripts compiled, which is most of what opening a page costs.
        """
        for page in self.context.pages:
            if page is not self.page:
                page.close()
        for heard in self._heard_by:
            self.page.remove_listener(*heard)
        self._heard_by.clear()
        self.context.set_offline(False)
        self.context.unroute_all()
        self.page.unroute_all()
        self._is_over = True
        self.page.goto(f"{url}/robots.txt")
        self._is_over = False
        self.page.evaluate("sessionStorage.clear()")
        self.context.clear_cookies()
        session = self._open_session(self.page)
        for origin in {self.url, url}:
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()
        self.problems.clear()
        self._expected.clear()
        self.name = ""
        self.go_to(url)

    def go_to(self, url: str) -> None:
        """Visit another server from here on."""
        self.url, self.guest = url, Guest(url)

    def sign_in(self, name: str) -> None:
        """Get the session's cookie as the form would, without its page."""
        answer = self.context.request.post(f"{self.url}/sessions", data={"username": name})
        assert answer.status == 201, answer.text()
        session = answer.json()
        self.name, self.guest.token = session["username"], session["token"]
        self.guest.username, self.guest.user_id = session["username"], session["user_id"]

    def come_in(self, chat: Json, name: str, *, page: Page | None = None) -> Room:
        """Open the room's link as somebody who has no name yet, and give one."""
        self.name = name
        page = self.open(chat["url"], page=page)
        give_name(page, name)
        return Room(page).ready()

    def open(self, path: str, *, page: Page | None = None) -> Page:
        page = page or self.page
        page.goto(self.url + path)
        return page

    def enter(self, chat: Json, *, page: Page | None = None) -> Room:
        """Open the room's link."""
        return Room(self.open(chat["url"], page=page))

    def stop_time(self) -> None:
        """From the next second on, the timers of a page whose clock is installed wait for the test."""
        self.page.clock.pause_at(self.page.evaluate("Date.now()") / 1000 + 1)

    def was_asked(self) -> None:
        """The page asked whether to leave it, to which the answer was no."""
        asked = "dialog: beforeunload "
        self.until(lambda: asked in self.problems)
        self.problems.remove(asked)

    def leaves_what_is_not_saved(self) -> None:
        """From now on, when a page asks whether to leave it, the answer is yes."""
        self._is_over = True

    def until(self, condition: Callable[[], object], *, within: float = 30.0) -> None:
        """Wait for what the page's events tell; they arrive only while Playwright is asked something."""

        def holds() -> object:
            self.page.evaluate("1")
            return condition()

        eventually(holds, within=within)

    def _watch(self, changed: object, name: str) -> None:
        change = getattr(changed, name)

        def noted(*arguments: Any, **options: Any) -> Any:
            self.lasting = True
            return change(*arguments, **options)

        setattr(changed, name, noted)

    def _hear_for_now(self, event: Any, listener: Any) -> None:
        self._heard_by.append((event, listener))
        self._hear(event, listener)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _note_dialog(self, dialog: Dialog) -> None:
        if self._is_over:
            dialog.accept()
            return
        self.problems.append(f"dialog: {dialog.type} {dialog.message}")
        dialog.dismiss()

    def _note_foreign(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.url:
            self.problems.append(f"request to a foreign origin: {request.url}")


def give_name(page: Page, name: str) -> None:
    """Fill in the form for signing in."""
    page.get_by_label("What should we call you?").fill(name)
    page.get_by_role("button", name="Come in").click()


class Room:
    """An open room page, by what a person sees of it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.log = page.get_by_role("log")
        self.lines = page.locator("#feed .msg")
        self.stored = page.locator("#feed .msg[id]")  # those that the server has given their place
        self.texts = page.locator("#feed .msg .say p")
        self.composer = page.locator("#content")
        self.send_button = page.get_by_role("button", name="Send", exact=True)
        self.notice = page.locator("#notice")
        self.problem = page.locator("#content-error")
        self.pill = page.locator("#pill")

    def ready(self) -> Room:
        """Wait until the page's scripts have drawn the log and taken the composer over."""
        expect(self.page.locator("#updates")).to_have_js_property("hidden", False)
        return self

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def shows(self, *texts: str) -> None:
        """The log holds these messages, in this order, and nothing else."""
        expect(self.texts).to_have_text(list(texts))

    def contents(self) -> list[str]:
        found: list[str] = self.texts.evaluate_all("all => all.map((one) => one.textContent)")
        return found

    def scroll_to(self, distance: float) -> None:
        """Put the log `distance` pixels above its end."""
        self.log.evaluate("(log, distance) => { log.scrollTop = -distance; }", distance)

    def distance(self) -> float:
        """How far above its end the log stands, in pixels."""
        found: float = self.log.evaluate("(log) => Math.abs(log.scrollTop)")
        return found


def listen(page: Page) -> None:
    """From now on `heard_on` knows what is read aloud."""
    page.evaluate(LISTEN)


def heard_on(page: Page) -> list[str]:
    heard: list[str] = page.evaluate("window.heard")
    return heard


def numbers(room: Room) -> list[int]:
    """The numbers of the messages in the page; they are checked to follow each other."""
    ids: list[int] = room.stored.evaluate_all("all => all.map((one) => Number(one.id.slice(1)))")
    assert ids == list(range(ids[0], ids[0] + len(ids))), "a hole, or something twice"
    return ids


def say_all(guest: Guest, chat: Json, texts: Iterable[str]) -> list[str]:
    """Say many things quickly; returns them."""
    with guest.socket() as line:
        return [line.send(chat, text)["content"] for text in texts]


def again(start_server: Callable[..., Server], stopped: Server, **settings: object) -> Server:
    """Start a server anew at the address of one that is gone; with `start_server` also over its data."""
    return start_server(port=urlsplit(stopped.url).port, **settings)
