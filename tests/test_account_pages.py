"""Accounts in a browser with scripts switched off: coming in, one's own account, becoming the host."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from porch.actions.people.hosting import set_disabled
from porch.claim import claim_token
from porch.pages.times import since
from tests.support.database import locked
from tests.support.people import PASSWORD, Guest, Json, a_name
from tests.support.server import Server
from tests.support.visitors import Page, Visit, Visitor

GERMAN = {"Accept-Language": "de"}
OTHER = "two envelopes of black kale"


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    return visit()


@pytest.fixture
def mary(visit: Visit) -> Visitor:
    """The browser of somebody with an account."""
    browser = visit()
    sign_up(browser, a_name("Mary"))
    return browser


def sign_up(browser: Visitor, name: str, password: str = PASSWORD, then: str = "/account/") -> Page:
    page = browser.get("/signup/", next=then)
    return browser.submit(page.form("/signup/"), username=name, password=password)


def log_in(browser: Visitor, name: str, password: str = PASSWORD, then: str = "/account/") -> Page:
    page = browser.get("/login/", next=then)
    return browser.submit(page.form("/login/"), username=name, password=password)


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


def me(browser: Visitor) -> Json:
    """Who this browser is, asked by the other door."""
    return Guest(browser.url, browser.session.cookies["porch"]).who()


def name_of(browser: Visitor) -> str:
    return str(me(browser)["username"])


def bar(page: Page) -> dict[str, str]:
    """What the top bar offers: words and addresses."""
    end = next(n for n, e in enumerate(page.elements) if e.attributes.get("id") == "main")
    links = [e for e in page.elements[:end] if e.tag == "a" and "skip" not in e.attributes.get("class", "")]
    return {" ".join(e.text.split()): e.attributes["href"] for e in links}


def next_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["next"][0]


def notice(page: Page) -> str:
    return " ".join(page.one("div", role="status").text.split())


def field(page: Page, name: str) -> dict[str, str]:
    return page.one("input", id=name).attributes


def assert_refused(page: Page, status: int, name: str) -> None:
    """The page says what is wrong at this field alone, and the focus is there."""
    assert page.status == status
    assert len(page.errors) == 1
    assert field(page, name)["aria-invalid"] == "true"
    focused = [e.attributes["id"] for e in page.all("input") if "autofocus" in e.attributes]
    assert focused == [name]
    shown = [e for e in page.all("p", class_="error") if "hidden" not in e.attributes]
    assert shown[0].attributes["id"] in field(page, name)["aria-describedby"].split()
    assert PASSWORD not in page.response.text
    assert OTHER not in page.response.text


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


# One's own account


@pytest.mark.parametrize("path", ["/account/", "/account/delete/"])
def test_signed_out_one_logs_in_first_and_comes_back(visitor: Visitor, mary: Visitor, path: str) -> None:
    asked = visitor.get(path)
    assert asked.path == "/login/"
    back = visitor.submit(asked.form("/login/"), username=name_of(mary), password=PASSWORD)
    assert back.path == path


FORMS = ["/account/name/", "/account/password/", "/account/sessions/others/", "/account/sessions/1/"]


@pytest.mark.parametrize("path", [*FORMS, "/account/delete/"])
def test_a_form_of_the_account_does_nothing_for_who_is_signed_out(visitor: Visitor, path: str) -> None:
    page = visitor.post(path, [("username", "Mine now"), ("password", PASSWORD)])
    assert page.path == "/login/"
    assert page.form("/login/")["next"] == "/account/"


@pytest.mark.parametrize("path", [*FORMS, "/account/delete/", "/login/", "/signup/"])
def test_a_form_from_another_site_is_refused(mary: Visitor, path: str) -> None:
    before = me(mary)
    mary.session.headers["Origin"] = "https://evil.example"
    fields = [("username", a_name("Evil")), ("password", PASSWORD), ("current_password", PASSWORD)]
    assert mary.post(path, fields).status == 403
    assert me(mary) == before


@pytest.mark.parametrize("path", FORMS)
def test_the_address_of_a_form_leads_to_the_account(mary: Visitor, path: str) -> None:
    assert mary.get(path).path == "/account/"


def test_a_new_name_is_shown_everywhere_at_once(mary: Visitor) -> None:
    name = a_name("Mary Ann")
    page = mary.submit(mary.get("/account/").form("/account/name/"), username=name)
    assert page.path == "/account/"
    assert "This is your name now" in notice(page)
    assert page.one("h1").text == name
    assert f"You are {name}" in mary.get("/chatrooms/").text


def test_a_name_that_is_taken_or_cannot_be_is_explained(mary: Visitor, visitor: Visitor) -> None:
    before = name_of(mary)
    taken = a_name("Bo")
    visitor.sign_in(taken)
    form = mary.get("/account/").form("/account/name/")
    page = mary.submit(form, username=taken)
    assert_refused(page, 409, "username")
    assert page.form("/account/name/")["username"] == taken
    assert_refused(mary.submit(form, username="x" * 33), 400, "username")
    assert name_of(mary) == before
    button = page.form("/account/name/").buttons[0]
    mary.submit(page.form("/account/name/"), button)
    assert name_of(mary) == button[1]


@pytest.mark.parametrize("path", ["/account/", "/login/"])
def test_a_notice_is_one_of_our_own_sentences(mary: Visitor, visitor: Visitor, path: str) -> None:
    page = (mary if path == "/account/" else visitor).get(path, done="Send your password to Bo")
    assert "Send your password" not in page.text
    assert not page.all("div", role="status")


def test_another_password_ends_all_other_sessions(mary: Visitor, visit: Visit) -> None:
    elsewhere = visit()
    log_in(elsewhere, name_of(mary))
    form = mary.get("/account/").form("/account/password/")
    page = mary.submit(form, current_password=PASSWORD, password=OTHER)
    assert page.path == "/account/"
    assert "The password is changed" in notice(page)
    assert elsewhere.get("/account/").path == "/login/"
    assert_refused(log_in(elsewhere, name_of(mary)), 401, "password")
    assert log_in(elsewhere, name_of(mary), OTHER).path == "/account/"


def test_a_password_is_changed_only_by_who_knows_it(mary: Visitor, visitor: Visitor) -> None:
    form = mary.get("/account/").form("/account/password/")
    page = mary.submit(form, current_password="not my password", password=OTHER)
    assert_refused(page, 401, "current_password")
    assert_refused(mary.submit(form, current_password=PASSWORD, password="short"), 400, "password")
    assert log_in(visitor, name_of(mary)).path == "/account/"


def test_the_sessions_say_which_one_is_this_and_can_be_ended_one_by_one(mary: Visitor, visit: Visit) -> None:
    phone, tablet = visit(), visit()
    phone.session.headers["User-Agent"] = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.5 Mobile/15E148 Safari/604.1"
    )
    log_in(phone, name_of(mary))
    page = mary.get("/account/")
    rows = page.all("li", class_="device")
    assert len(rows) == 2
    (mine,) = [row for row in rows if "This one" in row.text]
    (other,) = [row for row in rows if "This one" not in row.text]
    assert "iPhone" in other.text
    assert "last used in the last hour" in other.text
    ends = [
        form
        for form in page.forms
        if form.action.startswith("/account/sessions/") and "others" not in form.action
    ]
    assert len(ends) == 1, "this one is logged out, not ended"
    log_in(tablet, name_of(mary))
    for _ in range(2):  # a second press ends as well
        page = mary.submit(ends[0])
        assert notice(page) == "That session has ended."
    assert phone.get("/account/").path == "/login/"
    assert tablet.get("/account/").path == "/account/"
    assert "This one" in mine.text


def test_all_others_are_ended_at_once(mary: Visitor, visit: Visit) -> None:
    others = [visit(), visit()]
    for other in others:
        log_in(other, name_of(mary))
    page = mary.submit(mary.get("/account/").form("/account/sessions/others/"))
    assert notice(page) == "All other sessions have ended."
    assert len(page.all("li", class_="device")) == 1
    assert not [form for form in page.forms if form.action.startswith("/account/sessions/")]
    assert [other.get("/account/").path for other in others] == ["/login/", "/login/"]


def test_nobody_ends_somebody_elses_session(mary: Visitor, visitor: Visitor) -> None:
    sign_up(visitor, a_name("Bo"))
    mine = Guest(mary.url, mary.session.cookies["porch"]).get("/sessions")["sessions"][0]["id"]
    visitor.post(f"/account/sessions/{mine}/", [])
    assert mary.get("/account/").path == "/account/"


def test_ending_this_session_is_logging_out(mary: Visitor) -> None:
    mine = Guest(mary.url, mary.session.cookies["porch"]).get("/sessions")["sessions"][0]["id"]
    assert mary.post(f"/account/sessions/{mine}/", []).path == "/logout/"
    assert mary.get("/account/").path == "/account/"


def test_deleting_the_account_leaves_the_words_and_frees_the_name(
    mary: Visitor, visit: Visit, server: Server
) -> None:
    name, host = name_of(mary), Guest(mary.url, mary.session.cookies["porch"])
    chat = host.open_chat("The ladder", "link")
    host.send(chat, "It is in the shed")
    reader = Guest.sign_in(server.url)
    reader.join(chat)
    question = mary.get("/account/delete/")
    for said in ("nobody can undo it", "“Deleted account”", "the name is free", "without a creator"):
        assert said in question.text
    assert_refused(mary.submit(question.form("/account/delete/"), password=OTHER), 401, "password")
    gone = mary.submit(question.form("/account/delete/"), password=PASSWORD)
    assert "Your account is deleted" in notice(gone)
    assert "Log in" in bar(gone)
    (message,) = reader.after(chat, 0)["messages"]
    assert (message["content"], message["username"]) == ("It is in the shed", "Deleted account")
    assert sign_up(visit(), name).path == "/account/"
    assert log_in(mary, name, OTHER).status == 401


def test_a_guest_is_told_what_a_guest_is_and_how_to_stay(visitor: Visitor) -> None:
    visitor.sign_in(a_name("Juno"))
    page = visitor.get("/account/")
    assert "You are a guest" in page.text
    assert not page.all("input", type="password")
    assert [e.attributes["href"] for e in page.all("a", class_="btn door")] == ["/signup/?next=/account/"]
    asked = visitor.get("/account/delete/")
    assert asked.path == "/logout/"
    assert visitor.post("/account/delete/", [("password", "")]).path == "/logout/"
    name = a_name("Juno")
    visitor.submit(page.form("/account/name/"), username=name)
    assert name_of(visitor) == name


def test_a_guest_who_asks_for_a_password_is_led_to_signing_up(visitor: Visitor) -> None:
    visitor.sign_in(a_name("Juno"))
    form = [("current_password", ""), ("password", PASSWORD)]
    assert visitor.post("/account/password/", form).path == "/signup/"


@pytest.mark.parametrize(
    ("stamp", "words"),
    [
        ("2026-11-21T11:30:00.000Z", "in the last hour"),
        ("2026-11-21T10:59:59.000Z", "an hour ago"),
        ("2026-11-21T09:00:00.000Z", "3 hours ago"),
        ("2026-11-20T12:00:00.000Z", "yesterday"),
        ("2026-11-15T00:00:00.000Z", "6 days ago"),
        ("2026-11-04T12:00:00.000Z", "on 4 November"),
        ("2025-11-04T12:00:00.000Z", "on 4 November 2025"),
    ],
)
def test_the_last_use_of_a_session_is_told_in_words(stamp: str, words: str) -> None:
    assert since(stamp, datetime(2026, 11, 21, 12, tzinfo=UTC)) == words


# Becoming the host


@pytest.fixture
def new_site(start_server: Callable[..., Server]) -> Server:
    return start_server()


@pytest.fixture
def link(new_site: Server) -> str:
    return f"/claim/{claim_token(new_site.data)}/"


def test_who_opens_the_link_first_becomes_the_host(new_site: Server, link: str) -> None:
    with Visitor(new_site.url) as visitor, Visitor(new_site.url) as late:
        page = visitor.get(link)
        assert "You are the host of" in page.text
        assert visitor.get(link).status == 200, "looking uses nothing up"
        assert_refused(visitor.submit(page.form(link), username="Oda", password="short"), 400, "password")
        lobby = visitor.submit(page.form(link), username="Oda", password=PASSWORD)
        assert lobby.path == "/chatrooms/"
        assert me(visitor)["role"] == "admin"
        assert "You are the host of" in visitor.get("/account/").text
        used = late.get(link)
        assert used.status == 404
        assert "the host already" in used.text
        assert late.post(link, [("username", "Eve"), ("password", PASSWORD)]).status == 404


def test_a_guest_becomes_the_host_as_the_same_person(new_site: Server, link: str) -> None:
    with Visitor(new_site.url) as visitor:
        visitor.sign_in("Oda")
        before = me(visitor)
        page = visitor.get(link)
        assert page.form(link)["username"] == "Oda"
        visitor.submit(page.form(link), password=PASSWORD)
        assert me(visitor) == before | {"guest": False, "role": "admin"}


def test_an_account_becomes_the_hosts_by_one_button(new_site: Server, link: str) -> None:
    with Visitor(new_site.url) as visitor:
        sign_up(visitor, "Oda")
        page = visitor.get(link)
        assert page.form(link).fields == []
        visitor.submit(page.form(link))
        assert me(visitor)["role"] == "admin"
        assert visitor.get(link).status == 404


def test_a_link_with_a_letter_missing_makes_nobody_the_host(new_site: Server, link: str) -> None:
    with Visitor(new_site.url) as visitor:
        for wrong in (link[:-2] + "/", link[:-1] + "x/", "/claim/%C3%A9/", "/claim/x/"):
            assert visitor.get(wrong).status == 404
            assert visitor.post(wrong, [("username", "Eve"), ("password", PASSWORD)]).status == 404
        assert "porch" not in visitor.session.cookies


def test_where_nobody_signs_up_the_host_still_can(start_server: Callable[..., Server]) -> None:
    server = start_server(sign_up="off", guests="off")
    link = f"/claim/{claim_token(server.data)}/"
    with Visitor(server.url) as visitor:
        visitor.submit(visitor.get(link).form(link), username="Oda", password=PASSWORD)
        assert me(visitor)["role"] == "admin"


# Coming in by a one-time link


@pytest.fixture
def private(mary: Visitor) -> Json:
    return Guest(mary.url, mary.session.cookies["porch"]).open_chat("Choir, second voices", "private")


@pytest.fixture
def invitation(mary: Visitor, private: Json) -> str:
    made = Guest(mary.url, mary.session.cookies["porch"]).post(f"/chats/{private['id']}/invitations")
    return urlsplit(made["url"]).path


def test_an_invitation_leads_by_a_name_into_the_room(
    visitor: Visitor, private: Json, invitation: str
) -> None:
    asked = visitor.get(invitation)
    assert asked.path == "/sessions/new/"
    assert asked.one("h1").text == "Choir, second voices"
    question = visitor.submit(asked.form("/sessions/new/"), username=a_name("Bo"))
    assert question.path == invitation
    assert question.one("h1").text == "Choir, second voices"
    room = visitor.submit(question.form(invitation))
    assert (room.status, room.path) == (200, private["url"])


def test_looking_does_not_use_an_invitation_up(visitor: Visitor, private: Json, invitation: str) -> None:
    visitor.sign_in(a_name("Bo"))
    assert [visitor.get(invitation).status for _ in range(3)] == [200, 200, 200]
    assert visitor.get(private["url"]).status == 404
    assert visitor.submit(visitor.get(invitation).form(invitation)).path == private["url"]


def test_an_invitation_lets_one_person_in(visit: Visit, private: Json, invitation: str) -> None:
    first, second = visit(), visit()
    first.sign_in(a_name("Bo"))
    second.sign_in(a_name("Eve"))
    too_late = second.get(invitation).form(invitation)
    first.submit(first.get(invitation).form(invitation))
    for page in (second.submit(too_late), second.get(invitation), visit().get(invitation)):
        assert page.status == 404
        assert "has been used or is too old" in page.text
    assert second.get(private["url"]).status == 404


def test_a_second_press_ends_in_the_room(visitor: Visitor, private: Json, invitation: str) -> None:
    visitor.sign_in(a_name("Bo"))
    form = visitor.get(invitation).form(invitation)
    assert [visitor.submit(form).path for _ in range(2)] == [private["url"]] * 2


def test_who_is_signed_out_uses_no_invitation_up(visit: Visit, visitor: Visitor, invitation: str) -> None:
    assert visit().post(invitation, []).path == "/sessions/new/"
    visitor.sign_in(a_name("Bo"))
    assert visitor.get(invitation).status == 200


def test_where_guests_stay_out_an_invitation_leads_to_logging_in(
    start_server: Callable[..., Server],
) -> None:
    with Visitor(start_server(guests="off").url) as mary, Visitor(mary.url) as visitor:
        sign_up(mary, "Mary")
        host = Guest(mary.url, mary.session.cookies["porch"])
        chat = host.open_chat("Choir", "private")
        path = urlsplit(host.post(f"/chats/{chat['id']}/invitations")["url"]).path
        page = visitor.get(path)
        assert page.path == "/login/"
        assert page.one("h1").text == "Choir"
        assert page.form("/login/")["next"] == path
