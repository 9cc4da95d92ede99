"""What is refused is said in its place and in the server's words, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Person, Room
from tests.support.people import Guest, Json, Refused, a_name
from tests.support.server import Server
from tests.support.ways import with_scripts_and_at_length_without

Make = Callable[..., Person]


def reason(field: str, act: Callable[[], object]) -> str:
    """What the server says about a field when it is asked directly."""
    with pytest.raises(Refused) as refused:
        act()
    said: str = refused.value.error["fields"][field]
    return said


def assert_refused_in_place(page: Page, field: Locator, typed: str, words: str) -> None:
    expect(page.get_by_role("alert")).to_have_text(words)
    expect(page.get_by_role("alert")).to_be_in_viewport()
    expect(field).to_have_value(typed)
    expect(field).to_have_attribute("aria-invalid", "true")
    described_by = field.get_attribute("aria-describedby") or ""
    assert page.get_by_role("alert").get_attribute("id") in described_by.split()


@with_scripts_and_at_length_without
def test_a_name_that_cannot_be(visitor: Make, server: Server, scripts: bool) -> None:
    ann = visitor(java_script_enabled=scripts)
    ann.expects("status of 4(00|09)")
    page = ann.open("/sessions/new/?next=/chatrooms/")
    field = page.get_by_label("What should we call you?")
    for name in (" ", "n" * 33, "bell\x07", "Moderator"):
        field.fill(name)
        field.press("Enter")
        with pytest.raises(Refused) as refused:
            Guest.sign_in(server.url, name)
        error = refused.value.error
        assert_refused_in_place(page, field, name, error.get("fields", {}).get("username", error["message"]))
    field.fill(good := a_name())
    field.press("Enter")
    expect(page.locator(".top")).to_contain_text(f"You are {good}")
    expect(page).to_have_url(server.url + "/chatrooms/")


@with_scripts_and_at_length_without
def test_an_empty_field_is_not_sent(visitor: Make, scripts: bool) -> None:
    """The browser asks for it by itself."""
    ann = visitor(java_script_enabled=scripts)
    for path, button in (
        ("/sessions/new/", "Come in"),
        ("/", "Open a room"),
        ("/chatrooms/", "Open the room"),
    ):
        page = ann.open(path)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("textbox")).to_be_focused()
        assert page.url == ann.url + path


@with_scripts_and_at_length_without
def test_a_room_name_that_cannot_be(person: Make, scripts: bool) -> None:
    ann = person(java_script_enabled=scripts)
    ann.expects("status of 400")
    page = ann.open("/")
    for name in (" ", "r" * 81, "bell\x07"):
        field = page.get_by_label("What is the room about?")
        field.fill(name)
        field.press("Enter")
        words = reason("name", partial(ann.guest.open_chat, name))
        assert_refused_in_place(page, field, name, words)  # the next one is typed in the form shown again


def test_a_message_that_is_too_long_stays_in_the_field(person: Make, chat: Json) -> None:
    room = person().enter(chat).ready()
    for content in ("long " * 2001 + "end", "\U0001f600" * 9000):
        room.say(content)
        expect(room.problem).to_be_visible()
        expect(room.problem).to_contain_text("long")
        expect(room.composer).to_have_value(content)
        expect(room.composer).to_have_attribute("aria-invalid", "true")
        room.composer.fill("short")
        expect(room.problem).to_be_hidden()
    room.composer.press("Enter")
    room.shows("short")


def test_an_empty_message_is_not_sent(person: Make, host: Guest, chat: Json) -> None:
    room = person().enter(chat).ready()
    for content in ("", "   ", "\n\n \t\n"):
        room.say(content)
    room.say("after it")
    expect(room.stored).to_have_count(1)
    room.shows("after it")
    expect(room.problem).to_be_hidden()
    assert host.get(f"/chats/{chat['id']}/")["rev"] == 1


def test_a_message_with_control_characters_is_refused_and_can_be_thrown_away(
    person: Make, chat: Json
) -> None:
    ann = person()
    ann.expects("status of 400")
    room = ann.enter(chat).ready()
    words = reason("content", lambda: ann.guest.send(chat, "bell\x07"))
    room.say("bell\x07")
    expect(room.lines).to_contain_text("Not sent.")
    expect(room.lines).to_contain_text(words)
    expect(room.texts).to_have_text("bell\x07")
    room.page.get_by_role("button", name="Discard").click()
    expect(room.lines).to_have_count(0)


def test_a_message_that_cannot_be_is_kept_without_scripts(person: Make, chat: Json) -> None:
    ann = person(java_script_enabled=False)
    ann.expects("status of 400")
    ann.guest.join(chat)
    room = ann.enter(chat)
    for content in ("  \n", "long " * 2001, "bell\x07"):
        room.composer.fill(content)
        room.send_button.click()
        words = reason("content", partial(ann.guest.send, chat, content))
        assert_refused_in_place(room.page, room.composer, content, words)
    room.composer.fill("A good one")
    room.send_button.click()
    room.shows("A good one")
    expect(room.problem).to_be_hidden()


@with_scripts_and_at_length_without
def test_a_taken_name_comes_with_free_ones(visitor: Make, person: Make, chat: Json, scripts: bool) -> None:
    ann, other = person(), visitor(java_script_enabled=scripts)
    other.expects("status of 409")
    page = other.open(chat["url"])
    field = page.get_by_label("What should we call you?")
    field.fill(ann.name)
    field.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(field).to_have_value(ann.name)
    suggestions = page.locator("button[name=username]")
    assert suggestions.count() >= 2
    chosen = suggestions.nth(1).inner_text()
    assert chosen != ann.name
    suggestions.nth(1).click()
    expect(Room(page).composer).to_be_visible()
    expect(page).to_have_url(other.url + chat["url"])
    expect(page.locator(".top")).to_contain_text(f"You are {chosen}")
