"""Coming in by a one-time link in a browser with scripts switched off."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.support.account_pages import (
    sign_up,
)
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
