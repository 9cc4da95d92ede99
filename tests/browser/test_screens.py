"""Every page on every size of screen: nothing sticks out, fields can be read, targets can be hit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, SMALL_PHONE, Person, Room, say_all
from tests.support.browser_actions import Act
from tests.support.browser_layout import SMALL_PRINT, STICKING_OUT, TOO_SMALL
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

Make = Callable[..., Person]

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


on_phones = pytest.mark.parametrize(
    "device", [SMALL_PHONE, pytest.param(PHONE, marks=pytest.mark.long)], ids=["320x568", "390x844"]
)


@pytest.fixture(scope="module")
def busy_chat(server: Server) -> Json:
    """A room with everything that is long: its name, its people's names, its words."""
    owner = Guest.sign_in(server.url, LONG_WORD[:32])
    opened = owner.open_chat(LONG_WORD[:80])
    address = "https://example.org/" + "path/" * 60
    say_all(owner, opened, (f"{LONG_WORD * 4} {number}\n{address}" for number in range(30)))
    return opened


def every_page(one: Person, chat: Json) -> Iterator[tuple[str, Page]]:
    """One page after another, in the state that a person first sees."""
    page = one.page
    for path in ("/", "/chatrooms/", chat["url"], "/no/such/page"):
        one.open(path)
        if path == chat["url"]:
            Room(page).ready()
            yield path, page
            way_in = page.get_by_role("link", name="The link to this room")
            if way_in.is_visible():
                way_in.click()
                expect(page.get_by_role("dialog")).to_be_visible()
                yield "the sheet", page
        else:
            yield path, page
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/logout/**")  # and until the page is there: its address changes before that
    yield "/logout/", page
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    page.wait_for_url(one.url + "/")
    yield "/ signed out", page
    yield "/sessions/new/", one.open(f"/sessions/new/?next={chat['url']}")
    page.get_by_label("What should we call you?").fill(LONG_WORD[:32])
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "/sessions/new/ with suggestions", page


@pytest.mark.parametrize("width", [320, 1440, *(pytest.param(w, marks=pytest.mark.long) for w in (390, 768))])
def test_nothing_sticks_out_of_the_page(person: Make, busy_chat: Json, width: int) -> None:
    ann = person("W" * 28 + f"{width:04}", viewport={"width": width, "height": 800})
    ann.expects("status of 40[49]")
    found = {where: page.evaluate(STICKING_OUT) for where, page in every_page(ann, busy_chat)}
    assert {where: what for where, what in found.items() if what} == {}


@on_phones
def test_on_a_phone_targets_are_big_and_fields_do_not_zoom(
    person: Make, busy_chat: Json, device: dict[str, Any]
) -> None:
    ann = person(**device)
    ann.expects("status of 40[49]")
    found: dict[str, list[str]] = {}
    for where, page in every_page(ann, busy_chat):
        found[where] = page.evaluate(TOO_SMALL, 44) + page.evaluate(SMALL_PRINT, 16)
    assert {where: what for where, what in found.items() if what} == {}


@on_phones
def test_on_a_phone_the_composer_is_in_sight_and_only_the_log_scrolls(
    person: Make, busy_chat: Json, device: dict[str, Any]
) -> None:
    room = person(**device).enter(busy_chat).ready()
    page = room.page
    for _ in range(2):
        expect(room.composer).to_be_in_viewport(ratio=1)
        expect(room.send_button).to_be_in_viewport(ratio=1)
        expect(room.texts.last).to_be_in_viewport()
        assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
        room.composer.fill("line\n" * 30)  # however much is being written
    assert room.log.evaluate("(log) => log.clientHeight") > 100
    room.composer.fill("")
    # As a keyboard does where the browser shrinks the page.
    page.set_viewport_size({"width": device["viewport"]["width"], "height": 300})
    expect(room.composer).to_be_in_viewport(ratio=1)
    expect(room.send_button).to_be_in_viewport(ratio=1)
    expect(room.texts.last).to_be_in_viewport()


def test_on_a_low_screen_the_page_beside_the_panel_cannot_be_scrolled(person: Make, busy_chat: Json) -> None:
    page = person(viewport={"width": 1280, "height": 500}).enter(busy_chat).ready().page
    assert page.evaluate("document.scrollingElement.scrollHeight") == 500


def test_a_room_fits_between_bars_that_come_and_go(person: Make, chat: Json) -> None:
    """The page is as high as what can be seen, not as the screen without the browser's bars."""
    page = person(**PHONE).enter(chat).ready().page
    height = page.evaluate(
        """() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText)
              .join(" ").match(/\\.app \\{[^}]*?height: (100dvh)/)?.[1]"""
    )
    assert height == "100dvh"


def test_a_keyboard_that_lies_over_the_page_leaves_the_composer_in_sight(person: Make, chat: Json) -> None:
    """Safari tells of its keyboard nothing but that less of the page is seen."""
    room = person(**PHONE).enter(chat).ready()
    seen = """(height) => {
        Object.defineProperty(visualViewport, "height", { value: height, configurable: true });
        visualViewport.dispatchEvent(new Event("resize"));
        return document.querySelector(".composer").getBoundingClientRect().bottom;
    }"""
    assert room.page.evaluate(seen, 500) == 500
    assert room.page.evaluate(seen, 844 - 60) == 844  # a bar of the browser that came
    assert room.page.evaluate(seen, 844) == 844


def test_failed_messages_can_be_handled_with_a_thumb(person: Make, chat: Json) -> None:
    ann = person(**PHONE)
    ann.expects("status of 400")
    room = ann.enter(chat).ready()
    room.composer.fill("bell\x07")
    room.send_button.tap()
    for name in ("Retry", "Discard"):
        box = room.page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44
    room.page.get_by_role("button", name="Discard").tap()
    expect(room.lines).to_have_count(0)


def test_a_name_of_the_longest_kind_leaves_the_way_out_in_reach(visitor: Make, chat: Json) -> None:
    ann = visitor(**SMALL_PHONE)
    ann.come_in(chat, (a_name() + LONG_WORD)[:32])
    page = ann.open("/chatrooms/")
    expect(page.get_by_role("button", name="Log out")).to_be_in_viewport(ratio=1)


def test_with_text_of_twice_the_size_the_way_out_is_one_line(person: Make, chat: Json) -> None:
    page = person(**PHONE).open("/chatrooms/")
    way_out = page.get_by_role("button", name="Log out")
    before = way_out.bounding_box()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    after = way_out.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] <= 2 * before["height"]


def test_what_stands_in_a_sheet_is_not_pulled_apart(person: Make, chat: Json) -> None:
    """Safari gives a sheet all the height it may have, if what stands in it stretches."""
    room = person().enter(chat).ready()
    room.say("Gone soon")
    act = Act(room)
    act.choose("Gone soon", "Delete")
    act.dialog.evaluate("(dialog) => { dialog.style.height = '40rem'; }")
    box = act.dialog.get_by_role("button", name="Keep it").bounding_box()
    assert box is not None
    assert box["height"] < 60
