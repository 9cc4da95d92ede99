"""Fixtures for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from porch.app import create_app
from porch.config import Settings, settings_from
from porch.engines import Engines
from porch.extensions import db
from tests.support import postgres
from tests.support.account_pages import sign_up
from tests.support.database import change
from tests.support.engines import only_on_sqlite
from tests.support.fresh import database_of, fill, make_template
from tests.support.house import House
from tests.support.news import say_when_heard
from tests.support.people import Guest, Json, a_name
from tests.support.quick_passwords import hash_quickly
from tests.support.quick_routes import compile_routes_once
from tests.support.quick_templates import compile_templates_once
from tests.support.redis import MISSING, PROGRAM, Redis
from tests.support.server import Server
from tests.support.visitors import Page, Visit, Visitor

# As `porch.launch` has it: hundreds of modules are imported, and stay.
gc.set_threshold(50_000)
compile_routes_once()
compile_templates_once()
hash_quickly()
say_when_heard()

# No limits but that of typing, which decides what others are told: for a server, and for Settings.
UNLIMITED: dict[str, Any] = {f"{name}_rate": "off" for name in Settings().rates if name != "typing"}
NO_LIMITS: dict[str, Any] = dict.fromkeys(UNLIMITED)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the long tests: faults, fuzz, load")
    parser.addoption(
        "--engine",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="the database that the tests run on",
    )


def pytest_configure(config: pytest.Config) -> None:
    """PostgreSQL runs as long as the process that collects; those that run the tests find it."""
    if config.getoption("--engine") == "postgres" and not postgres.is_chosen():
        if reason := postgres.missing():
            pytest.exit(reason, returncode=1)
        stack = ExitStack()
        stack.enter_context(postgres.running())
        config.add_cleanup(stack.close)
        make_template()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long") and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="a long test: ./bin/test --long"))
        if reason := only_on_sqlite(item):
            item.add_marker(pytest.mark.skip(reason=reason))
    if not postgres.is_chosen():
        elsewhere = [item for item in items if item.get_closest_marker("postgres")]
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


def pytest_collection_finish() -> None:
    """What was imported and collected stays, too."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make applications in this process, waiting in threads, over a fresh database."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Flask:
            folders = {"data": tmp_path / "data", "site": tmp_path / "site"}
            return stack.enter_context(an_app(Settings(**folders | settings)))

        yield make


@contextmanager
def an_app(settings: Settings) -> Iterator[Flask]:
    """An application in this process, its database made."""
    fill(settings.data)
    app = create_app("threading", replace(settings, **database_of(settings.data)))
    yield app
    app.extensions["porch_engines"].writer.stop()
    if postgres.is_chosen():
        with app.app_context():
            db.engine.dispose()
        postgres.drop(settings.data)


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One for the tests of a module that mind nothing that the others leave; limits are off."""
    folder = tmp_path_factory.mktemp("shared")
    chosen = UNLIMITED | {"data": str(folder / "data"), "site": str(folder / "site")}
    with an_app(settings_from({f"PORCH_{name.upper()}": value for name, value in chosen.items()})) as made:
        yield made


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def engines(app: Flask) -> Iterator[Engines]:
    """The engines of `app`, with its context pushed."""
    with app.app_context():
        yield app.extensions["porch_engines"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real server for all tests that need nothing special of it; limits are off."""
    with Server(tmp_path_factory.mktemp("server"), heartbeat=1, **UNLIMITED) as running:
        yield running


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of one's own; they share one data folder, so that one can come after another."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Server:
            return stack.enter_context(Server(tmp_path / "data", **settings))

        yield start


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """One for all tests that do not end it; each takes a site of its own there."""
    if PROGRAM is None:
        skip_or_fail(MISSING)
    with Redis() as running:
        yield running


@pytest.fixture
def passing() -> Iterator[Redis]:
    """One that a test ends, and begins again."""
    if PROGRAM is None:
        skip_or_fail(MISSING)
    with Redis() as running:
        yield running


@pytest.fixture
def visit(server: Server) -> Iterator[Visit]:
    """Make browsers without scripts that share nothing."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Visitor(server.url))


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    return visit()


@pytest.fixture
def mary(visit: Visit) -> Visitor:
    """The browser of somebody with an account."""
    browser = visit()
    sign_up(browser, a_name("Mary"))
    return browser


@pytest.fixture
def look(server: Server) -> Iterator[Callable[[Guest, str], Page]]:
    """Somebody opens a page."""
    with Visitor(server.url) as browser:

        def open_page(person: Guest, path: str) -> Page:
            browser.session.cookies.set("porch", person.token)
            return browser.get(path)

        yield open_page


@pytest.fixture
def ann(server: Server) -> Guest:
    return Guest.sign_in(server.url)


@pytest.fixture
def bob(server: Server) -> Guest:
    return Guest.sign_in(server.url)


@pytest.fixture
def chat(ann: Guest, bob: Guest) -> Json:
    """A room that Ann opened and Bob has joined."""
    opened = ann.open_chat()
    bob.join(opened)
    return opened


@pytest.fixture
def member(server: Server) -> Guest:
    """Somebody with an account."""
    return Guest(server.url).sign_up()


@pytest.fixture(scope="module")
def accounts(server: Server) -> dict[str, Guest]:
    """The host, and somebody who opens listed rooms; they keep nothing of one test that another minds."""
    found = {name: Guest(server.url).sign_up() for name in ("host", "creator")}
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", found["host"].user_id)
    return found


@pytest.fixture
def house(server: Server, accounts: dict[str, Guest]) -> House:
    return House(server, accounts)


@pytest.fixture
def third(server: Server) -> Guest:
    return Guest.sign_in(server.url)


@pytest.fixture
def direct(ann: Guest, bob: Guest) -> Json:
    """The chat of Ann and Bob as Ann sees it; she has opened it, he has not answered."""
    return ann.open_direct(bob)


def skip_or_fail(reason: str) -> None:
    """For what this machine lacks: a skip for a person, a failure in continuous integration."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
