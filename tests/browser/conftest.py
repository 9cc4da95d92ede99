"""Fixtures of the browser tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.conftest import skip_or_fail
from tests.support.browser import FLAGS, LAPTOP, Person, find_chromium
from tests.support.browser_axe import SOURCE, Axe
from tests.support.browser_lobby import log_in, sign_up
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

expect.set_options(timeout=30_000)

USUAL: dict[str, Any] = LAPTOP | {"timezone_id": "Etc/UTC", "locale": "en-GB"}


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


@pytest.fixture
def visitor(
    browser: Browser, server: Server, start_server: Callable[..., Server]
) -> Iterator[Callable[..., Person]]:
    """Make people who have not been here before; their pages must end without a complaint.

    They leave before any server does, `start_server`'s included.
    """
    made: list[Person] = []

    def make(*, url: str | None = None, **options: Any) -> Person:
        context = browser.new_context(**(USUAL | options))
        made.append(Person(context, url or server.url))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
    assert [problem for one in made for problem in one.unexpected()] == []


@pytest.fixture(scope="module")
def profiles() -> Iterator[dict[str, list[Person]]]:
    """Those who wait to be somebody again, by what their browser is."""
    waiting: dict[str, list[Person]] = {}
    yield waiting
    for one in (one for alike in waiting.values() for one in alike):
        one.context.close()


@pytest.fixture
def passer_by(
    browser: Browser,
    server: Server,
    start_server: Callable[..., Server],
    profiles: dict[str, list[Person]],
) -> Iterator[Callable[..., Person]]:
    """As `visitor`, and cheaper: for tests that change nothing of a browser but what `begin_again` mends.

    Whoever is given scripts or permissions is not used again; no test may change the clock.
    """
    made: list[tuple[list[Person] | None, Person]] = []

    def make(*, url: str | None = None, **options: Any) -> Person:
        if url is not None:
            made.append((None, Person(browser.new_context(**(USUAL | options)), url)))
            return made[-1][1]
        alike = profiles.setdefault(repr(sorted(options.items())), [])
        one = alike.pop() if alike else Person(browser.new_context(**(USUAL | options)), server.url)
        if size := one.page.viewport_size:
            one.page.set_viewport_size((USUAL | options).get("viewport", size))
        one.page.emulate_media(
            color_scheme=options.get("color_scheme", "light"),
            reduced_motion=options.get("reduced_motion", "no-preference"),
        )
        made.append((alike, one))
        return one

    yield make
    problems = [problem for _, one in made for problem in one.unexpected()]
    for alike, one in made:
        if problems or alike is None or one.lasting:
            one.context.close()
        else:
            one.begin_again()
            alike.append(one)
    assert problems == []


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
