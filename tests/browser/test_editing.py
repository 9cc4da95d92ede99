"""Editing and taking back what one has said: from a menu on each message, by hand, finger and keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.support.browser import LAPTOP, PHONE, UNREACHABLE, Person, Room, heard_on, listen, say_all
from tests.support.browser_actions import Act
from tests.support.browser_wire import Wire
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]


def address(chat: Json, message: Json) -> str:
    return f"/chats/{chat['id']}/messages/{message['seq']}"


def poll(room: Room) -> None:
    """By a script, as a phone has the switch in a drawer."""
    room.page.evaluate("document.querySelector('#polling').click()")


@by_line_and_at_length_by_asking
def test_an_edit_and_a_deletion_are_seen_by_everybody_there(person: Make, chat: Json, polling: bool) -> None:
    left, right = person().enter(chat).ready(), person().enter(chat).ready()
    if polling:
        poll(left)
        poll(right)
    left.say("Bread, the dark one")
    left.say("And a ladder")
    right.shows("Bread, the dark one", "And a ladder")
    act = Act(left)

    act.edit("Bread, the dark one", "Bread, the white one")
    for room in (left, right):
        room.shows("Bread, the white one", "And a ladder")
        mark = room.stored.first.locator("time.edited")
        expect(mark).to_have_text("edited")
        expect(mark).to_have_attribute("title", re.compile(r"^Edited \w+day.*\d{4}"))
        expect(mark).to_have_attribute("datetime", re.compile(r"^\d{4}-\d\d-\d\dT"))
        expect(room.stored.last.locator("time.edited")).to_have_count(0)

    act.delete("And a ladder")
    left.shows("Bread, the white one", "You took this message back.")
    right.shows(
        "Bread, the white one", f"{left.page.locator('.me b').first.inner_text()} took this message back."
    )
    expect(right.stored.last.get_by_role("button", name="More")).to_have_count(0)

    right.page.reload()
    right.ready().shows("Bread, the white one")  # what was taken back is no news for whoever comes now
    expect(right.stored.first.locator("time.edited")).to_have_text("edited")


def test_ones_own_edit_is_shown_when_it_is_answered(person: Make, chat: Json) -> None:
    ann = person()
    ann.expects("net::ERR_FAILED")
    room = ann.enter(chat).ready()
    room.say("Bread")
    expect(room.stored).to_have_count(1)
    room.page.route("**/messages?after*", lambda route: route.abort())  # nothing is told any more
    poll(room)
    act = Act(room)
    act.edit("Bread", "Bread, the dark one")
    room.shows("Bread, the dark one")
    act.delete("Bread, the dark one")
    room.shows("You took this message back.")


@by_line_and_at_length_by_asking
def test_after_an_absence_edits_and_deletions_have_been_caught_up(
    person: Make, host: Guest, chat: Json, polling: bool
) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    room = ann.enter(chat).ready()
    if polling:
        poll(room)
    first, second = (host.send(chat, text) for text in ("First", "Second"))
    room.shows("First", "Second")
    ann.context.set_offline(True)
    host.patch(address(chat, first), {"content": "First, edited"})
    host.delete(address(chat, second))
    third, fourth = (host.send(chat, text) for text in ("Third", "Fourth"))
    host.delete(address(chat, third))
    host.patch(address(chat, fourth), {"content": "Fourth, edited"})
    ann.context.set_offline(False)
    room.shows("First, edited", f"{host.username} took this message back.", "Fourth, edited")


def test_every_message_has_a_link_to_copy_and_ones_own_can_be_changed(
    person: Make, host: Guest, chat: Json
) -> None:
    host.send(chat, "Of somebody else")
    room = person().enter(chat).ready()
    room.say("My own")
    expect(room.stored).to_have_count(2)
    act = Act(room)
    for text, items in (
        ("Of somebody else", ["Reply", "Copy link", "Mark unread from here", "Chat in private", "Report"]),
        ("My own", ["Reply", "Copy link", "Edit", "Delete"]),
    ):
        act.open(text)
        expect(act.items).to_have_text(items)
        room.page.keyboard.press("Escape")
        expect(act.menu).to_be_hidden()


@pytest.mark.parametrize(
    "trusted", [True, pytest.param(False, marks=pytest.mark.long)], ids=["localhost", "plain http"]
)
def test_the_link_of_a_message_is_copied_and_leads_to_it(
    visitor: Make, server: Server, host: Guest, chat: Json, trusted: bool
) -> None:
    url = server.url if trusted else f"http://porch.test:{urlsplit(server.url).port}"
    message = host.send(chat, "Who has a ladder?")
    ann = visitor(url=url)
    room = ann.come_in(chat, a_name())
    assert room.page.evaluate("isSecureContext") == trusted
    act = Act(room)
    act.choose("Who has a ladder?", "Copy link")
    expect(act.items.filter(has_text="Link copied")).to_be_visible()
    expect(act.menu).to_be_hidden()
    expect(room.page.locator(f"#m{message['seq']} .act")).to_be_focused()
    room.composer.press("ControlOrMeta+v")
    link = room.composer.input_value()
    assert link == f"{url}{chat['url']}messages/{message['seq']}/"
    room.composer.fill("")
    ann.page.goto(link)
    expect(Room(ann.page).ready().page.locator(".msg.at .say p")).to_have_text("Who has a ladder?")


def test_a_hand_over_a_message_moves_nothing(person: Make, host: Guest, chat: Json) -> None:
    say_all(host, chat, ["One", "Two, in the same group", "Three " * 80])
    room = person().enter(chat).ready()
    room.say("Mine")
    room.say("Mine again")
    expect(room.stored).to_have_count(5)
    boxes = "all => all.map((one) => JSON.stringify(one.getBoundingClientRect()))"
    before = room.page.locator(".msg, .say, .msg > time").evaluate_all(boxes)
    for line in room.stored.all():
        button = line.locator(".act")
        expect(button).to_have_css("opacity", "0")
        line.hover()
        expect(button).to_have_css("opacity", "1")
        assert room.page.locator(".msg, .say, .msg > time").evaluate_all(boxes) == before


def test_the_focus_returns_to_a_message_that_was_drawn_again_meanwhile(person: Make, chat: Json) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    room.say("Bread")
    expect(room.stored).to_have_count(1)
    act = Act(room)
    act.open("Bread")
    ann.guest.patch(f"/chats/{chat['id']}/messages/1", {"content": "Bread, the dark one"})
    room.shows("Bread, the dark one")
    room.page.keyboard.press("Escape")
    expect(act.line("Bread, the dark one").locator(".act")).to_be_focused()


def test_it_is_all_done_by_keyboard(person: Make, chat: Json) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    for text in ("First", "Second", "Third"):
        room.say(text)
    expect(room.stored).to_have_count(3)
    act, keys = Act(room), room.page.keyboard
    room.composer.press("Shift+Tab")
    keys.press("ArrowUp")
    keys.press("Tab")
    more = act.line("Second").get_by_role("button", name="More")
    expect(more).to_be_focused()
    expect(more).to_have_css("opacity", "1")
    keys.press("Enter")
    faces = room.page.get_by_role("menuitemcheckbox")
    expect(faces.first).to_be_focused()
    for key, item in (
        ("ArrowDown", "Reply"),
        ("ArrowDown", "Copy link"),
        ("End", "Delete"),
        ("ArrowUp", "Edit"),
    ):
        keys.press(key)
        expect(act.items.filter(has_text=item)).to_be_focused()
    keys.press("Home")
    expect(faces.first).to_be_focused()
    keys.press("Escape")
    expect(more).to_be_focused()
    expect(more).not_to_have_attribute("aria-expanded", "true")
    keys.press("Enter")
    keys.press("Tab")
    expect(act.menu).to_be_hidden()
    expect(more).to_be_focused()

    keys.press("Enter")
    for _ in range(3):
        keys.press("ArrowDown")
    keys.press("Enter")
    expect(room.composer).to_be_focused()
    expect(room.composer).to_have_value("Second")
    expect(room.composer).to_have_accessible_description("Editing your message")
    keys.type(", edited")
    keys.press("Enter")
    room.shows("First", "Second, edited", "Third")
    expect(room.composer).to_be_focused()
    expect(room.composer).to_have_value("")

    room.composer.press("Shift+Tab")
    keys.press("Tab")
    keys.press("Enter")
    keys.press("End")
    keys.press("Enter")
    expect(act.dialog.get_by_role("button", name="Keep it")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Enter")
    room.shows("First", "Second, edited", "You took this message back.")
    expect(room.stored.last).to_be_focused()


def test_up_in_an_empty_field_edits_my_last_message(person: Make, host: Guest, chat: Json) -> None:
    room = person().enter(chat).ready()
    room.say("Mine, the older")
    room.say("Mine, the last")
    host.send(chat, "Of somebody else")
    expect(room.stored).to_have_count(3)
    act = Act(room)
    room.composer.fill("A draft\nin two lines")
    room.composer.press("ArrowUp")
    room.page.keyboard.type(", going up")
    expect(room.composer).to_have_value(re.compile(r"^A draft.*, going up.*\nin two lines$"))
    room.composer.fill("")
    room.composer.press("ArrowUp")
    expect(act.editing).to_be_visible()
    expect(room.composer).to_have_value("Mine, the last")
    expect(act.line("Mine, the last")).to_have_class(re.compile(r"\bnow\b"))
    room.composer.press("Escape")
    expect(act.editing).to_have_count(0)
    expect(room.composer).to_have_value("")
    expect(room.composer).to_be_focused()
    expect(room.page.locator(".now")).to_have_count(0)


def test_a_draft_is_set_aside_and_comes_back(person: Make, host: Guest, chat: Json) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    room.say("One")
    room.say("Two")
    expect(room.stored).to_have_count(2)
    act = Act(room)
    room.composer.fill("What I was writing")
    act.choose("One", "Edit")
    expect(room.composer).to_have_value("One")
    act.choose("Two", "Edit")  # the other one instead
    expect(room.composer).to_have_value("Two")
    room.composer.press("Escape")
    expect(room.composer).to_have_value("What I was writing")
    act.edit("One", "One, edited")
    expect(room.composer).to_have_value("What I was writing")
    expect(room.send_button).to_be_visible()
    room.composer.press("Enter")
    room.shows("One, edited", "Two", "What I was writing")
    expect(room.stored).to_have_count(3)
    assert [m["content"] for m in host.after(chat, 0)["messages"]] == [
        "Two",
        "One, edited",
        "What I was writing",
    ]


def test_a_draft_is_not_replaced_by_an_edit_that_a_reload_breaks_off(person: Make, chat: Json) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    room.say("One")
    expect(room.stored).to_have_count(1)
    room.composer.press_sequentially("What I was writing")
    act = Act(room)
    act.choose("One", "Edit")
    room.composer.press_sequentially(", and more")
    ann.leaves_what_is_not_saved()
    room.page.reload()
    expect(room.ready().composer).to_have_value("What I was writing")
    room.shows("One")


def test_who_leaves_an_edit_that_is_not_saved_is_asked_and_may_stay(
    person: Make, host: Guest, chat: Json
) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    room.say("One")
    expect(room.stored).to_have_count(1)
    act = Act(room)
    act.choose("One", "Edit")
    room.page.reload()  # nothing is changed, so nobody asks
    room.ready()
    act.choose("One", "Edit")
    room.composer.press_sequentially(", and more")
    room.page.get_by_role("link", name="Leave", exact=True).click()
    ann.was_asked()
    expect(room.composer).to_have_value("One, and more")
    host.join(chat)
    present = host.get(f"/chats/{chat['id']}/presence")["present"]
    assert ann.name in [one["username"] for one in present], "who stays is still there for the others"
    room.composer.press("Enter")
    room.shows("One, and more")
    expect(act.editing).to_have_count(0)
    room.page.get_by_role("link", name="Leave", exact=True).click()
    expect(ann.page).to_have_url(f"{ann.url}/chatrooms/")


@by_line_and_at_length_by_asking
def test_an_edit_that_got_no_answer_is_saved_when_the_line_is_back(
    person: Make, chat: Json, polling: bool
) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    room = ann.enter(chat).ready()
    if polling:
        poll(room)
    room.say("Bread")
    expect(room.stored).to_have_count(1)
    act = Act(room)
    act.choose("Bread", "Edit")
    room.composer.fill("Bread, the dark one")
    ann.context.set_offline(True)
    room.composer.press("Enter")
    expect(room.problem).to_have_text("Not saved. The server does not answer.")
    expect(room.notice).to_contain_text("Keep writing: new messages are kept in this browser")
    ann.context.set_offline(False)
    expect(room.notice).to_be_hidden()
    expect(room.problem).to_be_hidden()
    expect(room.composer).to_have_value("Bread, the dark one")
    act.save.click()
    room.shows("Bread, the dark one")
    expect(act.editing).to_have_count(0)


def test_saving_is_said_and_a_failure_keeps_the_text(person: Make, chat: Json) -> None:
    ann = person()
    ann.expects("net::ERR_FAILED")
    room = ann.enter(chat).ready()
    room.say("Bread")
    expect(room.stored).to_have_count(1)
    act = Act(room)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    room.page.route("**/messages/1", hold)
    act.choose("Bread", "Edit")
    room.composer.fill("Bread, the dark one")
    room.composer.press("Enter")
    expect(act.editing).to_contain_text("Saving")
    room.composer.press_sequentially("typed meanwhile")
    room.composer.press("Escape")
    room.composer.press("Enter")
    expect(room.composer).to_have_value("Bread, the dark one")
    assert len(held) == 1
    held.pop().abort()
    expect(room.problem).to_have_text("Not saved. The server does not answer.")
    expect(act.editing).to_contain_text("Editing your message")
    expect(room.composer).to_have_value("Bread, the dark one")
    room.shows("Bread")

    room.page.unroute("**/messages/1")
    room.composer.press("Enter")
    room.shows("Bread, the dark one")
    expect(act.editing).to_have_count(0)
    expect(room.problem).to_be_hidden()
    expect(room.page.locator("#announcer")).to_have_text("Saved.")


def test_what_the_server_refuses_is_said_and_stays(person: Make, chat: Json) -> None:
    ann = person()
    ann.expects("status of 400")
    room = ann.enter(chat).ready()
    room.say("Bread")
    expect(room.stored).to_have_count(1)
    act = Act(room)
    act.choose("Bread", "Edit")
    for text, problem in (
        ("bell\x07", "control characters"),
        ("", "empty message"),
        ("long " * 2001, "characters long"),
    ):
        room.composer.fill(text)
        act.save.click()
        expect(room.problem).to_contain_text(problem)
        expect(act.editing).to_be_visible()
        expect(room.composer).to_have_value(text)
    room.composer.fill("Bread")
    wire = Wire(room.page)
    act.save.click()  # the text that it has: nothing to ask for
    expect(act.editing).to_have_count(0)
    assert [request.url for request in wire.requests if request.method == "PATCH"] == []
    room.shows("Bread")


@pytest.mark.parametrize(
    ("told", "edited"),
    [(True, False), (False, False), (True, True)],
    ids=["told", "not yet told", "edited before"],
)
def test_an_edit_of_a_message_that_was_deleted_meanwhile_is_told(
    person: Make, chat: Json, told: bool, edited: bool
) -> None:
    ann = person()
    ann.expects("status of 409", "WebSocket")
    room = ann.enter(chat).ready()
    room.say("Bread")
    expect(room.stored).to_have_count(1)
    act = Act(room)
    act.choose("Bread", "Edit")
    room.composer.fill("Bread, the dark one")
    if not told:
        room.page.route("**/messages?after*", lambda route: None)
        poll(room)
    if edited:
        ann.guest.patch(f"/chats/{chat['id']}/messages/1", {"content": "Bread, the white one"})
        expect(act.editing).to_contain_text("Edited elsewhere meanwhile")
    ann.guest.delete(f"/chats/{chat['id']}/messages/1")  # from another device
    if told:
        expect(room.problem).to_contain_text("You deleted this message meanwhile.")
    room.composer.press("Enter")
    expect(room.problem).to_contain_text("You deleted this message meanwhile.")
    expect(act.editing).to_contain_text("Editing your message")
    expect(room.composer).to_have_value("Bread, the dark one")
    act.cancel.click()
    expect(room.composer).to_have_value("")
    expect(room.problem).to_be_hidden()


def test_an_edit_from_another_device_is_told_while_editing(person: Make, chat: Json) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    room.say("Bread")
    expect(room.stored).to_have_count(1)
    act = Act(room)
    act.choose("Bread", "Edit")
    room.composer.fill("Bread, the dark one")
    ann.guest.patch(f"/chats/{chat['id']}/messages/1", {"content": "Bread, the white one"})
    expect(act.editing).to_contain_text("Edited elsewhere meanwhile")
    expect(room.composer).to_have_value("Bread, the dark one")
    room.composer.press("Enter")
    room.shows("Bread, the dark one")


def test_deleting_asks_first(person: Make, chat: Json) -> None:
    ann = person()
    ann.expects("net::ERR_FAILED")
    room = ann.enter(chat).ready()
    room.say("Bread, the dark one")
    expect(room.stored).to_have_count(1)
    act = Act(room)
    act.choose("Bread, the dark one", "Delete")
    expect(act.dialog).to_contain_text("Bread, the dark one")
    act.dialog.get_by_role("button", name="Keep it").click()
    expect(act.dialog).to_have_count(0)
    expect(act.line("Bread, the dark one").locator(".act")).to_be_focused()
    act.choose("Bread, the dark one", "Delete")
    room.page.keyboard.press("Escape")
    expect(act.dialog).to_have_count(0)
    room.shows("Bread, the dark one")

    room.page.route("**/messages/1", lambda route: route.abort())
    act.choose("Bread, the dark one", "Delete")
    sure = act.dialog.get_by_role("button", name="Delete", exact=True)
    sure.click()
    expect(act.dialog.get_by_role("alert")).to_have_text("Not deleted. The server does not answer.")
    room.page.unroute("**/messages/1")
    sure.click()
    room.shows("You took this message back.")


def test_deleting_the_message_that_is_edited_ends_the_editing(person: Make, chat: Json) -> None:
    room = person().enter(chat).ready()
    room.say("Bread")
    expect(room.stored).to_have_count(1)
    act = Act(room)
    act.choose("Bread", "Edit")
    act.delete("Bread")
    room.shows("You took this message back.")
    expect(act.editing).to_have_count(0)
    expect(room.composer).to_have_value("")


def test_on_a_phone_it_is_done_by_finger(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "Who has a ladder?")
    room = person(**PHONE).enter(chat).ready()
    for text in ("I do", "And bread"):
        room.composer.fill(text)
        room.send_button.tap()
    expect(room.stored).to_have_count(3)
    act = Act(room, touch=True)
    for line in room.stored.all():
        button = line.locator(".act")
        expect(button).to_have_css("opacity", "0")
        line.locator(".say").tap()
        expect(button).to_have_css("opacity", "1")
        expect(line).to_be_focused()  # where nothing hovers this is what shows it
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    act.open("I do")
    for item in act.items.all():
        expect(item).to_be_in_viewport(ratio=1)
        box = item.bounding_box()
        assert box
        assert box["height"] >= 44
    room.page.touchscreen.tap(195, 20)  # beside it
    expect(act.menu).to_be_hidden()
    act.edit("I do", "I do, and a car it fits on")
    act.delete("And bread")
    room.shows("Who has a ladder?", "I do, and a car it fits on", "You took this message back.")


def test_edits_and_deletions_are_not_read_aloud_as_news(person: Make, host: Guest, chat: Json) -> None:
    message = host.send(chat, "Before")
    ann = person()
    room = ann.enter(chat).ready()
    listen(room.page)
    host.patch(address(chat, message), {"content": "Edited behind the back"})
    room.shows("Edited behind the back")
    room.composer.press("Shift+Tab")
    expect(room.stored.first).to_have_accessible_name(
        re.compile(r"^.*, guest, Edited behind the back, edited, \d\d:\d\d$")
    )
    host.delete(address(chat, message))
    room.shows(f"{host.username} took this message back.")
    host.send(chat, "News")
    ann.until(lambda: heard_on(room.page))
    heard = heard_on(room.page)
    assert [text.split(": ")[1].split(".")[0] for text in heard] == ["News"]


def test_what_it_takes_is_fetched_when_somebody_comes_near_a_message(
    person: Make, host: Guest, chat: Json
) -> None:
    host.send(chat, "Who has a ladder?")
    ann = person()
    ann.expects(UNREACHABLE)
    wire = Wire(ann.page)
    room = ann.enter(chat).ready()
    room.page.wait_for_load_state("networkidle")

    def fetched() -> list[str]:
        return [r.url for r in wire.requests if "actions" in r.url]

    assert fetched() == []
    room.page.route("**/static/**/actions*", lambda route: route.abort())
    room.stored.hover()
    ann.until(fetched)
    room.stored.locator(".act").click()
    expect(room.problem).to_contain_text("could not be loaded")
    room.page.unroute("**/static/**/actions*")
    act = Act(room)
    act.open("Who has a ladder?")
    expect(room.problem).to_be_hidden()
    first = fetched()[0]
    assert re.search(r"/static/joined/actions\.js\?v=\w{12}$", first), "kept by browsers for ever"


def test_ones_text_stays_text_when_it_is_edited(person: Make, chat: Json) -> None:
    room = person().enter(chat).ready()
    room.say("Bread")
    expect(room.stored).to_have_count(1)
    Act(room).edit("Bread", "<img src=x onerror=alert(1)> & https://example.org/")
    room.shows("<img src=x onerror=alert(1)> & https://example.org/")
    expect(room.stored.get_by_role("link")).to_have_attribute("href", "https://example.org/")


def test_somebody_who_is_logged_out_meanwhile_keeps_the_text(person: Make, chat: Json) -> None:
    ann = person()
    ann.expects("status of 401")
    room = ann.enter(chat).ready()
    room.say("Bread")
    expect(room.stored).to_have_count(1)
    act = Act(room)
    act.choose("Bread", "Edit")
    room.composer.fill("Bread, the dark one")
    ann.guest.delete("/sessions/current")
    expect(room.notice).to_contain_text("logged out")
    expect(room.composer).to_have_value("Bread, the dark one")
    act.cancel.click()
    expect(room.composer).to_have_js_property("readOnly", True)


@pytest.mark.parametrize("device", [{}, PHONE], ids=["laptop", "phone"])
def test_a_menu_stays_open_and_at_its_place_when_the_keyboard_of_a_phone_goes(
    person: Make, host: Guest, chat: Json, device: dict[str, Any]
) -> None:
    for number in range(9):
        host.send(chat, f"Line {number}")
    room = person(**device).enter(chat).ready()
    page, size = room.page, (device or LAPTOP)["viewport"]
    page.set_viewport_size({"width": size["width"], "height": size["height"] - 240})
    act = Act(room, touch=bool(device))
    act.open("Line 8")
    with page.expect_event("console", lambda line: line.text == "resized"):
        page.evaluate("addEventListener('resize', () => requestAnimationFrame(() => console.log('resized')))")
        page.set_viewport_size(size)
    expect(act.menu).to_be_visible()
    expect(act.menu).to_be_in_viewport(ratio=1)
    if not device:
        menu = page.locator(".acts").bounding_box()
        more = act.line("Line 8").get_by_role("button", name="More").bounding_box()
        assert menu
        assert more
        assert abs(menu["y"] + menu["height"] - more["y"]) < 8
    act.items.first.press("Escape")
    expect(act.menu).to_be_hidden()
