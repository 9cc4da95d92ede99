"""Reactions, pins and light Markdown in the room, as two people see them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import Locator, Route, expect

from tests.support.browser import Person, Room
from tests.support.browser_actions import Act, open_picker
from tests.support.people import Guest, Json
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]


def chips(room: Room, text: str) -> Locator:
    return room.stored.filter(has_text=text).locator(".chip")


def react(person: Guest, chat: Json, seq: int, emoji: str) -> None:
    person.put(f"/chats/{chat['id']}/messages/{seq}/reactions/{quote(emoji)}")


@by_line_and_at_length_by_asking
def test_a_reaction_is_put_there_and_taken_back_before_everybodys_eyes(
    person: Make, host: Guest, chat: Json, polling: bool
) -> None:
    host.send(chat, "Tea?")
    left, right = person().enter(chat).ready(), person().enter(chat).ready()
    if polling:
        right.page.evaluate("document.querySelector('#polling').click()")
    act = Act(left)
    act.open("Tea?")
    left.page.get_by_role("menuitemcheckbox", name="Thumbs up").click()
    for room, mine in ((left, "true"), (right, "false")):
        expect(chips(room, "Tea?")).to_have_text("👍 1")
        expect(chips(room, "Tea?")).to_have_attribute("aria-pressed", mine)
    chips(right, "Tea?").click()
    for room in (left, right):
        expect(chips(room, "Tea?")).to_have_text("👍 2")
    chips(left, "Tea?").click()
    expect(chips(right, "Tea?")).to_have_text("👍 1")
    expect(chips(left, "Tea?")).to_have_attribute("aria-pressed", "false")


def test_who_reacted_is_told_to_who_points_and_who_is_there_by_keyboard(
    person: Make, host: Guest, chat: Json
) -> None:
    host.send(chat, "Tea?")
    quiet = Guest.sign_in(host.url)
    quiet.join(chat)
    react(quiet, chat, 1, "👍")
    react(host, chat, 1, "👍")
    room = person().enter(chat).ready()
    chip, told = chips(room, "Tea?"), room.page.get_by_role("tooltip")
    chip.hover()
    expect(told).to_contain_text(f"{quiet.username} and {host.username} reacted with")
    room.page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    room.composer.focus()
    room.page.locator("#m1").focus()
    room.page.keyboard.press("Tab")
    expect(chip).to_be_focused()
    expect(told).to_contain_text(quiet.username)
    expect(chip).to_have_attribute("aria-describedby", "who-reacted")
    room.page.keyboard.press("Enter")
    expect(chip).to_have_text("👍 3")
    expect(chip).to_be_focused()
    expect(chip).to_have_attribute("aria-pressed", "true")


def test_any_emoji_is_found_by_keyboard_in_the_picker(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "Tea?")
    room = person().enter(chat).ready()
    keys = room.page.keyboard
    picker = open_picker(room)
    keys.type("hot bev")
    expect(picker.get_by_role("button")).to_have_count(2)  # Close, and the one
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(picker).to_be_hidden()
    expect(chips(room, "Tea?")).to_have_text("☕ 1")
    expect(room.page.locator("#m1 .act")).to_be_focused()


def test_a_reaction_that_does_not_get_through_goes_and_says_so(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "Tea?")
    react(host, chat, 1, "👍")
    one = person()
    one.expects("status of 429")
    room = one.enter(chat).ready()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    room.page.route("**/reactions/*", hold)
    chips(room, "Tea?").click()
    expect(chips(room, "Tea?")).to_have_text("👍 2")
    one.until(lambda: held)
    held[0].fulfill(status=429, json={"error": {"code": "too_fast", "message": "Too many at once."}})
    expect(chips(room, "Tea?")).to_have_text("👍 1")
    expect(room.problem).to_contain_text("did not get through. Too many at once.")


def test_what_is_pinned_stands_beside_the_conversation_and_leads_there(
    visitor: Make, person: Make, host: Guest, chat: Json
) -> None:
    for number in range(60):
        host.send(chat, f"Line {number}")
    owner = visitor()
    owner.context.add_cookies([{"name": "porch", "value": host.token or "", "url": host.url}])
    left, right = owner.enter(chat).ready(), person().enter(chat).ready()
    pinned = right.page.locator("#pins a")
    expect(right.page.locator("#pins")).to_be_hidden()
    Act(left).choose("Line 58", "Pin")
    Act(left).choose("Line 30", "Pin")
    expect(pinned).to_have_text([f"{host.username} Line 30", f"{host.username} Line 58"])
    expect(right.page.locator("#m59 .pin")).to_be_visible()
    Act(right).open("Line 59")
    expect(Act(right).items.filter(has_text="Pin")).to_have_count(0)
    right.page.keyboard.press("Escape")
    pinned.nth(1).click()
    expect(right.page.locator("#m59")).to_be_focused()
    host.patch(f"/chats/{chat['id']}/messages/31", {"content": "Line **thirty**"})
    expect(pinned.first).to_have_text(f"{host.username} Line thirty")
    Act(left).choose("Line 58", "Unpin")
    expect(pinned).to_have_count(1)
    host.delete(f"/chats/{chat['id']}/messages/31")
    expect(right.page.locator("#pins")).to_be_hidden()


def test_pins_and_reactions_are_there_without_scripts(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "The **key** is under the mat")
    host.put(f"/chats/{chat['id']}/messages/1/pin")
    react(host, chat, 1, "👍")
    page = person(java_script_enabled=False).enter(chat).page
    expect(page.locator("#m1")).to_contain_text("The key is under the mat")
    expect(page.locator("#m1 strong")).to_have_text("key")
    expect(page.locator("#m1")).to_contain_text("👍 1")
    page.locator("#pins a").click()
    page.wait_for_url("**/messages/1/#m1")


def test_markdown_is_shown_and_code_is_copied(person: Make, host: Guest, chat: Json) -> None:
    room = person().enter(chat).ready()
    host.send(chat, "See **this**, _please_:\n\n```sh\nls *\n```\n- [here](https://a.example)\n- done")
    said = room.stored.locator(".say")
    expect(said.locator("strong")).to_have_text("this")
    expect(said.locator("em")).to_have_text("please")
    expect(said.locator("pre")).to_have_text("ls *")
    expect(said.locator("li a")).to_have_attribute("rel", "noopener nofollow ugc")
    room.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    said.get_by_role("button", name="Copy this code").click()
    expect(said.get_by_role("status")).to_have_text("Copied")
    room.composer.press("ControlOrMeta+v")
    expect(room.composer).to_have_value("ls *")
