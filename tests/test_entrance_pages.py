"""Coming in and going, with scripts switched off: the bar, signing up, logging in, logging out."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask

from porch.actions.people.hosting import set_disabled
from porch.actions.people.names import release_name
from tests.support.account_pages import (
    OTHER,
    assert_refused,
    bar,
    field,
    log_in,
    me,
    name_of,
    next_of,
    sign_up,
)
from tests.support.database import locked
from tests.support.people import PASSWORD, Guest, a_name
from tests.support.server import Server
from tests.support.visitors import Visit, Visitor

GERMAN = {"Accept-Language": "de"}


@pytest.mark.parametrize(
    ("days", "english", "german"),
    [(1, "unused for a day.", "einen Tag lang"), (7, "unused for 7 days.", "7 Tage lang")],
)
def test_a_guest_is_told_for_how_long_a_name_may_be_unused(
    make_app: Callable[..., Flask], days: int, english: str, german: str
) -> None:
    client = make_app(name_lease_days=days).test_client()
    pages = [(client.get("/sessions/new/").text, client.get("/sessions/new/", headers=GERMAN).text)]
    client.post("/sessions/new/", data={"username": "Ann"}, headers={"Origin": "http://localhost"})
    pages.append((client.get("/account/").text, client.get("/account/", headers=GERMAN).text))
    for in_english, in_german in pages:
        assert english in in_english
        assert german in in_german


# The bar of every page


@pytest.mark.parametrize("path", ["/", "/chatrooms/", "/nowhere", "/nowhere/?a=b&c=d"])
def test_every_page_offers_the_ways_in_and_comes_back(visitor: Visitor, path: str) -> None:
    offered = bar(visitor.get(path))
    for words, way in (("Log in", "/login/"), ("Sign up", "/signup/"), ("Guest", "/sessions/new/")):
        assert urlsplit(offered[words]).path == way
        assert next_of(offered[words]) == path


@pytest.mark.parametrize("path", ["/login/", "/signup/", "/sessions/new/"])
def test_each_way_in_leads_to_the_others_without_forgetting_where_to(visitor: Visitor, path: str) -> None:
    page = visitor.get(path, next="/chatrooms/?a=b&c=d")
    ways = [e.attributes["href"] for e in page.all("a") if "next=" in e.attributes["href"]]
    assert {urlsplit(way).path for way in ways} == {"/login/", "/signup/", "/sessions/new/"}
    assert {next_of(way) for way in ways} == {"/chatrooms/?a=b&c=d"}
    assert page.form(path)["next"] == "/chatrooms/?a=b&c=d"
    (current,) = page.all("a", aria_current="page")
    assert urlsplit(current.attributes["href"]).path == path
    colours = visitor.submit(page.form("/theme/"), ("theme", "dark"))
    assert colours.form(path)["next"] == "/chatrooms/?a=b&c=d"


@pytest.mark.parametrize("path", ["/", "/chatrooms/", "/account/", "/account/delete/", "/nowhere"])
def test_every_page_leads_to_ones_account_and_out(mary: Visitor, path: str) -> None:
    page = mary.get(path)
    assert bar(page)[next(words for words in bar(page) if "You are" in words)] == "/account/"
    assert name_of(mary) in page.text
    assert page.form("/logout/").method == "post"
    assert not {"Log in", "Sign up", "Guest"} & bar(page).keys()


def test_where_guests_stay_out_the_page_for_a_name_says_so(start_server: Callable[..., Server]) -> None:
    with Visitor(start_server(guests="off").url) as visitor:
        page = visitor.get("/sessions/new/", next="/chatrooms/?a=b")
        assert page.status == 200
        assert "comes in with an account" in page.text
        assert not page.all("input", id="username")
        ways = {e.text.strip(): e.attributes["href"] for e in page.all("a", class_="btn door")}
        assert next_of(ways["Log in"]) == "/chatrooms/?a=b"
        assert "Guest" not in bar(page)
        refused = visitor.post("/sessions/new/", [("username", "Ann"), ("next", "/chatrooms/")])
        assert refused.status == 403
        assert "porch" not in visitor.session.cookies
        assert sign_up(visitor, "Ann").path == "/account/"


def test_where_nobody_signs_up_the_page_says_so(start_server: Callable[..., Server]) -> None:
    with Visitor(start_server(sign_up="off").url) as visitor:
        page = visitor.get("/signup/", next="/account/")
        assert page.status == 200
        assert not page.all("input", type="password")
        assert "Sign up" not in bar(page)
        form = [("username", "Ann"), ("password", PASSWORD), ("next", "/account/")]
        assert visitor.post("/signup/", form).status == 403
        visitor.sign_in("Ann")
        assert "/signup/" not in visitor.get("/account/").response.text


# Signing up


def test_signing_up_leads_on_with_the_name_one_chose(visitor: Visitor) -> None:
    name = a_name("Juno")
    page = sign_up(visitor, name, then="/chatrooms/?a=b")
    assert page.url == f"{visitor.url}/chatrooms/?a=b"
    assert f"You are {name}" in page.text
    assert me(visitor) | {"user_id": 0} == {"username": name, "user_id": 0, "guest": False, "role": "member"}


def test_a_guest_who_signs_up_keeps_name_person_and_rooms(visitor: Visitor) -> None:
    name = a_name("Juno")
    visitor.sign_in(name)
    before = me(visitor)
    opened = Guest(visitor.url, visitor.session.cookies["porch"]).open_chat("Seed swap")
    page = visitor.get("/signup/")
    assert f"You are here as {name}; sign up to keep the name, your rooms and what you wrote." in page.text
    assert page.form("/signup/")["username"] == name
    visitor.submit(page.form("/signup/"), password=PASSWORD)
    assert me(visitor) == before | {"guest": False}
    assert Guest(visitor.url, visitor.session.cookies["porch"]).get(f"/chats/{opened['id']}/")["mine"] is True


def test_a_taken_name_comes_with_free_ones_and_the_password_is_asked_again(
    visitor: Visitor, mary: Visitor
) -> None:
    taken = name_of(mary)
    page = sign_up(visitor, taken)
    assert_refused(page, 409, "username")
    form = page.form("/signup/")
    assert form["username"] == taken
    assert len(form.buttons) == 3
    free = form.buttons[0][1]
    chosen = visitor.submit(form, form.buttons[0])
    assert (chosen.status, chosen.errors) == (200, [])
    assert chosen.form("/signup/")["username"] == free
    assert "autofocus" in field(chosen, "password")
    visitor.submit(chosen.form("/signup/"), password=PASSWORD)
    assert name_of(visitor) == free


@pytest.mark.parametrize("name", ["", "   ", "x" * 33, "bell\x07"])
def test_a_name_that_cannot_be_is_explained_and_kept(visitor: Visitor, name: str) -> None:
    page = sign_up(visitor, name, then="/chatrooms/?a=b")
    assert_refused(page, 400, "username")
    assert page.form("/signup/")["username"] == name
    assert page.form("/signup/")["next"] == "/chatrooms/?a=b"


@pytest.mark.parametrize("password", ["", "short", "x" * 129, "password", "x" * 100_000])
def test_a_password_that_cannot_be_is_explained_and_not_sent_back(visitor: Visitor, password: str) -> None:
    name = a_name("Juno")
    page = sign_up(visitor, name, password)
    assert_refused(page, 400, "password")
    assert page.form("/signup/")["username"] == name
    assert "value" not in field(page, "password")
    assert "porch" not in visitor.session.cookies


def test_a_browser_may_offer_and_keep_passwords(visitor: Visitor) -> None:
    for path, kind in (("/signup/", "new-password"), ("/login/", "current-password")):
        page = visitor.get(path)
        assert field(page, "username")["autocomplete"] == "username"
        assert field(page, "password")["autocomplete"] == kind
        assert field(page, "password")["type"] == "password"


def test_a_form_of_signing_up_that_is_sent_twice_leads_on(visitor: Visitor) -> None:
    form = visitor.get("/signup/", next="/chatrooms/").form("/signup/")
    name = a_name("Juno")
    for _ in range(2):
        page = visitor.submit(form, username=name, password=PASSWORD)
        assert (page.status, page.path) == (200, "/chatrooms/")
    assert name_of(visitor) == name


# Logging in


def test_logging_in_leads_on_as_the_same_person(visitor: Visitor, mary: Visitor) -> None:
    page = log_in(visitor, name_of(mary).upper(), then="/chatrooms/?a=b")
    assert page.url == f"{visitor.url}/chatrooms/?a=b"
    assert me(visitor) == me(mary)


def test_a_wrong_password_and_an_unknown_name_read_the_same(visitor: Visitor, mary: Visitor) -> None:
    wrong = log_in(visitor, name_of(mary), OTHER)
    unknown = log_in(visitor, a_name("Nobody"), OTHER)
    for page in (wrong, unknown):
        assert_refused(page, 401, "password")
    assert wrong.errors == unknown.errors == ["The name or the password is wrong."]
    assert wrong.form("/login/")["username"] == name_of(mary)
    assert "porch" not in visitor.session.cookies


def test_a_guest_is_told_what_logging_in_gives_up(visit: Visit, visitor: Visitor, mary: Visitor) -> None:
    name = a_name("Juno")
    visitor.sign_in(name)
    page = visitor.get("/login/", next="/chatrooms/?a=b")
    assert f"You are here as {name}" in page.text
    assert "gives that name up" in page.text
    (instead,) = [e for e in page.all("a") if e.text == "Sign up instead"]
    assert next_of(instead.attributes["href"]) == "/chatrooms/?a=b"
    visitor.submit(page.form("/login/"), username=name_of(mary), password=PASSWORD)
    assert me(visitor) == me(mary)
    assert f"You are {name}" in visit().sign_in(name).text


def test_a_disabled_account_is_told_so_after_the_right_password_only(app: Flask) -> None:
    client = app.test_client()
    headers = {"Origin": "http://localhost", "Accept": "text/html"}
    form = {"username": "Mary", "password": PASSWORD}
    client.post("/signup/", data=form, headers=headers)
    with app.app_context():
        set_disabled(app.extensions["porch_engines"], "Mary", disabled=True)
    other = app.test_client()
    wrong = other.post("/login/", data=form | {"password": OTHER}, headers=headers)
    assert (wrong.status_code, "disabled" in wrong.text) == (401, False)
    right = other.post("/login/", data=form, headers=headers)
    assert (right.status_code, "disabled" in right.text) == (403, True)
    assert client.get("/account/", headers=headers).headers["Location"] == "/login/?next=/account/"


def test_a_form_that_stays_is_told_that_its_guest_has_no_name_any_more(app: Flask) -> None:
    client, engines = app.test_client(), app.extensions["porch_engines"]
    headers = {"Origin": "http://localhost", "Accept": "application/json"}
    user_id = client.post("/sessions", json={"username": "Ann"}, headers=headers).get_json()["user_id"]
    engines.writer.write(lambda transaction: release_name(transaction, user_id))
    answer = client.post("/chatrooms/x/messages/1/edit/", data={"content": "Long"}, headers=headers)
    assert (answer.status_code, "Location" in answer.headers) == (401, False)
    assert "Choose another" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("path", ["/login/", "/signup/", "/sessions/new/"])
def test_who_has_an_account_is_sent_on(mary: Visitor, path: str) -> None:
    assert mary.get(path, next="/chatrooms/?a=b").url == f"{mary.url}/chatrooms/?a=b"


@pytest.mark.parametrize("path", ["/login/", "/signup/"])
@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "", "x" * 5000]
)
def test_coming_in_leads_nowhere_but_into_this_site(
    visitor: Visitor, mary: Visitor, path: str, elsewhere: str
) -> None:
    page = visitor.get(path, next=elsewhere)
    assert page.form(path)["next"] == "/chatrooms/"
    name = name_of(mary) if path == "/login/" else a_name("Juno")
    form = [("username", name), ("password", PASSWORD), ("next", elsewhere)]
    assert visitor.post(path, form).url == f"{visitor.url}/chatrooms/"


def test_on_the_way_to_a_room_its_name_is_said(visitor: Visitor, mary: Visitor) -> None:
    host = Guest(mary.url, mary.session.cookies["porch"])
    by_link = host.open_chat("The ridge station", "link")
    private = host.open_chat("Nobody's business", "private")
    for path in ("/login/", "/signup/", "/sessions/new/"):
        assert visitor.get(path, next=by_link["url"]).one("h1").text == "The ridge station"
        assert "Nobody's business" not in visitor.get(path, next=private["url"]).text


def test_over_a_limit_the_form_says_so_and_when_to_try_again(start_server: Callable[..., Server]) -> None:
    url = start_server(sign_up_rate="1+1/h", log_in_rate="1+1/h").url
    with Visitor(url) as first, Visitor(url) as second:
        sign_up(first, "Mary")
        page = sign_up(second, "Bo")
        assert_refused(page, 429, "password")
        assert page.form("/signup/")["username"] == "Bo"
        assert int(page.response.headers["Retry-After"]) > 0
        log_in(second, "Mary", OTHER)
        page = log_in(second, "Mary", OTHER)
        assert_refused(page, 429, "password")
        assert page.form("/login/")["username"] == "Mary"
        assert int(page.response.headers["Retry-After"]) > 0


def test_while_the_database_is_busy_the_form_says_so(start_server: Callable[..., Server]) -> None:
    server = start_server(lock_timeout=1)
    with Visitor(server.url) as visitor:
        page = visitor.get("/signup/")
        with locked(server.data):
            busy = visitor.submit(page.form("/signup/"), username="Juno", password=PASSWORD)
        assert_refused(busy, 503, "password")
        assert busy.form("/signup/")["username"] == "Juno"
        visitor.submit(busy.form("/signup/"), password=PASSWORD)
        assert name_of(visitor) == "Juno"


# Logging out


def test_an_account_is_logged_out_at_once(mary: Visitor) -> None:
    page = mary.submit(mary.get("/chatrooms/").form("/logout/"))
    assert page.path == "/"
    assert "Log in" in bar(page)


def test_a_guest_is_asked_on_a_page_that_can_be_gone_back_to(visitor: Visitor) -> None:
    visitor.sign_in(a_name("Juno"))
    asked = visitor.submit(visitor.get("/chatrooms/").form("/logout/"))
    assert asked.path == "/logout/"
    assert [answer.status_code for answer in asked.response.history] == [303]
    visitor.submit(asked.form("/logout/", having="confirm"))
    assert visitor.get("/logout/", next="/chatrooms/").path == "/chatrooms/"


def test_looking_at_the_question_logs_nobody_out(mary: Visitor) -> None:
    assert mary.get("/logout/").status == 200
    assert mary.get("/account/").path == "/account/"
