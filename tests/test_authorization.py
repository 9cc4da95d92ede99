"""Who may do what: every route and every socket event, for each kind of person."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from porch.extensions import socketio
from tests.support.database import change
from tests.support.people import Guest, Json, Refused
from tests.support.server import Server
from tests.support.sockets import refusal

PEOPLE = ("nobody", "stranger", "member", "ended")
CHAT = "/chats/<int:chat_id>"
LINK = "/chatrooms/<hash_key>"


@dataclass(frozen=True)
class Row:
    """What each kind of person is answered; `body` is JSON, `form` is a form, both well-formed."""

    nobody: int
    stranger: int
    member: int
    ended: int
    body: Json | None = None
    form: Json | None = None
    query: str = ""


MESSAGE: Json = {"content": "Hello", "client_id": str(uuid.UUID(int=1))}

ROUTES = {
    "POST /sessions": Row(201, 409, 409, 201, body={"username": "Newcomer"}),
    "GET /sessions/current": Row(401, 200, 200, 401),
    "DELETE /sessions/current": Row(401, 204, 204, 401),
    "POST /chats": Row(201, 201, 201, 201, body={"name": "Another room"}),
    f"POST {LINK}/join": Row(401, 200, 200, 401),
    f"GET {CHAT}/": Row(401, 404, 200, 401),
    f"GET {CHAT}/messages": Row(401, 404, 200, 401, query="?after=0"),
    f"POST {CHAT}/messages": Row(401, 404, 201, 401, body=MESSAGE),
    "GET /": Row(200, 200, 200, 200),
    "GET /chatrooms/": Row(200, 200, 200, 200),
    "POST /chatrooms/": Row(303, 303, 303, 303, form={"name": "Another room"}),
    f"GET {LINK}/": Row(303, 200, 200, 303),  # a link is an invitation: whoever opens it becomes a member
    f"POST {LINK}/": Row(303, 303, 303, 303, form=MESSAGE),
    "POST /theme/": Row(303, 303, 303, 303, form={"theme": "dark"}),
    "GET /sessions/new/": Row(200, 302, 302, 200),
    "POST /sessions/new/": Row(303, 302, 302, 303, form={"username": "Newcomer"}),
    "POST /logout/": Row(303, 303, 303, 303, form={"confirm": "yes"}),
    "GET /static/<path:filename>": Row(200, 200, 200, 200),
}

CODES = {401: "unauthenticated", 404: "not_found", 409: "conflict"}


@pytest.fixture
def open_app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(message_rate=None, room_rate=None, unclaimed_room_rate=None, sign_in_rate=None)


@pytest.fixture
def visitor(open_app: Flask) -> FlaskClient:
    return open_app.test_client(use_cookies=False)


def sign_in(visitor: FlaskClient, name: str) -> dict[str, str]:
    """The headers of a new person."""
    token = visitor.post("/sessions", json={"username": name}).get_json()["token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("route", ROUTES)
def test_each_person_gets_what_the_table_says(visitor: FlaskClient, route: str, person: str) -> None:
    member = sign_in(visitor, "Member")
    chat = visitor.post("/chats", json={"name": "A room"}, headers=member).get_json()
    ended = sign_in(visitor, "Ended")
    visitor.post(f"/chatrooms/{chat['hash_key']}/join", headers=ended)
    visitor.delete("/sessions/current", headers=ended)
    headers = {"nobody": {}, "stranger": sign_in(visitor, "Stranger"), "member": member, "ended": ended}

    method, rule = route.split()
    row = ROUTES[route]
    path = rule.replace("<int:chat_id>", str(chat["id"])).replace("<hash_key>", chat["hash_key"])
    path = path.replace("<path:filename>", "icon.svg") + row.query
    with visitor.open(path, method=method, json=row.body, data=row.form, headers=headers[person]) as answer:
        assert answer.status_code == getattr(row, person)
        if answer.status_code >= 400:
            assert answer.get_json()["error"]["code"] == CODES[answer.status_code]
            assert "A room" not in answer.get_data(as_text=True)


def test_every_route_has_a_row(open_app: Flask) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in open_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == set(ROUTES)


@pytest.mark.parametrize("route", [route for route in ROUTES if CHAT in route])
@pytest.mark.parametrize("person", ["nobody", "stranger", "ended"])
def test_a_room_that_is_not_ones_own_looks_like_one_that_is_not_there(
    visitor: FlaskClient, route: str, person: str
) -> None:
    member = sign_in(visitor, "Member")
    chat = visitor.post("/chats", json={"name": "A room"}, headers=member).get_json()
    ended = sign_in(visitor, "Ended")
    visitor.delete("/sessions/current", headers=ended)
    headers = {"nobody": {}, "stranger": sign_in(visitor, "Stranger"), "ended": ended}[person]
    method, rule = route.split()
    row = ROUTES[route]

    def answer(chat_id: int) -> tuple[int, Json]:
        path = rule.replace("<int:chat_id>", str(chat_id)) + row.query
        given = visitor.open(path, method=method, json=row.body, headers=headers)
        return given.status_code, given.get_json()

    assert answer(chat["id"]) == answer(chat["id"] + 1000)


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.startswith("GET")])
@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
        {},
    ],
    ids=str,
)
def test_another_site_cannot_act_in_a_visitors_name(
    visitor: FlaskClient, route: str, foreign: dict[str, str]
) -> None:
    token = sign_in(visitor, "Member")["Authorization"].removeprefix("Bearer ")
    method, rule = route.split()
    row = ROUTES[route]
    path = re.sub(r"<int:.*?>", "1", re.sub(r"<hash_key>", "x" * 22, rule))
    headers = {"Cookie": f"porch={token}"} | foreign
    answer = visitor.open(path, method=method, json=row.body, data=row.form, headers=headers)
    assert answer.status_code == 403
    assert answer.get_json()["error"]["code"] == "foreign_origin"
    assert visitor.get("/sessions/current", headers={"Authorization": f"Bearer {token}"}).status_code == 200


EVENTS: dict[str, dict[str, str | None]] = {
    # The code of the error, None for an ack that is ok.
    "enter": {"stranger": "not_found", "member": None, "ended": "unauthenticated"},
    "leave": {"stranger": None, "member": None, "ended": "unauthenticated"},
    "send": {"stranger": "not_found", "member": None, "ended": "unauthenticated"},
}


def data_of(event: str, chat_id: int) -> Json:
    return {"chat_id": chat_id} | (
        {"content": "Hello", "client_id": str(uuid.uuid4())} if event == "send" else {}
    )


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("person", ["stranger", "member", "ended"])
def test_each_person_is_acknowledged_as_the_table_says(
    server: Server, bob: Guest, chat: Json, event: str, person: str
) -> None:
    guest = Guest.sign_in(server.url) if person == "stranger" else bob
    code: str | None = None
    with guest.socket() as socket:
        if person == "ended":  # behind the server's back, so that the socket stays
            assert change(server.data, "DELETE FROM session WHERE user_id = ?", guest.user_id)
        try:
            socket.call(event, data_of(event, chat["id"]))
        except Refused as refused:
            code = refused.code
    assert code == EVENTS[event][person]


@pytest.mark.usefixtures("open_app")
def test_every_event_has_a_row() -> None:
    assert set(socketio.server.handlers["/"]) == set(EVENTS) | {"connect", "disconnect"}


@pytest.mark.parametrize("event", [name for name, row in EVENTS.items() if row["stranger"]])
def test_by_socket_too_a_foreign_room_looks_like_one_that_is_not_there(
    server: Server, chat: Json, event: str
) -> None:
    errors = []
    with Guest.sign_in(server.url).socket() as socket:
        for chat_id in (chat["id"], 10**9):
            with pytest.raises(Refused) as refused:
                socket.call(event, data_of(event, chat_id))
            errors.append(refused.value.error)
    assert errors[0] == errors[1]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_nobody_and_an_ended_session_get_no_socket(server: Server, ann: Guest, transport: str) -> None:
    ann.delete("/sessions/current")
    for auth in (None, {"token": ann.token}):
        assert refusal(server.url, auth=auth, transports=[transport])["code"] == "unauthenticated"


def test_a_stranger_who_is_refused_hears_nothing_either(server: Server, ann: Guest, chat: Json) -> None:
    stranger = Guest.sign_in(server.url)
    own = stranger.open_chat()
    with stranger.socket() as socket:
        with pytest.raises(Refused):
            socket.enter(chat)
        socket.enter(own)
        ann.send(chat, "Between us")
        # What is announced later arrives later: the stranger's own room speaks after Ann's.
        socket.send(own, "To myself")
        assert socket.enter(own)["rev"] == 1
        assert "Between us" not in socket.contents()


def test_who_is_no_member_any_more_is_out_at_once(server: Server, bob: Guest, chat: Json) -> None:
    assert change(
        server.data, "DELETE FROM membership WHERE user_id = ? AND chat_id = ?", bob.user_id, chat["id"]
    )
    with bob.socket() as socket:
        calls: list[Callable[[], Json]] = [
            lambda: bob.after(chat, 0),
            lambda: bob.send(chat, "Hello?"),
            lambda: socket.enter(chat),
            lambda: socket.send(chat, "Hello?"),
        ]
        for call in calls:
            with pytest.raises(Refused) as refused:
                call()
            assert refused.value.code == "not_found"
