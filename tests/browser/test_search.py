"""Finding: what was said, a day of a room, another room by Ctrl+K, and which keys there are."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import UNLIMITED
from tests.support.browser import LAPTOP, PHONE, Person, Room, say_all
from tests.support.browser_actions import open_picker
from tests.support.database import change
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server
from tests.support.waiting import eventually

Make = Callable[..., Person]


def expect_at(page: Page, chat: Json, text: str) -> None:
    """The room's page, at the message with this text."""
    expect(page).to_have_url(re.compile(re.escape(chat["url"]) + r"messages/\d+/"))
    expect(page.locator(".msg.at")).to_contain_text(text)
    expect(page.locator(".msg.at")).to_be_in_viewport()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_what_was_said_long_ago_is_found_from_the_room_and_leads_there(
    person: Make, host: Guest, chat: Json, scripts: bool
) -> None:
    word = f"lantern{a_name().split()[-1]}x"
    one = person(java_script_enabled=scripts)
    one.guest.join(chat)
    host.send(chat, f"The {word} <b>hangs</b> there")
    say_all(host, chat, [f"Line {number}" for number in range(60)])
    eventually(lambda: host.get("/search", q=word)["hits"])
    page = one.open(chat["url"])
    page.get_by_role("searchbox", name="Search what was said here").fill(word)
    page.get_by_role("button", name="Search", exact=True).click()
    hit = page.locator(".hit")
    expect(hit.locator("mark")).to_have_text(word)
    expect(hit).to_contain_text(f"The {word} <b>hangs</b> there")
    expect(page.get_by_label("Room or person")).to_have_value(str(chat["id"]))
    hit.click()
    expect_at(page, chat, word)


MEASURE = """(field) => {
  const { font, paddingLeft, paddingRight } = getComputedStyle(field);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  const { width } = pen.measureText(field.placeholder);
  return [width, field.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight)];
}"""


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_what_stands_in_the_field_until_one_types_is_not_cut(person: Make, chat: Json, locale: str) -> None:
    field = person(locale=locale).open(chat["url"]).locator("#seek input[type=search]")
    words, room = field.evaluate(MEASURE)
    assert words < room


def test_a_day_of_a_room_is_the_readers_day(person: Make, host: Guest, chat: Json, server: Server) -> None:
    for number, moment in enumerate(("2026-03-01 23:30", "2026-03-02 22:00", "2026-03-03 09:00"), 1):
        host.send(chat, f"Line {number}")
        change(
            server.data,
            "UPDATE message SET timestamp = ? WHERE chat_id = ? AND seq = ?",
            f"{moment}:00.000000",
            chat["id"],
            number,
        )
    page = person(timezone_id="Europe/Berlin").enter(chat).ready().page
    page.get_by_label("Go to a day").fill("2026-03-02")
    page.get_by_role("button", name="Go", exact=True).click()
    expect_at(page, chat, "Line 1")


@pytest.fixture
def of_a_night(start_server: Callable[..., Server]) -> tuple[Server, Json]:
    """A room with what was said before midnight in Berlin, and after it, while it is one day in UTC."""
    server = start_server(**UNLIMITED)
    host = Guest.sign_in(server.url)
    chat = host.open_chat("By night")
    for number, moment in enumerate(("21:00", "23:30"), 1):
        host.send(chat, f"The lantern, {number}")
        change(
            server.data,
            "UPDATE message SET timestamp = ? WHERE seq = ?",
            f"2025-03-01 {moment}:00.000000",
            number,
        )
    eventually(lambda: len(host.get("/search", q="lantern")["hits"]) == 2)
    return server, chat


def test_what_is_found_stands_under_the_readers_days_and_is_sought_by_them(
    person: Make, of_a_night: tuple[Server, Json]
) -> None:
    server, chat = of_a_night
    one = person(url=server.url, timezone_id="Europe/Berlin")
    one.guest.join(chat)
    page = one.open("/search/?q=lantern")
    days, times = page.locator("#h-found ~ * h3"), page.locator(".hit time")
    expect(days).to_have_text([re.compile("Sunday,? 2 March 2025"), re.compile("Saturday,? 1 March 2025")])
    expect(times).to_have_text(["00:30", "22:00"])
    expect(page.get_by_text("UTC")).to_have_count(0)
    page.get_by_text("Where, who and when").click()
    for label, day, found in (
        ("From this day on", "2025-03-02", "The lantern, 2"),
        ("Before this day", "2025-03-02", "The lantern, 1"),
    ):
        page.get_by_label(label).fill(day)
        page.get_by_role("button", name="Search", exact=True).click()
        expect(page.locator(".hit .say")).to_have_text([found])
        expect(page.get_by_label(label)).to_have_value(day)
        page.get_by_label(label).fill("")


def test_without_scripts_what_is_found_stands_under_the_days_of_utc(
    person: Make, of_a_night: tuple[Server, Json]
) -> None:
    server, chat = of_a_night
    one = person(url=server.url, timezone_id="Europe/Berlin", java_script_enabled=False)
    one.guest.join(chat)
    page = one.open("/search/?q=lantern")
    expect(page.locator("#h-found ~ * h3")).to_have_text("1 March 2025")
    expect(page.locator(".hit time")).to_have_text(["23:30", "21:00"])
    expect(page.locator("header noscript")).to_be_visible()


def test_by_keys_alone_one_goes_to_another_room_and_back_from_the_dialog(
    person: Make, host: Guest, chat: Json
) -> None:
    one = person()
    garden, cellar = one.guest.open_chat("Garden gate"), one.guest.open_chat("Cellar")
    room = one.enter(chat).ready()
    dialog = room.page.get_by_role("dialog", name="Go to")
    field = dialog.get_by_role("combobox")
    room.composer.press("Control+k")
    expect(field).to_be_focused()
    expect(dialog.get_by_role("option").first).to_contain_text("Cellar")
    field.press("Escape")
    expect(dialog).to_have_count(0)
    expect(room.composer).to_be_focused()
    room.composer.press("Control+k")
    field.press_sequentially("GÀRD")
    expect(dialog.get_by_role("option")).to_contain_text(["Garden gate", "GÀRD"])
    field.press("ArrowDown")
    expect(dialog.get_by_role("option", selected=True)).to_contain_text("Search what was said")
    field.press("ArrowDown")
    field.press("Enter")
    expect(room.page).to_have_url(one.url + garden["url"])
    assert cellar["id"] != garden["id"]


def test_somebody_is_found_to_begin_a_chat_with(person: Make, host: Guest, chat: Json) -> None:
    one, name = person(), a_name("Zoe")
    other = Guest.sign_in(one.url, name)
    for guest in (one.guest, other):
        guest.join(chat)
    page = one.open("/account/")
    page.get_by_role("link", name="Find", exact=True).click()
    page.get_by_role("combobox").fill(name)
    page.get_by_role("option", name=name).filter(has_text="Begin a chat").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_the_keys_are_listed_by_a_key_and_by_a_button(person: Make, chat: Json) -> None:
    room: Room = person(**PHONE).enter(chat).ready()
    dialog = room.page.get_by_role("dialog", name="Keyboard")
    room.composer.press("?")
    expect(room.composer).to_have_value("?")
    room.page.locator("body").click(position={"x": 5, "y": 120})
    room.page.evaluate("document.activeElement.blur()")
    room.page.keyboard.press("?")
    expect(dialog).to_contain_text("Go to another room")
    room.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    room.page.locator("[data-open-panel]").tap()
    room.page.get_by_role("button", name="Keyboard", exact=True).tap()
    expect(dialog).to_be_visible()


@pytest.mark.parametrize("path", ["/search/", "/account/", "/mentions/", "/"])
def test_going_elsewhere_looks_the_same_on_every_page(person: Make, path: str) -> None:
    one = person(**LAPTOP)
    assert how_the_way_looks(one.open(path)) == how_the_way_looks(one.open("/chatrooms/"))


def how_the_way_looks(page: Page) -> Json:
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Go to")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    looks: Json = dialog.evaluate(
        """(dialog) => {
          const { borderWidth, backgroundColor, boxShadow } = getComputedStyle(dialog);
          const { left, top, width } = dialog.getBoundingClientRect();
          const field = dialog.querySelector("input").getBoundingClientRect().height;
          return { borderWidth, backgroundColor, boxShadow, left, top, width, field };
        }"""
    )
    return looks


def test_having_looked_for_a_way_moves_nothing_in_the_picker(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "Look")
    room = person(**LAPTOP).enter(chat).ready()
    before = place_in_the_picker(room)
    room.composer.press("Control+k")
    room.page.get_by_role("dialog", name="Go to").get_by_role("combobox").press("Escape")
    assert place_in_the_picker(room) == before


def place_in_the_picker(room: Room) -> float:
    """How far down in it the field to search by stands."""
    picker = open_picker(room)
    down: float = picker.evaluate(
        "(one) => one.querySelector('input').getBoundingClientRect().top - one.getBoundingClientRect().top"
    )
    room.page.keyboard.press("Escape")
    expect(picker).to_be_hidden()
    return down
