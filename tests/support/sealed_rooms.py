"""Sealed rooms as people open them and come in."""

from __future__ import annotations

import re

from tests.support.browser import Person, Room

KEY = re.compile(r"#k1=[A-Za-z0-9_-]{43}$")


def open_room(one: Person, name: str = "The attic") -> Room:
    """Open a sealed room by the lobby's form."""
    page = one.open("/chatrooms/")
    page.get_by_label("What is the room about?").fill(name)
    page.get_by_role("checkbox", name="Sealed").check()
    page.get_by_role("button", name="Open the room").click()
    page.wait_for_url("**/chatrooms/*/")
    return Room(page).ready()


def whole_link(room: Room) -> str:
    """What the Copy button copies."""
    link: str = room.page.locator("#share-link").text_content() or ""
    assert KEY.search(link), link
    return link


def visit(one: Person, link: str) -> Room:
    """Open a link, all of it."""
    one.page.goto(link)
    return Room(one.page)
