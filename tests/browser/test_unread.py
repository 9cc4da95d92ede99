"""What is new to somebody: in the lobby, in the title, and where it begins in a room."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Person, Room, say_all
from tests.support.browser_lobby import ASK
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

Make = Callable[..., Person]
RECORD_NOTIFICATIONS = """
window.Notification = class extends EventTarget {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, { body }) { super(); (window.told ??= []).push(`${title}: ${body}`); }
};
"""
asking = pytest.mark.parametrize(
    "asking", [False, pytest.param(True, marks=pytest.mark.long)], ids=["line", "asking"]
)


def row_of(page: Page, chat: Json) -> Locator:
    return page.locator(f"#room-{chat['id']}")


def icon(page: Page) -> str:
    found: str = page.locator("link[rel=icon]").get_attribute("href") or ""
    return found


def choose(page: Page, level: str) -> None:
    page.get_by_label("Tell me of").select_option(level)
    expect(page.locator("#level [role=status]")).to_have_text("Saved.")


@asking
def test_the_lobby_counts_what_is_new_and_a_visit_to_the_room_clears_it(
    person: Make, host: Guest, chat: Json, asking: bool
) -> None:
    bob = person()
    bob.guest.join(chat)
    if asking:
        bob.context.add_init_script(ASK)
    page = bob.open("/chatrooms/")
    expect(page).to_have_title(re.compile(r"^Rooms"))
    say_all(host, chat, ["One", f"Two @{bob.name}"])
    row = row_of(page, chat)
    expect(row.locator(".unread")).to_have_text("2 new")
    expect(row.locator(".called")).to_have_text("@1 of them call you")
    expect(page).to_have_title(re.compile(r"^\(2\) Rooms"))
    assert icon(page) == "/favicon.svg?news"
    room = Room(bob.open(chat["url"], page=bob.context.new_page())).ready()
    expect(room.page.locator(".fresh")).to_have_text("New")
    expect(room.stored.nth(1)).to_have_class(re.compile("called"))
    expect(row.locator(".unread")).to_be_hidden()
    expect(page).to_have_title(re.compile(r"^Rooms"))
    assert icon(page) == "/favicon.svg"


def test_a_quiet_room_shows_a_dot_and_does_not_count(person: Make, host: Guest, chat: Json) -> None:
    bob = person()
    room = bob.enter(chat).ready()
    choose(room.page, "nothing")
    page = bob.open("/chatrooms/")
    host.send(chat, f"Hello @{bob.name}")
    row = row_of(page, chat)
    expect(row.locator(".dot")).to_be_visible()
    expect(row.locator(".count:visible")).to_have_count(0)
    expect(page).to_have_title(re.compile(r"^Rooms"))


@asking
def test_a_room_counts_in_its_title_what_is_said_elsewhere(
    person: Make, host: Guest, chat: Json, asking: bool
) -> None:
    bob = person()
    other = host.open_chat("Elsewhere")
    bob.guest.join(other)
    if asking:
        bob.context.add_init_script(ASK)
    room = bob.enter(chat).ready()
    host.send(other, "Hello")
    expect(room.page).to_have_title(re.compile(r"^\(1\) The back garden"))
    bob.guest.read(other, 1)  # on another device
    expect(room.page).to_have_title(re.compile(r"^The back garden"))


def test_the_line_stands_where_it_was_when_the_room_was_opened(person: Make, host: Guest, chat: Json) -> None:
    bob = person()
    bob.guest.join(chat)
    say_all(host, chat, [f"Line {number}" for number in range(1, 90)])
    bob.guest.read(chat, 9)
    room = bob.enter(chat).ready()
    way = room.page.get_by_role("button", name="80 new since you were here")
    expect(way).to_be_visible()
    assert room.distance() == 0
    host.send(chat, "Later")
    expect(room.texts.last).to_have_text("Later")
    way.click()
    line = room.page.locator(".fresh")
    expect(line).to_be_in_viewport()
    expect(room.page.locator(".fresh + .msg")).to_have_id("m10")
    expect(way).to_have_count(0)
    room.pill.click()
    expect(room.texts.last).to_have_text("Later")
    bob.until(lambda: bob.guest.get(f"/chats/{chat['id']}/membership")["unread"] == 0)


def test_around_a_message_the_line_stands_right_too(person: Make, host: Guest, chat: Json) -> None:
    bob = person()
    bob.guest.join(chat)
    say_all(host, chat, [f"Line {number}" for number in range(1, 120)])
    bob.guest.read(chat, 20)
    page = bob.open(f"{chat['url']}messages/100/")
    Room(page).ready()
    expect(page.locator(".fresh")).to_have_count(0)
    page = bob.open(f"{chat['url']}messages/15/")
    Room(page).ready()
    expect(page.locator(".fresh + .msg")).to_have_id("m21")


def test_around_a_message_the_way_up_stands_only_where_what_is_new_is_above(
    person: Make, host: Guest, chat: Json
) -> None:
    bob = person()
    bob.guest.join(chat)
    say_all(host, chat, [f"Line {number}" for number in range(1, 241)])
    way = bob.page.get_by_role("button", name="since you were here")
    for read, seq, shown in ((20, 200, True), (238, 20, False), (238, 225, False)):
        bob.guest.read(chat, read)
        Room(bob.open(f"{chat['url']}messages/{seq}/")).ready()
        bob.page.wait_for_load_state("networkidle")
        expect(way).to_have_count(int(shown))


@asking
def test_marked_unread_it_stays_so_until_one_leaves_and_returns(
    person: Make, host: Guest, chat: Json, asking: bool
) -> None:
    bob = person()
    if asking:
        bob.context.add_init_script(ASK)
    room = bob.enter(chat).ready()
    say_all(host, chat, ["One", "Two", "Three"])
    room.shows("One", "Two", "Three")

    def unread() -> int:
        found: int = bob.guest.get(f"/chats/{chat['id']}/membership")["unread"]
        return found

    bob.until(lambda: unread() == 0)
    room.stored.nth(1).hover()
    room.stored.nth(1).get_by_role("button", name="More").click()
    room.page.get_by_role("menuitem", name="Mark unread from here").click()
    expect(room.page.locator(".fresh + .msg")).to_have_id("m2")
    bob.until(lambda: unread() == 2)
    host.send(chat, "Four")
    expect(room.texts.last).to_have_text("Four")
    expect(room.page).to_have_title(re.compile(r"^\(3\)"))
    assert unread() == 3
    room.page.reload()
    room.ready()
    expect(room.page.locator(".fresh + .msg")).to_have_id("m2")
    bob.until(lambda: unread() == 0)


def test_where_one_was_called_leads_to_the_message(person: Make, host: Guest, chat: Json) -> None:
    bob = person()
    bob.guest.join(chat)
    host.send(chat, f"Is the key with you, @{bob.name}?")
    page = bob.open("/chatrooms/")
    page.get_by_role("link", name="Where you were called").click()
    page.get_by_role("link", name=re.compile("Is the key with you")).click()
    expect(Room(page).ready().stored.first).to_have_class(re.compile("called"))


@asking
def test_a_name_is_completed_by_the_keyboard_and_called(
    person: Make, server: Server, host: Guest, chat: Json, asking: bool
) -> None:
    ann, bob = person(a_name("Oona")), person()
    for one in (ann, bob):
        one.guest.join(chat)
    host.send(chat, "Hello")
    if asking:
        bob.context.add_init_script(ASK)
    room = bob.enter(chat).ready()
    hers = ann.enter(chat).ready()
    room.composer.press_sequentially("Well @")
    options = room.page.locator("#naming").get_by_role("option")
    expect(options.first).to_have_text(host.username)
    room.composer.press_sequentially("oo")
    expect(options).to_have_text([ann.name])
    expect(room.composer).to_have_attribute("aria-activedescendant", "naming-0")
    room.composer.press("Escape")
    expect(options).to_have_count(0)
    room.composer.press("Backspace")
    room.composer.press("Backspace")
    room.composer.press("Backspace")
    room.composer.press_sequentially("@o")
    expect(options).to_have_text([ann.name])
    room.composer.press("Tab")
    expect(room.composer).to_have_value(f"Well @{ann.name} ")
    expect(room.composer).to_be_focused()
    room.composer.press_sequentially("?")
    room.composer.press("Enter")
    expect(hers.stored.last).to_have_class(re.compile("called"))


def test_the_computer_tells_of_what_is_said_elsewhere_once(person: Make, host: Guest, chat: Json) -> None:
    bob = person()
    other = host.open_chat("Elsewhere")
    bob.guest.join(other)
    bob.context.grant_permissions(["notifications"])
    bob.expects("Push API")  # of a private window, which has none
    bob.context.add_init_script(RECORD_NOTIFICATIONS)
    room = bob.enter(chat).ready()
    lobby = bob.open("/chatrooms/", page=bob.context.new_page())
    room.page.get_by_role("button", name="Tell me on this device").click()
    expect(room.page.get_by_role("button", name="Do not tell me on this device")).to_be_visible()
    lobby.reload()
    expect(row_of(lobby, other)).to_be_visible()
    host.send(other, "The kettle is on")

    def told() -> list[str]:
        return [title for page in (room.page, lobby) for title in page.evaluate("window.told ?? []")]

    bob.until(lambda: len(told()) > 0)
    host.send(other, "And it boils")
    bob.until(lambda: len(told()) > 1)
    expect(row_of(lobby, other).locator(".unread")).to_have_text("2 new")
    assert told() == [
        f"{host.username} in Elsewhere: The kettle is on",
        f"{host.username} in Elsewhere: And it boils",
    ]


def test_without_scripts_a_level_is_chosen_by_a_form_and_the_line_is_there(
    person: Make, host: Guest, chat: Json
) -> None:
    bob = person(java_script_enabled=False)
    bob.guest.join(chat)
    host.send(chat, "Hello")
    page = bob.open(chat["url"])
    expect(page.locator(".fresh + .msg")).to_have_text(re.compile("Hello"))
    page.get_by_label("Tell me of").select_option("mentions")
    page.locator("#level").get_by_role("button", name="Save").click()
    expect(page.get_by_label("Tell me of")).to_have_value("mentions")
    assert bob.guest.get(f"/chats/{chat['id']}/membership")["level"] == "mentions"
