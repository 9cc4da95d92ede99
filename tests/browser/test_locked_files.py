"""Pictures and files where messages are encrypted: whole for those who talk, and nothing for the host."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Route, expect

from tests.support.browser import Person, Room
from tests.support.browser_actions import Act
from tests.support.encrypted import begin_encrypted
from tests.support.pictures import photo
from tests.support.server import Server
from tests.support.traces import files_of, nothing_of, written_by

Make = Callable[..., Person]

PICTURE: FilePayload = {"name": "zwiebelturm.png", "mimeType": "image/png", "buffer": photo(1000, 500, "PNG")}
LIST: FilePayload = {
    "name": "quinceliste.txt",
    "mimeType": "text/plain",
    "buffer": b"Bread, marmaladewise, a lamp.",
}


@pytest.fixture(params=["direct", pytest.param("sealed", marks=pytest.mark.long)])
def rooms(request: pytest.FixtureRequest, account: Make) -> tuple[Room, Room]:
    """Two people where everything is locked."""
    ann, bob = account(), account()
    if request.param == "sealed":
        page = ann.open("/chatrooms/")
        page.get_by_label("What is the room about?").fill("The attic")
        page.get_by_role("checkbox", name="Sealed").check()
        page.get_by_role("button", name="Open the room").click()
        page.wait_for_url("**/chatrooms/*/")
        here = Room(page).ready()
        bob.page.goto(page.locator("#share-link").text_content() or "")
        return here, Room(bob.page).ready()
    chat = begin_encrypted(ann, bob)
    return ann.enter(chat).ready(), bob.enter(chat).ready()


def choose(room: Room, *files: FilePayload) -> None:
    with room.page.expect_file_chooser() as chooser:
        room.page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(files)
    expect(room.page.locator(".attached li")).to_have_count(len(files))


def give_another_bit(route: Route) -> None:
    content = route.fetch().body()
    route.fulfill(body=content[:-1] + bytes([content[-1] ^ 1]))


def test_a_picture_and_a_file_come_whole_and_the_host_has_nothing_of_them(
    server: Server, rooms: tuple[Room, Room]
) -> None:
    here, there = rooms
    stored_before = files_of(server.data / "uploads")
    choose(here, PICTURE, LIST)
    here.page.get_by_label("Describe zwiebelturm.png").fill("The tower behind the gasworks")
    here.say("Look")  # the very first message, whether or not they are there yet
    for room in (here, there):
        line = room.stored.filter(has_text="Look")
        image = line.get_by_role("img", name="The tower behind the gasworks")
        expect(image).to_have_attribute("src", re.compile("^blob:"))
        expect(image).to_have_js_property("naturalWidth", 1000)
        expect(image).to_have_attribute("height", "160")
        with room.page.expect_download() as saved:
            line.get_by_role("button", name="quinceliste.txt").click()
        assert saved.value.suggested_filename == "quinceliste.txt"
        assert Path(saved.value.path()).read_bytes() == LIST["buffer"]
    # The other way, without words; the answer tells what it is.
    choose(there, PICTURE)
    expect(there.page.locator(".attached progress")).to_be_hidden()
    there.composer.press("Enter")
    expect(here.page.get_by_role("img", name="zwiebelturm.webp")).to_have_js_property("naturalWidth", 1000)
    here.page.get_by_role("button", name="The tower behind the gasworks").click()
    dialog = here.page.get_by_role("dialog", name="Pictures")
    expect(dialog.get_by_role("img")).to_have_js_property("naturalWidth", 1000)
    here.page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("status")).to_have_text("2 of 2")
    with here.page.expect_download() as saved:
        dialog.get_by_role("link", name="Save this picture").click()
    assert saved.value.suggested_filename == "zwiebelturm.webp"
    here.page.keyboard.press("Escape")
    expect(here.page.get_by_role("button", name="zwiebelturm.webp")).to_be_focused()
    Act(here).edit("Look", "Look up")
    there.page.reload()
    line = there.ready().stored.filter(has_text="Look up")
    expect(line.get_by_role("img", name="The tower behind the gasworks")).to_have_js_property(
        "naturalWidth", 1000
    )
    words = (b"zwiebelturm", b"quinceliste", b"marmaladewise", b"gasworks", PICTURE["buffer"][8:200])
    nothing_of(written_by(server.data), *words)
    stored = files_of(server.data / "uploads")
    nothing_of({place: stored[place] for place in stored.keys() - stored_before}, b"WEBPVP8")
    # The host gives out other bytes: it is said in the place of each.
    there.page.route("**/uploads/*/locked", give_another_bit)
    there.page.reload()
    line = there.ready().stored.filter(has_text="Look up")
    expect(line).to_contain_text("This file cannot be opened.")
    line.get_by_role("button", name="quinceliste.txt").click()
    expect(line.get_by_text("This file cannot be opened.")).to_have_count(2)
