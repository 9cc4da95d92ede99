"""Replies: which message is answered, how one gets there, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.support.browser import Person, Room
from tests.support.browser_actions import Act
from tests.support.people import Guest, Json
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]


# What draws them has come, its styles last.
DRAWS_ANSWERS = "performance.getEntriesByType('resource').some(({ name }) => name.includes('/rich.css'))"


def quote(room: Room, answer: str) -> Locator:
    return room.stored.filter(has_text=answer).locator(".quote")


@by_line_and_at_length_by_asking
def test_an_answer_shows_what_it_answers_to_everybody(person: Make, chat: Json, polling: bool) -> None:
    left, right = person().enter(chat).ready(), person().enter(chat).ready()
    if polling:
        right.page.evaluate("document.querySelector('#polling').click()")
    left.say("Shall we have tea?")
    left.say("Or coffee")
    right.shows("Shall we have tea?", "Or coffee")
    Act(right).choose("Shall we have tea?", "Reply")
    expect(right.page.locator("#replying")).to_contain_text("Shall we have tea?")
    right.say("Yes please")
    expect(right.page.locator("#replying")).to_have_count(0)
    right.say("Both")
    for room in (left, right):
        expect(quote(room, "Yes please")).to_contain_text("Shall we have tea?")
        expect(quote(room, "Both")).to_have_count(0)

    Act(left).edit("Shall we have tea?", "Shall we have green tea?")
    expect(quote(right, "Yes please")).to_contain_text("green tea")
    Act(left).delete("Shall we have green tea?")
    for room in (left, right):
        expect(quote(room, "Yes please")).to_contain_text("a message that was taken back")


def test_a_quote_leads_to_its_message_however_far_it_is(person: Make, host: Guest, chat: Json) -> None:
    far = host.send(chat, "Long ago")
    for number in range(60):
        host.send(chat, f"Line {number}")
    host.send(chat, "To the first", reply_to=far["seq"])
    host.send(chat, "To a near one", reply_to=60)
    room = person().enter(chat).ready()
    expect(quote(room, "To the first")).to_contain_text("Long ago")
    quote(room, "To a near one").click()
    expect(room.page.locator("#m60")).to_be_focused()
    # What changes out of sight is right all the same.
    host.patch(f"/chats/{chat['id']}/messages/{far['seq']}", {"content": "Long, long ago"})
    expect(quote(room, "To the first")).to_contain_text("Long, long ago")
    quote(room, "To the first").click()
    room.page.wait_for_url(f"**/messages/{far['seq']}/")
    expect(room.page.locator(f"#m{far['seq']}.at")).to_be_in_viewport()


def test_an_answer_written_offline_goes_out_as_an_answer(person: Make, host: Guest, chat: Json) -> None:
    question = host.send(chat, "Tea?")
    bo = person()
    room = bo.enter(chat).ready()
    Act(room).choose("Tea?", "Reply")
    bo.until(lambda: bo.page.evaluate(DRAWS_ANSWERS))
    bo.expects("net::ERR_INTERNET_DISCONNECTED")
    bo.context.set_offline(True)
    room.say("Yes please")
    expect(room.page.locator(".msg.waiting .quote, .msg.sent .quote")).to_contain_text("Tea?")
    bo.context.set_offline(False)
    expect(quote(room, "Yes please")).to_contain_text("Tea?", timeout=20_000)
    assert host.after(chat, question["rev"])["messages"][0]["reply_to"] == question["seq"]


def test_escape_calls_the_answer_off(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "Tea?")
    room = person().enter(chat).ready()
    Act(room).choose("Tea?", "Reply")
    expect(room.page.locator("#content")).to_be_focused()
    room.page.keyboard.press("Escape")
    expect(room.page.locator("#replying")).to_have_count(0)
    room.say("Good morning")
    expect(quote(room, "Good morning")).to_have_count(0)
