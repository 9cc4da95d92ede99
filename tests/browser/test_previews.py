"""The preview of a link on the page, as two people see it."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.browser import Person
from tests.support.browser_actions import Act
from tests.support.database import change
from tests.support.people import Guest, Json
from tests.support.server import Server

Make = Callable[..., Person]
LINK = "https://lamp.example/lamps?a=1"
TOLD = {
    "url": LINK,
    "title": "<b>Lamps</b> & bank.example",
    "description": "All of them",
    "site": "The lamp shop",
}


def give_preview(server: Server, chat: Json, told: Json = TOLD) -> None:
    """Every message of the room has it, as if the server had looked; before anybody is there."""
    assert change(
        server.data, "UPDATE message SET preview = ? WHERE chat_id = ?", json.dumps(told), chat["id"]
    )


def test_a_preview_tells_where_it_leads_and_its_author_takes_it_off(
    person: Make, server: Server, chat: Json
) -> None:
    left, right = person(), person()
    room = left.enter(chat).ready()
    room.say(LINK)
    expect(room.stored).to_have_count(1)
    give_preview(server, chat)
    room.page.reload()
    other = right.enter(chat).ready()
    other.page.evaluate("document.querySelector('#polling').click()")
    for one in (room, other):
        card = one.stored.locator(".preview")
        expect(card).to_have_text("The lamp shop · lamp.example<b>Lamps</b> & bank.exampleAll of them")
        link = card.get_by_role("link")
        expect(link).to_have_attribute("href", LINK)
        expect(link).to_have_attribute("rel", "noopener nofollow ugc")

    Act(other).open(LINK)
    expect(other.page.get_by_role("menuitem", name="Take the preview off")).to_have_count(0)
    other.page.keyboard.press("Escape")
    Act(room).choose(LINK, "Take the preview off")
    for one in (room, other):
        expect(one.stored.locator(".preview")).to_have_count(0)
    expect(room.stored.get_by_role("button", name="More")).to_be_focused()


def test_without_scripts_a_preview_is_a_link(visitor: Make, server: Server, host: Guest, chat: Json) -> None:
    host.send(chat, LINK)
    give_preview(server, chat)
    reader = visitor(java_script_enabled=False)
    reader.sign_in("Reader")
    page = reader.open(f"/chatrooms/{chat['hash_key']}/")
    expect(page.get_by_role("link", name=TOLD["title"])).to_have_attribute("href", LINK)
    expect(page.get_by_text("(lamp.example)")).to_be_visible()
