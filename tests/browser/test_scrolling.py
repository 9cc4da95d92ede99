"""Where the reader stands in the log: at the end with the talk, or further up and left in peace."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser import Person, Room, numbers, say_all
from tests.support.people import Guest, Json
from tests.support.programs import said, util_here
from tests.support.server import Server

Make = Callable[..., Person]

MOST_LINES = 300

# The first message in sight and how far under the log's upper edge it stands.
READING = """(log) => {
  const edge = log.getBoundingClientRect().top;
  const line = [...log.querySelectorAll(".msg[id]")].find((one) => one.getBoundingClientRect().bottom > edge);
  return { id: line.id, top: line.getBoundingClientRect().top - edge };
}"""
PLACE = """([log, id]) => {
  return document.getElementById(id).getBoundingClientRect().top - log.getBoundingClientRect().top;
}"""
NUMBERS = "all => all.map((one) => Number(one.id.slice(1)))"
IS_LOADED = "(number) => document.getElementById(`m${number}`) !== null"


def reading(room: Room) -> tuple[str, float]:
    found = room.log.evaluate(READING)
    return found["id"], found["top"]


def jump(room: Room, to: str) -> tuple[str, float]:
    """Scroll, and say what is read there before anything can have been loaded."""
    found = room.log.evaluate(f"(log) => {{ log.scrollTop = {to}; return ({READING})(log); }}")
    return found["id"], found["top"]


def place(room: Room, line: str) -> float:
    found: float = room.page.evaluate(PLACE, [room.log.element_handle(), line])
    return found


@pytest.fixture
def long_chat(host: Guest, chat: Json) -> Json:
    """A room with more than one screen of messages."""
    say_all(host, chat, (f"Line {number} " + "and so on " * (number % 4 * 10) for number in range(45)))
    return chat


@pytest.fixture(scope="module")
def history(server: Server) -> Json:
    """A room with 600 messages of several people."""
    owner = Guest.sign_in(server.url)
    opened = owner.open_chat("An old house")
    inserted = util_here(server.data, "insert", "--messages", "600", "--room", opened["hash_key"])
    assert inserted.returncode == 0, said(inserted)
    return opened


def test_a_room_opens_at_its_newest_message(person: Make, long_chat: Json) -> None:
    room = person().enter(long_chat).ready()
    expect(room.texts.last).to_be_in_viewport(ratio=1)
    assert room.distance() == 0


def test_near_the_end_the_log_follows(person: Make, host: Guest, long_chat: Json) -> None:
    room = person().enter(long_chat).ready()
    for distance in (0, 80):
        room.scroll_to(distance)
        host.send(long_chat, f"New at {distance}")
        expect(room.texts.last).to_have_text(f"New at {distance}")
        expect(room.texts.last).to_be_in_viewport(ratio=1)
        assert room.distance() == 0
        expect(room.pill).to_be_hidden()


def test_further_up_a_pill_counts_what_is_new_and_leads_there(
    person: Make, host: Guest, long_chat: Json
) -> None:
    room = person().enter(long_chat).ready()
    room.scroll_to(700)
    line, top = reading(room)
    host.send(long_chat, "New 0")
    expect(room.pill).to_have_text("1 new message")
    host.send(long_chat, "New 1")
    host.send(long_chat, "New 2, " + "and a long one " * 60)
    expect(room.pill).to_have_text("3 new messages")
    assert abs(place(room, line) - top) <= 1
    expect(room.texts.last).not_to_be_in_viewport()
    room.pill.click()
    expect(room.texts.last).to_be_in_viewport(ratio=1)
    assert room.distance() == 0
    expect(room.pill).to_be_hidden()

    room.scroll_to(700)
    host.send(long_chat, "New 3")
    expect(room.pill).to_have_text("1 new message")
    room.scroll_to(0)
    expect(room.pill).to_be_hidden()


def test_writing_leads_to_the_end(person: Make, long_chat: Json) -> None:
    room = person().enter(long_chat).ready()
    room.scroll_to(700)
    room.say("Mine")
    expect(room.texts.last).to_have_text("Mine")
    expect(room.texts.last).to_be_in_viewport(ratio=1)


def test_the_place_is_kept_when_the_window_or_the_field_changes(person: Make, long_chat: Json) -> None:
    room = person().enter(long_chat).ready()
    room.scroll_to(900)
    line, top = reading(room)
    for width, height in ((800, 800), (600, 700), (1280, 800)):
        room.page.set_viewport_size({"width": width, "height": height})
        room.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        assert abs(place(room, line) - top) <= 2, f"at {width} x {height}"
    room.composer.fill("line\n" * 8)
    room.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    assert abs(place(room, line) - top) <= 2

    room.scroll_to(0)
    room.page.set_viewport_size({"width": 500, "height": 600})
    expect(room.texts.last).to_be_in_viewport()
    assert room.distance() <= 1


def test_older_messages_come_on_scrolling_up_without_moving_what_is_read(
    person: Make, host: Guest, history: Json
) -> None:
    room = person().enter(history).ready()
    beginning = room.page.get_by_text("You are at the beginning of this room.")
    newest = numbers(room)[-1]
    while (first := numbers(room)[0]) > 1:
        expect(beginning).to_have_count(0)
        line, top = jump(room, "-(log.scrollHeight - log.clientHeight - 300)")
        room.page.wait_for_function(IS_LOADED, arg=first - 1)
        assert abs(place(room, line) - top) <= 1, f"moved at {first}"
        assert len(numbers(room)) <= MOST_LINES
    expect(beginning).to_have_count(1)
    assert numbers(room)[0] == 1
    expect(room.pill).to_have_text("Newest messages")

    while (last := numbers(room)[-1]) < newest:
        line, top = jump(room, "-300")
        room.page.wait_for_function(IS_LOADED, arg=last + 1)
        assert abs(place(room, line) - top) <= 1, f"moved at {last}"
        assert len(numbers(room)) <= MOST_LINES
    room.scroll_to(0)
    expect(room.pill).to_be_hidden()
    host.join(history)
    host.send(history, "And it goes on")
    expect(room.texts.last).to_have_text("And it goes on")
    expect(room.texts.last).to_be_in_viewport(ratio=1)
    assert numbers(room)[-1] == newest + 1


def test_from_far_up_one_click_leads_to_what_is_new(person: Make, host: Guest, history: Json) -> None:
    room = person().enter(history).ready()
    while len(shown := numbers(room)) < MOST_LINES:
        jump(room, "-log.scrollHeight")
        room.page.wait_for_function(IS_LOADED, arg=shown[0] - 1)
    host.join(history)
    head = [host.send(history, f"Far below {number}") for number in range(3)][-1]["seq"]
    expect(room.pill).to_have_text("3 new messages")
    assert numbers(room)[-1] < head
    room.pill.click()
    expect(room.texts.last).to_have_text("Far below 2")
    expect(room.texts.last).to_be_in_viewport(ratio=1)
    expect(room.pill).to_be_hidden()
    assert numbers(room)[-1] == head
    room.say("And mine")
    expect(room.page.locator(f"#m{head + 1}")).to_contain_text("And mine")
    assert len(numbers(room)) <= MOST_LINES


def test_a_page_left_open_stays_bounded(person: Make, host: Guest, chat: Json) -> None:
    room = person().enter(chat).ready()
    say_all(host, chat, (f"{number}" for number in range(340)))
    expect(room.texts.last).to_have_text("339")
    assert len(numbers(room)) == MOST_LINES
    assert numbers(room)[-1] == 340
    assert room.distance() == 0
