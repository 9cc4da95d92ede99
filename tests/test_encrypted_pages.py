"""Pages of encrypted chats as a browser without scripts has them: nothing that is to be locked goes out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.keys import Pair
from tests.support.people import Guest, Json, refused
from tests.support.sealed import an_envelope, by_http, open_sealed, sealed
from tests.support.server import Server
from tests.support.visitors import Page

Where = tuple[Guest, Guest, Json]


def direct(server: Server) -> Where:
    pair = Pair.meet(server.url)
    pair.send()
    return pair.ann.person, pair.bob.person, pair.chat


def sealed_room(server: Server) -> Where:
    ann, bob = Guest.sign_in(server.url), Guest.sign_in(server.url)
    chat, token = open_sealed(ann)
    bob.post(f"/chatrooms/{chat['hash_key']}/join", {"token": token})
    by_http(ann, chat, sealed(an_envelope(chat)))
    return ann, bob, chat


@pytest.fixture(params=[direct, sealed_room])
def where(request: pytest.FixtureRequest, server: Server) -> Where:
    """Two people in an encrypted chat, and the chat, in which the first has said something."""
    return request.param(server)  # type: ignore[no-any-return]


def carries_text(page: Page) -> bool:
    return any("content" in dict(form.fields) for form in page.forms)


def seq_of(person: Guest, chat: Json) -> int:
    seq: int = person.get(f"/chats/{chat['id']}/")["messages"][-1]["seq"]
    return seq


def test_no_form_sends_what_is_written(
    look: Callable[[Guest, str], Page], where: Where, server: Server
) -> None:
    ann, bob, chat = where
    plain = bob.open_chat()
    assert carries_text(look(bob, plain["url"]))
    page = look(ann, chat["url"])
    assert not carries_text(page)
    assert page.one("button", aria_label="Send").attributes["type"] == "button"
    edit = look(ann, f"{chat['url']}messages/{seq_of(ann, chat)}/edit/")
    assert not carries_text(edit)
    assert "edit the message in the conversation itself" in edit.text


def test_a_report_says_that_what_is_locked_stays_so(look: Callable[[Guest, str], Page], where: Where) -> None:
    _, bob, chat = where
    seq = seq_of(bob, chat)
    assert "stays so" in look(bob, f"{chat['url']}messages/{seq}/report/").text
    assert "An encrypted message" in look(bob, f"{chat['url']}messages/").text


def test_keys_are_compared_at_one_address_by_both_and_by_nobody_else(
    look: Callable[[Guest, str], Page], server: Server, bob: Guest
) -> None:
    pair = Pair.meet(server.url)
    path = f"{pair.chat['url']}verify/"
    for one, other in ((pair.ann, pair.bob), (pair.bob, pair.ann)):
        page = look(one.person, path)
        assert page.one("div", id="verify").attributes["data-peer"] == str(other.person.user_id)
    assert look(bob, path).status == 404


@pytest.mark.parametrize("name", ["verify", "Mary/verify", "verify/verify"])
def test_somebody_may_be_called_like_a_page(
    look: Callable[[Guest, str], Page], server: Server, bob: Guest, name: str
) -> None:
    person = Guest.sign_in(server.url, name)
    page = look(bob, f"/direct/{name}/")
    assert page.one("h1").text.strip() == name
    person.delete("/sessions/current")


def test_the_search_says_where_what_is_encrypted_is_found(
    look: Callable[[Guest, str], Page], bob: Guest
) -> None:
    assert "searched inside themselves" in look(bob, "/search/").text


def test_whoever_has_the_link_of_a_sealed_room_alone_sees_its_door(
    look: Callable[[Guest, str], Page], bob: Guest, ann: Guest
) -> None:
    chat, _ = open_sealed(ann, "The attic")
    by_http(ann, chat, sealed(an_envelope(chat)))
    for path in ("", "messages/1/"):
        page = look(bob, chat["url"] + path)
        assert page.one("form", id="sealed-door").attributes["data-hash-key"] == chat["hash_key"]
        assert page.messages == []
    assert refused(bob.get, f"/chats/{chat['id']}/").status == 404
