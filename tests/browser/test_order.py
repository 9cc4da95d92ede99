"""Order is kept in a room: what those see who are in it, by a line and by asking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.support.browser import SMALL_PHONE, Person, Room
from tests.support.browser_actions import Act
from tests.support.browser_lobby import ASK
from tests.support.people import Guest, Json
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]

# What stands behind each mark; and where the name begins, and each line of its marks.
AFTER = "(marks) => marks.map((mark) => getComputedStyle(mark, '::after').content)"
LINES = """(row) => {
  const range = document.createRange(), lines = new Map();
  const all = (one) => { range.selectNodeContents(one); return [...range.getClientRects()]; };
  for (const mark of row.querySelectorAll(".marks > span")) {
    for (const { y, x } of all(mark)) lines.set(Math.round(y), Math.min(x, lines.get(Math.round(y)) ?? x));
  }
  return [all(row.querySelector("bdi"))[0].left, [...lines.values()]];
}"""

GONE = "A moderator took this message back."


@pytest.fixture
def moderator(person: Make, host: Guest, chat: Json) -> Person:
    one = person()
    one.guest.join(chat)
    host.put(f"/chats/{chat['id']}/moderators/{one.guest.user_id}")
    return one


def enter(one: Person, chat: Json, *, polling: bool) -> Room:
    if polling:
        one.context.add_init_script(ASK)
    return one.enter(chat).ready()


@by_line_and_at_length_by_asking
def test_a_moderator_takes_back_mutes_and_removes_by_the_menu_of_a_message(
    moderator: Person, person: Make, host: Guest, chat: Json, polling: bool
) -> None:
    bob = person()
    bob.expects("status of 404")
    theirs = enter(bob, chat, polling=polling)
    room = moderator.enter(chat).ready()
    for text in ("Rude", "Ruder"):
        theirs.say(text)
    act = Act(room)
    act.choose("Rude", "Take back")
    room.page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    for page in (room.page, theirs.page):
        expect(page.get_by_text(GONE)).to_be_visible()

    act.choose("Ruder", "Mute")
    room.page.get_by_label("For an hour").check()
    room.page.get_by_role("button", name="Mute").click()
    expect(room.page.get_by_role("status").filter(has_text="They are muted")).to_be_visible()
    restraint = theirs.page.locator("#restraint")
    expect(restraint).to_contain_text("You are muted until")
    expect(theirs.composer).not_to_be_editable()
    theirs.page.reload()
    expect(restraint).to_contain_text("You are muted until")
    expect(theirs.composer).not_to_be_editable()
    room.page.get_by_role("button", name="Let write").click()
    expect(restraint).to_be_hidden()
    expect(theirs.composer).to_be_editable()

    room.page.get_by_role("link", name=f"Remove {bob.name}").click()
    room.page.get_by_label("Take back all that they said").check()
    room.page.get_by_role("button", name="Remove").click()
    expect(room.page.get_by_role("button", name=f"Let back {bob.name}")).to_be_visible()
    expect(theirs.notice).to_contain_text("You are no longer in this room.")
    again = moderator.enter(chat).ready()
    expect(again.page.get_by_text("Ruder")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_end_of_a_mute_is_told_in_the_time_of_whoever_keeps_order(
    person: Make, host: Guest, chat: Json, scripts: bool
) -> None:
    one, bob = person(timezone_id="Asia/Kolkata", java_script_enabled=scripts), Guest.sign_in(host.url)
    for guest in (one.guest, bob):
        guest.join(chat)
    host.put(f"/chats/{chat['id']}/moderators/{one.guest.user_id}")
    muted = host.put(f"/chats/{chat['id']}/mutes/{bob.user_id}", {"seconds": 3600})["muted_until"]
    end = datetime.fromisoformat(muted).astimezone(ZoneInfo("Asia/Kolkata" if scripts else "UTC"))
    page = one.open(f"{chat['url']}order/")
    mark = page.locator(".member", has_text=bob.username).get_by_text("muted until")
    expect(mark).to_contain_text(end.strftime("%-d %B"))
    expect(mark).to_contain_text(end.strftime("%H:%M" if scripts else "%H:%M UTC"))


def test_the_marks_of_a_member_begin_each_line_below_the_name(person: Make, host: Guest, chat: Json) -> None:
    """What parts them stands before each, where at the beginning of a line it is cut off."""
    one, bob = person(**SMALL_PHONE, locale="de-DE"), Guest.sign_in(host.url)
    for guest in (one.guest, bob):
        guest.join(chat)
    for guest in (one.guest, bob):
        host.put(f"/chats/{chat['id']}/moderators/{guest.user_id}")
    host.put(f"/chats/{chat['id']}/mutes/{bob.user_id}", {"seconds": None})
    row = one.open(f"{chat['url']}order/").locator(".member", has_text=bob.username)
    marks = row.locator(".marks > span")
    expect(marks).to_have_count(3)
    assert marks.evaluate_all(AFTER) == ["none", "none", "none"]
    begin, lines = row.evaluate(LINES)
    assert len(lines) > 1, "all stand in one line"
    assert lines == [pytest.approx(begin, abs=1)] * len(lines)


@by_line_and_at_length_by_asking
def test_a_room_is_closed_slowed_down_and_given_another_link_under_those_in_it(
    host: Guest, person: Make, chat: Json, polling: bool
) -> None:
    ann = person()
    room = enter(ann, chat, polling=polling)
    here = f"/chats/{chat['id']}"
    restraint = room.page.locator("#restraint")
    host.patch(f"{here}/", {"closed": True})
    expect(restraint).to_have_text("This room is closed: you can read, and not write.")
    expect(room.composer).not_to_be_editable()
    host.patch(f"{here}/", {"closed": False, "slow_mode": 30})
    expect(restraint).to_have_text("Slow mode: one message every 30 seconds.")
    expect(room.composer).to_be_editable()
    host.patch(f"{here}/", {"slow_mode": 0})
    url = host.post(f"{here}/link")["url"]
    expect(room.page).to_have_url(ann.url + url)
    expect(room.page.locator("#share-link")).to_have_text(ann.url + url)
    expect(restraint).to_be_hidden()
    room.say("Still here")
    room.page.reload()
    expect(room.stored).to_contain_text(["Still here"])


def test_a_message_is_reported_and_dealt_with_by_the_keyboard_alone(
    moderator: Person, person: Make, host: Guest, chat: Json
) -> None:
    host.send(chat, "Before")
    bob, ann = person(), person()
    bob.enter(chat).ready().say("Rude")
    page = ann.enter(chat).ready().page
    Act(Room(page)).line("Rude").locator(".act").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_role("menuitem", name="Report")).to_be_focused()
    page.keyboard.press("Enter")
    reason = page.get_by_label("What is wrong with it?")
    reason.focus()
    page.keyboard.type("Not nice")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Reported")).to_be_visible()

    desk = moderator.open(f"{chat['url']}order/")
    expect(desk.get_by_text("Not nice")).to_be_visible()
    desk.get_by_role("button", name="Take the message back").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status").filter(has_text="Dealt with.")).to_be_visible()
    expect(bob.page.get_by_text(GONE)).to_be_visible()
