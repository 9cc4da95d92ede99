"""Two people talk in private, and a third one meanwhile, in real browsers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, Person, Room
from tests.support.browser_lobby import ASK
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

Make = Callable[..., Person]


def line_of(page: Page, name: str) -> object:
    return page.locator("#directs .direct", has_text=name)


def chat_with(somebody: Person, name: str) -> Room:
    """Type a name in the lobby and press Chat."""
    page = somebody.open("/chatrooms/")
    page.get_by_label("Whom do you want to talk with?").fill(name)
    page.get_by_role("button", name="Chat", exact=True).click()
    return Room(page).ready()


def test_both_type_the_others_name_and_talk(person: Make) -> None:
    ann, bob = person(), person()
    hers = chat_with(ann, bob.name)
    hers.say("Are you there?")
    his = chat_with(bob, ann.name.upper())
    his.shows("Are you there?")
    expect(his.page.get_by_text("would like to talk with you")).to_have_count(0)
    his.say("I am.")
    hers.shows("Are you there?", "I am.")
    expect(hers.page.locator("#here")).to_have_text(f"{bob.name} is here")
    expect(hers.page.get_by_role("heading", level=1)).to_have_text(bob.name)
    expect(his.page).to_have_title(re.compile(re.escape(ann.name)))


def test_a_name_is_completed_and_a_wrong_one_is_refused_in_words(
    person: Make, visitor: Make, server: Server
) -> None:
    ann = visitor()
    ann.sign_in(a_name())
    ann.expects("status of 400")
    friend = Guest.sign_in(server.url, a_name("Quillon"))
    room = friend.open_chat()
    ann.guest.join(room)
    page = ann.open("/chatrooms/")
    field = page.get_by_label("Whom do you want to talk with?")
    field.press_sequentially("quil")
    expect(page.locator("#people option")).to_have_count(1)
    expect(page.locator("#people option")).to_have_attribute("value", friend.username)
    field.fill("Nobody at all")
    field.press("Enter")
    expect(page.locator("#username-error")).to_have_text("Nobody here is called Nobody at all.")
    expect(field).to_have_value("Nobody at all")
    expect(field).to_be_focused()


@pytest.mark.parametrize("where", ["/", "/account/", "/chatrooms/", "room"])
def test_a_request_is_seen_at_once_wherever_one_is(
    person: Make, server: Server, host: Guest, chat: Json, where: str
) -> None:
    bob = person()
    page = bob.enter(chat).ready().page if where == "room" else bob.open(where)
    ann = Guest.sign_in(server.url)
    with_bob = ann.post("/directs", {"username": bob.name})
    if where == "/chatrooms/":
        expect(page.locator(f"#direct-{with_bob['id']}")).to_contain_text("Would like to talk with you")
    else:
        expect(page.locator(".knock")).to_contain_text(
            f"{ann.username}, a guest, would like to talk with you."
        )
    expect(page.locator("#waiting")).to_have_text("1 waiting")


@pytest.mark.parametrize("asking", [False, True], ids=["line", "asking"])
def test_a_request_is_accepted_ignored_or_blocked(
    person: Make, server: Server, start_server: Callable[..., Server], asking: bool
) -> None:
    site = start_server(live="poll", direct_rate="off", visit_rate="off") if asking else server
    bob = person(url=site.url)
    bob.open("/account/")
    cards = bob.page.locator(".knock")
    askers = [Guest.sign_in(site.url) for _ in range(3)]
    chats = [asker.post("/directs", {"username": bob.name}) for asker in askers]
    expect(cards).to_have_count(3)
    ignored, blocked, accepted = (cards.filter(has_text=asker.username) for asker in askers)
    ignored.get_by_role("button", name="Ignore").click()
    blocked.get_by_role("button", name="Block").click()
    expect(cards).to_have_count(1)
    accepted.get_by_role("link", name="Look").click()
    room = Room(bob.page).ready()
    room.page.get_by_role("button", name="Accept").click()
    expect(room.page.get_by_role("button", name="Accept")).to_have_count(0)
    assert [one["state"] for one in bob.guest.get("/directs")["directs"]] == ["open", "asked"]
    assert bob.guest.get("/directs")["directs"][1]["blocked"] is True
    assert askers[0].send(chats[0], "Still there?")["seq"] == 1  # the ignored one cannot tell
    answer = askers[1].raw("POST", f"/chats/{chats[1]['id']}/messages", json=a_message())
    assert answer.status_code == 403


def a_message() -> Json:
    return {"content": "Hello", "client_id": "6a0c2f0e-3b5e-4a57-9d4b-0c8f3b1f7c55"}


def test_the_list_shows_the_last_line_and_what_is_unread_and_reading_clears_it(
    person: Make, server: Server
) -> None:
    bob = person()
    ann, cid = Guest.sign_in(server.url), Guest.sign_in(server.url)
    with_ann, with_cid = (one.post("/directs", {"username": bob.name}) for one in (ann, cid))
    for chat in (with_ann, with_cid):
        bob.guest.patch(f"/directs/{chat['id']}", {"state": "open"})
    page = bob.open("/chatrooms/")
    rows = page.locator("#directs .direct")
    expect(rows).to_have_count(2)
    ann.send(with_ann, "One")
    ann.send(with_ann, "Two")
    cid.send(with_cid, "Three")
    expect(rows.nth(0)).to_contain_text("Three")
    hers = page.locator(f"#direct-{with_ann['id']}")
    expect(hers.locator(".last")).to_have_text("Two")
    expect(hers.locator(".count")).to_have_text("2 new")
    expect(page.locator("#waiting")).to_have_text("2 waiting")
    hers.get_by_role("link").click()
    room = Room(page).ready()
    room.shows("One", "Two")
    expect(page.locator("#waiting")).to_have_text("1 waiting")
    page.get_by_role("link", name="Leave", exact=True).click()
    expect(page.locator(f"#direct-{with_ann['id']} .count")).to_be_hidden()
    expect(page.locator(f"#direct-{with_cid['id']} .count")).to_have_text("1 new")


def test_one_leaves_and_chats_with_another(person: Make) -> None:
    ann, bob, cid = person(), person(), person()
    with_bob = chat_with(ann, bob.name)
    with_bob.say("Only for Bob")
    with_bob.page.get_by_role("link", name="Leave", exact=True).click()
    with_cid = chat_with(ann, cid.name)
    with_cid.say("Only for Cid")
    chat_with(cid, ann.name).shows("Only for Cid")
    chat_with(bob, ann.name).shows("Only for Bob")


def test_from_a_persons_name_in_a_room(person: Make, server: Server) -> None:
    bob, ann = person(), Guest.sign_in(server.url)
    chat = ann.open_chat("The back garden")
    bob.guest.join(chat)
    ann.send(chat, "Hello all")
    with ann.socket() as line:
        line.enter(chat)
        room = bob.enter(chat).ready()
        room.page.locator("#people").get_by_role("link", name=ann.username).click()
        expect(room.page.get_by_role("heading", level=1)).to_have_text(ann.username)
    room = bob.enter(chat).ready()
    room.lines.first.hover()
    room.lines.first.get_by_role("button", name="More").click()
    room.page.get_by_role("menuitem", name="Chat in private").click()
    expect(room.page.get_by_role("heading", level=1)).to_have_text(ann.username)


def test_whoever_is_blocked_sees_only_that_no_messages_are_taken(person: Make) -> None:
    ann, bob = person(), person()
    ann.expects("status of 403")
    hers = chat_with(ann, bob.name)
    his = chat_with(bob, ann.name)
    expect(hers.page.locator("#here")).to_have_text(f"{bob.name} is here")
    his.page.get_by_role("button", name="Block").click()
    expect(his.page.get_by_text("They are blocked")).to_be_visible()
    Room(bob.open(f"/direct/{ann.name}/")).ready()
    expect(hers.page.locator("#here")).to_have_text("Not here just now")
    hers.say("Are you cross?")
    expect(hers.lines.get_by_text("Not sent. This person is not taking messages.")).to_be_visible()
    hers.page.reload()
    expect(hers.ready().page.locator("#request")).to_have_text(f"{bob.name} is not taking messages.")
    expect(hers.composer).not_to_be_editable()
    assert "block" not in hers.page.locator("main").inner_text().lower()
    his.page.locator("#request").get_by_role("button", name="Unblock").click()
    expect(Room(his.page).ready().composer).to_be_editable()
    expect(hers.composer).not_to_be_editable()
    hers.page.reload()
    expect(hers.ready().composer).to_be_editable()


def test_a_guests_name_that_has_passed_on_is_shown_and_the_chat_stays_the_old_persons(
    person: Make, server: Server
) -> None:
    bob = person()
    name = a_name("Wren")
    first = Guest.sign_in(server.url, name)
    chat = first.post("/directs", {"username": bob.name})
    first.send(chat, "It is me")
    first.delete("/sessions/current")
    second = Guest.sign_in(server.url, name)
    page = bob.open("/chatrooms/")
    old = page.locator(f"#direct-{chat['id']}")
    expect(old).to_contain_text(name)
    expect(old.get_by_role("link")).to_have_attribute("href", chat["url"])
    bob.guest.patch(f"/directs/{chat['id']}", {"state": "open"})
    expect(old).to_contain_text("Has left; the name is somebody else’s now")
    old.get_by_role("link").click()
    room = Room(page).ready()
    room.shows("It is me")
    expect(page.locator("#request")).to_contain_text("Whoever is called so now is somebody else.")
    expect(room.composer).not_to_be_editable()
    anew = chat_with(bob, name)
    expect(anew.lines).to_have_count(0)
    anew.say("And who are you?")
    expect(anew.stored).to_have_count(1)
    second_chat = second.get("/directs")["directs"][0]
    assert second_chat["last"]["content"] == "And who are you?"


def test_without_scripts_one_opens_writes_accepts_and_blocks(visitor: Make, server: Server) -> None:
    bob = visitor(java_script_enabled=False)
    bob.sign_in(a_name())
    ann = Guest.sign_in(server.url)
    page = bob.open("/chatrooms/")
    page.get_by_label("Whom do you want to talk with?").fill(ann.username)
    page.get_by_role("button", name="Chat", exact=True).click()
    expect(page).to_have_url(re.compile(r"/direct/Person%20\d+/$"))
    page.locator("#content").fill("Without scripts")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#feed .say p")).to_have_text("Without scripts")
    page.get_by_role("button", name="Block").click()
    expect(page.locator("#directs")).to_contain_text("Blocked")
    page.locator("#directs").get_by_role("link").click()
    page.locator("#request").get_by_role("button", name="Unblock").click()
    expect(page.locator("#request")).to_have_count(0)
    asker = Guest.sign_in(server.url)
    asker.post("/directs", {"username": bob.name})
    bob.open(f"/direct/{asker.username}/")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#request")).to_have_count(0)
    bob.open("/account/")
    page.get_by_label("Nobody").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert asker.get("/directs")["directs"][0]["may_write"] is False


def test_what_works_in_rooms_works_between_two(person: Make) -> None:
    ann, bob = person(), person(**PHONE)
    hers, his = chat_with(ann, bob.name), chat_with(bob, ann.name)
    hers.composer.press_sequentially("I")
    expect(his.page.locator("#writing")).to_contain_text(f"{ann.name} is writing")
    hers.composer.fill("")
    hers.say("Frist")
    his.shows("Frist")
    expect(hers.stored).to_have_count(1)
    hers.composer.press("ArrowUp")
    expect(hers.page.get_by_text("Editing")).to_be_visible()
    hers.composer.fill("First")
    hers.composer.press("Enter")
    his.shows("First")
    ann.context.set_offline(True)
    ann.expects(ASK, "net::ERR_", "WebSocket connection")
    hers.say("Second")
    ann.context.set_offline(False)
    his.shows("First", "Second")
    bob.open(f"{bob.guest.get('/directs')['directs'][0]['url']}messages/1/")
    expect(Room(bob.page).ready().page.locator(".msg.at")).to_contain_text("First")


def test_in_another_room_one_is_not_in_the_direct_chat_any_more(
    person: Make, host: Guest, chat: Json
) -> None:
    ann, bob = person(), person()
    hers = chat_with(ann, bob.name)
    other = ann.enter(chat, page=ann.context.new_page()).ready()
    expect(hers.notice).to_contain_text("You are in The back garden now.")
    other.page.close()
    hers.page.get_by_role("button", name="Come back here").click()
    hers.say("Back again")
    hers.shows("Back again")
