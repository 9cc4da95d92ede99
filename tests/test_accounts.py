"""Accounts: signing up, logging in, changing the password, closing the account."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask

from tests.support.database import ago, change, move_sessions, rows
from tests.support.people import PASSWORD, Guest, Json, Refused, a_name, refused
from tests.support.quick_passwords import QUICK
from tests.support.server import Server
from tests.support.sockets import refusal
from tests.support.visitors import Visitor
from tests.support.waiting import eventually

OTHER = "quite another password"


def stored_password(server: Server, guest: Guest) -> str:
    ((password,),) = rows(server.data, "SELECT password FROM user WHERE id = ?", guest.user_id)
    return str(password)


def log_in_answer(url: str, name: str, password: str = PASSWORD) -> tuple[int, Json]:
    answer = Guest(url).raw("POST", "/sessions", json={"username": name, "password": password})
    return answer.status_code, answer.json()


# Signing up.


def test_a_stranger_who_signs_up_is_signed_in(server: Server) -> None:
    name = a_name()
    answer = Guest(server.url).raw("POST", "/users", json={"username": name, "password": PASSWORD})
    session = answer.json()
    assert answer.status_code == 201
    assert answer.cookies["porch"] == session["token"]
    who = Guest(server.url, session.pop("token")).who()
    assert session == who
    assert who == {"username": name, "user_id": who["user_id"], "guest": False, "role": "member"}


def test_a_guest_who_signs_up_stays_the_same_person(ann: Guest, bob: Guest, chat: Json) -> None:
    before, name = ann.user_id, ann.username
    message = ann.send(chat, "As a guest")
    elsewhere = bob.open_chat()
    ann.join(elsewhere)
    ann.sign_up()
    assert (ann.user_id, ann.username) == (before, name)
    assert ann.get(f"/chats/{chat['id']}/")["mine"] is True
    assert ann.after(elsewhere, 0)["head"] == 0
    assert ann.after(chat, 0)["messages"] == [message]
    assert ann.send(chat, "With an account")["guest"] is False


def test_a_guest_who_signs_up_has_a_new_token_and_the_old_one_is_dead(ann: Guest) -> None:
    before = Guest(ann.url, ann.token)
    ann.sign_up()
    assert ann.token != before.token
    assert refused(before.get, "/sessions/current").status == 401
    assert len(ann.get("/sessions")["sessions"]) == 1


def test_a_guest_who_signs_up_is_signed_out_everywhere_else(server: Server, ann: Guest, chat: Json) -> None:
    assert change(
        server.data,
        "INSERT INTO session (token, username, user_id, created_at, last_used_at) VALUES (?, ?, ?, ?, ?)",
        f"{ann.user_id:064d}",
        ann.username,
        ann.user_id,
        ago(),
        ago(),
    )
    assert len(ann.get("/sessions")["sessions"]) == 2
    with ann.socket() as socket:
        socket.enter(chat)
        ann.sign_up()
        eventually(lambda: not socket.client.connected)
        assert socket.heard[-1] == ("session_ended", {})
    assert [row["current"] for row in ann.get("/sessions")["sessions"]] == [True]


def test_a_guest_may_take_another_name_on_the_way_and_the_old_one_is_free(ann: Guest) -> None:
    guest_name, name = ann.username, a_name("Chosen")
    assert ann.sign_up(name).username == name
    assert Guest.sign_in(ann.url, guest_name).user_id != ann.user_id


def test_a_guest_who_lost_the_name_stays_the_same_person_by_signing_up(
    server: Server, ann: Guest, chat: Json
) -> None:
    before = ann.user_id
    move_sessions(server.data, ann.user_id, "last_used_at", days=8)
    Guest.sign_in(server.url, ann.username)
    assert ann.sign_up(a_name("Back")).user_id == before
    assert ann.get(f"/chats/{chat['id']}/")["mine"] is True


def test_a_room_opened_before_signing_up_is_the_accounts(server: Server) -> None:
    with Visitor(server.url) as browser:
        chat = browser.session.post(f"{browser.url}/chats", json={"name": "Early"}, timeout=20).json()
        body = {"username": a_name(), "password": PASSWORD}
        token = browser.session.post(f"{browser.url}/users", json=body, timeout=20).json()["token"]
    assert Guest(server.url, token).get(f"/chats/{chat['id']}/")["mine"] is True


def test_who_has_an_account_makes_no_other(member: Guest) -> None:
    error = refused(member.sign_up, a_name())
    assert (error.status, error.code) == (409, "conflict")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "", "password": PASSWORD}, "username"),
        ({"username": "x" * 33, "password": PASSWORD}, "username"),
        ({"username": "zero\u200bwidth", "password": PASSWORD}, "username"),
        ({"username": "Someone new", "password": ""}, "password"),
        ({"username": "Someone new", "password": "short"}, "password"),
        ({"username": "Someone new", "password": "x" * 129}, "password"),
        ({"username": "Someone new", "password": "12345678"}, "password"),
        ({"username": "Someone new", "password": "someone NEW"}, "password"),
        ({"username": "Someone new"}, "password"),
        ({"username": "Someone new", "password": None}, "password"),
        ({"username": "Someone new", "password": PASSWORD, "role": "admin"}, "role"),
    ],
    ids=repr,
)
def test_what_cannot_be_signed_up_with_is_refused_and_named(server: Server, body: Json, field: str) -> None:
    error = refused(Guest(server.url).post, "/users", body)
    assert (error.status, error.code) == (400, "invalid")
    assert list(error.error["fields"]) == [field]


@pytest.mark.parametrize("spelled", [str, str.upper])
def test_a_name_that_is_taken_is_refused_with_free_ones_like_it(
    server: Server, spelled: Callable[[str], str]
) -> None:
    taken = a_name("lolo")
    Guest.sign_in(server.url, taken)
    error = refused(Guest(server.url).sign_up, spelled(taken))
    assert (error.status, error.code) == (409, "name_taken")
    assert len(error.error["suggestions"]) == 3
    assert Guest(server.url).sign_up(error.error["suggestions"][0]).token


def test_a_name_that_looks_like_another_is_refused_without_names_that_would_look_alike_too(
    server: Server,
) -> None:
    taken = a_name("lolo")
    Guest.sign_in(server.url, taken)
    error = refused(Guest(server.url).sign_up, taken.replace("o", "0"))
    assert (error.status, error.code, error.error["suggestions"]) == (409, "name_taken", [])
    assert "looks like" in error.error["message"]


def test_of_many_who_sign_up_for_one_name_at_once_exactly_one_gets_it(server: Server) -> None:
    name, crowd = a_name("Wanted"), 8
    together = threading.Barrier(crowd)

    def ask(number: int) -> int:
        together.wait(timeout=20)
        body = {"username": name.upper() if number % 2 else name, "password": PASSWORD}
        return Guest(server.url).raw("POST", "/users", json=body).status_code

    with ThreadPoolExecutor(crowd) as pool:
        assert sorted(pool.map(ask, range(crowd))) == [201] + [409] * (crowd - 1)


@pytest.mark.sqlite("the files of SQLite")
def test_the_password_is_nowhere_in_the_data_folder(server: Server) -> None:
    password = "seven swans a-swimming"
    Guest(server.url).sign_up(password=password)
    files = [file.read_bytes() for file in server.data.iterdir() if file.is_file()]
    assert any(b"$argon2id$" in file for file in files)
    assert not any(password.encode() in file for file in files)


@pytest.mark.parametrize("years", [1, 50])
def test_the_name_of_an_account_is_never_given_away(server: Server, member: Guest, years: int) -> None:
    move_sessions(server.data, member.user_id, "last_used_at", days=365 * years)
    change(server.data, "UPDATE user SET created_at = ? WHERE id = ?", ago(days=366 * years), member.user_id)
    for take in (Guest.sign_in, lambda url, name: Guest(url).sign_up(name)):
        assert refused(take, server.url, member.username).code == "name_taken"


def test_logging_out_keeps_the_name_of_an_account(server: Server, member: Guest) -> None:
    member.delete("/sessions/current")
    assert refused(Guest.sign_in, server.url, member.username).code == "name_taken"
    assert member.again().user_id == member.user_id


# What a host may close.


def test_where_no_accounts_are_made_guests_come_in_and_accounts_log_in(
    start_server: Callable[..., Server],
) -> None:
    with_sign_up = start_server()
    member = Guest(with_sign_up.url).sign_up("Ada")
    with_sign_up.stop()
    url = start_server(sign_up="off").url
    error = refused(Guest(url).sign_up, "Bea")
    assert (error.status, error.code) == (403, "forbidden")
    guest = Guest.sign_in(url, "Bea")
    assert refused(guest.sign_up).code == "forbidden"
    assert Guest(url).log_in("Ada").user_id == member.user_id


def test_where_guests_are_not_let_in_accounts_are(start_server: Callable[..., Server]) -> None:
    url = start_server(guests="off").url
    error = refused(Guest.sign_in, url, "Bea")
    assert (error.status, error.code) == (403, "forbidden")
    member = Guest(url).sign_up("Bea")
    assert member.again().get("/sessions/current")["guest"] is False


def test_accounts_are_made_at_a_bounded_rate_and_what_is_refused_does_not_count(
    start_server: Callable[..., Server],
) -> None:
    url = start_server(sign_up_rate="2+1/h").url
    Guest(url).sign_up("Ada")
    for name, password in (("ADA", PASSWORD), ("admin", PASSWORD), ("x" * 40, PASSWORD), ("Bea", "short")):
        assert refused(Guest(url).sign_up, name, password).code in ("name_taken", "invalid")
    Guest(url).sign_up("Bea")
    answer = Guest(url).raw("POST", "/users", json={"username": "Cleo", "password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_fast")
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600


# Logging in.


@pytest.mark.parametrize("typed", [str, str.upper, str.lower, lambda name: f"  {name}  "])
def test_an_account_is_logged_in_to_by_its_name_in_any_case(
    member: Guest, typed: Callable[[str], str]
) -> None:
    session = Guest(member.url).post("/sessions", {"username": typed(member.username), "password": PASSWORD})
    assert session.pop("token") != member.token
    assert session == member.who()


def test_logging_in_here_leaves_the_session_there(member: Guest) -> None:
    member.again()
    assert member.get("/sessions/current")["user_id"] == member.user_id


def test_a_look_alike_of_the_name_does_not_log_in(server: Server) -> None:
    member = Guest(server.url).sign_up(a_name("Modern"))
    look_alike = member.username.replace("rn", "m")
    assert refused(Guest.sign_in, server.url, look_alike).code == "name_taken"  # so it is one
    assert log_in_answer(server.url, look_alike)[0] == 401


def test_nothing_tells_one_wrong_log_in_from_another(server: Server, member: Guest, ann: Guest) -> None:
    disabled = Guest(server.url).sign_up()
    change(server.data, "UPDATE user SET disabled_at = ? WHERE id = ?", ago(), disabled.user_id)
    answers = [
        log_in_answer(server.url, member.username, OTHER),
        log_in_answer(server.url, member.username, ""),
        log_in_answer(server.url, member.username, PASSWORD.upper()),
        log_in_answer(server.url, member.username, "x" * 5000),
        log_in_answer(server.url, a_name("Unknown")),
        log_in_answer(server.url, ann.username),  # a guest
        log_in_answer(server.url, disabled.username, OTHER),
        log_in_answer(server.url, "zero\u200bwidth"),
        log_in_answer(server.url, ""),
        log_in_answer(server.url, "x" * 5000),
        log_in_answer(server.url, "admin"),
    ]
    error = {"code": "unauthenticated", "message": "The name or the password is wrong."}
    assert answers == [(401, {"error": error})] * len(answers)


def test_that_an_account_is_disabled_is_told_to_its_owner(server: Server, member: Guest) -> None:
    change(server.data, "UPDATE user SET disabled_at = ? WHERE id = ?", ago(), member.user_id)
    status, answer = log_in_answer(server.url, member.username)
    assert (status, answer["error"]["code"]) == (403, "forbidden")
    assert "disabled" in answer["error"]["message"]


def test_a_guest_who_logs_in_gives_up_the_guests_name_and_rooms(
    member: Guest, ann: Guest, bob: Guest, chat: Json
) -> None:
    message = ann.send(chat, "As a guest")
    guest = Guest(ann.url, ann.token)
    guest_name = ann.username
    ann.log_in(member.username)
    assert ann.user_id == member.user_id
    assert refused(guest.get, "/sessions/current").status == 401
    assert Guest.sign_in(ann.url, guest_name).username == guest_name
    assert refused(ann.after, chat, 0).status == 404
    assert bob.after(chat, 0)["messages"] == [message]


def test_a_guest_who_types_a_wrong_password_stays_a_guest(member: Guest, ann: Guest) -> None:
    assert refused(ann.log_in, member.username, OTHER).status == 401
    assert ann.get("/sessions/current")["username"] == ann.username


def test_logging_in_to_another_account_ends_the_session_of_the_first(server: Server, member: Guest) -> None:
    first = Guest(server.url, member.token)
    other = Guest(server.url).sign_up()
    assert member.log_in(other.username).user_id == other.user_id
    assert refused(first.get, "/sessions/current").status == 401


def test_a_room_opened_before_logging_in_is_the_accounts(member: Guest) -> None:
    with Visitor(member.url) as browser:
        chat = browser.session.post(f"{browser.url}/chats", json={"name": "Early"}, timeout=20).json()
        body = {"username": member.username, "password": PASSWORD}
        assert browser.session.post(f"{browser.url}/sessions", json=body, timeout=20).status_code == 201
    assert member.get(f"/chats/{chat['id']}/")["mine"] is True


def test_twenty_people_who_log_in_at_once_all_come_in(server: Server) -> None:
    crowd = 20
    with ThreadPoolExecutor(crowd) as pool:
        people = list(pool.map(lambda _: Guest(server.url).sign_up(), range(crowd)))
        together = threading.Barrier(crowd)

        def log_in(guest: Guest) -> int:
            together.wait(timeout=20)
            return guest.again().user_id

        assert list(pool.map(log_in, people)) == [guest.user_id for guest in people]


def test_a_password_hashed_with_older_parameters_is_hashed_anew_when_it_is_used(
    server: Server, member: Guest
) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    change(server.data, "UPDATE user SET password = ? WHERE id = ?", weak, member.user_id)
    assert log_in_answer(server.url, member.username, OTHER)[0] == 401
    assert stored_password(server, member) == weak
    member.again()
    assert "$m={MEMORY},t={ROUNDS},p=1$".format_map(QUICK) in stored_password(server, member)
    member.again()


def test_a_log_in_with_the_password_of_a_moment_ago_is_refused(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser, passwords = app.test_client(), app.extensions["porch_engines"].passwords
    body = {"username": "Ada", "password": PASSWORD}
    assert app.test_client().post("/users", json=body).status_code == 201

    def right_until_then(encoded: str | None, password: str) -> bool:
        assert change(tmp_path / "data", "UPDATE user SET password = 'another'")
        return True

    monkeypatch.setattr(passwords, "verify", right_until_then)
    assert browser.post("/sessions", json=body).status_code == 401


def test_failed_log_ins_count_against_their_network_and_right_ones_do_not(
    start_server: Callable[..., Server],
) -> None:
    url = start_server(log_in_rate="3+1/h", trusted_proxies="127.0.0.1").url
    Guest(url).sign_up("Ada")

    def status(password: str, address: str) -> int:
        body = {"username": "Ada", "password": password}
        headers = {"X-Forwarded-For": address}
        return Guest(url).raw("POST", "/sessions", json=body, headers=headers).status_code

    here = "192.0.2.1"
    assert [status(PASSWORD, here) for _ in range(5)] == [201] * 5
    assert [status(OTHER, here) for _ in range(3)] == [401] * 3
    assert status(PASSWORD, here) == 429
    assert status(PASSWORD, "192.0.2.2") == 201


def test_one_ipv6_network_is_one_network(start_server: Callable[..., Server]) -> None:
    url = start_server(log_in_rate="1+1/h", trusted_proxies="127.0.0.1").url

    def status(address: str) -> int:
        body = {"username": "Ada", "password": OTHER}
        headers = {"X-Forwarded-For": address}
        return Guest(url).raw("POST", "/sessions", json=body, headers=headers).status_code

    assert [status("2001:db8::1"), status("2001:db8::2"), status("2001:db8:0:1::1")] == [401, 429, 401]


# Changing the password.


def set_password(guest: Guest, current: str, new: str) -> Json:
    return guest.put("/users/current/password", {"current_password": current, "password": new})


def test_after_a_change_the_new_password_logs_in_and_the_old_does_not(member: Guest) -> None:
    set_password(member, PASSWORD, OTHER)
    assert refused(member.again).status == 401
    assert member.again(OTHER).user_id == member.user_id


def test_a_change_of_the_password_ends_all_other_sessions(member: Guest) -> None:
    other = member.again()
    chat = member.open_chat()
    with other.socket() as socket, member.socket() as own, ThreadPoolExecutor() as pool:
        socket.enter(chat)
        own.enter(chat)
        polling = pool.submit(other.after, chat, 0, wait=20)
        set_password(member, PASSWORD, OTHER)
        eventually(lambda: not socket.client.connected)
        assert socket.heard[-1] == ("session_ended", {})
        with pytest.raises(Refused) as ended:
            polling.result()
        assert ended.value.status == 401
        own.send(chat, "Still here")
    assert refused(other.get, "/sessions/current").status == 401
    assert len(member.get("/sessions")["sessions"]) == 1


def test_the_password_is_not_changed_without_the_current_one(member: Guest) -> None:
    error = refused(set_password, member, OTHER, "yet another password")
    assert (error.status, error.code) == (401, "unauthenticated")
    assert member.get("/sessions/current")["user_id"] == member.user_id  # this session lives on
    assert member.again().user_id == member.user_id


@pytest.mark.parametrize("password", ["", "short", "x" * 129, "12345678"])
def test_a_weak_new_password_is_refused_and_named(member: Guest, password: str) -> None:
    error = refused(set_password, member, PASSWORD, password)
    assert (error.status, list(error.error["fields"])) == (400, ["password"])
    assert member.again().user_id == member.user_id


def test_a_guest_has_no_password_to_change(ann: Guest) -> None:
    error = refused(set_password, ann, PASSWORD, OTHER)
    assert (error.status, error.code) == (409, "conflict")


# Closing the account.


def close_account(guest: Guest, password: str | None = PASSWORD) -> Json:
    return guest.delete("/users/current", {} if password is None else {"password": password})


@pytest.mark.parametrize("password", [OTHER, "", None])
def test_an_account_is_not_closed_without_its_password(member: Guest, password: str | None) -> None:
    error = refused(close_account, member, password)
    assert (error.status, error.code) == (401, "unauthenticated")
    assert member.again().user_id == member.user_id


def test_closing_an_account_ends_its_sessions(member: Guest) -> None:
    other, chat = member.again(), member.open_chat()
    with member.socket() as socket, ThreadPoolExecutor() as pool:
        socket.enter(chat)
        polling = pool.submit(other.after, chat, 0, wait=20)
        close_account(member)
        eventually(lambda: not socket.client.connected)
        assert socket.heard[-1] == ("session_ended", {})
        with pytest.raises(Refused) as ended:
            polling.result()
        assert ended.value.status == 401
    for guest in (member, other):
        assert refused(guest.get, "/sessions/current").status == 401
        assert refusal(guest.url, auth={"token": guest.token})["code"] == "unauthenticated"


def test_closing_an_account_takes_the_cookie(server: Server, member: Guest) -> None:
    answer = member.raw("DELETE", "/users/current", json={"password": PASSWORD})
    assert answer.status_code == 204
    assert "porch=;" in answer.headers["Set-Cookie"]


def test_the_names_of_a_closed_account_are_free_and_nobody_logs_in_to_it(member: Guest) -> None:
    before = member.username
    member.patch("/users/current", {"username": a_name("Renamed")})
    after = member.get("/sessions/current")["username"]
    close_account(member)
    for name in (before, after):
        assert log_in_answer(member.url, name)[0] == 401
        newcomer = Guest.sign_in(member.url, name)
        assert newcomer.user_id != member.user_id


def test_the_rooms_of_a_closed_account_stay_without_a_creator(member: Guest, bob: Guest) -> None:
    chat = member.open_chat("Stays")
    bob.join(chat)
    close_account(member)
    assert bob.get(f"/chats/{chat['id']}/")["name"] == "Stays"
    members = bob.get(f"/chats/{chat['id']}/members")["members"]
    assert [(m["user_id"], m["creator"]) for m in members] == [(bob.user_id, False)]
    assert refused(bob.delete, f"/chats/{chat['id']}/").status == 403
    bob.send(chat, "We go on")


def test_a_private_room_goes_when_its_last_member_has_closed_the_account(
    server: Server, member: Guest, bob: Guest
) -> None:
    alone, shared = member.open_chat(kind="private"), member.open_chat(kind="private")
    member.post(f"/chats/{shared['id']}/members", {"username": bob.username})
    member.send(alone, "To myself")
    close_account(member)
    assert bob.after(shared, 0)["head"] == 0
    deleted = "SELECT id, deleted_at IS NOT NULL FROM chat WHERE id IN (?, ?)"
    assert dict(rows(server.data, deleted, alone["id"], shared["id"])) == {alone["id"]: 1, shared["id"]: 0}
    assert rows(server.data, "SELECT content FROM message WHERE chat_id = ?", alone["id"]) == []


@pytest.mark.parametrize("leaves", [True, False], ids=["leaves", "closes the account"])
def test_a_private_room_whose_creator_has_gone_goes_with_the_last_of_the_others(
    server: Server, member: Guest, bob: Guest, leaves: bool
) -> None:
    chat = member.open_chat(kind="private")
    member.post(f"/chats/{chat['id']}/members", {"username": bob.username})
    close_account(member)
    if leaves:
        bob.delete(f"/chats/{chat['id']}/members/{bob.user_id}")
    else:
        close_account(bob, None)
    assert rows(server.data, "SELECT deleted_at IS NOT NULL FROM chat WHERE id = ?", chat["id"]) == [(1,)]


def test_a_guest_goes_without_a_password(ann: Guest, bob: Guest, chat: Json) -> None:
    ann.send(chat, "Mine")
    close_account(ann, None)
    assert refused(ann.get, "/sessions/current").status == 401
    assert Guest.sign_in(ann.url, ann.username).user_id != ann.user_id
    assert [m["username"] for m in bob.after(chat, 0)["messages"]] == ["Deleted account"]


def test_nobody_can_pose_as_a_deleted_account_or_as_who_left(server: Server) -> None:
    for spelling in (
        "Deleted account",
        "deleted  ACCOUNT",
        "De1eted acc0unt",
        "Gelöschtes Konto",
        "Geloschtes K0nto",
        "Somebody who left",
        "somebody wh0 Ieft",
    ):
        assert refused(Guest.sign_in, server.url, spelling).code == "name_taken"
