"""The link of one message: the room opens around it, and goes on from there in both directions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.support.browser import PHONE, UNREACHABLE, Person, Room, numbers, say_all
from tests.support.browser_actions import Act
from tests.support.people import Guest, Json, a_name
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]

MOST_LINES = 300
TO_TOP = "(log) => { log.scrollTop = -log.scrollHeight; }"
TO_END = "(log) => { log.scrollTop = 0; }"
# Where the target stands on the screen, from the upper edge of the log.
PLACE = (
    "(line) => line.getBoundingClientRect().top - document.querySelector('#log').getBoundingClientRect().top"
)


@pytest.fixture
def long_chat(host: Guest, chat: Json) -> Json:
    say_all(host, chat, (f"Line {number}" for number in range(1, 401)))
    return chat


def link(chat: Json, seq: int) -> str:
    return f"{chat['url']}messages/{seq}/"


def opened(person: Person, chat: Json, seq: int) -> Room:
    return Room(person.open(link(chat, seq))).ready()


def target(room: Room) -> Locator:
    return room.page.locator(".msg.at")


def place(room: Room) -> float:
    found: float = target(room).evaluate(PLACE)
    return found


@pytest.mark.parametrize(
    ("device", "seq"),
    [
        pytest.param({}, 1, marks=pytest.mark.long),
        (PHONE, 200),
        pytest.param({}, 400, marks=pytest.mark.long),
    ],
    ids=["the first", "in between, on a phone", "the last"],
)
def test_the_room_opens_around_the_message(
    person: Make, long_chat: Json, device: dict[str, Any], seq: int
) -> None:
    room = opened(person(**device), long_chat, seq)
    expect(target(room).locator(".say p")).to_have_text(f"Line {seq}")
    expect(target(room)).to_have_count(1)
    expect(target(room)).to_be_in_viewport(ratio=1)
    expect(target(room)).to_be_focused()
    expect(room.page.locator("#missing")).to_have_count(0)
    ids = numbers(room)
    assert seq in ids
    assert len(ids) <= 150
    expect(room.page.get_by_text("You are at the beginning of this room.")).to_have_count(int(ids[0] == 1))


@pytest.mark.long
def test_it_loads_in_both_directions_until_nothing_is_left(person: Make, long_chat: Json) -> None:
    room = opened(person(), long_chat, 200)
    seen = set(numbers(room))
    for _ in range(12):
        room.log.evaluate(TO_TOP)
        room.page.wait_for_timeout(150)
        seen.update(numbers(room))
    expect(room.page.locator("#m1")).to_be_attached()
    expect(room.page.get_by_text("You are at the beginning of this room.")).to_be_visible()
    for _ in range(20):
        room.log.evaluate(TO_END)
        room.page.wait_for_timeout(150)
        seen.update(numbers(room))
        assert room.lines.count() <= MOST_LINES
    expect(room.page.locator("#m400")).to_be_in_viewport()
    assert seen == set(range(1, 401))


def test_live_messages_leave_the_reader_in_their_place(person: Make, host: Guest, long_chat: Json) -> None:
    room = opened(person(), long_chat, 200)
    expect(room.page.locator("#here")).to_contain_text("Only you")
    expect(room.pill).to_have_text("Newest messages")
    before = place(room)
    host.send(long_chat, "Said meanwhile")
    expect(room.pill).to_have_text("1 new message")
    host.patch(f"/chats/{long_chat['id']}/messages/200", {"content": "Line 200, edited"})
    expect(target(room).locator(".say > p")).to_have_text("Line 200, edited")
    expect(target(room).locator(".edited")).to_be_visible()
    for seq in (180, 205):  # above what is in sight, and below the message
        host.patch(f"/chats/{long_chat['id']}/messages/{seq}", {"content": "Edited\nand longer\nby far"})
        expect(room.page.locator(f"#m{seq} .edited")).to_be_attached()
    assert place(room) == pytest.approx(before, abs=1)
    expect(target(room)).to_be_focused()
    assert 401 not in numbers(room)


@by_line_and_at_length_by_asking
def test_after_an_absence_the_reader_is_where_they_were(
    person: Make, host: Guest, long_chat: Json, polling: bool
) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    room = opened(ann, long_chat, 200)
    if polling:
        room.page.get_by_label("Ask once a second").check()
        target(room).focus()
    before = place(room)
    ann.context.set_offline(True)
    say_all(host, long_chat, (f"Meanwhile {number}" for number in range(60)))
    host.delete(f"/chats/{long_chat['id']}/messages/200")
    ann.context.set_offline(False)
    expect(room.pill).to_have_text("60 new messages")
    expect(target(room).locator(".say p")).to_contain_text("took this message back")
    assert place(room) == pytest.approx(before, abs=1)


@pytest.mark.long
def test_the_pill_leads_to_the_newest_and_to_the_rooms_own_address(
    person: Make, host: Guest, long_chat: Json
) -> None:
    room = opened(person(), long_chat, 200)
    host.send(long_chat, "Said meanwhile")
    expect(room.pill).to_have_text("1 new message")
    room.pill.click()
    expect(room.texts.last).to_have_text("Said meanwhile")
    expect(room.texts.last).to_be_in_viewport()
    expect(room.pill).to_be_hidden()
    expect(target(room)).to_have_count(0)
    numbers(room)
    assert room.page.url.endswith(long_chat["url"])
    host.send(long_chat, "And on")
    expect(room.texts.last).to_have_text("And on")
    room.page.reload()
    expect(room.ready().texts.last).to_have_text("And on")
    expect(room.texts.last).to_be_in_viewport()


@pytest.mark.long
def test_what_one_sends_from_there_is_seen_at_the_newest(person: Make, host: Guest, long_chat: Json) -> None:
    room = opened(person(), long_chat, 200)
    room.say("From further up")
    expect(room.texts.last).to_have_text("From further up")
    expect(room.texts.last).to_be_in_viewport()
    expect(room.stored.last).to_have_id("m401")
    numbers(room)


@pytest.mark.long
def test_keys_move_on_from_the_message(person: Make, long_chat: Json) -> None:
    room = opened(person(), long_chat, 200)
    keys = room.page.keyboard
    keys.press("ArrowUp")
    expect(room.page.locator("#m199")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(room.page.locator("#m201")).to_be_focused()
    keys.press("End")
    expect(room.page.locator("#m400")).to_be_focused()
    keys.press("Escape")
    expect(room.composer).to_be_focused()


def test_a_message_that_is_gone_leaves_its_place_and_a_word(
    person: Make, host: Guest, long_chat: Json
) -> None:
    host.delete(f"/chats/{long_chat['id']}/messages/200")
    ann = person()
    room = opened(ann, long_chat, 200)
    expect(room.page.get_by_text("That message is no longer there.")).to_be_visible()
    expect(target(room)).to_have_count(0)
    expect(room.page.locator("#m199")).to_be_in_viewport()
    expect(room.page.locator("#m201")).to_be_in_viewport()
    room.pill.click()
    expect(room.texts.last).to_have_text("Line 400")
    expect(room.page.get_by_text("That message is no longer there.")).to_have_count(0)

    ann.expects("status of 404")
    assert ann.page.goto(ann.url + link(long_chat, 5000))
    expect(ann.page.locator("#feed")).to_have_count(0)


@pytest.mark.long
def test_the_pill_stands_also_where_all_newer_messages_are_loaded(person: Make, long_chat: Json) -> None:
    room = opened(person(), long_chat, 376)
    assert numbers(room)[-1] == 400
    expect(room.page.locator("#m400")).not_to_be_in_viewport()
    expect(room.pill).to_have_text("Newest messages")
    room.pill.click()
    expect(room.page.locator("#m400")).to_be_in_viewport()
    expect(room.pill).to_be_hidden()


def test_a_small_room_is_shown_whole(person: Make, host: Guest, chat: Json) -> None:
    say_all(host, chat, ("One", "Two", "Three"))
    room = opened(person(), chat, 2)
    room.shows("One", "Two", "Three")
    expect(target(room).locator(".say p")).to_have_text("Two")
    host.send(chat, "Four")
    room.shows("One", "Two", "Three", "Four")


def test_a_stranger_gives_a_name_and_is_there(visitor: Make, long_chat: Json) -> None:
    ann = visitor()
    page = ann.open(link(long_chat, 200))
    page.get_by_label("What should we call you?").fill(a_name())
    page.get_by_role("button", name="Come in").click()
    room = Room(page).ready()
    expect(target(room).locator(".say p")).to_have_text("Line 200")
    expect(target(room)).to_be_in_viewport(ratio=1)


def test_without_scripts_the_message_is_marked_and_in_sight(person: Make, long_chat: Json) -> None:
    page = person(java_script_enabled=False).open(link(long_chat, 200))
    expect(page.locator(".msg.at .say p")).to_have_text("Line 200")
    expect(page.locator(".msg.at")).to_be_in_viewport()
    assert page.locator(".msg.at").evaluate("(line) => getComputedStyle(line, '::before').content") != "none"


@pytest.mark.long
def test_the_last_of_my_messages_is_edited_at_the_newest_not_here(person: Make, long_chat: Json) -> None:
    ann = person()
    ann.guest.join(long_chat)
    ann.guest.send(long_chat, "Mine, at the end")
    room = opened(ann, long_chat, 200)
    room.composer.press("ArrowUp")
    expect(room.composer).to_have_value("Mine, at the end")
    expect(room.texts.last).to_be_in_viewport()
    room.composer.press("Enter")
    Act(room).edit("Mine, at the end", "Mine, edited")
    expect(room.texts.last).to_have_text("Mine, edited")
    assert re.fullmatch(r".*/chatrooms/[\w-]+/", room.page.url)
