"""A room changes under those who are in it: its name, its end, and who may be there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.support.browser import PHONE, Person, Room
from tests.support.browser_lobby import ASK, IN_THE_BACKGROUND, Lobby, sign_up
from tests.support.people import Guest, Json, a_name
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]

# The room's link, wherever it is shown to be read, copied or pointed at.
LINK = ":is(code, [data-copy], summary, .qr):visible"


@pytest.fixture
def owner(visitor: Make) -> Person:
    """Somebody with an account, who decides about `own`."""
    return sign_up(visitor())


@pytest.fixture
def own(owner: Person) -> Json:
    return owner.guest.open_chat(a_name("Supper"), "listed")


def title(room: Room) -> Any:
    return room.page.get_by_role("heading", level=1)


@by_line_and_at_length_by_asking
def test_a_new_name_is_seen_by_everybody_in_the_room(
    owner: Person, own: Json, person: Make, polling: bool
) -> None:
    ann = person()
    if polling:
        ann.context.add_init_script(ASK)
    room, theirs = owner.enter(own).ready(), ann.enter(own).ready()
    room.page.get_by_role("button", name="Rename").click()
    field = room.page.get_by_label("Name of the room")
    expect(field).to_be_focused()
    expect(field).to_have_value(own["name"])
    name = a_name("Dinner")
    field.fill(name)
    field.press("Enter")
    expect(field).to_be_hidden()
    expect(title(room)).to_have_text(name)
    expect(title(theirs)).to_have_text(name)


def test_a_name_that_is_refused_says_why_and_esc_leaves_it_as_it_was(owner: Person, own: Json) -> None:
    owner.expects("status of 400")
    room = owner.enter(own).ready()
    room.page.get_by_role("button", name="Rename").click()
    field = room.page.get_by_label("Name of the room")
    field.fill("n" * 81)
    field.press("Enter")
    expect(room.page.locator("#rename").get_by_role("alert")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.press("Escape")
    expect(field).to_be_hidden()
    expect(title(room)).to_have_text(own["name"])
    expect(room.page.get_by_role("button", name="Rename")).to_be_focused()
    assert owner.guest.get(f"/chats/{own['id']}/")["name"] == own["name"]


def test_only_who_decides_about_a_room_can_rename_and_delete_it(own: Json, person: Make) -> None:
    room = person().enter(own).ready()
    panel = room.page.get_by_role("complementary")
    expect(panel.get_by_role("link", name="Leave for good")).to_be_visible()
    for name in ("Rename", "Delete", "Settings and people"):
        expect(panel.get_by_text(name, exact=True)).to_have_count(0)


@pytest.mark.parametrize(
    "way",
    ["line", "asking"]
    + [
        pytest.param(way, marks=pytest.mark.long) for way in ("in the background", "asking in the background")
    ],
)
def test_whoever_is_in_a_room_that_is_deleted_is_told_in_the_lobby(
    owner: Person, own: Json, person: Make, way: str
) -> None:
    ann = person()
    ann.expects("status of 410")
    if "asking" in way:
        ann.context.add_init_script(ASK)
    if "background" in way:
        ann.context.add_init_script(IN_THE_BACKGROUND)
    ann.enter(own).ready()
    room = owner.enter(own).ready()
    owner.expects("status of 410")
    room.page.get_by_role("complementary").get_by_role("link", name="Delete").click()
    room.page.get_by_role("dialog").get_by_role("button", name="Delete the room").click()
    for one in (ann, owner):
        said = one.page.get_by_role("status").filter(has_text=f"“{own['name']}” was deleted.")
        expect(said).to_be_visible()
        expect(said).to_be_focused()
        expect(Lobby(one.page).ready().row(own["name"])).to_have_count(0)
        expect(one.page).to_have_url(one.url + "/chatrooms/")


def test_a_question_stands_before_a_room_is_deleted(owner: Person, own: Json) -> None:
    room = owner.enter(own).ready()
    delete = room.page.get_by_role("complementary").get_by_role("link", name="Delete")
    delete.click()
    question = room.page.get_by_role("dialog")
    expect(question).to_contain_text(own["name"])
    room.page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(delete).to_be_focused()
    assert owner.guest.get(f"/chats/{own['id']}/")["name"] == own["name"]


@by_line_and_at_length_by_asking
def test_whoever_is_removed_is_told_and_shown_the_way_out(
    owner: Person, own: Json, person: Make, polling: bool
) -> None:
    ann = person()
    ann.expects("status of 404")
    if polling:
        ann.context.add_init_script(ASK)
    room = ann.enter(own).ready()
    room.composer.fill("Half a sen")
    owner.guest.delete(f"/chats/{own['id']}/members/{ann.guest.user_id}")
    expect(room.notice).to_contain_text("You are no longer in this room.")
    expect(room.composer).to_have_value("Half a sen")
    expect(room.composer).not_to_be_editable()
    room.notice.get_by_role("link", name="To the lobby").click()
    expect(ann.page).to_have_url(ann.url + "/chatrooms/")


@by_line_and_at_length_by_asking
def test_whoever_is_logged_out_elsewhere_is_told(person: Make, own: Json, polling: bool) -> None:
    ann = person()
    ann.expects("status of 401")
    if polling:
        ann.context.add_init_script(ASK)
    room = ann.enter(own).ready()
    ann.guest.delete("/sessions/current")
    expect(room.notice).to_contain_text("You are logged out.")
    expect(room.composer).not_to_be_editable()


def test_the_panel_of_a_private_room_leads_to_inviting_and_offers_no_link(owner: Person) -> None:
    private = owner.guest.open_chat(a_name("Secret"), "private")
    room = owner.enter(private).ready()
    panel = room.page.get_by_role("complementary")
    expect(panel).to_contain_text("Only people who are invited can come in.")
    expect(panel.locator(LINK)).to_have_count(0)
    panel.get_by_role("link", name="Invite somebody").click()
    expect(owner.page).to_have_url(f"{owner.url}{private['url']}settings/#invite")


@pytest.mark.parametrize(
    "options", [{}, PHONE, {"java_script_enabled": False}], ids=["laptop", "phone", "plain"]
)
def test_in_an_empty_private_room_one_invites_somebody_and_its_link_is_not_offered(
    person: Make, options: dict[str, Any]
) -> None:
    guest = person(**options)
    private = guest.guest.open_chat(a_name("Secret"), "private")
    page = guest.open(private["url"])
    main = page.get_by_role("main")
    expect(main).to_contain_text("Only people who are invited can come in.")
    expect(main.locator(LINK)).to_have_count(0)
    main.get_by_role("link", name="Invite somebody").click()
    expect(page).to_have_url(f"{guest.url}{private['url']}settings/#invite")
    expect(page.get_by_label("Invite by name")).to_be_in_viewport()


def test_who_does_not_decide_about_a_private_room_is_not_led_to_invite(owner: Person, person: Make) -> None:
    private, bob = owner.guest.open_chat(a_name("Secret"), "private"), person()
    owner.guest.post(f"/chats/{private['id']}/members", {"username": bob.name})
    page = bob.enter(private).ready().page
    expect(page.get_by_role("heading", name="Nobody has said anything yet")).to_be_visible()
    expect(page.get_by_role("link", name="Invite somebody")).to_have_count(0)
    expect(page.get_by_text("Whoever opened the room invites them.")).to_be_visible()
    expect(page.locator(LINK)).to_have_count(0)


@by_line_and_at_length_by_asking
@pytest.mark.parametrize("decides", [True, False])
def test_a_room_that_is_made_private_offers_no_link_until_it_is_open_again(
    owner: Person, person: Make, own: Json, decides: bool, polling: bool
) -> None:
    one = owner if decides else person()
    if polling:
        one.context.add_init_script(ASK)
    page = one.enter(own).ready().page
    invited = page.get_by_role("complementary").get_by_text("Only people who are invited can come in.")
    way_to_invite = page.get_by_role("link", name="Invite somebody")
    expect(page.locator(LINK)).to_have_count(8)
    expect(invited).to_be_hidden()
    owner.guest.patch(f"/chats/{own['id']}/", {"kind": "private"})
    expect(page.locator(LINK)).to_have_count(0)
    expect(invited).to_be_visible()
    expect(way_to_invite).to_have_count(2 if decides else 0)
    heading = "Ask someone up" if decides else "Who can come in?"
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    owner.guest.patch(f"/chats/{own['id']}/", {"kind": "link"})
    expect(page.locator(LINK)).to_have_count(8)
    expect(page.locator(".composer code")).to_have_text(one.url + own["url"])
    expect(invited).to_be_hidden()
    expect(way_to_invite).to_have_count(0)


def test_a_room_that_was_opened_private_shows_its_link_and_code_once_it_is_open(
    owner: Person,
) -> None:
    private = owner.guest.open_chat(a_name("Secret"), "private")
    page = owner.enter(private).ready().page
    expect(page.locator(LINK)).to_have_count(0)
    owner.guest.patch(f"/chats/{private['id']}/", {"kind": "link"})
    panel = page.get_by_role("complementary")
    expect(panel.locator("code")).to_have_text(owner.url + private["url"])
    panel.get_by_role("button", name="Copy").click()
    expect(panel.get_by_role("button", name="Copied")).to_be_visible()
    expect(panel.locator(".qr")).to_be_visible()


def test_a_new_name_of_oneself_is_shown_in_the_bar_and_the_list(
    owner: Person, own: Json, host: Guest
) -> None:
    room = owner.enter(own).ready()
    expect(room.page.locator("#people")).to_contain_text(owner.name)
    name = a_name("Robert")
    owner.guest.patch("/users/current", {"username": name})
    expect(room.page.get_by_role("banner").first).to_contain_text(f"You are {name}")
    expect(room.page.locator("#people bdi")).to_have_text([name])


def test_back_closes_the_sheet_and_the_focus_returns(person: Make, own: Json) -> None:
    room = person(**PHONE).enter(own).ready()
    way_in = room.page.get_by_role("link", name="The link to this room")
    sheet = room.page.get_by_role("dialog")
    way_in.tap()
    expect(sheet).to_be_visible()
    room.page.go_back()
    expect(sheet).to_be_hidden()
    expect(way_in).to_be_focused()
    expect(title(room)).to_be_visible()
    way_in.tap()
    sheet.get_by_role("link", name="Close").tap()
    expect(sheet).to_be_hidden()
    # Closing it otherwise leaves no step for Back behind.
    room.page.wait_for_function("() => history.state !== 'sheet'")


def test_whoever_presses_twice_while_the_sheet_is_loaded_opens_it_once(person: Make, own: Json) -> None:
    page = person(**PHONE).enter(own).ready().page
    way_in = page.get_by_role("link", name="The link to this room")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/panel*.js*", hold)
    way_in.tap()
    way_in.tap()
    assert len(held) == 1
    held[0].continue_()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("#panel")).to_be_hidden()
    assert "#panel" not in page.url


def test_whoever_opens_the_sheet_right_after_closing_it_has_it_open(person: Make, own: Json) -> None:
    room = person(**PHONE).enter(own).ready()
    sheet = room.page.get_by_role("dialog")
    room.page.get_by_role("link", name="The link to this room").tap()
    expect(sheet).to_be_visible()
    room.page.evaluate(
        """() => new Promise((done) => {
          addEventListener("popstate", () => setTimeout(done, 100), { once: true });
          const way = document.querySelector("[data-open-panel]");
          sheet.addEventListener("close", () => way.click(), { once: true });
          sheet.close();
        })"""
    )
    expect(sheet).to_be_visible()
    expect(sheet.get_by_role("link", name="Close")).to_be_visible()
    room.page.go_back()
    expect(sheet).to_be_hidden()
    expect(title(room)).to_be_visible()
    room.page.go_forward()
    expect(sheet).to_be_visible()


def test_a_page_that_is_loaded_again_with_its_sheet_open_has_no_step_of_it(person: Make, own: Json) -> None:
    one = person(**PHONE)
    one.open("/chatrooms/")
    room = one.enter(own).ready()
    room.page.get_by_role("link", name="The link to this room").tap()
    expect(room.page.get_by_role("dialog")).to_be_visible()
    room.page.reload()
    room.ready()
    room.page.wait_for_function("() => history.state !== 'sheet'")
    room.page.go_back()
    expect(room.page).to_have_url(f"{one.url}/chatrooms/")


def test_on_a_phone_a_room_is_renamed_from_the_sheet(owner: Person, visitor: Make) -> None:
    ann = sign_up(visitor(**PHONE))
    own = ann.guest.open_chat(a_name("Supper"))
    room = ann.enter(own).ready()
    room.page.get_by_role("link", name="The link to this room").tap()
    room.page.get_by_role("button", name="Rename").tap()
    expect(room.page.locator("#sheet")).to_be_hidden()
    field = room.page.get_by_label("Name of the room")
    expect(field).to_be_focused()
    name = a_name("Dinner")
    field.fill(name)
    room.page.get_by_role("button", name="Save").tap()
    expect(title(room)).to_have_text(name)
