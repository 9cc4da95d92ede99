"""Where one writes: keys, focus, growth."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, Person
from tests.support.people import Guest, Json

Make = Callable[..., Person]


def test_enter_sends_and_shift_enter_is_a_new_line(person: Make, chat: Json) -> None:
    room = person().enter(chat).ready()
    expect(room.composer).to_be_focused()
    room.page.keyboard.type("one")
    room.page.keyboard.press("Shift+Enter")
    room.page.keyboard.type("two")
    expect(room.composer).to_have_value("one\ntwo")
    expect(room.lines).to_have_count(0)
    room.page.keyboard.press("Enter")
    expect(room.texts).to_have_text("one\ntwo", use_inner_text=True)
    assert room.contents() == ["one\ntwo"]
    expect(room.composer).to_have_value("")
    expect(room.composer).to_be_focused()


@pytest.mark.parametrize(
    ("device", "keys"), [({}, "Meta+Enter"), (PHONE, "Control+Enter")], ids=["laptop", "phone"]
)
def test_control_enter_always_sends(person: Make, chat: Json, device: dict[str, object], keys: str) -> None:
    room = person(**device).enter(chat).ready()
    room.composer.fill("Sent")
    room.composer.press(keys)
    room.shows("Sent")


@pytest.mark.parametrize("composing", [{"isComposing": True}, {"keyCode": 229}], ids=["standard", "safari"])
def test_enter_is_left_to_an_input_method(person: Make, chat: Json, composing: dict[str, object]) -> None:
    room = person().enter(chat).ready()
    room.composer.fill("にほん")
    enter = {"key": "Enter", "bubbles": True, "cancelable": True}
    room.composer.dispatch_event("keydown", enter | composing)
    expect(room.composer).to_have_value("にほん")
    expect(room.lines).to_have_count(0)
    room.composer.dispatch_event("keydown", enter)
    room.shows("にほん")


def test_on_touch_enter_is_a_new_line_and_the_button_sends(person: Make, host: Guest, chat: Json) -> None:
    room = person(**PHONE).enter(chat).ready()
    expect(room.composer).not_to_be_focused()  # a keyboard would cover what one came to read
    room.composer.tap()
    room.page.keyboard.type("one")
    room.page.keyboard.press("Enter")
    room.page.keyboard.type("two")
    expect(room.composer).to_have_value("one\ntwo")
    assert host.get(f"/chats/{chat['id']}/")["rev"] == 0
    room.send_button.tap()
    expect(room.stored).to_have_count(1)
    assert room.contents() == ["one\ntwo"]
    expect(room.composer).to_be_focused()  # the keyboard stays for the next one


def test_the_button_sends_on_a_laptop_too(person: Make, chat: Json) -> None:
    room = person().enter(chat).ready()
    room.composer.fill("By mouse")
    room.send_button.click()
    room.shows("By mouse")
    expect(room.composer).to_be_focused()


def test_the_names_offered_are_gone_once_the_button_has_sent(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "Here I am")
    room = person().enter(chat).ready()
    room.composer.press_sequentially(f"Hello @{host.username}")
    names = room.page.get_by_role("listbox")
    expect(names).to_be_visible()
    room.send_button.click()
    room.shows("Here I am", f"Hello @{host.username}")
    expect(names).to_be_hidden()
    room.composer.press_sequentially(f"@{host.username}")
    expect(names).to_be_visible()


def test_the_field_grows_with_its_text_up_to_a_limit(person: Make, chat: Json) -> None:
    room = person().enter(chat).ready()

    def height() -> float:
        found: float = room.composer.evaluate("(field) => field.getBoundingClientRect().height")
        return found

    def overflows() -> bool:
        found: bool = room.composer.evaluate("(field) => field.scrollHeight > field.clientHeight + 1")
        return found

    one = height()
    room.composer.fill("line\n" * 4 + "line")
    five = height()
    assert five > one + 3 * 20
    assert not overflows()
    room.composer.fill("line\n" * 60)
    assert five < height() <= 0.4 * 800
    assert overflows()
    expect(room.send_button).to_be_in_viewport(ratio=1)
    room.composer.press("Enter")
    expect(room.lines).to_have_count(1)
    assert height() == one


def test_spaces_and_line_breaks_inside_a_message_are_kept(person: Make, chat: Json) -> None:
    room = person().enter(chat).ready()
    room.say("def porch():\n    return  'swing'\n\n# end")
    expect(room.stored).to_have_count(1)
    assert room.contents() == ["def porch():\n    return  'swing'\n\n# end"]
    assert room.texts.inner_text() == "def porch():\n    return  'swing'\n\n# end"
