"""Opening a room, coming to one by its link, and what happens on the way when something is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.support.browser import FLAGS, PHONE, Person, Room, give_name
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

Make = Callable[..., Person]


@pytest.mark.parametrize("start", ["/", pytest.param("/chatrooms/", marks=pytest.mark.long)])
def test_a_visitor_opens_a_room_signs_in_and_is_its_creator(visitor: Make, start: str) -> None:
    ann, room_name, name = visitor(), a_name("Supper"), a_name("Ann")
    page = ann.open(start)
    page.get_by_label("What is the room about?").fill(room_name)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("textbox")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text(room_name)
    give_name(page, name)

    expect(page.get_by_role("heading", name=room_name, level=1)).to_be_visible()
    assert "/chatrooms/" in page.url
    room = Room(page).ready()
    expect(page.get_by_role("heading", name="Nobody has said anything yet")).to_be_visible()
    room.say("The first words")
    room.shows("The first words")
    expect(page.get_by_role("heading", name="Nobody has said anything yet")).to_be_hidden()
    expect(page.locator(".msg.mine .note")).to_have_count(0)
    page.reload()
    room.ready().shows("The first words")
    expect(page.locator(".top")).to_contain_text(f"You are {name}")
    opened = json.loads(page.locator("#room-data").text_content() or "")["chat"]
    assert opened["mine"] is True


@pytest.mark.parametrize("scripts", [True, False])
def test_by_an_invitation_one_is_in_the_room_with_a_name_and_a_press(
    visitor: Make, host: Guest, scripts: bool
) -> None:
    bob, taken = visitor(java_script_enabled=scripts), Guest.sign_in(host.url)
    bob.expects("status of 409")
    chat = host.open_chat("Choir", "private")
    page = bob.open(host.post(f"/chats/{chat['id']}/invitations")["url"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Choir")
    give_name(page, taken.username)
    expect(page.get_by_text("Free names like it:")).to_be_visible()
    page.locator(".others button").first.click()
    expect(page).to_have_url(bob.url + chat["url"])
    expect(page.get_by_label("Write to Choir")).to_be_editable()


def test_the_list_of_rooms_says_which_ones_one_opened(person: Make, chat: Json) -> None:
    ann = person()
    ann.guest.open_chat("Ann's own")
    ann.guest.join(chat)
    rows = ann.open("/chatrooms/").locator("#rooms > li")
    expect(rows.filter(has_text="Ann's own")).to_contain_text("opened by you")
    expect(rows.filter(has_text=chat["name"])).not_to_contain_text("opened by you")


def test_two_people_talk_at_once_and_see_the_same(person: Make, visitor: Make) -> None:
    ann, bob = person(), visitor()
    opened = ann.guest.open_chat("Two at once")
    ann.guest.send(opened, "Before Bob came")
    left = ann.enter(opened).ready()
    right = bob.come_in(opened, a_name("Bob"))
    right.shows("Before Bob came")

    for number in range(10):
        left.say(f"Ann {number}")
        right.say(f"Bob {number}")
    for room in (left, right):
        expect(room.lines).to_have_count(21)
        expect(room.stored).to_have_count(21)  # none is still on its way
    assert left.contents() == right.contents()
    stored = [message["content"] for message in ann.guest.after(opened, 0, limit=200)["messages"]]
    assert left.contents() == stored
    for name in ("Ann", "Bob"):
        assert [text for text in stored if text.startswith(f"{name} ")] == [f"{name} {n}" for n in range(10)]
    left.page.reload()
    left.ready().shows(*stored)


def test_a_second_tab_is_the_same_person_and_a_private_window_is_not(
    person: Make, visitor: Make, chat: Json
) -> None:
    ann, stranger = person(), visitor()
    first = ann.enter(chat).ready()
    second = ann.enter(chat, page=ann.context.new_page()).ready()
    expect(second.page.locator(".top")).to_contain_text(f"You are {ann.name}")
    first.say("From the first tab")
    expect(second.page.locator(".msg.mine .say")).to_have_text(["From the first tab"])
    second.say("From the second")
    first.shows("From the first tab", "From the second")
    expect(first.page.locator(".msg.mine")).to_have_count(2)

    page = stranger.open(chat["url"])
    expect(page.get_by_label("What should we call you?")).to_be_visible()
    expect(page.get_by_text(ann.name)).to_have_count(0)


def test_closing_the_browser_keeps_a_person_signed_in(
    playwright: Playwright, chromium_path: str, tmp_path: Path, server: Server, chat: Json
) -> None:
    name = a_name()

    def start() -> Person:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium_path, args=FLAGS
        )
        return Person(context, server.url)

    ann = start()
    ann.come_in(chat, name)
    ann.context.close()
    back = start()
    room = back.enter(chat).ready()
    expect(room.page.locator(".top")).to_contain_text(f"You are {name}")
    room.say("Still me")
    room.shows("Still me")
    back.context.close()
    assert ann.unexpected() + back.unexpected() == []


@pytest.mark.parametrize("device", [{}, PHONE], ids=["laptop", "phone"])
def test_every_page_has_the_way_out(person: Make, chat: Json, device: dict[str, object]) -> None:
    ann = person(**device)
    ann.expects("status of 404")
    way_out = ann.page.get_by_role("button", name="Log out")
    for path in ("/", "/chatrooms/", "/chatrooms/nobody-has-this-link/", "/no/such/page"):
        ann.open(path)
        expect(way_out).to_be_visible()
    ann.enter(chat).ready()
    if device:
        ann.page.get_by_role("link", name="The link to this room").tap()
    expect(way_out).to_be_visible()
    expect(way_out).to_be_in_viewport()


def test_a_guest_is_asked_before_the_name_is_given_up(person: Make, chat: Json, server: Server) -> None:
    ann = person()
    other_tab = ann.enter(chat, page=ann.context.new_page()).ready()
    other_tab.say("Said before")
    page = ann.enter(chat).ready().page
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log out")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(ann.name)
    page.get_by_role("link", name="Stay here").click()
    expect(page).to_have_url(server.url + chat["url"])
    expect(page.locator(".top")).to_contain_text(f"You are {ann.name}")

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    expect(page).to_have_url(server.url + "/")
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)
    expect(other_tab.notice).to_contain_text("logged out")
    way_back = other_tab.notice.get_by_role("link", name="Sign in")
    expect(way_back).to_be_visible()
    other_tab.shows("Said before")
    assert Guest.sign_in(server.url, ann.name).username == ann.name, "the name is free again"
    way_back.click()
    give_name(other_tab.page, a_name("Ann again"))
    expect(other_tab.page).to_have_url(server.url + chat["url"])
    other_tab.ready().shows("Said before")
    expect(other_tab.page.locator(".msg.mine")).to_have_count(0)  # a new person, who wrote none of it


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_wrong_link_leads_on(person: Make, visitor: Make, server: Server, signed_in: bool) -> None:
    ann = person() if signed_in else visitor()
    ann.expects("status of 404")
    answer = ann.page.goto(server.url + "/chatrooms/AAAAAAAAAAAAAAAAAAAAAA/")
    assert answer is not None
    assert answer.status == 404
    expect(ann.page.get_by_role("heading", level=1)).to_be_visible()
    ann.page.get_by_role("main").get_by_role("link", name="Back to the front page").click()
    expect(ann.page.get_by_role("button", name="Open a room")).to_be_visible()
