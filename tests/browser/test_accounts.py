"""Coming in with a password, one's own account, and a room's settings, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from porch.claim import claim_token
from tests.browser.states import parameters
from tests.support.browser import PHONE, Person, Room
from tests.support.browser_axe import DEVICES, Axe
from tests.support.browser_layout import SMALL_PRINT, STICKING_OUT, TOO_SMALL, TOO_WIDE
from tests.support.database import change
from tests.support.people import PASSWORD, Guest, Json, a_name
from tests.support.server import Server
from tests.support.ways import with_scripts_and_at_length_without, with_scripts_and_without

Make = Callable[..., Person]

OTHER = "two envelopes of black kale"


@pytest.fixture
def account(visitor: Make) -> Make:
    """Make people who are logged in to an account of their own."""

    def make(name: str | None = None, **options: Any) -> Person:
        one = visitor(**options)
        become_account(one, name or a_name("Mary"))
        return one

    return make


def become_account(one: Person, name: str) -> None:
    """Make the account by the other door, without its page."""
    fields = {"username": name, "password": PASSWORD}
    answer = one.context.request.post(f"{one.url}/users", data=fields)
    assert answer.status == 201, answer.text()
    one.name, one.guest.token = answer.json()["username"], answer.json()["token"]
    one.guest.username, one.guest.user_id = one.name, answer.json()["user_id"]


def fill_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(password)


def is_signed_in_as(page: Page, name: str) -> None:
    expect(page.locator(".top")).to_contain_text(f"You are {name}")


# Coming in


@with_scripts_and_without
def test_somebody_signs_up_logs_out_and_logs_in_again(visitor: Make, chat: Json, scripts: bool) -> None:
    mary, name = visitor(java_script_enabled=scripts), a_name("Mary")
    page = mary.open(chat["url"])
    page.get_by_role("main").get_by_role("link", name="sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(chat["name"])
    fill_in(page, name, PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page).to_have_url(mary.url + chat["url"])
    is_signed_in_as(page, name)

    page.get_by_role("banner").get_by_role("button", name="Log out").click()
    expect(page).to_have_url(mary.url + "/")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Log in").click()
    fill_in(page, name, PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    expect(page).to_have_url(mary.url + "/")
    is_signed_in_as(page, name)


@with_scripts_and_at_length_without
def test_a_wrong_password_is_said_in_its_place(visitor: Make, account: Make, scripts: bool) -> None:
    other, mary = visitor(java_script_enabled=scripts), account()
    other.expects("status of 401")
    page = other.open("/login/?next=/account/")
    fill_in(page, mary.name, OTHER)
    page.get_by_role("button", name="Log in").click()
    password = page.get_by_label("Password", exact=True)
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    expect(password).to_be_focused()
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_have_accessible_description("The name or the password is wrong.")
    expect(page.get_by_label("Name", exact=True)).to_have_value(mary.name)
    expect(password).to_have_value(OTHER if scripts else "")
    password.fill(PASSWORD)
    password.press("Enter")
    expect(page).to_have_url(other.url + "/account/")


@with_scripts_and_at_length_without
def test_a_taken_name_comes_with_free_ones(visitor: Make, account: Make, scripts: bool) -> None:
    other, mary = visitor(java_script_enabled=scripts), account()
    other.expects("status of 409")
    page = other.open("/signup/?next=/account/")
    fill_in(page, mary.name, PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    free = page.locator("button[name=username]").first
    name = free.inner_text()
    free.click()
    if not scripts:  # a password that was sent is not sent back
        expect(page.get_by_label("Name", exact=True)).to_have_value(name)
        expect(page.get_by_label("Password", exact=True)).to_be_focused()
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign up").click()
    expect(page).to_have_url(other.url + "/account/")
    is_signed_in_as(page, name)


@with_scripts_and_at_length_without
def test_one_error_goes_when_another_comes(visitor: Make, scripts: bool) -> None:
    one = visitor(java_script_enabled=scripts)
    one.expects("status of 400")
    page = one.open("/signup/")
    fill_in(page, "bell\x07", PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    fill_in(page, a_name("Mary"), "short")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).not_to_have_attribute("aria-invalid", "true")


def test_a_password_is_shown_on_request_and_hidden_before_it_is_sent(visitor: Make) -> None:
    one = visitor()
    one.expects("status of 401")
    page = one.open("/login/")
    fill_in(page, a_name("Nobody"), OTHER)
    password = page.get_by_label("Password", exact=True)
    button = page.get_by_role("button", name="Show password")
    expect(password).to_have_attribute("type", "password")
    button.click()
    expect(password).to_have_attribute("type", "text")
    expect(password).to_have_value(OTHER)
    expect(page.get_by_role("button", name="Hide password", pressed=True)).to_be_visible()
    password.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(password).to_have_attribute("type", "password")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_without_scripts_no_button_pretends_to_work(account: Make) -> None:
    mary = account(java_script_enabled=False)
    chat = mary.guest.open_chat("The ladder")
    page = mary.open("/account/")
    expect(page.get_by_role("button", name="Show")).to_have_count(0)
    page = mary.open(f"{chat['url']}settings/")
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("#invitation")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_signed_in_meanwhile_in_another_tab_leads_on(visitor: Make) -> None:
    one = visitor()
    one.expects("status of 409")
    page = one.open("/signup/?next=/account/")
    become_account(one, a_name("Mary"))
    fill_in(page, a_name("Mary"), PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page).to_have_url(one.url + "/account/")
    is_signed_in_as(page, one.name)


@with_scripts_and_at_length_without
def test_going_back_after_logging_out_asks_for_no_form_again(
    visitor: Make, chat: Json, scripts: bool
) -> None:
    one = visitor(java_script_enabled=scripts)
    one.sign_in(a_name("Juno"))
    page = one.open(chat["url"])
    page.get_by_role("banner").get_by_role("button", name="Log out").click()
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    expect(page).to_have_url(one.url + "/")
    page.go_back()
    expect(page.get_by_label("What should we call you?")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("What should we call you?")).to_be_visible()


# One's own account


@with_scripts_and_without
def test_an_account_from_its_first_day_to_its_last(
    account: Make, visitor: Make, chat: Json, scripts: bool
) -> None:
    mary, phone = account(java_script_enabled=scripts), visitor(java_script_enabled=scripts, **PHONE)
    first = phone.open("/login/?next=/account/")
    fill_in(first, mary.name, PASSWORD)
    first.get_by_role("button", name="Log in").click()
    expect(first.locator(".device")).to_have_count(2)

    page = mary.open("/account/")
    expect(page.locator(".device")).to_have_count(2)
    expect(page.locator(".device").filter(has_text="This one")).to_have_count(1)
    page.get_by_role("button", name="End the session").click()
    expect(page.get_by_role("status")).to_contain_text("That session has ended.")
    expect(page.locator(".device")).to_have_count(1)
    first.reload()
    expect(first).to_have_url(f"{mary.url}/login/?next=/account/")

    name = a_name("Mary Ann")
    page.get_by_label("Another name").fill(name)
    page.get_by_role("button", name="Change the name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    is_signed_in_as(page, name)

    page.get_by_label("Password now", exact=True).fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(OTHER)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status")).to_contain_text("The password is changed.")
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("The password is changed.")  # nothing is sent again

    page.get_by_role("link", name="Delete my account").click()
    page.get_by_label("Your password", exact=True).fill(OTHER)
    page.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_role("status")).to_contain_text("Your account is deleted.")
    assert Guest.sign_in(mary.url, name).username == name


@with_scripts_and_at_length_without
def test_what_is_wrong_has_the_focus(account: Make, scripts: bool) -> None:
    mary = account(java_script_enabled=scripts, **PHONE)
    mary.expects("status of 4(00|01|09)")
    page = mary.open("/account/")
    page.get_by_label("Password now", exact=True).fill("not my password")
    page.get_by_label("New password", exact=True).fill(OTHER)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_label("Password now", exact=True)).to_be_focused()
    expect(page.get_by_role("alert")).to_be_in_viewport()
    page.get_by_label("Another name").fill("Moderator")
    page.get_by_role("button", name="Change the name").click()
    expect(page.get_by_label("Another name")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(1)


# A room's settings


@with_scripts_and_without
def test_a_room_from_its_settings_to_its_end(
    account: Make, visitor: Make, host: Guest, scripts: bool
) -> None:
    mary, juno = account(java_script_enabled=scripts), visitor(java_script_enabled=scripts)
    juno.sign_in(a_name("Juno"))
    chat = mary.guest.open_chat("Choir", "listed")
    page = mary.open(f"{chat['url']}settings/")
    expect(page.get_by_role("radio", name=re.compile("^Listed"))).to_be_checked()
    page.get_by_label("Name", exact=True).fill("Choir, second voices")
    page.get_by_role("radio", name=re.compile("^Private")).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Choir, second voices")
    expect(page.get_by_role("radio", name=re.compile("^Private"))).to_be_checked()

    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#invitation").inner_text()
    theirs = juno.open(urlsplit(link).path)
    theirs.get_by_role("button", name="Come in").click()
    expect(theirs).to_have_url(juno.url + chat["url"])

    page.get_by_label("Invite by name").fill(host.username)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("status")).to_contain_text("a member now")
    expect(page.locator(".member")).to_have_count(3)
    page.get_by_role("link", name=f"Remove {juno.name}").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".member")).to_have_count(2)

    page.get_by_role("link", name="Delete the room").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete “Choir, second voices”?")
    page.get_by_role("main").get_by_role("button", name="Delete the room").click()
    expect(page).to_have_url(mary.url + "/chatrooms/?done=deleted")
    juno.expects("status of 4(04|10)", "WebSocket")
    mary.expects("status of 4(04|10)")


@pytest.mark.parametrize(
    ("device", "scripts"),
    [
        pytest.param({}, True, marks=pytest.mark.long),
        ({}, False),
        (PHONE, True),
        pytest.param(PHONE, False, marks=pytest.mark.long),
    ],
    ids=["desktop-scripts", "desktop-no-scripts", "phone-scripts", "phone-no-scripts"],
)
def test_whoever_is_in_a_room_reads_who_is_a_member(
    visitor: Make, server: Server, device: dict[str, Any], scripts: bool
) -> None:
    owner = Guest.sign_in(server.url)
    chat = owner.open_chat("Choir", "link")
    for _ in range(49):
        Guest.sign_in(server.url).join(chat)
    juno = visitor(java_script_enabled=scripts, **device)
    juno.sign_in(a_name("Juno"))
    juno.guest.join(chat)
    page = juno.open(chat["url"])
    if device:
        page.get_by_role("link", name="The link to this room").tap()
    page.get_by_role("link", name="Members", exact=True).click()
    expect(page.get_by_role("heading", name="Who is a member")).to_be_visible()
    expect(page.locator(".member")).to_have_count(50)
    expect(page.locator(".member").first).to_contain_text(owner.username)
    expect(page.locator(".member").first).to_contain_text("opened the room")
    page.get_by_role("link", name="More members").click()
    expect(page.locator(".member")).to_have_count(1)
    expect(page.locator(".member")).to_contain_text(juno.name)
    page.get_by_role("link", name="From the first").click()
    expect(page.locator(".member")).to_have_count(50)
    page.get_by_role("link", name="Back to the room").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choir")


def test_a_one_time_link_is_copied(account: Make) -> None:
    mary = account()
    mary.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat = mary.guest.open_chat("Choir")
    page = mary.open(f"{chat['url']}settings/")
    page.get_by_role("button", name="Make a link").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#invitation").inner_text()


# Every page in every state


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


def test_a_room_shows_the_bar_of_an_account(account: Make, chat: Json) -> None:
    mary = account()
    room = Room(mary.open(chat["url"])).ready()
    room.page.get_by_role("banner").get_by_role("link", name=f"You are {mary.name}").click()
    expect(room.page).to_have_url(mary.url + "/account/")
