"""The pages about accounts and the settings of rooms, in every state: read and pressed by everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from porch.claim import claim_token
from tests.browser.scenes import parameters
from tests.support.browser import Person
from tests.support.browser_axe import DEVICES, Axe
from tests.support.browser_layout import SMALL_PRINT, STICKING_OUT, TOO_SMALL, TOO_WIDE
from tests.support.browser_lobby import fill_in
from tests.support.browser_lobby import sign_up as become_account
from tests.support.database import change
from tests.support.people import PASSWORD, Guest, Json, a_name
from tests.support.server import Server

Make = Callable[..., Person]


@dataclass
class Scene:
    """What a state is made with."""

    visitor: Make
    server: Server
    chat: Json
    device: dict[str, Any]

    def somebody(self) -> Person:
        one = self.visitor(**self.device)
        one.expects(r"status of 4\d\d")
        return one

    def a_guest(self) -> Person:
        one = self.somebody()
        one.sign_in(a_name("Juno"))
        return one

    def an_account(self) -> Person:
        one = self.somebody()
        become_account(one, a_name("Mary"))
        return one

    def settings(self, kind: str = "listed", members: int = 2) -> tuple[Person, Json, Page]:
        one = self.an_account()
        chat = one.guest.post(
            "/chats", {"name": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk", "kind": kind}
        )
        for _ in range(members if kind != "private" else 0):
            Guest.sign_in(one.url).join(chat)
        return one, chat, one.open(f"{chat['url']}settings/")

    def disorder(self) -> tuple[Person, Json, list[Guest]]:
        """A room with a moderator, somebody muted, somebody kept out, a report; and the host, whose it is."""
        one, chat, _ = self.settings(members=0)
        here = f"/chats/{chat['id']}"
        people = [Guest.sign_in(one.url, f"{name} {a_name()}") for name in ("Moderator", "Muted", "Banned")]
        for person in people:
            person.join(chat)
        said = people[1].send(chat, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk\n" * 3)["seq"]
        people[2].post(f"{here}/messages/{said}/reports", {"reason": "Not nice, and far too long."})
        one.guest.put(f"{here}/moderators/{people[0].user_id}")
        one.guest.put(f"{here}/mutes/{people[1].user_id}", {"seconds": 3600})
        one.guest.delete(f"{here}/members/{people[2].user_id}")
        change(self.server.data, "UPDATE user SET role = 'admin' WHERE id = ?", one.guest.user_id)
        return one, chat, people


def log_in(scene: Scene) -> Page:
    return scene.somebody().open("/login/")


def log_in_to_a_room_by_a_guest(scene: Scene) -> Page:
    return scene.a_guest().open(f"/login/?next={scene.chat['url']}")


def log_in_refused(scene: Scene) -> Page:
    page = log_in(scene)
    fill_in(page, a_name("Nobody"), PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def sign_up(scene: Scene) -> Page:
    return scene.somebody().open("/signup/")


def sign_up_by_a_guest(scene: Scene) -> Page:
    return scene.a_guest().open("/signup/")


def sign_up_with_a_taken_name(scene: Scene) -> Page:
    taken, page = scene.a_guest().name, sign_up(scene)
    fill_in(page, taken, PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.locator("button[name=username]").first).to_be_visible()
    return page


def own_account(scene: Scene) -> Page:
    one = scene.an_account()
    one.guest.again()
    page = one.open("/account/?done=password")
    expect(page.get_by_role("button", name="End all others")).to_be_visible()
    return page


def own_account_of_a_guest(scene: Scene) -> Page:
    return scene.a_guest().open("/account/")


def own_account_refused(scene: Scene) -> Page:
    page = scene.an_account().open("/account/")
    page.get_by_label("Another name").fill(scene.a_guest().name)
    page.get_by_role("button", name="Change the name").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def delete_account_question(scene: Scene) -> Page:
    return scene.an_account().open("/account/delete/")


def log_out_question(scene: Scene) -> Page:
    return scene.a_guest().open("/logout/")


def room_settings(scene: Scene) -> Page:
    return scene.settings()[2]


def room_settings_with_a_link(scene: Scene) -> Page:
    page = scene.settings("private")[2]
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    return page


def room_settings_refused(scene: Scene) -> Page:
    page = scene.settings()[2]
    page.get_by_label("Invite by name").fill("Nobody At All")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def room_members(scene: Scene) -> Page:
    _, chat, _ = scene.settings(members=2)
    reader = scene.a_guest()
    reader.guest.join(chat)
    page = reader.open(f"{chat['url']}members/?after=0")
    expect(page.locator(".member")).to_have_count(4)
    return page


def leave_room_question(scene: Scene) -> Page:
    one = scene.a_guest()
    one.guest.join(scene.chat)
    return one.open(f"{scene.chat['url']}settings/")


def remove_member_question(scene: Scene) -> Page:
    page = scene.settings()[2]
    page.get_by_role("link", name="Remove").first.click()
    expect(page.get_by_role("button", name="Remove")).to_be_visible()
    return page


def delete_room_question(scene: Scene) -> Page:
    one, chat, _ = scene.settings()
    return one.open(f"{chat['url']}delete/")


def edit_message(scene: Scene) -> Page:
    one = scene.a_guest()
    one.guest.join(scene.chat)
    seq = one.guest.send(scene.chat, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk\n" * 20)["seq"]
    return one.open(f"{scene.chat['url']}messages/{seq}/edit/")


def edit_message_refused(scene: Scene) -> Page:
    page = edit_message(scene)
    page.get_by_label("What you said").fill(" ")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def delete_message_question(scene: Scene) -> Page:
    page = edit_message(scene)
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    return page


def invitation(scene: Scene) -> Page:
    one, chat, _ = scene.settings("private")
    return scene.a_guest().open(one.guest.post(f"/chats/{chat['id']}/invitations")["url"])


def invitation_of_a_stranger(scene: Scene) -> Page:
    one, chat, _ = scene.settings("private")
    return scene.somebody().open(one.guest.post(f"/chats/{chat['id']}/invitations")["url"])


def invitation_used_up(scene: Scene) -> Page:
    return scene.somebody().open("/invitations/AAAAAAAAAAAAAAAAAAAAAAAA/")


def claim(scene: Scene) -> Page:
    return scene.somebody().open(f"/claim/{claim_token(scene.server.data)}/")


def claim_used_up(scene: Scene) -> Page:
    return scene.somebody().open("/claim/AAAAAAAAAAAAAAAAAAAAAAAA/")


def room_order(scene: Scene) -> Page:
    one, chat, _ = scene.disorder()
    page = one.open(f"{chat['url']}order/")
    expect(page.get_by_role("button", name="Take the message back")).to_be_visible()
    return page


def mute_member_question(scene: Scene) -> Page:
    one, chat, people = scene.disorder()
    return one.open(f"{chat['url']}members/{people[0].user_id}/mute/")


def report_refused(scene: Scene) -> Page:
    one, chat, _ = scene.disorder()
    page = one.open(f"{chat['url']}messages/1/report/")
    page.get_by_label("What is wrong with it?").fill(" ")
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def audit_log(scene: Scene) -> Page:
    return scene.disorder()[0].open("/account/audit/")


def all_reports(scene: Scene) -> Page:
    return scene.disorder()[0].open("/account/reports/")


def messages_to_choose_from(scene: Scene) -> Page:
    one, chat, _ = scene.disorder()
    return one.open(f"{chat['url']}messages/")


# One of each kind; the others at length.
SHORT = (
    log_in_refused,
    sign_up,
    own_account,
    delete_account_question,
    room_settings_with_a_link,
    room_members,
    edit_message_refused,
    invitation,
    claim,
    room_order,
    audit_log,
    all_reports,
)
STATES = parameters(globals(), SHORT)


@pytest.fixture
def scene(visitor: Make, server: Server, chat: Json) -> Scene:
    return Scene(visitor, server, chat, {})


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("device", ["phone", pytest.param("laptop", marks=pytest.mark.long)])
def test_every_page_can_be_read_and_pressed_by_everybody(
    axe: Axe, scene: Scene, state: Callable[[Scene], Page], device: str
) -> None:
    scene.device = DEVICES[device]
    page = state(scene)
    assert axe.finds_by_day_or_night(page) == []
    for landmark in (page.get_by_role("banner"), page.get_by_role("main"), page.get_by_label("Site")):
        expect(landmark).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert " · " in page.title()
    for width in (390, 320) if device == "phone" else (1440, 768):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(STICKING_OUT) + page.evaluate(TOO_WIDE) == [], width
        assert page.evaluate(TOO_SMALL, 44 if device == "phone" else 24) == [], width
        assert page.evaluate(SMALL_PRINT, 16) == [], width
