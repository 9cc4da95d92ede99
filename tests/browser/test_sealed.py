"""Sealed rooms in the browser: opened, shared, come into, talked in; and what the host has of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import segno
from playwright.sync_api import Page, expect

from tests.support.browser import Person, Room, give_name
from tests.support.browser_actions import Act
from tests.support.database import change, rows
from tests.support.people import Json, a_name
from tests.support.sealed import text_of
from tests.support.sealed_rooms import open_room, visit, whole_link
from tests.support.server import Server
from tests.support.traces import nothing_of, written_by

Make = Callable[..., Person]


def chat_id_of(room: Room) -> int:
    found: int = room.page.evaluate("JSON.parse(document.getElementById('room-data').textContent).chat.id")
    return found


@pytest.fixture
def pair(person: Make) -> tuple[Person, Room, Person, Room]:
    """Two people in a sealed room."""
    ann, bob = person(), person()
    here = open_room(ann)
    there = visit(bob, whole_link(here)).ready()
    return ann, here, bob, there


def test_what_is_found_is_shown_without_its_marks(pair: tuple[Person, Room, Person, Room]) -> None:
    _, here, _, _ = pair
    here.say("The **green house** has [a door](https://kettle.example/)")
    here.shows("The green house has a door")
    hit = here.page.locator(".hits .say")
    for sought, shown, marked in (
        ("green", "The green house has a door", "green"),
        ("kettle", "The **green house** has [a door](https://kettle.example/)", "kettle"),
    ):
        here.page.get_by_role("searchbox", name="Search what was said here").fill(sought)
        here.page.get_by_role("button", name="Search", exact=True).click()
        expect(hit).to_have_text(shown)
        expect(hit.locator("mark")).to_have_text(marked)


def test_two_people_talk_and_the_host_has_nothing_of_it(
    server: Server, pair: tuple[Person, Room, Person, Room]
) -> None:
    _, here, _, there = pair
    expect(there.page.locator(".head .seal")).to_have_text("Sealed")
    here.say("The zwiebelkettle whistles at dawn")
    there.shows("The zwiebelkettle whistles at dawn")
    there.say("Marmalade, then")
    here.shows("The zwiebelkettle whistles at dawn", "Marmalade, then")
    Act(here).edit("The zwiebelkettle whistles at dawn", "The zwiebelkettle hums at noon")
    there.shows("The zwiebelkettle hums at noon", "Marmalade, then")
    there.page.reload()
    there.ready().shows("The zwiebelkettle hums at noon", "Marmalade, then")
    here.say("Marmalade for tea")
    there.shows("The zwiebelkettle hums at noon", "Marmalade, then", "Marmalade for tea")
    there.page.get_by_role("searchbox", name="Search what was said here").fill("MARM")
    there.page.get_by_role("button", name="Search", exact=True).click()
    expect(there.page.locator(".hits a")).to_contain_text(["Marmalade for tea", "Marmalade, then"])
    there.page.get_by_label("Go to a day").fill("2020-01-01")
    there.page.get_by_role("button", name="Go", exact=True).click()
    expect(there.page.locator(".msg.at")).to_contain_text("hums at noon")
    assert there.page.evaluate("sealing.problems()") == {"missing": [], "differing": []}
    change(server.data, "DELETE FROM message WHERE chat_id = ? AND seq = 1", chat_id_of(here))
    there.page.reload()
    there.ready().shows("Marmalade, then", "Marmalade for tea")
    expect(there.page.locator("#continuity")).to_contain_text("is missing here")
    said = (b"zwiebelkettle", b"whistles", b"Marmalade")
    written = written_by(server.data)
    ((stored,),) = rows(
        server.data, "SELECT envelope FROM message WHERE chat_id = ? AND seq = 2", chat_id_of(here)
    )
    sealed = json.loads(stored)["ct"].encode()[:60]
    assert any(sealed in content for content in written.values()), "they are searched"
    key = whole_link(here).partition("#k1=")[2]
    nothing_of(written, *said, key.encode())


def test_the_key_leaves_the_address_bar_at_once_and_is_never_sent(
    pair: tuple[Person, Room, Person, Room], person: Make
) -> None:
    _, here, _, there = pair
    assert "#" not in there.page.url
    link = whole_link(here)
    third = person()
    sent: list[str] = []
    third.page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    room = visit(third, link).ready()
    room.say("Good evening")
    there.shows("Good evening")
    key = link.partition("#k1=")[2]
    # Playwright tells of the page's own address with its fragment, which browsers do not send.
    assert not [line for line in sent if key in line.replace(link, "")]
    assert "Good evening" not in "".join(sent)


def test_whoever_must_sign_in_first_comes_in_with_the_key(person: Make, visitor: Make) -> None:
    ann, newcomer = person(), visitor()
    here = open_room(ann)
    here.say("Come up")
    newcomer.page.goto(whole_link(here))
    expect(newcomer.page.get_by_label("What should we call you?")).to_be_visible()
    expect(newcomer.page).not_to_have_url(re.compile("#"))
    give_name(newcomer.page, a_name())
    there = Room(newcomer.page).ready()
    there.shows("Come up")
    there.say("Here I am")
    here.shows("Come up", "Here I am")


def test_somebody_who_never_signed_in_opens_one(visitor: Make) -> None:
    one = visitor()
    page = one.open("/chatrooms/")
    page.get_by_label("What is the room about?").fill("Whispers")
    page.get_by_role("checkbox", name="Sealed").check()
    page.get_by_role("button", name="Open the room").click()
    give_name(page, a_name())
    room = Room(page).ready()
    room.say("Psst")
    room.shows("Psst")


def test_replies_and_reactions_work(pair: tuple[Person, Room, Person, Room], server: Server) -> None:
    _, here, _, there = pair
    here.say("Who waters the plants?")
    there.shows("Who waters the plants?")
    Act(there).choose("Who waters the plants?", "Reply")
    there.say("I do")
    quote = here.page.locator("#feed .msg", has_text="I do").locator(".quote")
    expect(quote).to_contain_text("Who waters the plants?")
    here.page.evaluate(
        "async (id) => fetch(`/chats/${id}/messages/2/reactions/👍`, {method: 'PUT'})", chat_id_of(here)
    )
    expect(there.page.locator("#feed .chips, #feed .chip").first).to_contain_text("1")
    assert rows(server.data, "SELECT DISTINCT reply_to FROM message WHERE chat_id = ?", chat_id_of(here)) == [
        (None,)
    ]


def test_a_message_that_was_changed_on_its_way_is_not_shown(
    server: Server, pair: tuple[Person, Room, Person, Room]
) -> None:
    _, here, _, there = pair
    for text in ("Untouched", "Tampered with"):
        here.say(text)
    there.shows("Untouched", "Tampered with")
    chat = chat_id_of(here)
    ((stored,),) = rows(server.data, "SELECT envelope FROM message WHERE chat_id = ? AND seq = 2", chat)
    envelope = json.loads(stored)
    envelope["ct"] = ("B" if envelope["ct"][0] == "A" else "A") + envelope["ct"][1:]
    change(
        server.data,
        "UPDATE message SET envelope = ? WHERE chat_id = ? AND seq = 2",
        json.dumps(envelope),
        chat,
    )
    there.page.reload()
    there.ready()
    expect(there.texts.nth(0)).to_have_text("Untouched")
    expect(there.texts.nth(1)).to_contain_text("cannot be opened")
    expect(there.log).not_to_contain_text("Tampered with")


def test_without_the_key_the_page_says_so_and_sends_nothing(pair: tuple[Person, Room, Person, Room]) -> None:
    _, here, bob, there = pair
    here.say("For whoever has the link")
    there.shows("For whoever has the link")
    bob.page.evaluate("indexedDB.deleteDatabase('porch-sealed')")
    bob.page.goto(there.page.url)
    expect(bob.page.locator("#keyless")).to_contain_text("does not have the room’s key")
    expect(there.texts).to_contain_text("Locked")
    expect(there.composer).to_have_js_property("readOnly", True)
    visit(bob, whole_link(here))
    Room(bob.page).ready().shows("For whoever has the link")


def test_a_wrong_key_does_not_open_the_door(person: Make) -> None:
    ann, eve = person(), person()
    here = open_room(ann)
    link = whole_link(here)
    eve.expects(r"404 \(NOT FOUND\)")
    eve.page.goto(link.partition("#")[0])
    word = eve.page.locator("#sealed-word")
    expect(word).to_contain_text("does not have the room’s key")
    eve.page.get_by_label("The whole link").fill(f"{link.partition('#')[0]}#k1={text_of(32)}")
    eve.page.get_by_role("button", name="Come in").click()
    expect(word).to_contain_text("does not open the room")
    eve.page.get_by_label("The whole link").fill(link)
    eve.page.get_by_role("button", name="Come in").click()
    Room(eve.page).ready()


def test_who_comes_after_in_the_same_browser_does_not_have_the_key(person: Make) -> None:
    ann = person()
    ann.expects("status of 401")
    here = open_room(ann)
    here.say("For Ann alone")
    link, page = whole_link(here), ann.page
    page.goto(f"{ann.url}/logout/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    page.wait_for_url(lambda url: "/logout" not in url)
    page.goto(link.partition("#")[0])
    give_name(page, a_name("Next"))
    expect(page.locator("#sealed-word")).to_contain_text("does not have the room’s key")
    visit(ann, link).ready().shows("For Ann alone")


@pytest.mark.long
def test_a_key_that_was_kept_before_it_was_somebodys_still_opens_the_room(person: Make) -> None:
    ann = person()
    here = open_room(ann)
    here.say("From before")
    hash_key = here.page.url.rstrip("/").rpartition("/")[2]
    ann.page.evaluate(AS_BEFORE, hash_key)
    for _ in range(2):
        ann.page.reload()
        here.ready().shows("From before")


AS_BEFORE = """
async (hashKey) => {
  const { SealedStore } = await import("/static/js/encrypted_chats/sealed_store.js");
  const { owned } = await import("/static/js/encrypted_chats/sealed_link.js");
  const { me } = JSON.parse(document.getElementById("room-data").textContent);
  const store = await SealedStore.open();
  await store.keep(hashKey, await store.secret(owned(me.user_id, hashKey)));
  await store.forget(owned(me.user_id, hashKey));
}
"""
PUT_KEY = """
async ([hashKey, byte]) => {
  const { SealedStore } = await import("/static/js/encrypted_chats/sealed_store.js");
  const { owned } = await import("/static/js/encrypted_chats/sealed_link.js");
  const { me } = JSON.parse(document.getElementById("room-data").textContent);
  await (await SealedStore.open()).keep(owned(me.user_id, hashKey), new Uint8Array(32).fill(byte));
}
"""


@pytest.mark.long
def test_a_key_that_opens_nothing_gives_way_to_that_of_a_link_if_its_person_says_so(
    pair: tuple[Person, Room, Person, Room],
) -> None:
    _, here, bob, there = pair
    here.say("Come up")
    there.shows("Come up")
    link = whole_link(here)
    hash_key = there.page.url.rstrip("/").rpartition("/")[2]
    # Another key in a link changes nothing while the one that is kept opens what there is.
    visit(bob, f"{link.partition('#')[0]}#k1={text_of(32)}").ready().shows("Come up")
    expect(there.page.locator("#other-key")).to_have_count(0)
    there.page.evaluate(PUT_KEY, [hash_key, 7])
    there.page.reload()
    expect(there.ready().texts).to_contain_text(["cannot be opened"])
    bob.page.goto("about:blank")
    visit(bob, link).ready()
    expect(there.texts).to_contain_text(["cannot be opened"])
    there.page.get_by_role("button", name="Use the key of the link").click()
    expect(there.page.locator("#other-key")).to_have_count(0)
    there.ready().shows("Come up")


def test_what_waits_goes_out_after_a_reload_once_and_locked(pair: tuple[Person, Room, Person, Room]) -> None:
    ann, here, _, there = pair
    ann.expects("net::ERR_|WebSocket connection to .* failed|503")
    sent: list[str] = []

    def lose(route: Any) -> None:
        """The server stores it, and its answer is lost."""
        if route.request.method != "POST":
            route.fallback()
        else:
            sent.append(route.request.post_data)
            route.fetch()
            route.abort()

    here.page.locator("#polling").evaluate(
        "(box) => { box.checked = true; box.dispatchEvent(new Event('change', {bubbles: true})); }"
    )
    ann.page.route("**/messages", lose)
    here.say("Through thick and thin")
    there.shows("Through thick and thin")
    ann.until(lambda: len(sent) >= 1)
    ann.page.unroute_all(behavior="wait")
    ann.page.on(
        "request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None
    )
    ann.page.reload()
    here.ready()
    here.shows("Through thick and thin")
    there.shows("Through thick and thin")
    bodies = [json.loads(body) for body in sent if "envelope" in body]
    assert all(body == bodies[0] for body in bodies)
    assert not any("thick" in body for body in sent)


def test_the_code_leads_to_the_whole_link_and_is_drawn_in_the_page(
    pair: tuple[Person, Room, Person, Room],
) -> None:
    _, here, _, _ = pair
    here.page.get_by_role("button", name="QR code").click()
    code = here.page.get_by_role("img", name="QR code of the link to this room")
    expect(code).to_be_visible()
    modules = segno.make(whole_link(here), error="m", micro=False, boost_error=False).symbol_size(border=4)[0]
    assert code.get_attribute("viewBox") == f"0 0 {modules} {modules}"


def test_a_room_that_is_not_sealed_is_as_it_was(person: Make, chat: Json) -> None:
    one = person()
    room = one.enter(chat).ready()
    asked: Page = room.page
    assert asked.evaluate("'sealing' in globalThis") is False
    room.say("Plain words")
    room.shows("Plain words")


def test_an_envelope_of_another_message_is_not_shown_as_this_one(
    server: Server, pair: tuple[Person, Room, Person, Room]
) -> None:
    _, here, _, there = pair
    for text in ("Yes", "No"):
        here.say(text)
    there.shows("Yes", "No")
    chat = chat_id_of(here)
    change(
        server.data,
        "UPDATE message SET envelope = (SELECT envelope FROM message WHERE chat_id = ? AND seq = 1)"
        " WHERE chat_id = ? AND seq = 2",
        chat,
        chat,
    )
    there.page.reload()
    there.ready()
    expect(there.texts.nth(1)).to_contain_text("cannot be opened")
