"""Coming in by a one-time link in a browser with scripts switched off."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.support.account_pages import sign_up
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server
from tests.support.visitors import Visit, Visitor


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
    assert (asked.path, asked.one("h1").text) == (invitation, "Choir, second voices")
    name = a_name("Bo")
    room = visitor.submit(asked.form(invitation), username=name)
    assert (room.status, room.path) == (200, private["url"])
    assert f"You are {name}" in room.text


def test_a_name_that_is_refused_uses_no_invitation_up(
    mary: Visitor, visitor: Visitor, private: Json, invitation: str
) -> None:
    question = visitor.get(invitation)
    taken = visitor.submit(question.form(invitation), username=mary.get("/account/").one("h1").text)
    assert (taken.status, taken.path) == (409, invitation)
    assert taken.errors
    free = taken.form(invitation).buttons[-1]
    room = visitor.submit(taken.form(invitation), free)
    assert (room.path, room.status) == (private["url"], 200)


def test_looking_without_a_name_does_not_use_an_invitation_up(
    visit: Visit, visitor: Visitor, invitation: str
) -> None:
    assert [visit().get(invitation).status for _ in range(3)] == [200, 200, 200]
    visitor.sign_in(a_name("Bo"))
    assert visitor.get(invitation).status == 200


def test_of_an_invitation_whose_answer_is_lost_the_next_press_makes_use(
    visitor: Visitor, private: Json, invitation: str
) -> None:
    form = visitor.get(invitation).form(invitation)
    named = visitor.session.post(
        visitor.url + invitation,
        data={"username": a_name("Bo")},
        headers={"Origin": visitor.url},
        allow_redirects=False,
    )
    assert (named.status_code, named.headers["Location"]) == (307, invitation)
    assert visitor.get(private["url"]).status == 404, "nothing is used up until the browser is known"
    assert visitor.submit(form, username="Whoever").path == private["url"]


def test_nobody_gets_a_name_by_an_invitation_that_is_used_up(
    visit: Visit, visitor: Visitor, invitation: str
) -> None:
    first = visit()
    late = visitor.get(invitation).form(invitation)
    first.submit(first.get(invitation).form(invitation), username=a_name("Bo"))
    page = visitor.submit(late, username=a_name("Eve"))
    assert page.status == 404
    assert "has been used or is too old" in page.text
    assert "porch" not in visitor.session.cookies


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
    assert visit().post(invitation, []).status == 400
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
