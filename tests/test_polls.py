"""A poll that finds nothing new is answered before Flask: exactly as Flask would, or not at all."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from porch.access.actors import Actor, actor_for_token
from porch.actions.messages.sending import Said, send_message
from porch.actions.order.members import remove_member
from porch.actions.people.sessions import Browser, NewSession, create_session, end_session, touch_sessions
from porch.actions.rooms.chats import delete_chat, join_chat, open_chat
from porch.actions.rooms.presence import enter_chat
from porch.api.polls import Asked, EmptyPolls
from porch.engines import Engines
from porch.errors import RetryLater
from porch.models.clock import utc_now
from tests.conftest import NO_LIMITS
from tests.support.database import change, rows
from tests.support.people import a_name
from tests.support.town import Town
from tests.support.waiting import eventually

PROXY = "10.0.0.1"
Answer = tuple[str, list[tuple[str, str]], bytes]


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(trusted_proxies=(ipaddress.ip_network("10.0.0.0/8"),), **NO_LIMITS)


class Ways:
    """The application with the short way and without it."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self._app = app
        self._is_open, self._was_taken = True, False
        answer = EmptyPolls._page

        def spied(polls: EmptyPolls, asked: Asked) -> Any:
            found = answer(polls, asked) if self._is_open else None
            self._was_taken |= found is not None
            return found

        monkeypatch.setattr(EmptyPolls, "_page", spied)

    def ask(self, environ: dict[str, Any]) -> Answer:
        # Not within the application's context that the test is in, which would remember who asked first.
        body, status, headers = Context().run(run_wsgi_app, self._app.wsgi_app, dict(environ))
        return status, sorted(headers), b"".join(body)

    def is_short(self, environ: dict[str, Any]) -> bool:
        """Whether this is answered the short way, which is what the long way answers."""
        self._is_open = False
        expected = self.ask(environ)  # after which memory knows what there is to know
        self._is_open, self._was_taken = True, False
        assert self.ask(environ) == expected
        assert self.ask(environ) == expected
        if self._was_taken:
            assert expected[0] == "200 OK"
        return self._was_taken

    def becomes_short(self, environ: dict[str, Any]) -> None:
        """Wait until it is: memory is confirmed some time after a write, and both ways agree until then."""
        eventually(lambda: self.is_short(environ))


@pytest.fixture
def ways(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Ways:
    return Ways(app, monkeypatch)


class Room:
    """A room with three messages, whose owner asks."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self.session, self.actor = a_person(engines)
        self.chat = open_chat(engines, self.actor, name="A room", address="test")
        for _ in range(3):
            self.say()

    def say(self) -> None:
        client_id = str(uuid.uuid4())
        send_message(self.engines, self.actor, self.chat.id, Said("Hello", client_id))

    def poll(self, query: str = "after=3", *, token: str | None = None, path: str = "") -> dict[str, Any]:
        return a_poll(self.chat.id, query, token or self.session.token, path)


def a_poll(chat_id: int, query: str, token: str, path: str = "") -> dict[str, Any]:
    """The environment of a poll by bearer token."""
    path = path or f"/chats/{chat_id}/messages"
    return EnvironBuilder(path, query_string=query).get_environ() | {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def a_person(engines: Engines) -> tuple[NewSession, Actor]:
    session = create_session(engines, a_name(), Browser("test"))
    actor = actor_for_token(engines.settings, session.token)
    assert actor is not None
    return session, actor


@pytest.fixture
def room(engines: Engines) -> Room:
    return Room(engines)


@dataclass(frozen=True)
class Request:
    """What is unlike the usual poll. `{token}`, `{user}` and `{chat}` are filled in."""

    query: str = "after=3"
    path: str = "/chats/{chat}/messages"
    environ: Mapping[str, str | None] = field(default_factory=dict)

    def of(self, room: Room) -> dict[str, Any]:
        known = {"token": room.session.token, "user": room.actor.user_id, "chat": room.chat.id}
        environ = room.poll(self.query, path=self.path.format(**known))
        for name, value in self.environ.items():
            environ.pop(name, None)
            if value is not None:
                environ[name] = value.format(**known)
        return environ


def by_cookie(cookies: str, **environ: str) -> Request:
    return Request(environ={"HTTP_AUTHORIZATION": None, "HTTP_COOKIE": cookies} | environ)


def by_authorization(text: str) -> Request:
    return Request(environ={"HTTP_AUTHORIZATION": text})


HTTPS = {"wsgi.url_scheme": "https", "HTTP_HOST": "porch.example.org"}
FORWARDED = {
    "REMOTE_ADDR": PROXY,
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "porch.example.org",
}
UNUSUAL_QUERIES = (
    *("", "after=", "after=-1", "after=+3", "after=3x", "after=%D9%A3", "after=%33", "after=2", "after=4"),
    *("after=3&after=3", "before=3", "after=3&before=3", "after=3&limit=0", "after=3&limit=201"),
    *("after=3&wait=0", "after=3&other=1", "after=3&", "after=3&limit=", "after=" + "9" * 19),
)
UNUSUAL_PATHS = (
    *("/chats/0{chat}/messages", "/chats/0/messages", "/chats/999/messages", "/chats/{chat}/messages/"),
    *("/chats/{chat}/messages/3", "/chats/{chat}/", "/chats/" + "9" * 19 + "/messages"),
)
UNUSUAL_AUTHORIZATIONS = (
    *("Bearer", "Bearer ", "Bearer {token}x", "Basic {token}", "{token}", "Bearer  {token}"),
    "Bearer " + "x" * 129,
)
UNUSUAL_COOKIES = (
    *("", "porch=", "porch=x", "__Host-porch={token}", "another-porch={token}", 'porch="{token}"'),
    *("porch=x; porch={token}", "porch={token}; porch=x", 'x="; porch={token}; y="'),
)


USUAL = (
    Request(),
    Request("after=003"),
    Request("after=3&limit=1"),
    Request("after=3&limit=200"),
    by_authorization("bearer {token}"),
    by_cookie("porch={token}"),
    by_cookie("porch-language=de; porch={token}; theme=dark"),
    by_cookie("__Host-porch={token}", **HTTPS),
    by_cookie("__Host-porch={token}", **FORWARDED),
    by_cookie("porch={token}", HTTP_SEC_FETCH_SITE="cross-site"),
    Request(environ={"HTTP_PORCH_USER": "{user}"}),
    Request(environ={"HTTP_HOST": "porch.example.org:8080"}),
    Request(environ={"HTTP_HOST": "[::1]:5000"}),
    Request(environ={"HTTP_HOST": "127.0.0.1:80"}),
    Request(environ={"HTTP_X_FORWARDED_PROTO": "https"}),
    Request(environ={"HTTP_IF_NONE_MATCH": "*", "HTTP_ACCEPT_ENCODING": "br", "HTTP_RANGE": "bytes=0-1"}),
    Request(environ=HTTPS),
)
UNUSUAL = (
    *map(Request, UNUSUAL_QUERIES),
    *(Request(path=path) for path in UNUSUAL_PATHS),
    *map(by_authorization, UNUSUAL_AUTHORIZATIONS),
    *map(by_cookie, UNUSUAL_COOKIES),
    by_cookie("porch={token}", **HTTPS),
    by_cookie("porch={token}", HTTP_AUTHORIZATION="Basic eDp5"),
    by_cookie("__Host-porch={token}", **FORWARDED | {"REMOTE_ADDR": "192.0.2.1"}),
    *(Request(environ={"REQUEST_METHOD": method}) for method in ("HEAD", "POST", "DELETE")),
    *(Request(environ={"HTTP_PORCH_USER": user}) for user in ("", "0", "{user}0", " {user}")),
    *(Request(environ={"HTTP_HOST": host}) for host in ("", "a b", "a/b", "ä.example", None)),
    Request(environ={"SCRIPT_NAME": "/under"}),
)


def test_a_usual_poll_that_finds_nothing_goes_the_short_way(ways: Ways, room: Room) -> None:
    ways.becomes_short(room.poll())
    for request in USUAL:
        assert ways.is_short(request.of(room)), request


def test_whatever_is_unusual_goes_the_long_way(ways: Ways, room: Room) -> None:
    ways.becomes_short(room.poll())
    for request in UNUSUAL:
        assert not ways.is_short(request.of(room)), request
    assert ways.is_short(room.poll()), "memory was not what kept them from it"


def test_a_poll_that_waits_goes_the_long_way(ways: Ways, room: Room) -> None:
    assert not ways.is_short(room.poll("after=3&wait=1"))


def test_news_goes_the_long_way_and_is_there_at_once(ways: Ways, room: Room) -> None:
    ways.becomes_short(room.poll())
    room.say()
    assert not ways.is_short(room.poll())
    assert b"Hello" in ways.ask(room.poll())[2]
    ways.becomes_short(room.poll("after=4"))


def test_a_stranger_is_told_nothing(ways: Ways, room: Room) -> None:
    ways.becomes_short(room.poll())
    stranger, _ = a_person(room.engines)
    assert not ways.is_short(room.poll(token=stranger.token))


def test_who_was_removed_is_told_nothing(ways: Ways, room: Room) -> None:
    session, actor = a_person(room.engines)
    join_chat(room.engines, actor, room.chat.hash_key)
    ways.becomes_short(room.poll(token=session.token))
    remove_member(room.engines, room.actor, room.chat.id, actor.user_id)
    assert not ways.is_short(room.poll(token=session.token))
    ways.becomes_short(room.poll())


def test_an_ended_session_is_told_nothing(ways: Ways, room: Room) -> None:
    ways.becomes_short(room.poll())
    end_session(room.engines, room.actor)
    assert not ways.is_short(room.poll())


def test_a_session_that_is_too_old_is_told_nothing(
    ways: Ways, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways.becomes_short(room.poll())
    later = utc_now() + timedelta(days=room.engines.settings.session_max_days)
    monkeypatch.setattr("porch.access.actors.utc_now", lambda: later)
    assert not ways.is_short(room.poll())


def test_a_deleted_room_is_gone(ways: Ways, room: Room) -> None:
    ways.becomes_short(room.poll())
    delete_chat(room.engines, room.actor, room.chat.id)
    assert not ways.is_short(room.poll())
    assert ways.ask(room.poll())[0] == "410 GONE"


def test_who_has_gone_to_another_room_hears_of_it(ways: Ways, room: Room) -> None:
    other = open_chat(room.engines, room.actor, name="Another", address="test")
    enter_chat(room.engines, room.actor, room.chat.id)
    ways.becomes_short(room.poll())
    enter_chat(room.engines, room.actor, other.id)
    assert not ways.is_short(room.poll())
    assert b"moved" in ways.ask(room.poll())[2]


def test_another_programs_write_counts(ways: Ways, room: Room, tmp_path: Path) -> None:
    ways.becomes_short(room.poll())
    change(tmp_path / "data", "UPDATE membership SET state = 'removed'")
    assert not ways.is_short(room.poll())


def test_who_polls_stays_in_the_room(
    ways: Ways, room: Room, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways.becomes_short(room.poll())
    kept = []
    monkeypatch.setattr(engines.presence, "keep", lambda *seat, wait: kept.append((seat, wait)))
    ways.ask(room.poll())
    assert kept == [((room.actor.session_id, room.chat.id), 0.0)]


def test_who_polls_keeps_the_session_alive(
    ways: Ways, room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last_used() -> object:
        return rows(tmp_path / "data", "SELECT last_used_at FROM session")

    ways.becomes_short(room.poll())
    before = last_used()
    monkeypatch.setattr("porch.actions.people.sessions.TOUCH_EVERY", timedelta(0))
    ways.ask(room.poll())
    eventually(lambda: last_used() != before)


def test_who_polls_is_answered_while_the_queue_of_writes_is_full(
    ways: Ways, room: Room, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways.becomes_short(room.poll())
    monkeypatch.setattr("porch.actions.people.sessions.TOUCH_EVERY", timedelta(0))
    monkeypatch.setattr(engines.writer, "_queue_limit", 0)
    with pytest.raises(RetryLater):
        touch_sessions(engines, [room.actor.session_id])
    assert ways.is_short(room.poll())
    assert ways.ask(room.poll())[0] == "200 OK"


@pytest.mark.parametrize("seed", range(2))
def test_both_ways_agree_whatever_happens(ways: Ways, engines: Engines, tmp_path: Path, seed: int) -> None:
    town = Town(engines, tmp_path / "data", seed)
    short = 0
    for _ in range(150):
        town.happen()
        token, chat_id = town.random.choice(town.tokens), town.somewhere()
        ((head,),) = rows(tmp_path / "data", "SELECT rev FROM chat WHERE id = ?", chat_id)
        short += ways.is_short(a_poll(chat_id, f"after={head}", token))
        assert not ways.is_short(a_poll(chat_id, f"after={head + town.random.choice((-1, 1))}", token))
    assert short > 20, "too few went the short way for this to say anything"
