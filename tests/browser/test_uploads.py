"""Pictures and files on the page: putting them in, seeing them, and what a bad line does to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Route, expect

from tests.support.browser import PHONE, Person, Room
from tests.support.people import Guest, Json
from tests.support.pictures import photo

Make = Callable[..., Person]

PICTURE: FilePayload = {"name": "porch.jpg", "mimeType": "image/jpeg", "buffer": photo(1000, 500)}
LIST: FilePayload = {"name": "list.txt", "mimeType": "text/plain", "buffer": b"Bread, milk, a lamp."}
# What a clipboard, or a hand with files over the page, gives to the page.
GIVE = """
([kind, name, type]) => {
  const data = new DataTransfer();
  data.items.add(new File(["Bread, milk"], name, { type }));
  if (kind === "paste") {
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    return document.querySelector("#content").dispatchEvent(event);
  }
  for (const type of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector("#log").dispatchEvent(event);
  }
}
"""


def choose(room: Room, *files: Any) -> None:
    with room.page.expect_file_chooser() as chooser:
        room.page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(files)
    expect(room.page.locator(".attached li")).not_to_have_count(0)


def test_a_picture_and_a_file_go_out_together_and_everybody_sees_them(person: Make, chat: Json) -> None:
    left, right = person().enter(chat).ready(), person().enter(chat).ready()
    right.page.evaluate("document.querySelector('#polling').click()")
    choose(left, PICTURE, LIST)
    left.page.get_by_label("Describe porch.jpg").fill("The porch at dusk")
    left.say("Look")  # whether or not they are there yet
    for room in (left, right):
        line = room.stored.filter(has_text="Look")
        image = line.get_by_role("img", name="The porch at dusk")
        expect(image).to_have_js_property("complete", True)
        expect(image).to_have_attribute("width", "320")
        expect(image).to_have_attribute("height", "160")
        expect(line.get_by_role("link", name="list.txt")).to_have_attribute("download", "list.txt")
        with room.page.expect_download() as saved:
            line.get_by_role("link", name="list.txt").click()
        assert saved.value.suggested_filename == "list.txt"
    expect(left.page.locator(".attached")).to_have_count(0)
    # A picture alone is a message, too, and answered by its name.
    choose(right, PICTURE)
    expect(right.page.locator(".attached progress")).to_be_hidden()
    right.composer.press("Enter")
    expect(left.page.locator(".picture")).to_have_count(2)
    expect(left.page.get_by_role("img", name="porch.jpg")).to_be_visible()


def test_pictures_open_large_and_lead_to_each_other(person: Make, host: Guest, chat: Json) -> None:
    for name in ("one.jpg", "two.jpg"):
        host.send(chat, f"This is {name}", files=[host.upload(chat, photo(900, 700), name)["id"]])
    room = person().enter(chat).ready()
    page, dialog = room.page, room.page.get_by_role("dialog", name="Pictures")
    link = page.get_by_role("link", name="one.jpg")
    link.focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("img")).to_have_attribute("alt", "one.jpg")
    expect(dialog.get_by_role("status")).to_have_text("1 of 2")
    expect(dialog.get_by_role("button", name="Picture before")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("img")).to_have_attribute("alt", "two.jpg")
    expect(dialog.get_by_role("img")).to_have_js_property("naturalWidth", 900)
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("status")).to_have_text("2 of 2")
    with page.expect_download() as saved:
        dialog.get_by_role("link", name="Save this picture").click()
    assert saved.value.suggested_filename == "two.webp"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("link", name="two.jpg")).to_be_focused()


def test_nothing_moves_when_a_picture_comes(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "", files=[host.upload(chat, photo(1000, 700), "late.jpg")["id"]])
    host.send(chat, "After it")
    one = person()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    one.page.route("**/thumbnails/*", hold)
    room = one.enter(chat).ready()
    image = room.page.locator(".picture img")
    one.until(lambda: held)
    before = image.bounding_box(), room.lines.last.bounding_box()
    held[0].continue_()
    expect(image).to_have_js_property("naturalWidth", 640)
    assert (image.bounding_box(), room.lines.last.bounding_box()) == before


@pytest.mark.parametrize("device", [PHONE, pytest.param({}, marks=pytest.mark.long)], ids=["phone", "laptop"])
def test_what_is_very_tall_or_wide_is_cut_and_takes_no_more_place_than_others(
    person: Make, host: Guest, chat: Json, device: dict[str, Any]
) -> None:
    shapes = {"tall.png": (20, 9000), "wide.png": (9000, 20), "usual.png": (1000, 500)}
    for name, (width, height) in shapes.items():
        host.send(chat, "", files=[host.upload(chat, photo(width, height, "PNG"), name)["id"]])
    both = [host.upload(chat, photo(20, 9000, "PNG"), f"{name}.png")["id"] for name in ("one", "two")]
    host.send(chat, "", files=both)
    room = person(**device).enter(chat).ready()
    for name, size in (
        ("tall.png", (44, 320)),
        ("wide.png", (320, 44)),
        ("usual.png", (320, 160)),
        ("one.png", (44, 160)),
    ):
        image = room.page.get_by_role("img", name=name)
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        expect(image).not_to_have_js_property("naturalWidth", 0)
        box = image.bounding_box()
        assert box
        assert abs(box["height"] / box["width"] - size[1] / size[0]) < 0.05 * size[1] / size[0]
        assert size[0] * 0.8 <= box["width"] <= size[0], "less only where a phone has no room for it"
        expect(image).to_have_css("object-fit", "cover")


def test_the_first_file_that_failed_is_brought_into_sight(person: Make, chat: Json) -> None:
    room = person(**PHONE).enter(chat).ready()
    empty: FilePayload = {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}
    choose(room, empty, *({**PICTURE, "name": f"{number}.jpg"} for number in range(8)), empty)
    items = room.page.locator(".attached li")
    expect(room.page.locator(".attached progress:visible")).to_have_count(0)
    items.last.scroll_into_view_if_needed()
    expect(items.first).not_to_be_in_viewport()
    room.composer.fill("Look")
    room.send_button.tap()
    expect(room.problem).to_contain_text("Try those again, or remove them.")
    expect(items.first).to_be_in_viewport()


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_files_can_be_pasted_and_dropped(person: Make, host: Guest, chat: Json, kind: str) -> None:
    room = person().enter(chat).ready()
    room.page.evaluate(GIVE, [kind, "a list.txt", "text/plain"])
    expect(room.page.locator(".attached")).to_contain_text("a list.txt")
    expect(room.page.locator(".drop")).to_be_hidden()
    room.composer.press("Enter")
    expect(room.stored.get_by_role("link", name="a list.txt")).to_be_visible()
    assert host.after(chat, 0)["messages"][0]["content"] == ""


def test_a_bad_line_holds_a_message_up_and_loses_nothing_of_it(person: Make, host: Guest, chat: Json) -> None:
    one = person()
    one.expects("net::ERR_FAILED")
    tries: list[Route] = []

    def fail_once(route: Route) -> None:
        tries.append(route)
        if len(tries) == 1:
            route.abort()
        else:
            route.continue_()

    one.page.route("**/uploads", fail_once)
    room = one.enter(chat).ready()
    choose(room, LIST)
    room.say("The list")
    expect(room.page.locator(".promise")).to_have_text("Goes out as soon as the files are there.")
    expect(room.composer).to_have_value("The list")
    expect(room.stored.get_by_role("link", name="list.txt")).to_be_visible()
    expect(room.composer).to_have_value("")
    (message,) = host.after(chat, 0)["messages"]
    assert (message["content"], len(message["files"]), len(tries)) == ("The list", 1, 2)


def test_what_is_refused_says_why_and_can_be_removed(person: Make, chat: Json) -> None:
    one = person()
    one.expects("status of 400")
    room = one.enter(chat).ready()
    broken = {"name": "broken.png", "mimeType": "image/png", "buffer": photo(60, 60, "PNG")[:80]}
    choose(room, broken, {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""})
    items = room.page.locator(".attached li")
    expect(items.first).to_contain_text("could not be read")
    expect(items.last).to_contain_text("This file is empty.")
    room.say("Still here")
    expect(room.problem).to_contain_text("remove them")
    expect(room.composer).to_have_value("Still here")
    for name in ("broken.png", "empty.txt"):
        room.page.get_by_role("button", name=f"Remove {name}").click()
    expect(room.composer).to_be_focused()
    room.composer.press("Enter")
    room.shows("Still here")


def test_a_message_with_files_goes_out_after_a_reload(person: Make, host: Guest, chat: Json) -> None:
    one = person()
    one.expects("net::ERR_")
    room = one.enter(chat).ready()
    choose(room, LIST)
    expect(room.page.locator(".attached progress")).to_be_hidden()
    one.page.route("**/messages", lambda route: route.abort())
    room.page.evaluate("document.querySelector('#polling').click()")
    room.say("Kept")
    expect(room.lines.get_by_role("link", name="list.txt")).to_be_visible()
    one.page.unroute("**/messages")
    one.page.reload()
    expect(room.stored.get_by_role("link", name="list.txt")).to_be_visible(timeout=20_000)
    assert len(host.after(chat, 0)["messages"]) == 1


def test_without_scripts_a_form_sends_a_file_and_links_lead_to_it(visitor: Make, chat: Json) -> None:
    one = visitor(java_script_enabled=False)
    one.sign_in("Without scripts")
    room = one.enter(chat)
    room.page.get_by_label("A file to send along").set_input_files(LIST)
    room.composer.fill("The list")
    room.send_button.click()
    with room.page.expect_download() as saved:
        room.page.get_by_role("link", name="list.txt").click()
    assert saved.value.suggested_filename == "list.txt"
