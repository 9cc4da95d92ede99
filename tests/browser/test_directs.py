"""Two people talk in private, and a third one meanwhile, in real browsers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import PHONE, SMALL_PHONE, UNREACHABLE, Person, Room
from tests.support.browser_layout import STICKING_OUT
from tests.support.browser_lobby import ASK
from tests.support.browser_wire import Cable, Wire
from tests.support.people import PASSWORD, Guest, Json, a_name
from tests.support.server import Server
from tests.support.waiting import eventually

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


@pytest.mark.parametrize(
    "asking", [False, pytest.param(True, marks=pytest.mark.long)], ids=["line", "asking"]
)
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


@pytest.mark.long
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
    hers = chat_with(ann, bob.name)
    his = chat_with(bob, ann.name)
    expect(hers.page.locator("#here")).to_have_text(f"{bob.name} is here")
    his.page.get_by_role("button", name="Block").click()
    expect(his.page.get_by_text("They are blocked")).to_be_visible()
    Room(bob.open(f"/direct/{ann.name}/")).ready()
    expect(hers.page.locator("#here")).to_have_text("Not here")
    hers.page.reload()
    expect(hers.ready().page.locator("#request")).to_have_text(f"{bob.name} is not taking messages.")
    expect(hers.composer).not_to_be_editable()
    assert "block" not in hers.page.locator("main").inner_text().lower()
    his.page.locator("#request").get_by_role("button", name="Unblock").click()
    expect(Room(his.page).ready().composer).to_be_editable()
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
    expect(old).to_contain_text("Has left; the name is somebody else’s now")
    expect(page.locator("#waiting")).to_be_hidden()
    old.get_by_role("link").click()
    room = Room(page).ready()
    room.shows("It is me")
    expect(page.locator("#request")).to_contain_text("Whoever is called so now is somebody else.")
    expect(room.composer).not_to_be_editable()
    expect(page.get_by_text("This is somebody else.")).to_have_count(0)
    anew = chat_with(bob, name)
    expect(page.get_by_text("This is somebody else.")).to_contain_text(f"talked with another {name}")
    expect(anew.lines).to_have_count(0)
    anew.say("And who are you?")
    expect(anew.stored).to_have_count(1)
    second_chat = second.get("/directs")["directs"][0]
    assert second_chat["last"]["content"] == "And who are you?"


def test_who_takes_no_messages_is_told_that_nobody_can_answer(person: Make, server: Server) -> None:
    bob, ann = person(), Guest.sign_in(server.url)
    chat_with(bob, ann.username)
    cannot = bob.page.get_by_text("cannot answer: you take no messages from them")
    expect(cannot).to_have_count(0)
    bob.guest.patch("/users/current", {"direct_from": "nobody"})
    bob.page.reload()
    expect(cannot).to_contain_text(ann.username)
    bob.page.get_by_role("link", name="Who may write to you").click()
    bob.page.get_by_label("Everyone here").check()
    bob.page.get_by_role("button", name="Save").nth(0).click()
    chat_with(bob, ann.username)
    expect(cannot).to_have_count(0)


def test_without_scripts_one_opens_writes_accepts_and_blocks(visitor: Make, server: Server) -> None:
    bob = visitor(java_script_enabled=False)
    bob.sign_in(a_name())
    ann = Guest.sign_in(server.url)
    page = bob.open("/chatrooms/")
    page.get_by_label("Whom do you want to talk with?").fill(ann.username)
    page.get_by_role("button", name="Chat", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ann.username)
    page.locator("#content").fill("Without scripts")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#feed .say p")).to_have_text("Without scripts")
    page.get_by_role("button", name="Block").click()
    expect(page.locator("#directs")).to_contain_text("Blocked")
    page.locator("#directs").get_by_role("link").click()
    page.locator("#request").get_by_role("button", name="Unblock").click()
    expect(page.locator("#request")).to_be_hidden()
    asker = Guest.sign_in(server.url)
    asker.post("/directs", {"username": bob.name})
    bob.open(f"/direct/{asker.username}/")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#request")).to_be_hidden()
    bob.open("/account/")
    page.get_by_label("Nobody").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert asker.get("/directs")["directs"][0]["may_write"] is False


@pytest.mark.long
@pytest.mark.timeout(240)
def test_what_works_in_rooms_works_between_two(person: Make) -> None:
    ann, bob = person(), person(**PHONE)
    hers, his = chat_with(ann, bob.name), chat_with(bob, ann.name)
    # Told again after three seconds: his line may be new.
    hers.composer.press_sequentially("I am", delay=1100)
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
    # A line that was lost in silence is noticed after a while, and on a busy machine made anew after another.
    expect(his.page.locator("#feed .msg .say p")).to_have_text(["First", "Second"], timeout=90_000)
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


def test_rows_cards_and_addresses_stay_with_the_person(person: Make, server: Server) -> None:
    bob, ann = person(), Guest.sign_in(server.url)
    page = bob.open("/account/")
    chat = ann.open_direct(bob.guest)
    expect(page.locator(".knock").get_by_role("link")).to_have_attribute("href", chat["url"])
    bob.open("/chatrooms/")
    row = page.locator(f"#direct-{chat['id']}")
    expect(row.get_by_role("link")).to_have_attribute("href", chat["url"])
    Room(bob.open(f"/direct/{ann.username}/")).ready()
    expect(page).to_have_url(bob.url + chat["url"])
    ann.delete("/sessions/current")
    Guest.sign_in(server.url, ann.username)
    page.reload()
    expect(page.locator("#request")).to_contain_text("Whoever is called so now is somebody else.")


def test_an_open_page_follows_what_is_answered_elsewhere(person: Make, server: Server) -> None:
    bob, ann = person(), Guest.sign_in(server.url)
    chat = ann.open_direct(bob.guest)
    room = bob.enter(chat).ready()
    notice, answers = room.page.locator("#request"), room.page.locator("#answers").get_by_role("button")
    expect(notice.get_by_role("button")).to_have_text(["Accept", "Ignore", "Block"])
    expect(answers).to_have_text(["Block"])
    bob.guest.answer(chat, "open")
    expect(notice).to_be_hidden()
    expect(answers).to_have_text(["Ignore", "Block"])
    bob.guest.answer(chat, "ignored")
    expect(notice).to_contain_text(f"You ignore {ann.username} here")
    expect(notice.get_by_role("button")).to_have_text(["Take it up"])
    bob.guest.block(ann)
    expect(notice).to_contain_text(f"You have blocked {ann.username}.")
    expect(answers).to_have_text(["Unblock"])
    expect(room.composer).not_to_be_editable()
    bob.guest.unblock(ann)
    bob.guest.answer(chat, "open")
    expect(notice).to_be_hidden()
    expect(room.composer).to_be_editable()
    ann.patch("/users/current", {"username": a_name("Wren")})
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("Wren")
    expect(room.composer).to_have_attribute("placeholder", re.compile("Write to Wren"))
    ann.delete("/sessions/current")
    expect(notice).to_contain_text("has left. What was said stays here.")
    expect(room.composer).not_to_be_editable()


def test_what_comes_before_the_scripts_of_a_direct_chat_is_not_lost(person: Make, server: Server) -> None:
    bob, ann = person(), Guest.sign_in(server.url)
    chat = ann.open_direct(bob.guest)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    bob.page.route("**/joined/direct.js*", hold)
    wire = Wire(bob.page)
    page = bob.enter(chat).ready().page
    bob.until(lambda: any("/sessions/current" in one.url for one in wire.answered()))
    bob.guest.answer(chat, "open")
    expect(page.locator("#waiting")).to_be_hidden()
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)


@pytest.mark.long
def test_an_open_page_that_asks_follows_too(person: Make, start_server: Callable[..., Server]) -> None:
    site = start_server(live="poll", direct_rate="off", visit_rate="off")
    bob, ann = person(url=site.url), Guest.sign_in(site.url)
    chat = ann.open_direct(bob.guest)
    room = bob.enter(chat).ready()
    notice = room.page.locator("#request")
    bob.guest.answer(chat, "ignored")
    expect(notice.get_by_role("button")).to_have_text(["Take it up"])
    bob.guest.answer(chat, "open")
    expect(notice).to_be_hidden()
    ann.take_from("nobody")
    expect(notice).to_have_text(f"{ann.username} is not taking messages.")
    expect(room.composer).not_to_be_editable()
    bob.guest.block(ann)
    expect(notice.get_by_role("button")).to_have_text(["Unblock"])


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_an_ignored_chat_says_so_and_is_taken_up_again(person: Make, server: Server, scripts: bool) -> None:
    bob, ann = person(java_script_enabled=scripts), Guest.sign_in(server.url)
    chat = ann.open_direct(bob.guest)
    ann.send(chat, "Are you there?")
    bob.guest.answer(chat, "ignored")
    page = bob.open(chat["url"])
    notice = page.locator("#request")
    expect(notice).to_contain_text(f"You ignore {ann.username} here, and are not told what they write.")
    notice.get_by_role("button", name="Take it up").click()
    expect(notice).to_be_hidden()
    assert bob.guest.direct(chat)["state"] == "open"


@pytest.mark.parametrize("live", [True, False], ids=["pushed", "written"])
def test_a_row_says_in_words_what_it_is(person: Make, server: Server, live: bool) -> None:
    bob = person(java_script_enabled=live)
    asking, blocked, friend = (Guest.sign_in(server.url) for _ in range(3))
    if live:
        bob.open("/chatrooms/")
    request, refused, talk = (one.open_direct(bob.guest) for one in (asking, blocked, friend))
    asking.send(request, "Hello")
    for one, chat in ((blocked, refused), (friend, talk)):
        bob.guest.answer(chat, "open")
        one.send(chat, "Said")
    bob.guest.block(blocked)
    friend.enter(talk)
    page = bob.page if live else bob.open("/chatrooms/")
    expect(page.locator(f"#direct-{request['id']} .last")).to_have_text("Would like to talk: Hello")
    row = page.locator(f"#direct-{refused['id']}")
    expect(row.locator(".last")).to_have_text("Blocked")
    expect(row.locator(".count")).to_be_hidden()
    expect(row).not_to_have_class(re.compile("new"))
    row = page.locator(f"#direct-{talk['id']}")
    expect(row.locator(".count")).to_have_text("1 new")
    expect(row.locator(".name")).to_have_text(f"{friend.username}, here now")
    asking.delete("/sessions/current")
    if not live:
        page.reload()
    expect(page.locator(f"#direct-{request['id']} .last")).to_have_text("Has left")


@pytest.mark.long
def test_a_request_that_came_while_the_line_was_down_is_seen_in_a_room(
    person: Make, server: Server, chat: Json
) -> None:
    with Cable(server.url) as cable:
        bob = person(url=cable.url)
        bob.expects(UNREACHABLE)
        wire = Wire(bob.page)
        page = bob.enter(chat).ready().page
        bob.until(lambda: any("/sessions/current" in one.url for one in wire.answered()))
        cable.die()
        ann = Guest.sign_in(server.url)
        ann.open_direct(bob.guest)
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(".knock")).to_contain_text(ann.username)
        expect(page.locator("#waiting")).to_have_text("1 waiting")


@pytest.mark.long
def test_by_asking_one_request_that_follows_another_is_shown(
    person: Make, start_server: Callable[..., Server]
) -> None:
    site = start_server(live="poll", direct_rate="off", visit_rate="off")
    bob = person(url=site.url)
    page = bob.open("/account/")
    ann, cid, dan = (Guest.sign_in(site.url) for _ in range(3))
    with_ann = ann.open_direct(bob.guest)
    cards = page.locator(".knock")
    expect(cards).to_contain_text([ann.username])
    bob.guest.answer(with_ann, "ignored")
    cid.open_direct(bob.guest)
    expect(cards).to_contain_text([cid.username])
    bob.guest.block(cid)
    dan.open_direct(bob.guest)
    expect(cards).to_contain_text([dan.username])
    dan.delete("/sessions/current")
    expect(cards).to_have_count(0)


def test_of_many_requests_three_are_shown_and_one_is_put_off(person: Make, server: Server) -> None:
    bob = person()
    page = bob.open("/account/")
    cards, read_aloud = page.locator(".knock"), page.locator("#knocking")
    expect(read_aloud).to_be_attached()
    askers = [Guest.sign_in(server.url) for _ in range(5)]
    for number, asker in enumerate(askers):
        asker.open_direct(bob.guest)
        expect(cards).to_have_count(min(number + 1, 3))
    expect(read_aloud.locator("p")).to_have_text(
        [f"{one.username}, a guest, would like to talk with you." for one in askers[:3]]
    )
    more = page.locator("#knocks").get_by_role("link", name="and 2 more")
    expect(more).to_have_attribute("href", "/chatrooms/#direct")
    cards.first.get_by_role("button", name="Not now").focus()
    page.keyboard.press("Enter")
    expect(cards).to_contain_text([one.username for one in askers[1:4]])
    expect(page.locator("#knocks").get_by_role("link", name="and 1 more")).to_be_visible()
    expect(cards.first.get_by_role("link", name="Look")).to_be_focused()
    page.reload()
    expect(cards).to_have_count(3)
    expect(page.locator("#knocks").get_by_text("and 1 more")).to_be_visible()
    expect(page.get_by_text(f"{askers[0].username}, a guest")).to_have_count(0)
    for left in (3, 3, 2, 1):
        expect(cards).to_have_count(left)
        cards.first.get_by_role("button", name="Not now").press("Enter")
    expect(cards).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("^Rooms"))).to_be_focused()
    expect(page.locator("#waiting")).to_have_text("5 waiting")


def test_many_cards_fit_a_small_screen(person: Make, server: Server) -> None:
    bob = person(viewport={"width": 320, "height": 256})
    page = bob.open("/account/")
    for _ in range(3):
        Guest.sign_in(server.url).open_direct(bob.guest)
    expect(page.locator(".knock")).to_have_count(3)
    place = page.locator("#knocks").bounding_box()
    assert place is not None
    assert place["y"] >= 0
    assert place["height"] <= 256
    page.locator(".knock").first.get_by_role("button", name="Block").click()
    expect(page.locator(".knock")).to_have_count(2)


def test_without_scripts_a_name_in_the_log_leads_to_its_person(
    person: Make, server: Server, chat: Json, host: Guest
) -> None:
    bob = person(java_script_enabled=False)
    host.send(chat, "Hello all")
    page = bob.enter(chat).page
    page.locator("#feed").get_by_role("link", name=host.username).click()
    chat_button = page.get_by_role("button", name="Chat", exact=True)
    if chat_button.count():
        chat_button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(host.username)
    assert host.directs()[0]["with"]["user_id"] == bob.guest.user_id


@pytest.mark.parametrize("scripts", [True, False])
def test_a_deleted_account_is_called_so_in_the_language_of_the_page(
    person: Make, server: Server, host: Guest, chat: Json, scripts: bool
) -> None:
    ann = person(locale="de-DE", java_script_enabled=scripts)
    gone = Guest(server.url).sign_up()
    ann.guest.join(chat)
    gone.join(chat)
    gone.send(chat, "Said in the room")
    direct = ann.guest.open_direct(gone)
    gone.send(direct, "Said in private")
    gone.delete("/users/current", {"password": PASSWORD})
    name = "Gelöschtes Konto"
    eventually(lambda: ann.guest.after(chat, 0)["messages"][-1]["username"] == "Deleted account")
    page = ann.page
    for place in (chat["url"], direct["url"]):
        ann.open(place)
        if scripts:
            Room(page).ready()
        expect(page.locator(".msg .by bdi").last).to_have_text(name)
        expect(page.locator(".msg .plate").last).to_have_text("G")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("#request")).to_contain_text(f"{name} ist nicht mehr da")
    expect(page).to_have_title(re.compile(f"^(.* )?{name} · "))
    expect(ann.open("/chatrooms/").locator("#directs .name bdi")).to_have_text(name)


def test_on_a_small_phone_who_is_here_and_who_can_read_are_told_in_full(person: Make, host: Guest) -> None:
    ann = person(**SMALL_PHONE, locale="de-DE")
    chat = ann.guest.open_direct(host)
    host.answer(chat, "open")
    host.enter(chat)
    page = ann.enter(chat).ready().page
    here = page.locator("#here")
    expect(here).to_have_text(f"{host.username} ist hier")
    expect(page.locator("#seal")).to_have_text("Nicht verschlüsselt")
    assert here.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    assert page.evaluate(STICKING_OUT) == []
