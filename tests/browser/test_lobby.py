"""The lobby, live: rooms come, change and go, and stay where they are while somebody is at the list."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import UNLIMITED
from tests.support.browser import PHONE, UNREACHABLE, Person, heard_on, listen
from tests.support.browser_lobby import ASK, Lobby, sign_up
from tests.support.browser_wire import Wire
from tests.support.database import change
from tests.support.people import Guest, a_name
from tests.support.sealed import open_sealed
from tests.support.server import Server
from tests.support.waiting import eventually
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]


@pytest.fixture
def ada(server: Server) -> Guest:
    """Somebody with an account, who opens rooms without a browser."""
    return Guest(server.url).sign_up()


@pytest.fixture
def member(visitor: Make) -> Make:
    """Make people with an account."""
    return lambda **options: sign_up(visitor(**options))


@pytest.fixture
def empty_site(start_server: Callable[..., Server]) -> str:
    """A site without rooms."""
    return start_server(**UNLIMITED).url


@by_line_and_at_length_by_asking
def test_rooms_appear_are_renamed_and_vanish_before_the_eyes_of_others(
    member: Make, ada: Guest, polling: bool
) -> None:
    bob = member()
    lobby = Lobby.of(bob, polling=polling)
    wire = Wire(bob.page)
    supper, dinner = a_name("Supper"), a_name("Dinner")
    opened = ada.open_chat(supper, "listed")
    expect(lobby.row(supper)).to_be_visible()
    ada.patch(f"/chats/{opened['id']}/", {"name": dinner})
    expect(lobby.row(dinner)).to_be_visible()
    expect(lobby.row(supper)).to_have_count(0)
    ada.delete(f"/chats/{opened['id']}/")
    expect(lobby.row(dinner)).to_have_count(0)
    asked = [one for one in wire.requests if "/chats" in one.url]
    assert bool(asked) is polling


@pytest.mark.long
def test_two_people_see_each_others_rooms_come_and_go(member: Make) -> None:
    ada, bob = member(), member()
    left, right = Lobby.of(ada), Lobby.of(bob, polling=True)
    supper = a_name("Supper")
    ada.page.get_by_label("What is the room about?").fill(supper)
    ada.page.get_by_label("Listed").check()
    ada.page.get_by_role("button", name="Open the room").click()
    expect(ada.page.get_by_role("heading", name=supper)).to_be_visible()
    expect(right.row(supper)).to_contain_text("1 here now")
    ada.page.get_by_role("link", name="Leave", exact=True).click()
    expect(left.ready().row(supper)).to_contain_text("opened by you")
    expect(right.row(supper)).not_to_contain_text("here now")
    left.manage(supper).get_by_role("link", name="Delete").click()
    ada.page.get_by_role("dialog").get_by_role("button", name="Delete the room").click()
    expect(right.row(supper)).to_have_count(0)


@by_line_and_at_length_by_asking
def test_the_lobby_says_how_many_are_in_a_room(
    member: Make, ada: Guest, server: Server, polling: bool
) -> None:
    name = a_name("Supper")
    opened = ada.open_chat(name, "listed")
    lobby = Lobby.of(member(), polling=polling)
    row = lobby.row(name)
    expect(row).not_to_contain_text("here now")
    guest = Guest.sign_in(server.url)
    guest.join(opened)
    guest.enter(opened)
    expect(row).to_contain_text("1 here now")
    expect(row.locator(".lamp.on")).to_have_count(1)
    ada.enter(opened)
    expect(row).to_contain_text("2 here now")
    guest.leave(opened)
    ada.leave(opened)
    expect(row).not_to_contain_text("here now")
    expect(row.locator(".lamp.on")).to_have_count(0)


def test_who_is_out_is_counted_at_the_top(member: Make, empty_site: str) -> None:
    ada = Guest(empty_site).sign_up()
    opened = ada.open_chat("Supper", "listed")
    lobby = Lobby.of(member(url=empty_site))
    out = lobby.page.locator("#out")
    expect(out).to_have_text("Nobody is in a room just now.")
    ada.enter(opened)
    expect(out).to_have_text("One person is in a room now.")
    guest = Guest.sign_in(empty_site)
    guest.join(opened)
    guest.enter(opened)
    expect(out).to_have_text("2 people are in rooms now.")


@by_line_and_at_length_by_asking
def test_the_room_in_which_something_was_said_last_comes_first(
    member: Make, ada: Guest, polling: bool
) -> None:
    older, newer = a_name("Older"), a_name("Newer")
    first = ada.open_chat(older, "listed")
    ada.open_chat(newer, "listed")
    lobby = Lobby.of(member(), polling=polling)
    assert lobby.order(older, newer) == [newer, older]
    ada.send(first, "Anybody?")
    eventually(lambda: lobby.order(older, newer) == [older, newer])


def point_at(lobby: Lobby, row: Locator) -> None:
    row.locator("a.row").hover()


def focus(lobby: Lobby, row: Locator) -> None:
    row.locator("a.row").focus()


def open_menu(lobby: Lobby, row: Locator) -> None:
    row.locator("summary").click()
    lobby.page.mouse.move(1, 1)


def look_away(lobby: Lobby) -> None:
    lobby.page.mouse.move(1, 1)
    lobby.page.keyboard.press("Escape")
    lobby.page.get_by_label("What is the room about?").focus()


@pytest.mark.parametrize("use", [point_at, focus, open_menu])
def test_no_row_moves_while_somebody_is_at_the_list(
    member: Make, ada: Guest, use: Callable[[Lobby, Locator], None]
) -> None:
    bob = member()
    older, middle, newer, last = (a_name("Room") for _ in range(4))
    first = ada.open_chat(older, "listed")
    mine = bob.guest.open_chat(middle, "listed")
    gone = ada.open_chat(newer, "listed")
    lobby = Lobby.of(bob)
    row = lobby.row(middle)
    use(lobby, row)
    before = row.bounding_box()
    ada.send(first, "Up with it")
    ada.delete(f"/chats/{gone['id']}/")
    ada.open_chat(last, "listed")
    expect(lobby.row(last)).to_be_visible()
    expect(lobby.row(newer)).to_contain_text("gone")
    assert lobby.order(older, middle, newer, last) == [newer, middle, older, last]
    assert row.bounding_box() == before
    look_away(lobby)
    eventually(lambda: lobby.order(older, middle, newer, last) == [last, older, middle])
    assert mine["mine"]


def test_a_list_that_is_read_further_down_stays_where_it_is(
    member: Make, ada: Guest, empty_site: str
) -> None:
    owner = Guest(empty_site).sign_up()
    rooms = [owner.open_chat(f"Room {number}", "listed") for number in range(40)]
    lobby = Lobby.of(member(url=empty_site))
    lobby.page.evaluate("scrollTo(0, 900)")
    seen = lobby.row("Room 20")
    before = seen.bounding_box()
    owner.send(rooms[0], "Up with it")
    owner.open_chat("The youngest", "listed")
    expect(lobby.row("The youngest")).to_have_count(1)
    assert seen.bounding_box() == before
    lobby.page.evaluate("scrollTo(0, 0)")
    eventually(lambda: lobby.names.all_text_contents()[:3] == ["The youngest", "Room 0", "Room 39"])


def test_new_rooms_are_said_once_and_sparingly(member: Make, ada: Guest) -> None:
    bob = member()
    before = a_name("Before")
    ada.open_chat(before, "listed")
    lobby = Lobby.of(bob)
    listen(lobby.page)
    opened = [ada.open_chat(a_name("Room"), "listed") for _ in range(6)]
    bob.guest.open_chat(a_name("Mine"), "listed")
    for one in opened:
        expect(lobby.row(one["name"])).to_be_visible()
    expect(lobby.announcer).to_contain_text("New room")
    heard = heard_on(lobby.page)
    assert len(heard) == 1, heard
    assert before not in heard[0]
    assert "Mine" not in heard[0]


def test_a_private_room_appears_to_who_is_invited_and_to_nobody_else(member: Make, ada: Guest) -> None:
    bob, eve = member(), member()
    invited, stranger = Lobby.of(bob), Lobby.of(eve)
    secret, known = a_name("Secret"), a_name("Known")
    opened = ada.open_chat(secret, "private")
    ada.post(f"/chats/{opened['id']}/members", {"username": bob.name})
    ada.open_chat(known, "listed")
    expect(invited.row(secret)).to_contain_text("Private")
    expect(stranger.row(known)).to_be_visible()
    expect(stranger.row(secret)).to_have_count(0)
    ada.delete(f"/chats/{opened['id']}/members/{bob.guest.user_id}")
    expect(invited.row(secret)).to_have_count(0)


def test_a_room_is_renamed_in_its_row_and_what_is_wrong_stands_at_the_field(member: Make) -> None:
    bob = member()
    bob.expects("status of 400")
    old, new = a_name("Old"), a_name("New")
    bob.guest.open_chat(old, "listed")
    lobby = Lobby.of(bob)
    menu = lobby.manage(old)
    field = menu.get_by_label("Name of the room")
    expect(field).to_have_value(old)
    field.fill("n" * 81)
    field.press("Enter")
    expect(menu.get_by_role("alert")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill(new)
    expect(menu.get_by_role("alert")).to_be_hidden()
    field.press("Enter")
    expect(lobby.row(new)).to_be_visible()
    expect(lobby.row(old)).to_have_count(0)
    expect(lobby.page.get_by_label(f"Manage {new}")).to_be_focused()
    lobby.manage(new)
    field = lobby.row(new).get_by_label("Name of the room")
    field.fill("Not this")
    field.press("Escape")
    expect(field).to_be_hidden()
    expect(lobby.row(new)).to_be_visible()
    assert [room["name"] for room in bob.guest.lobby() if room["mine"]] == [new]


def test_a_room_is_deleted_after_a_question(member: Make) -> None:
    bob = member()
    name = a_name("Supper")
    bob.guest.open_chat(name, "private")
    lobby = Lobby.of(bob)
    lobby.manage(name).get_by_role("link", name="Delete").click()
    question = lobby.page.get_by_role("dialog")
    expect(question).to_contain_text(name)
    question.get_by_role("button", name="Keep it").click()
    expect(question).to_be_hidden()
    expect(lobby.row(name)).to_be_visible()
    lobby.manage(name).get_by_role("link", name="Delete").click()
    question.get_by_role("button", name="Delete the room").click()
    expect(lobby.row(name)).to_have_count(0)
    expect(lobby.announcer).to_have_text(f"“{name}” was deleted.")
    assert bob.guest.lobby(q=name) == []


def test_only_rooms_that_one_decides_about_can_be_managed(member: Make, ada: Guest) -> None:
    bob = member()
    theirs, mine = a_name("Theirs"), a_name("Mine")
    ada.open_chat(theirs, "listed")
    lobby = Lobby.of(bob)
    bob.guest.open_chat(mine, "listed")
    expect(lobby.row(mine)).to_contain_text("opened by you")
    expect(lobby.page.get_by_label(f"Manage {mine}")).to_be_visible()
    expect(lobby.page.get_by_label(f"Manage {theirs}")).to_have_count(0)


def test_one_menu_is_open_at_a_time_and_a_press_elsewhere_closes_it(member: Make) -> None:
    bob = member()
    one, other = a_name("One"), a_name("Other")
    for name in (one, other):
        bob.guest.open_chat(name, "listed")
    lobby = Lobby.of(bob)
    first = lobby.manage(one)
    expect(first.get_by_label("Name of the room")).to_be_visible()
    lobby.page.get_by_role("heading", name="Hello").click()
    expect(first.get_by_label("Name of the room")).to_be_hidden()


def test_a_name_is_found_among_many_rooms_and_also_beyond_those_that_are_listed(
    member: Make, empty_site: str
) -> None:
    owner = Guest(empty_site).sign_up()
    for number in range(105):
        owner.open_chat(f"Room number {number}", "listed")
    lobby = Lobby.of(member(url=empty_site))
    expect(lobby.names).to_have_count(100)
    expect(lobby.row("Room number 3")).to_have_count(0)
    lobby.search.fill("NUMBER 3")
    expect(lobby.row("Room number 3")).to_be_visible()
    expect(lobby.row("Room number 39")).to_be_visible()
    expect(lobby.names).to_have_count(11)
    lobby.search.fill("nowhere")
    expect(lobby.page.get_by_text("No room has that in its name.")).to_be_visible()
    lobby.search.fill("")
    expect(lobby.row("Room number 104")).to_be_visible()


@pytest.mark.long
def test_a_few_rooms_need_no_search(member: Make, empty_site: str) -> None:
    owner = Guest(empty_site).sign_up()
    for number in range(8):
        owner.open_chat(f"Room {number}", "listed")
    lobby = Lobby.of(member(url=empty_site))
    expect(lobby.names).to_have_count(8)
    expect(lobby.search).to_be_hidden()
    owner.open_chat("One more", "listed")
    expect(lobby.search).to_be_visible()


@pytest.mark.long
def test_an_empty_lobby_says_what_to_do_until_there_is_a_room(member: Make, empty_site: str) -> None:
    lobby = Lobby.of(member(url=empty_site))
    empty = lobby.page.get_by_role("heading", name="The swing is free")
    expect(empty).to_be_visible()
    Guest(empty_site).sign_up().open_chat("Supper", "listed")
    expect(lobby.row("Supper")).to_be_visible()
    expect(empty).to_be_hidden()


def test_the_last_activity_is_told_in_the_readers_own_time(member: Make, ada: Guest, server: Server) -> None:
    name = a_name("Supper")
    opened = ada.open_chat(name, "listed")
    moment = "2024-03-10 23:30:00.000000"
    times = "UPDATE chat SET active_at = ?, created_at = ? WHERE id = ?"
    assert change(server.data, times, moment, moment, opened["id"])
    tokyo = member(timezone_id="Asia/Tokyo")
    tokyo.page.clock.set_fixed_time("2024-03-11T03:00:00Z")
    expect(Lobby(tokyo.open(f"/chatrooms/?q={name}")).ready().row(name).locator("time")).to_have_text("08:30")
    london = member()
    london.page.clock.set_fixed_time("2024-03-11T03:00:00Z")
    time = Lobby(london.open(f"/chatrooms/?q={name}")).ready().row(name).locator("time")
    expect(time).to_have_text("Yesterday")
    assert "10 March 2024" in (time.get_attribute("title") or "")


def test_a_lobby_that_was_cut_off_catches_up(member: Make, ada: Guest) -> None:
    bob = member()
    bob.expects(UNREACHABLE)
    gone = ada.open_chat(a_name("Gone"), "listed")
    lobby = Lobby.of(bob)
    expect(lobby.row(gone["name"])).to_be_visible()
    bob.context.set_offline(True)
    ada.delete(f"/chats/{gone['id']}/")
    fresh = ada.open_chat(a_name("Fresh"), "listed")
    expect(lobby.notice).to_contain_text("The line is down.")
    bob.context.set_offline(False)
    expect(lobby.row(fresh["name"])).to_be_visible()
    expect(lobby.row(gone["name"])).to_have_count(0)
    expect(lobby.notice).to_be_hidden()


@by_line_and_at_length_by_asking
def test_whoever_is_logged_out_elsewhere_is_told_in_the_lobby(member: Make, polling: bool) -> None:
    bob = member()
    bob.expects("status of 401")
    lobby = Lobby.of(bob, polling=polling)
    bob.guest.delete("/sessions/current")
    expect(lobby.notice).to_contain_text("You are logged out.")
    expect(lobby.notice.get_by_role("link", name="Log in")).to_be_visible()


def test_a_new_name_is_shown_where_one_is_greeted(member: Make) -> None:
    bob = member()
    lobby = Lobby.of(bob)
    name = a_name("Robert")
    bob.guest.patch("/users/current", {"username": name})
    expect(lobby.page.get_by_role("heading", name=f"Hello, {name}.")).to_be_visible()
    expect(lobby.page.get_by_role("banner")).to_contain_text(name)


@pytest.fixture
def signed_out(visitor: Make) -> Page:
    return visitor().open("/chatrooms/")


def test_somebody_without_a_name_is_offered_every_way_in(signed_out: Page) -> None:
    main = signed_out.get_by_role("main")
    expect(main.get_by_label("What is the room about?")).to_be_visible()
    expect(main.get_by_role("radio")).to_have_count(0)
    for name, path in (("Log in", "/login/"), ("Sign up", "/signup/"), ("Just a name", "/sessions/new/")):
        expect(main.get_by_role("link", name=name)).to_have_attribute("href", f"{path}?next=/chatrooms/")


@pytest.mark.parametrize(
    ("account", "kinds"), [(True, ["listed", "link", "private"]), (False, ["link", "private"])]
)
def test_one_is_offered_the_kinds_of_room_that_one_may_open(
    visitor: Make, account: bool, kinds: list[str]
) -> None:
    bob = visitor()
    if account:
        sign_up(bob)
    else:
        bob.sign_in(a_name())
    choices = Lobby.of(bob).page.get_by_role("radio")
    assert choices.evaluate_all("all => all.map((one) => one.value)") == kinds
    expect(choices.first).to_be_checked()


def test_a_sealed_room_is_called_so_whoever_writes_its_row(person: Make) -> None:
    bob = person()
    open_sealed(bob.guest, before := a_name("Attic"))
    lobby = Lobby.of(bob)
    expect(lobby.row(before).locator(".kind")).to_have_text("Sealed")
    open_sealed(bob.guest, after := a_name("Cellar"))
    expect(lobby.row(after).locator(".kind")).to_have_text("Sealed")
    expect(lobby.row(after).locator(".kind use")).to_have_attribute("href", "#i-lock")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_can_be_chosen_has_the_ground_of_a_field(member: Make, scheme: str) -> None:
    page = Lobby.of(member(color_scheme=scheme)).page
    ground = page.get_by_label("What is the room about?").evaluate("e => getComputedStyle(e).backgroundColor")
    for one in (page.get_by_role("radio", checked=False).first, page.get_by_role("checkbox", name="Sealed")):
        expect(one).to_have_css("background-color", ground)


def test_without_scripts_rooms_are_opened_found_renamed_and_deleted(member: Make) -> None:
    bob = member(java_script_enabled=False)
    page = bob.open("/chatrooms/")
    name, new = a_name("Supper"), a_name("Dinner")
    page.get_by_label("What is the room about?").fill(name)
    page.get_by_label("Private").check()
    page.get_by_role("button", name="Open the room").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    page.get_by_role("link", name="Leave", exact=True).click()
    expect(Lobby(page).row(name)).to_contain_text("Private")
    menu = Lobby(page).manage(name)
    menu.get_by_label("Name of the room").fill(new)
    menu.get_by_role("button", name="Rename").click()
    expect(page).to_have_url(re.compile("/settings/"))
    bob.open("/chatrooms/")
    expect(Lobby(page).row(new)).to_be_visible()
    bob.open(f"/chatrooms/?q={new}")
    expect(Lobby(page).names).to_have_text([new])
    Lobby(page).manage(new).get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete the room").click()
    expect(Lobby(page).row(new)).to_have_count(0)


def test_on_a_phone_the_menu_and_the_form_are_in_reach(member: Make) -> None:
    bob = member(**PHONE)
    name = a_name("Supper")
    bob.guest.open_chat(name, "listed")
    lobby = Lobby.of(bob)
    menu = lobby.manage(name)
    for part in (menu.get_by_label("Name of the room"), menu.get_by_role("link", name="Delete")):
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 44
    lobby.page.get_by_role("heading", name="Hello").tap()
    lobby.page.get_by_role("link", name="Open a room").tap()
    expect(lobby.page.get_by_label("What is the room about?")).to_be_in_viewport()


@pytest.mark.long
def test_asking_is_every_two_seconds(member: Make) -> None:
    bob = member()
    bob.context.add_init_script(ASK)
    wire = Wire(bob.page)
    Lobby.of(bob)

    def polls() -> list[Any]:
        return [r for r in wire.requests if r.url.endswith("/chats") and r.timing["responseEnd"] > 0]

    bob.until(lambda: len(polls()) >= 3)
    times = [poll.timing["startTime"] / 1000 for poll in polls()]
    assert times[2] - times[1] > 1.9
