"""Sessions: signing in with a name, staying somebody, logging out."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.cookies import Morsel, SimpleCookie
from ipaddress import ip_network

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.database import ago, move_sessions, rows
from tests.support.people import Guest, Json, Refused, a_name
from tests.support.server import Server
from tests.support.sockets import RawSocket, refusal
from tests.support.waiting import eventually


def session_cookie(response: TestResponse) -> Morsel[str]:
    """The one cookie that an answer sets."""
    (header,) = response.headers.getlist("Set-Cookie")
    (cookie,) = SimpleCookie(header).values()
    return cookie


def test_signing_in_answers_who_one_is_now(server: Server) -> None:
    name = a_name()
    response = Guest(server.url).raw("POST", "/sessions", json={"username": name})
    session = response.json()
    assert response.status_code == 201
    assert len(session.pop("token")) == 43
    assert session.pop("user_id") > 0
    assert session == {"username": name, "guest": True, "role": "member"}


def test_two_people_have_two_ids_and_two_tokens(ann: Guest, bob: Guest) -> None:
    assert ann.user_id != bob.user_id
    assert ann.token != bob.token


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    response = client.post("/sessions", json={"username": "Ann"})
    cookie = session_cookie(response)
    assert cookie.key == "porch"
    assert cookie.value == response.get_json()["token"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert not cookie["secure"]  # a browser on plain http would drop it


def test_the_cookie_survives_closing_the_browser(client: FlaskClient) -> None:
    cookie = session_cookie(client.post("/sessions", json={"username": "Ann"}))
    assert int(cookie["max-age"]) >= 30 * 24 * 60 * 60


def test_under_https_the_cookie_is_secure_and_of_this_host_alone(make_app: Callable[..., Flask]) -> None:
    client = make_app(trusted_proxies=(ip_network("127.0.0.1"),)).test_client()
    response = client.post(
        "/sessions",
        json={"username": "Ann"},
        headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "::1"},
    )
    cookie = session_cookie(response)
    assert cookie.key == "__Host-porch"
    assert cookie["secure"] is True
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]


def test_nobody_but_a_trusted_proxy_can_claim_https(client: FlaskClient) -> None:
    response = client.post(
        "/sessions",
        json={"username": "Ann"},
        headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "::1"},
    )
    assert session_cookie(response).key == "porch"


def test_bearer_token_and_cookie_are_the_same_person(ann: Guest) -> None:
    by_cookie = Guest(ann.url).raw("GET", "/sessions/current", headers={"Cookie": f"porch={ann.token}"})
    assert by_cookie.json() == ann.get("/sessions/current")
    assert by_cookie.json() == {
        "username": ann.username,
        "user_id": ann.user_id,
        "guest": True,
        "role": "member",
        "direct_from": "everyone",
        "directs": {"unread": 0, "requests": 0},
        "attention": 0,
    }


def test_the_bearer_token_goes_before_the_cookie(ann: Guest, bob: Guest) -> None:
    answer = ann.request("GET", "/sessions/current", headers={"Cookie": f"porch={bob.token}"})
    assert answer["user_id"] == ann.user_id


def test_a_page_of_somebody_else_is_nobodys_once_the_cookie_is_anothers(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    def asked_by(page: Guest) -> requests.Response:
        return bob.raw(
            "GET", f"/chats/{chat['id']}/messages?after=0", headers={"Porch-User": str(page.user_id)}
        )

    assert asked_by(bob).status_code == 200
    assert asked_by(ann).status_code == 401
    assert asked_by(ann).json()["error"]["code"] == "unauthenticated"


def test_a_socket_too_is_opened_for_the_one_whose_page_it_is(ann: Guest, bob: Guest) -> None:
    with RawSocket(bob.url, None) as line:
        line.connection.send("40" + json.dumps({"token": bob.token, "user_id": bob.user_id}))
        assert line.receive().startswith("40{")
    error = refusal(bob.url, auth={"token": bob.token, "user_id": ann.user_id})
    assert error["code"] == "unauthenticated"


@pytest.mark.parametrize("token", [None, "", "x", "x" * 43, "x" * 5000, "tökén", "None"])
def test_a_token_that_nobody_has_is_nobody(server: Server, token: str | None) -> None:
    header = {"Authorization": f"Bearer {token}".encode()} if token is not None else {}
    response = Guest(server.url).raw("GET", "/sessions/current", headers=header)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "unauthenticated"


def test_logging_out_answers_nothing_and_takes_the_cookie(app: Flask) -> None:
    client = app.test_client()
    token = client.post("/sessions", json={"username": "Ann"}).get_json()["token"]
    response = client.delete("/sessions/current", headers={"Origin": "http://localhost"})
    assert response.status_code == 204
    assert response.data == b""
    assert session_cookie(response)["max-age"] == "0"
    answer = client.get("/sessions/current", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_token_is_dead_at_once_after_logging_out(ann: Guest, chat: Json) -> None:
    ann.delete("/sessions/current")
    calls: list[Callable[[], Json]] = [
        lambda: ann.get("/sessions/current"),
        lambda: ann.after(chat, 0),
        lambda: ann.send(chat, "Still here?"),
    ]
    for call in calls:
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.status == 401
    assert refusal(ann.url, auth={"token": ann.token})["code"] == "unauthenticated"


def test_logging_out_closes_all_sockets_of_the_session(ann: Guest, bob: Guest, chat: Json) -> None:
    with ann.socket() as first, ann.socket() as second, bob.socket() as other:
        first.enter(chat)
        other.enter(chat)
        ann.delete("/sessions/current")
        eventually(lambda: not (first.client.connected or second.client.connected))
        assert first.heard[-1] == second.heard[-1] == ("session_ended", {})
        bob.send(chat, "Who was that?")
        eventually(lambda: other.contents() == ["Who was that?"])
        assert first.contents() == []


def test_a_long_poll_learns_nothing_after_its_session_has_ended(ann: Guest, bob: Guest, chat: Json) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(ann.after, chat, 0, wait=5)
        # Nothing says from outside that a poll waits; a later one of the same person comes back first.
        ann.after(chat, 0, wait=1)
        ann.delete("/sessions/current")
        bob.send(chat, "Now that Ann is gone")
        with pytest.raises(Refused) as refused:
            waiting.result()
    assert refused.value.status == 401


def test_a_name_is_free_after_logging_out_and_the_old_messages_stay_the_old_persons(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    message = ann.send(chat, "Mine for ever")
    ann.delete("/sessions/current")
    newcomer = Guest.sign_in(ann.url, ann.username)
    assert newcomer.user_id != ann.user_id
    assert bob.after(chat, 0)["messages"] == [message]
    assert message["username"] == ann.username
    assert message["user_id"] == ann.user_id


def test_a_newcomer_with_an_old_name_is_not_let_into_the_old_persons_rooms(ann: Guest, chat: Json) -> None:
    ann.delete("/sessions/current")
    newcomer = Guest.sign_in(ann.url, ann.username)
    with pytest.raises(Refused) as refused:
        newcomer.after(chat, 0)
    assert refused.value.status == 404


@pytest.mark.parametrize("change", [str, str.upper, str.lower, lambda name: f"  {name}  "])
def test_a_taken_name_is_refused_with_free_ones_like_it(ann: Guest, change: Callable[[str], str]) -> None:
    wanted = change(ann.username)
    with pytest.raises(Refused) as refused:
        Guest.sign_in(ann.url, wanted)
    suggestions = refused.value.error["suggestions"]
    assert (refused.value.status, refused.value.code) == (409, "name_taken")
    assert len(suggestions) == len(set(suggestions)) == 3
    for name in suggestions:
        assert Guest.sign_in(ann.url, name).username == name


def test_suggestions_leave_out_what_is_taken_too(server: Server) -> None:
    name = a_name("Twin")
    Guest.sign_in(server.url, name)
    Guest.sign_in(server.url, f"{name} 3")
    with pytest.raises(Refused) as refused:
        Guest.sign_in(server.url, name)
    assert refused.value.error["suggestions"] == [f"{name} 2", f"{name} 4", f"{name} 5"]


def test_a_name_of_the_house_is_not_given_out(server: Server) -> None:
    with pytest.raises(Refused) as refused:
        Guest.sign_in(server.url, "ADMIN")
    assert refused.value.code == "name_taken"
    assert "ADMIN" not in refused.value.error["suggestions"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 33, "x" * 5000, "bell\x07", "zero\u200bwidth", "a\u202eb"])
def test_a_name_out_of_bounds_is_refused_and_named(server: Server, name: str) -> None:
    with pytest.raises(Refused) as refused:
        Guest(server.url).post("/sessions", {"username": name})
    assert (refused.value.status, refused.value.code) == (400, "invalid")
    assert refused.value.error["fields"]["username"]


@pytest.mark.parametrize(
    "body", [None, [], "Ann", {}, {"username": None}, {"username": 7}, {"username": "Ann", "admin": True}]
)
def test_a_body_of_another_shape_is_refused(server: Server, body: object) -> None:
    with pytest.raises(Refused) as refused:
        Guest(server.url).post("/sessions", body)
    assert (refused.value.status, refused.value.code) == (400, "invalid")


def test_of_twenty_who_want_one_name_at_once_exactly_one_gets_it(server: Server) -> None:
    name, crowd = a_name("Wanted"), 20
    together = threading.Barrier(crowd)

    def ask(number: int) -> int:
        together.wait(timeout=20)
        spelling = name.upper() if number % 2 else name
        return Guest(server.url).raw("POST", "/sessions", json={"username": spelling}).status_code

    with ThreadPoolExecutor(crowd) as pool:
        answers = sorted(pool.map(ask, range(crowd)))
    assert answers == [201] + [409] * (crowd - 1)


def test_a_refused_name_costs_nothing_of_the_rate(start_server: Callable[..., Server]) -> None:
    url = start_server(sign_in_rate="2+1/h").url
    Guest.sign_in(url, "Ann")
    for name in ("Ann", "ann", "admin", "", "x" * 40) * 3:
        with pytest.raises(Refused) as refused:
            Guest(url).post("/sessions", {"username": name})
        assert refused.value.code in ("name_taken", "invalid")
    assert Guest.sign_in(url, "Bea").username == "Bea"


def test_too_many_sign_ins_from_one_address_have_to_wait(start_server: Callable[..., Server]) -> None:
    url = start_server(sign_in_rate="2+1/h").url
    Guest.sign_in(url)
    Guest.sign_in(url)
    response = Guest(url).raw("POST", "/sessions", json={"username": a_name()})
    assert response.status_code == 429
    assert response.json()["error"]["code"] == "too_fast"
    assert 1 <= int(response.headers["Retry-After"]) <= 3600


def test_another_address_has_a_sign_in_rate_of_its_own(start_server: Callable[..., Server]) -> None:
    url = start_server(sign_in_rate="1+1/h", trusted_proxies="127.0.0.1").url

    def status(address: str) -> int:
        return (
            Guest(url)
            .raw("POST", "/sessions", json={"username": a_name()}, headers={"X-Forwarded-For": address})
            .status_code
        )

    assert [status("192.0.2.1"), status("192.0.2.1"), status("192.0.2.2")] == [201, 429, 201]
    assert status("192.0.2.3, 192.0.2.1") == 429  # what the client wrote in front does not count


@pytest.mark.parametrize(
    ("column", "days", "status"),
    [("last_used_at", 29, 200), ("last_used_at", 31, 401), ("created_at", 89, 200), ("created_at", 91, 401)],
)
def test_a_session_ends_when_idle_for_30_days_or_90_days_old(
    server: Server, ann: Guest, column: str, days: int, status: int
) -> None:
    move_sessions(server.data, ann.user_id, column, days=days)
    assert ann.raw("GET", "/sessions/current").status_code == status


def test_a_session_that_has_expired_opens_no_socket_and_moves_none(
    server: Server, ann: Guest, chat: Json
) -> None:
    with ann.socket() as socket:
        move_sessions(server.data, ann.user_id, "last_used_at", days=31)
        with pytest.raises(Refused) as refused:
            socket.enter(chat)
    assert refused.value.code == "unauthenticated"
    assert refusal(ann.url, auth={"token": ann.token})["code"] == "unauthenticated"


def test_using_a_session_keeps_it(server: Server, ann: Guest) -> None:
    move_sessions(server.data, ann.user_id, "last_used_at", days=20)
    ann.get("/sessions/current")

    def was_noted() -> bool:
        recent = "SELECT last_used_at > ? FROM session WHERE user_id = ?"
        return bool(rows(server.data, recent, ago(minutes=1), ann.user_id)[0][0])

    eventually(was_noted)


def test_a_name_unused_for_7_days_passes_to_a_newcomer(server: Server, ann: Guest) -> None:
    move_sessions(server.data, ann.user_id, "last_used_at", days=8)
    assert Guest.sign_in(server.url, ann.username).username == ann.username


def test_a_name_used_6_days_ago_is_still_somebodys(server: Server, ann: Guest) -> None:
    move_sessions(server.data, ann.user_id, "last_used_at", days=6)
    with pytest.raises(Refused) as refused:
        Guest.sign_in(server.url, ann.username)
    assert refused.value.code == "name_taken"


def test_a_name_in_use_by_socket_alone_does_not_pass_on(server: Server, ann: Guest, chat: Json) -> None:
    with ann.socket() as socket:
        move_sessions(server.data, ann.user_id, "last_used_at", days=8)
        socket.send(chat, "I have been here all week.")
        with pytest.raises(Refused) as refused:
            Guest.sign_in(server.url, ann.username)
        assert refused.value.code == "name_taken"


@pytest.fixture
def nameless(server: Server, ann: Guest, chat: Json) -> Guest:
    """Ann, whose name went to somebody else while she was away; the room is hers."""
    move_sessions(server.data, ann.user_id, "last_used_at", days=8)
    Guest.sign_in(server.url, ann.username)
    return ann


def test_who_has_lost_the_name_is_asked_for_another(nameless: Guest, chat: Json) -> None:
    calls: list[Callable[[], Json]] = [
        lambda: nameless.get("/sessions/current"),
        lambda: nameless.send(chat, "Hello?"),
        nameless.open_chat,
    ]
    for call in calls:
        with pytest.raises(Refused) as refused:
            call()
        assert (refused.value.status, refused.value.code) == (409, "name_taken")
        assert refused.value.error["suggestions"]


def test_who_has_lost_the_name_stays_the_same_person_under_another(nameless: Guest, chat: Json) -> None:
    session = nameless.post("/sessions", {"username": a_name("Renamed")})
    assert session["user_id"] == nameless.user_id
    back = Guest(nameless.url, session["token"])
    assert back.get(f"/chats/{chat['id']}/")["mine"] is True
    assert back.send(chat, "I am back")["username"] == session["username"]


def test_the_token_from_before_the_new_name_is_dead(nameless: Guest) -> None:
    nameless.post("/sessions", {"username": a_name("Renamed")})
    with pytest.raises(Refused) as refused:
        nameless.get("/sessions/current")
    assert refused.value.status == 401


def test_who_has_a_name_cannot_sign_in_under_another(ann: Guest) -> None:
    with pytest.raises(Refused) as refused:
        ann.post("/sessions", {"username": a_name()})
    assert (refused.value.status, refused.value.code) == (409, "conflict")
    assert ann.get("/sessions/current")["username"] == ann.username


@pytest.mark.sqlite("the files of SQLite")
def test_the_database_knows_the_token_only_as_a_hash(server: Server, ann: Guest) -> None:
    assert ann.token is not None
    files = [file.read_bytes() for file in server.data.iterdir() if file.is_file()]
    assert any(hashlib.sha256(ann.token.encode()).hexdigest().encode() in file for file in files)
    assert not any(ann.token.encode() in file for file in files)


def test_a_sessions_number_is_never_given_out_again(server: Server) -> None:
    def newest_session() -> int:
        ((number,),) = rows(server.data, "SELECT max(id) FROM session")
        return int(number)

    gone = Guest.sign_in(server.url)
    number = newest_session()
    gone.delete("/sessions/current")
    Guest.sign_in(server.url)
    # Sockets and writes that are under way know the ended session by its number.
    assert newest_session() > number


def test_a_taken_name_without_alternatives_is_refused_and_nobody_waits(server: Server, ann: Guest) -> None:
    name = "・" * 31 + "カ"
    Guest.sign_in(server.url, name)
    with pytest.raises(Refused) as refused:
        Guest.sign_in(server.url, name)
    assert refused.value.error["suggestions"] == []
    assert ann.open_chat()["mine"]
