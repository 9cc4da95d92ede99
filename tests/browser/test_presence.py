"""Who is in a room, who is writing, and that one is in one room at a time: on sockets and by polling."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.conftest import UNLIMITED
from tests.support.browser import PHONE, UNREACHABLE, Person, Room, again
from tests.support.browser_lobby import ASK, Lobby, log_in, sign_up
from tests.support.browser_wire import Wire
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]


def come_in(one: Person, chat: Json, *, polling: bool = False) -> Room:
    """Open the room, until its events would be heard."""
    if polling:
        one.context.add_init_script(ASK)
    wire = Wire(one.page)
    room = one.enter(chat).ready()
    one.until(lambda: wire.polls(chat) if polling else any('"enter"' in frame for frame in wire.frames_sent))
    return room


def people(room: Room) -> Locator:
    return room.page.locator("#people .person bdi")


def names(here: Json) -> list[str]:
    return [one["username"] for one in here["present"]]


def line(room: Room) -> Locator:
    """Under the room's name."""
    return room.page.locator("#here")


def writing(room: Room) -> Locator:
    return room.page.locator("#writing.on")


@pytest.fixture
def elsewhere(host: Guest) -> Json:
    """A second room."""
    return host.open_chat(a_name("Elsewhere"))


@by_line_and_at_length_by_asking
def test_each_sees_who_else_is_there_and_when_they_have_gone(person: Make, chat: Json, polling: bool) -> None:
    ann, bob, cem = person(), person(), person()
    left = come_in(ann, chat, polling=polling)
    expect(line(left)).to_have_text("Only you are here")
    expect(people(left)).to_have_text([ann.name])
    come_in(bob, chat, polling=not polling)
    expect(line(left)).to_have_text(f"{bob.name} is here")
    right = come_in(cem, chat, polling=polling)
    expect(line(left)).to_have_text(f"{bob.name} and {cem.name} are here")
    expect(people(right)).to_have_text([ann.name, bob.name, cem.name])
    expect(right.page.locator("#people .person").last).to_contain_text("you, guest")
    bob.page.close()
    expect(line(left)).to_have_text(f"{cem.name} is here", timeout=25_000)
    expect(people(right)).to_have_text([ann.name, cem.name])


@by_line_and_at_length_by_asking
def test_whoever_leaves_is_gone_at_once(person: Make, host: Guest, chat: Json, polling: bool) -> None:
    ann = person()
    room = come_in(ann, chat, polling=polling)
    host.enter(chat)
    expect(line(room)).to_contain_text(host.username)
    room.page.get_by_role("link", name="Leave", exact=True).click()
    # Sooner than somebody who just goes is missed: they may be reloading.
    ann.until(lambda: names(host.present(chat)) == [host.username], within=1.2)
    expect(Lobby(ann.page).ready().row(chat["name"]).first).to_be_visible()


def test_more_people_than_are_named_are_counted(person: Make, host: Guest, chat: Json) -> None:
    room = come_in(person(), chat)
    others = [Guest.sign_in(host.url) for _ in range(5)]
    for one in others:
        one.join(chat)
        one.enter(chat)
    first, second = (one.username for one in others[:2])
    expect(line(room)).to_have_text(f"{first}, {second} and 3 others are here")
    expect(people(room)).to_have_count(6)


def test_who_is_there_is_in_the_page_without_scripts(person: Make, host: Guest, chat: Json) -> None:
    host.enter(chat)
    ann = person(java_script_enabled=False)
    room = ann.enter(chat)
    expect(line(room)).to_have_text(f"{host.username} is here")
    expect(people(room)).to_have_text([host.username, ann.name])


def test_on_a_phone_who_is_there_is_in_the_sheet(person: Make, host: Guest, chat: Json) -> None:
    host.enter(chat)
    ann = person(**PHONE)
    room = come_in(ann, chat)
    expect(line(room)).to_have_text(f"{host.username} is here")
    room.page.get_by_role("link", name="The link to this room").tap()
    sheet = room.page.get_by_role("dialog")
    expect(sheet.locator(".person bdi")).to_have_text([host.username, ann.name])


@by_line_and_at_length_by_asking
def test_one_sees_who_is_writing_until_it_is_said(person: Make, chat: Json, polling: bool) -> None:
    ann, bob = person(), person()
    left, right = come_in(ann, chat, polling=polling), come_in(bob, chat, polling=polling)
    left.composer.press_sequentially("The mast")
    expect(writing(right)).to_contain_text(f"{ann.name} is writing")
    expect(writing(left)).to_have_count(0)
    left.composer.press("Enter")
    right.shows("The mast")
    expect(writing(right)).to_have_count(0, timeout=2500)  # well before the sign of it wears out


@pytest.mark.long
@by_line_and_at_length_by_asking
def test_whoever_stops_writing_is_not_shown_for_long(
    person: Make, host: Guest, chat: Json, polling: bool
) -> None:
    room = come_in(person(), chat, polling=polling)
    host.enter(chat)
    host.post(f"/chats/{chat['id']}/typing")
    expect(writing(room)).to_contain_text(f"{host.username} is writing")
    expect(writing(room)).to_have_count(0)


def test_writing_is_told_every_three_seconds_and_nothing_is_told_of_an_empty_field(
    person: Make, chat: Json
) -> None:
    ann = person()
    ann.page.clock.install()
    wire = Wire(ann.page)
    room = come_in(ann, chat)

    def told() -> int:
        return sum('"typing"' in frame for frame in wire.frames_sent)

    ann.until(lambda: any("enter" in frame for frame in wire.frames_sent))
    room.composer.press_sequentially("The mast is up")
    ann.until(lambda: told() == 1)
    ann.page.clock.run_for(1000)  # the clock of the page goes on by itself, too
    room.composer.press_sequentially(", and nothing")
    assert told() == 1
    ann.page.clock.run_for(2200)
    room.composer.press_sequentially(" fell")
    ann.until(lambda: told() == 2)
    ann.page.clock.run_for(5000)
    room.composer.fill("")
    room.composer.fill("   ")
    room.say("Done")
    expect(room.stored).to_have_count(1)
    assert told() == 3, "for the last word alone"


def test_nothing_moves_when_somebody_begins_to_write(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "A line")
    room = come_in(person(), chat)
    boxes = [room.composer.bounding_box(), room.lines.first.bounding_box()]
    host.enter(chat)
    host.post(f"/chats/{chat['id']}/typing")
    expect(writing(room)).to_be_visible()
    assert [room.composer.bounding_box(), room.lines.first.bounding_box()] == boxes


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_the_pen_writes_unless_motion_is_unwanted(person: Make, host: Guest, chat: Json, motion: str) -> None:
    room = come_in(person(reduced_motion=motion), chat)
    host.enter(chat)
    host.post(f"/chats/{chat['id']}/typing")
    expect(writing(room)).to_have_count(1)
    moves = "(one) => getComputedStyle(one).animationName"
    assert (writing(room).locator("path").evaluate(moves) == "none") is (motion == "reduce")


@by_line_and_at_length_by_asking
def test_a_page_left_behind_says_so_and_one_can_come_back(
    person: Make, host: Guest, chat: Json, elsewhere: Json, polling: bool
) -> None:
    ann = person()
    ann.expects("status of 409")
    room = come_in(ann, chat, polling=polling)
    room.say("Here")
    expect(room.stored).to_have_count(1)
    room.composer.fill("Half a sen")

    other = ann.enter(elsewhere, page=ann.context.new_page()).ready()
    expect(room.notice).to_contain_text(f"You are in {elsewhere['name']} now. One room at a time.")
    expect(room.composer).to_have_value("Half a sen")
    expect(room.composer).not_to_be_editable()
    expect(room.send_button).to_be_disabled()
    expect(line(room)).to_have_text("You are not here")
    expect(room.notice.get_by_role("link", name="Go there")).to_have_attribute("href", elsewhere["url"])
    host.send(chat, "Said meanwhile")

    room.notice.get_by_role("button", name="Come back here").click()
    room.shows("Here", "Said meanwhile")
    expect(room.notice).to_be_hidden()
    expect(line(room)).to_have_text("Only you are here")
    expect(other.notice).to_contain_text(f"You are in {chat['name']} now.")
    expect(room.composer).to_have_value("Half a sen")
    room.composer.press_sequentially("tence")
    room.composer.press("Enter")
    room.shows("Here", "Said meanwhile", "Half a sentence")
    expect(room.stored).to_have_count(3)
    host.send(chat, "And on")
    expect(room.texts.last).to_have_text("And on")


@pytest.mark.long
@by_line_and_at_length_by_asking
def test_a_page_left_behind_asks_for_nothing(
    person: Make, host: Guest, chat: Json, elsewhere: Json, polling: bool
) -> None:
    ann = person()
    ann.expects("status of 409")
    room = come_in(ann, chat, polling=polling)
    ann.enter(elsewhere, page=ann.context.new_page()).ready()
    expect(room.notice).to_contain_text("One room at a time.")
    wire = Wire(room.page)
    host.send(chat, "Said meanwhile")
    room.page.evaluate("new Promise((done) => setTimeout(done, 2500))")
    assert wire.requests == []
    room.shows()


def test_somebody_who_enters_on_another_device_is_moved_there(
    visitor: Make, chat: Json, elsewhere: Json
) -> None:
    ann, phone = sign_up(visitor()), visitor(**PHONE)
    log_in(phone, ann)
    room = come_in(ann, chat)
    come_in(phone, elsewhere)
    expect(room.notice).to_contain_text(f"You are in {elsewhere['name']} now.")


def test_a_line_that_comes_back_does_not_bring_somebody_back(
    visitor: Make, chat: Json, elsewhere: Json, host: Guest
) -> None:
    """They have moved meanwhile, on another device: a laptop that wakes up tears nobody away."""
    ann, phone = sign_up(visitor()), visitor()
    ann.expects(UNREACHABLE, "status of 409")
    log_in(phone, ann)
    room = come_in(ann, chat)
    expect(line(room)).to_have_text("Only you are here")
    ann.context.set_offline(True)
    there = come_in(phone, elsewhere)
    expect(line(there)).to_have_text("Only you are here")
    ann.context.set_offline(False)
    expect(room.notice).to_contain_text(f"You are in {elsewhere['name']} now.")
    expect(there.notice).to_be_hidden()
    host.send(elsewhere, "Still here?")
    there.shows("Still here?")


@by_line_and_at_length_by_asking
def test_somebody_whose_line_comes_back_is_there_again(
    person: Make, host: Guest, chat: Json, polling: bool
) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    room = come_in(ann, chat, polling=polling)
    host.enter(chat)
    ann.context.set_offline(True)
    ann.until(lambda: host.present(chat)["count"] == 1, within=25)
    ann.context.set_offline(False)
    ann.until(lambda: host.present(chat)["count"] == 2)
    expect(room.notice).to_be_hidden()


@by_line_and_at_length_by_asking
def test_after_a_restart_of_the_server_everybody_is_there_again(
    visitor: Make, start_server: Callable[..., Server], polling: bool
) -> None:
    first = start_server(**UNLIMITED)
    ann = visitor(url=first.url)
    ann.expects(UNREACHABLE)
    ann.sign_in(a_name())
    opened = ann.guest.open_chat("Power cut")
    come_in(ann, opened, polling=polling)
    first.kill()
    again(start_server, first, **UNLIMITED)
    ann.until(lambda: names(ann.guest.present(opened)) == [ann.name], within=30)


def test_the_room_one_goes_to_shows_its_last_messages_at_once(
    person: Make, host: Guest, chat: Json, elsewhere: Json
) -> None:
    for number in range(5):
        host.send(elsewhere, f"Line {number}")
    ann = person()
    ann.expects("status of 409")
    room = come_in(ann, chat)
    second = ann.enter(elsewhere, page=ann.context.new_page()).ready()
    expect(room.notice).to_contain_text("One room at a time.")
    second.page.close()
    requests = Wire(room.page)
    room.notice.get_by_role("link", name="Go there").click()
    Room(room.page).ready().shows(*(f"Line {number}" for number in range(5)))
    assert not [one for one in requests.requests if "before=" in one.url]
