"""“Talk to me” on the front page: a fresh room, with the host in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from porch.actions.people.accounts import sign_up
from porch.actions.people.hosting import add_user
from porch.actions.people.sessions import Browser
from porch.actions.rooms import talks
from porch.engines import Engines
from porch.values import Rate
from tests.support.database import ago, change, rows
from tests.support.origin import OWN
from tests.support.people import PASSWORD, Guest
from tests.support.server import Server
from tests.support.waiting import eventually


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(talk_rate=Rate(2, 0.001))


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    engines: Engines = app.extensions["porch_engines"]
    with app.app_context():
        token = sign_up(engines, "Ada", PASSWORD, Browser(""), host=True).token
    client = app.test_client()
    client.set_cookie("porch", token)
    return client


def rooms(client: FlaskClient) -> list[str]:
    return [room["name"] for room in client.get("/chats").get_json()["chats"]]


def test_a_stranger_gives_a_name_and_is_in_a_room_that_the_host_has_too(
    app: Flask, host: FlaskClient
) -> None:
    visitor = app.test_client()
    room = visitor.post("/talk/", headers=OWN).headers["Location"]
    assert room.startswith("/chatrooms/")
    assert len(rooms(host)) == 1
    asked = visitor.get(room)
    assert asked.headers["Location"].startswith("/sessions/new/?next=")
    visitor.post("/sessions/new/", data={"username": "Bob", "next": room}, headers=OWN)
    page = visitor.get(room).text
    assert "Talk with Oda Fenwick" in page
    assert "<bdi>Ada</bdi> has this room, too" in page
    chat = visitor.get("/chats").get_json()["chats"][0]
    assert (chat["kind"], chat["mine"]) == ("link", True)
    assert host.get(room).status_code == 200


def test_without_a_host_the_room_is_there_all_the_same(app: Flask) -> None:
    assert app.test_client().post("/talk/", headers=OWN).status_code == 303


@pytest.mark.parametrize(
    ("language", "name"),
    [("de", r"Gespräch mit Oda Fenwick, \d+\. \w+"), ("en", r"Talk with Oda Fenwick, \d+ \w+")],
)
def test_the_room_is_called_in_the_language_of_the_site(
    make_app: Callable[..., Flask], tmp_path: Path, language: str, name: str
) -> None:
    other = {"de": "en", "en": "de"}[language]
    visitor = make_app(language=language).test_client()
    visitor.post("/talk/", headers=OWN | {"Accept-Language": other})
    ((stored,),) = rows(tmp_path / "data", "SELECT name FROM chat")
    assert re.fullmatch(name, stored)


def test_where_it_takes_an_account_strangers_are_led_to_the_log_in_and_back(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    app = make_app(guests=False, sign_up=False)
    with app.app_context():
        add_user(app.extensions["porch_engines"], "Bob", PASSWORD)
    visitor = app.test_client()
    for path in ("/talk/", "/chatrooms/"):
        answer = visitor.post(path, data={"name": "Anything"}, headers=OWN)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/login/?next={path}")
    assert visitor.get("/talk/").headers["Location"] == "/login/?next=/talk/"
    typed = {"username": "Bob", "password": PASSWORD, "next": "/talk/"}
    assert visitor.post("/login/", data=typed, headers=OWN).headers["Location"] == "/talk/"
    page = visitor.get("/talk/").text
    assert '<form method="post" action="/talk/">' in page
    assert "You give a name" not in page
    assert visitor.post("/talk/", headers=OWN).headers["Location"].startswith("/chatrooms/")
    assert rows(tmp_path / "data", "SELECT count(*) FROM chat") == [(1,)]


def test_where_it_takes_an_account_strangers_are_shown_no_form_that_opens_a_room(
    make_app: Callable[..., Flask],
) -> None:
    visitor = make_app(guests=False, sign_up=False).test_client()
    front, lobby = visitor.get("/").text, visitor.get("/chatrooms/").text
    assert 'action="/chatrooms/"' not in front + lobby
    assert 'id="talk"><a class="btn" href="/login/?next=/chatrooms/">Log in to open a room' in front
    assert '<a class="row way" href="/login/?next=/chatrooms/">' in lobby
    assert "just a name" not in (front + lobby).lower()


def test_where_strangers_may_make_an_account_they_open_a_room_and_nothing_is_said_of_a_name_alone(
    make_app: Callable[..., Flask],
) -> None:
    visitor = make_app(guests=False).test_client()
    assert "You sign up or log in" in visitor.get("/talk/").text
    for page in (visitor.get("/").text, visitor.get("/chatrooms/").text):
        assert 'action="/chatrooms/"' in page
        assert "nothing but a name" not in page
    room = visitor.post("/talk/", headers=OWN).headers["Location"]
    assert visitor.get(room).headers["Location"] == f"/login/?next={room}"
    typed = {"username": "Bob", "password": PASSWORD, "next": room}
    assert visitor.post("/signup/", data=typed, headers=OWN).headers["Location"] == room
    assert "Talk with Oda Fenwick" in visitor.get(room).text


@pytest.mark.parametrize(
    ("site_name", "name"),
    [
        ("Oda Fenwick", "Talk with Oda Fenwick, 30 September"),
        ("o" * 60, f"Talk with {'o' * 55}…, 30 September"),
        (f"{'o' * 54} Fen", f"Talk with {'o' * 54}…, 30 September"),
    ],
)
def test_of_a_long_name_the_room_is_called_by_what_fits_beside_the_whole_day(
    make_app: Callable[..., Flask],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    site_name: str,
    name: str,
) -> None:
    monkeypatch.setattr(talks, "utc_now", lambda: datetime(2026, 9, 30, 12, tzinfo=UTC))
    make_app(name=site_name).test_client().post("/talk/", headers=OWN)
    assert rows(tmp_path / "data", "SELECT name FROM chat") == [(name,)]


def test_merely_following_a_link_opens_nothing(app: Flask, host: FlaskClient) -> None:
    page = app.test_client().get("/talk/")
    assert '<form method="post" action="/talk/">' in page.text
    assert rooms(host) == []


def test_it_is_bounded_and_says_so(app: Flask, host: FlaskClient) -> None:
    answers = [app.test_client().post("/talk/", headers=OWN) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert len(rooms(host)) == 2


def test_a_room_that_nobody_came_into_goes_after_a_day_and_others_stay(
    app: Flask, host: FlaskClient, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    app.test_client().post("/talk/", headers=OWN)
    visitor = app.test_client()
    kept = visitor.post("/talk/", headers=OWN).headers["Location"]
    visitor.post("/sessions/new/", data={"username": "Bob", "next": kept}, headers=OWN)
    assert rows(data, "SELECT count(*) FROM membership") == [(3,)]
    change(data, "UPDATE chat SET created_at = ?", ago(days=2))
    app.test_client().post("/chatrooms/", data={"name": "Another"}, headers=OWN)
    assert len(rooms(host)) == 1
    assert visitor.get(kept).status_code == 200


def test_the_hosts_open_lobby_shows_the_room_at_once(server: Server) -> None:
    ada = Guest.sign_in(server.url)
    change(server.data, "UPDATE \"user\" SET role = 'admin', guest = false WHERE id = ?", ada.user_id)
    try:
        with ada.socket() as socket:
            socket.call("lobby", {})
            visitor = Guest.sign_in(server.url)
            visitor.raw("POST", "/talk/", headers={"Origin": server.url})
            eventually(lambda: socket.events("lobby"))
            heard = socket.events("lobby")[0]
        assert [room["name"].startswith("Talk with Oda Fenwick") for room in heard["chats"]] == [True]
    finally:
        change(server.data, "UPDATE \"user\" SET role = 'member' WHERE id = ?", ada.user_id)
