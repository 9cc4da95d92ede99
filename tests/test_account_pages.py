"""One's own account in a browser with scripts switched off."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from markupsafe import Markup

from porch.pages.times import since
from tests.support.account_pages import (
    OTHER,
    assert_refused,
    bar,
    log_in,
    me,
    name_of,
    notice,
    sign_up,
)
from tests.support.people import PASSWORD, Guest, a_name
from tests.support.server import Server
from tests.support.visitors import Visit, Visitor


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
        ("2026-11-20T12:00:00.000Z", "a day ago"),
        ("2026-11-15T00:00:00.000Z", "6 days ago"),
        ("2026-11-04T12:00:00.000Z", "on 4 November"),
        ("2025-11-04T12:00:00.000Z", "on 4 November 2025"),
    ],
)
def test_the_last_use_of_a_session_is_told_in_words(stamp: str, words: str) -> None:
    assert Markup(since(stamp, datetime(2026, 11, 21, 12, tzinfo=UTC))).striptags() == words
