"""Fixtures of the browser tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.conftest import skip_or_fail
from tests.support.browser import FLAGS, LAPTOP, Person, find_chromium
from tests.support.browser_axe import SOURCE, Axe
from tests.support.browser_lobby import log_in, sign_up
from tests.support.browser_site import hosts_of, serving
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

expect.set_options(timeout=30_000)

USUAL: dict[str, Any] = LAPTOP | {"timezone_id": "Etc/UTC", "locale": "en-GB"}
MOST_IDLE = 8  # profiles that wait to be used again; each has a process


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = find_chromium()
    if found is None:
        skip_or_fail("no Chromium was found: install it, or name it in CHROMIUM")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """One browser for the whole run; people differ by their contexts."""
    launched = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def axe() -> Axe:
    if not SOURCE.exists():
        skip_or_fail("axe-core is missing: npm ci")
    return Axe()


@pytest.fixture(scope="session")
def idle(browser: Browser) -> Iterator[list[tuple[str, Person]]]:
    """Those who wait to be somebody again, by what their browser is; who came last is the last."""
    waiting: list[tuple[str, Person]] = []
    yield waiting
    for _, one in waiting:
        one.context.close()


@pytest.fixture
def visitor(
    browser: Browser, server: Server, start_server: Callable[..., Server], idle: list[tuple[str, Person]]
) -> Iterator[Callable[..., Person]]:
    """Make people who have not been here before; their pages must end without a complaint.

    They are in a browser profile that somebody else has left, where there is one that can begin again; with
    `fresh` in a new one, whose cache is empty. They leave before any server does, `start_server`'s included.
    """
    made: list[tuple[str, Person]] = []

    def make(*, url: str | None = None, fresh: bool = False, **options: Any) -> Person:
        lasting = {name: value for name, value in options.items() if not can_be_changed(name, options)}
        kind = repr(sorted(lasting.items()))
        alike = [] if fresh else [place for place, (other, _) in enumerate(idle) if other == kind]
        if alike:
            one = idle.pop(alike[-1])[1]
            one.go_to(url or server.url)
        else:
            one = Person(browser.new_context(**(USUAL | lasting)), url or server.url)
        set_up(one.page, USUAL | options)
        made.append((kind, one))
        return one

    yield make
    problems = [problem for _, one in made for problem in one.unexpected()]
    for kind, one in made:
        if problems or not one.can_begin_again:
            one.context.close()
        else:
            one.begin_again(server.url)
            idle.append((kind, one))
    while len(idle) > MOST_IDLE:
        idle.pop(0)[1].context.close()
    assert problems == []


def can_be_changed(option: str, options: dict[str, Any]) -> bool:
    """Whether a page that is there can be given it, so that its profile serves other tests as well."""
    if option == "viewport":
        return "is_mobile" not in options
    return option in ("color_scheme", "reduced_motion")


def set_up(page: Page, options: dict[str, Any]) -> None:
    page.set_viewport_size(options["viewport"])
    page.emulate_media(
        media="null",
        color_scheme=options.get("color_scheme", "light"),
        reduced_motion=options.get("reduced_motion", "no-preference"),
    )


@pytest.fixture
def person(visitor: Callable[..., Person]) -> Callable[..., Person]:
    """Make people who are signed in, by a name of their own if none is given."""

    def make(name: str | None = None, **options: Any) -> Person:
        one = visitor(**options)
        one.sign_in(name or a_name())
        return one

    return make


@pytest.fixture
def account(visitor: Callable[..., Person]) -> Callable[..., Person]:
    """Make people with an account; with `of` another browser of somebody."""

    def make(of: Person | None = None, **options: Any) -> Person:
        one = visitor(**options)
        return log_in(one, of) if of else sign_up(one)

    return make


@pytest.fixture
def host(server: Server) -> Guest:
    """Whoever opened `chat`: somebody who talks without a browser."""
    return Guest.sign_in(server.url)


@pytest.fixture
def chat(host: Guest) -> Json:
    return host.open_chat("The back garden")


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a site with one of everything, which nobody changes."""
    yield from serving(tmp_path_factory.mktemp("rich"))


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """Begun before whoever visits it, so that they leave before it ends. Its images are small."""
    yield from serving(tmp_path, width=360)


@pytest.fixture
def desk(rich: Server, visitor: Callable[..., Person]) -> Callable[..., Person]:
    """Make hosts of a site that they only look at."""
    return hosts_of(rich, visitor)


@pytest.fixture
def own_desk(own_server: Server, visitor: Callable[..., Person]) -> Callable[..., Person]:
    """Make the host of a site of their own."""
    return hosts_of(own_server, visitor)
