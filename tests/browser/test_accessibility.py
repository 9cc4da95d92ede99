"""Every page in every state: what axe-core finds, and what a keyboard and a screen reader get."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.room_states import scroll_up_until_loading
from tests.browser.scenes import Scene
from tests.browser.states import STATES
from tests.support.browser import PHONE, Person, Room
from tests.support.browser_actions import Act
from tests.support.browser_axe import DEVICES, Axe
from tests.support.browser_layout import TOO_WIDE
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

# Where the focus is.
WHERE = """() => {
  const here = document.activeElement;
  if (here === document.body) return "";
  if (here.matches(".msg")) return "message";
  return here.closest(".msg") ? "inside" : here.id || here.className || here.tagName;
}"""
# What is pressed or said by oneself, and has no border: neither itself nor the form it is a part of.
WITHOUT_EDGE = """() => {
  const border = (box) => box !== null && parseFloat(getComputedStyle(box).borderTopWidth) > 0;
  return [...document.querySelectorAll("button, .btn, .tool, .mine .say, textarea")]
    .filter((one) => one.checkVisibility() && !one.closest(".note"))
    .filter((one) => !border(one) && !border(one.closest("form")))
    .map((one) => one.outerHTML.slice(0, 120));
}"""

Make = Callable[..., Person]


@pytest.fixture
def scene(visitor: Make, host: Guest, chat: Json, start_server: Callable[..., Server]) -> Scene:
    return Scene(visitor, host, chat, {}, start_server)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("device", ["phone", pytest.param("laptop", marks=pytest.mark.long)])
def test_axe_finds_nothing(axe: Axe, scene: Scene, state: Callable[[Scene], Page], device: str) -> None:
    scene.device = DEVICES[device]
    page = state(scene)
    assert axe.finds_by_day_or_night(page) == []


@pytest.mark.parametrize("device", ["phone", pytest.param("laptop", marks=pytest.mark.long)])
@pytest.mark.parametrize("path", ["/", "/sessions/new/", "/chatrooms/", "room"])
def test_axe_finds_nothing_without_scripts(axe: Axe, scene: Scene, path: str, device: str) -> None:
    """The page as it comes, in a document where only axe may run."""
    scene.device = DEVICES[device]
    scene.fill(3)
    one = scene.signed_in()
    one.guest.join(scene.chat)
    one.context.route("**/*.js*", lambda route: route.abort())
    one.expects("net::ERR_FAILED")
    page = one.open(scene.chat["url"] if path == "room" else path)
    assert axe.finds_by_day_or_night(page) == []


def test_axe_would_find_something(axe: Axe, scene: Scene) -> None:
    page = scene.somebody().open("/sessions/new/")
    page.evaluate("document.querySelector('label').remove()")
    assert axe.finds(page) != []


def stops(page: Page, start: str) -> list[str]:
    """Where Tab leads from the element `start` until it leaves the page; a message counts as `message`."""
    page.locator(start).focus()
    found: list[str] = []
    while True:
        page.keyboard.press("Tab")
        where = page.evaluate(WHERE)
        if where == "" or len(found) > 60:
            return found
        found.append(where)


def test_the_log_is_one_stop_of_the_tab_key(scene: Scene) -> None:
    scene.fill(20)
    room = scene.member()
    found = stops(room.page, ".brand")
    assert found.count("message") == 1
    # Its own link and its menu can be pressed from the message that is read, and only from there.
    assert found[found.index("message") + 1 :][:3] == ["inside", "inside", "content"]
    room.composer.focus()
    room.page.keyboard.press("Shift+Tab")
    expect(room.lines.last).to_be_focused()
    room.page.keyboard.press("Shift+Tab")
    expect(room.page.locator("#log :focus")).to_have_count(0)


def test_arrows_home_and_end_move_between_messages(scene: Scene) -> None:
    scene.fill(60)
    room = scene.member()
    room.composer.press("Shift+Tab")
    page = room.page
    page.keyboard.press("ArrowUp")
    expect(page.locator("#m59")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#m60")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#m60")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("#m25")).to_be_focused()
    expect(page.locator("#m25")).to_be_in_viewport()
    expect(page.locator("#m1")).to_be_attached()  # older messages came, and the reader stayed
    expect(page.locator("#m25")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("#m1")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#m60")).to_be_focused()
    expect(page.locator("#m60")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(room.composer).to_be_focused()


def test_a_message_longer_than_the_screen_is_scrolled_through(scene: Scene) -> None:
    scene.host.send(scene.chat, "Before")
    scene.host.send(scene.chat, "line\n" * 200 + "end")
    scene.host.send(scene.chat, "After")
    room = scene.member()
    page = room.page
    room.composer.press("Shift+Tab")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#m2")).to_be_focused()
    before = room.distance()
    page.keyboard.press("ArrowDown")
    page.wait_for_function(
        "(before) => Math.abs(document.querySelector('#log').scrollTop) < before", arg=before
    )
    expect(page.locator("#m2")).to_be_focused()


def test_a_message_is_read_as_author_text_time(scene: Scene) -> None:
    scene.host.send(scene.chat, "Who has a ladder?")
    scene.host.send(scene.chat, "On Saturday")
    room = scene.member()
    scene.say(room, "I do")
    expect(room.page.locator(".msg.mine[id]")).to_have_count(1)
    times = room.page.locator("#feed time").all_text_contents()
    room.composer.press("Shift+Tab")
    label = room.page.locator(".msg:focus")
    expect(label).to_have_accessible_name(f"You, I do, {times[2]}")
    room.page.keyboard.press("ArrowUp")
    expect(label).to_have_accessible_name(f"{scene.host.username}, On Saturday, {times[1]}")


def test_what_can_be_done_with_a_refused_message_is_done_by_keyboard(scene: Scene) -> None:
    scene.expected.append("status of 400")
    scene.fill(1)
    room = scene.member()
    scene.say(room, "bell\x07")
    expect(room.page.get_by_role("button", name="Discard")).to_be_visible()
    expect(room.page.locator("#announcer")).to_contain_text("Not sent.")
    room.composer.press("Shift+Tab")
    expect(room.lines.last).to_be_focused()
    for name in ("Retry", "Discard"):
        room.page.keyboard.press("Tab")
        expect(room.page.get_by_role("button", name=name)).to_be_focused()
    room.page.keyboard.press("Enter")
    expect(room.lines).to_have_count(1)
    expect(room.lines.last).to_be_focused()


def test_focus_stays_in_the_log_while_lines_are_drawn_again(scene: Scene) -> None:
    scene.expected.append("status of 400")
    room = scene.member()
    scene.say(room, "bell\x07")
    retry = room.page.get_by_role("button", name="Retry")
    retry.focus()
    room.page.keyboard.press("Enter")
    expect(room.page.locator(".msg:focus, .msg :focus")).to_have_count(1)
    scene.host.send(scene.chat, "Meanwhile")
    expect(room.lines).to_have_count(2)
    expect(room.page.locator(".msg:focus, .msg :focus")).to_have_count(1)
    room.page.get_by_role("button", name="Discard").click()
    expect(room.lines).to_have_count(1)
    expect(room.lines.filter(has_text="Meanwhile")).to_be_focused()


def test_the_first_stop_skips_to_the_message_field(scene: Scene) -> None:
    scene.device = PHONE  # on a laptop the message field has the focus already
    scene.fill(1)
    room = scene.member()
    room.page.keyboard.press("Tab")
    expect(room.page.get_by_role("link", name="Skip to the message field")).to_be_focused()
    expect(room.page.get_by_role("link", name="Skip to the message field")).to_be_in_viewport()
    room.page.keyboard.press("Enter")
    expect(room.composer).to_be_focused()


def test_escape_closes_what_is_open_and_the_focus_returns(scene: Scene) -> None:
    scene.device = PHONE
    page = scene.member().page
    way_in = page.get_by_role("link", name="The link to this room")
    way_in.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(way_in).to_be_focused()

    code = page.locator("summary")
    code.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("details")).not_to_have_attribute("open", "")
    expect(code).to_be_focused()


def test_a_page_has_its_landmarks(scene: Scene) -> None:
    page = scene.member().page
    for landmark in ("banner", "navigation", "main", "complementary"):
        expect(page.get_by_role(landmark)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def top_of(room: Room, line: str) -> float:
    box = room.page.locator(line).bounding_box()
    assert box
    return box["y"]


def test_loading_older_is_said_only_when_it_takes_long_and_moves_nothing(scene: Scene) -> None:
    scene.fill(160)
    room = scene.member()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    room.page.route("**/messages?before*", hold)
    scroll_up_until_loading(room)
    words = room.page.get_by_text("Loading older messages")
    first, lines = f"#{room.lines.first.get_attribute('id')}", room.lines.count()
    before = top_of(room, first)
    held.pop().continue_()
    expect(words).to_have_count(0)
    assert room.lines.count() > lines
    assert top_of(room, first) == pytest.approx(before, abs=1)


def test_an_ended_session_closes_the_composer_and_keeps_what_was_typed(scene: Scene) -> None:
    scene.expected.append("status of 401")
    one = scene.signed_in()
    room = one.enter(scene.chat).ready()
    room.composer.fill("What I was writing")
    one.guest.delete("/sessions/current")
    expect(room.notice).to_contain_text("logged out")
    expect(room.send_button).to_be_disabled()
    expect(room.composer).to_have_js_property("readOnly", True)
    expect(room.composer).to_have_value("What I was writing")


def test_signing_in_twice_leads_on(scene: Scene) -> None:
    """The form of a tab that was open before another tab signed in."""
    scene.expected.append("status of 409")
    one = scene.somebody()
    page = one.open(scene.chat["url"])
    one.sign_in(a_name())
    page.get_by_label("What should we call you?").fill(a_name())
    page.get_by_role("button", name="Come in").click()
    Room(page).ready()
    assert json.loads(page.locator("#room-data").text_content() or "")["me"]["username"] == one.name


@pytest.mark.parametrize(
    "size",
    [{"width": 320, "height": 568}, pytest.param({"width": 640, "height": 400}, marks=pytest.mark.long)],
    ids=["320 px", "200 %"],
)
@pytest.mark.parametrize("path", ["/sessions/new/", "/chatrooms/", "room", "/nowhere/"])
def test_nothing_is_cut_off_on_a_small_screen(scene: Scene, path: str, size: dict[str, int]) -> None:
    """320 CSS pixels are what a laptop shows at 400 %, and 640 are a laptop at 200 %."""
    scene.expected.append("status of 404")
    scene.device = {"viewport": size}
    texts = [
        "W" * 400,
        "https://example.org/" + "a-very-long-path/" * 30,
        "日本語" * 50,
        "שלום " * 30,
        "\tx\t" * 40,
    ]
    wordy = Guest.sign_in(scene.host.url, "Wolfeschlegelsteinhausenberger"[:24] + a_name("x")[-6:])
    wordy.join(scene.chat)
    for text in texts:
        wordy.send(scene.chat, text)
    one = scene.signed_in()
    one.guest.join(scene.chat)
    for text in texts:
        one.guest.send(scene.chat, text)
    page = one.open(scene.chat["url"] if path == "room" else path)
    if path == "room":
        Room(page).ready()
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_marks_stacked_on_a_letter_reach_no_other_line(scene: Scene) -> None:
    scene.host.send(scene.chat, "above")
    scene.host.send(scene.chat, "a" + "\u0301\u0302\u0303" * 60)
    page = scene.member().page
    clipped = page.locator("#m2 .say p").evaluate("(p) => getComputedStyle(p).overflow")
    assert clipped == "clip"


def test_reduced_motion_stops_everything(scene: Scene) -> None:
    scene.device = {"reduced_motion": "reduce"}
    page = scene.member().page
    page.evaluate("document.querySelector('#content').classList.add('spin')")
    assert page.locator("#content").evaluate("(one) => getComputedStyle(one).animationName") == "none"


def test_every_control_has_an_edge_in_forced_colours(scene: Scene, server: Server) -> None:
    scene.device = {"forced_colors": "active"}
    scene.fill(1)
    room = scene.member()
    scene.say(room, "Mine")
    expect(room.page.locator(".msg.mine[id]")).to_have_count(1)
    assert room.page.evaluate(WITHOUT_EDGE) == []
    act = Act(room)
    act.open("Mine")
    assert room.page.evaluate(WITHOUT_EDGE) == []
    act.press(act.items.filter(has_text="Edit"))
    expect(act.editing).to_be_visible()
    assert room.page.evaluate(WITHOUT_EDGE) == []
