"""Every page in every state that it can be in, made on purpose."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import room_states
from tests.browser.scenes import Scene, called_member, parameters
from tests.support.browser import Person, Room
from tests.support.browser_lobby import Lobby, sign_up
from tests.support.keys import Keys
from tests.support.people import Guest, Json
from tests.support.waiting import eventually


def front_page(scene: Scene) -> Page:
    return scene.somebody().open("/")


def front_page_signed_in(scene: Scene) -> Page:
    return scene.signed_in().open("/")


def sign_in(scene: Scene) -> Page:
    return scene.somebody().open("/sessions/new/")


def sign_in_to_a_room(scene: Scene) -> Page:
    return scene.somebody().open(scene.chat["url"])


def name_is_taken(scene: Scene) -> Page:
    scene.expected.append("status of 409")
    page = scene.somebody().open(scene.chat["url"])
    page.get_by_label("What should we call you?").fill(scene.host.username)
    page.get_by_role("button", name="Come in").click()
    expect(page.locator(".others button").first).to_be_visible()
    return page


def rooms_signed_out(scene: Scene) -> Page:
    return scene.somebody().open("/chatrooms/")


def rooms_none(scene: Scene) -> Page:
    one = scene.signed_in(url=scene.start_server().url)
    page = Lobby.of(one).page
    expect(page.get_by_role("heading", name="The swing is free")).to_be_visible()
    return page


def rooms_some(scene: Scene) -> Page:
    one = scene.signed_in()
    one.guest.join(scene.chat)
    one.guest.open_chat("A room of one's own")
    return one.open("/chatrooms/")


def rooms_of_every_kind(scene: Scene) -> Page:
    lobby = Lobby.of(scene.owner())
    expect(lobby.row(scene.chat["name"]).first).to_be_visible()
    expect(lobby.list).to_contain_text("1 here now")
    return lobby.page


def rooms_menu_open(scene: Scene) -> Page:
    lobby = Lobby.of(scene.owner())
    lobby.page.locator(".menu summary").first.click()
    expect(lobby.page.get_by_label("Name of the room").first).to_be_visible()
    return lobby.page


def rooms_delete_question(scene: Scene) -> Page:
    page = rooms_menu_open(scene)
    page.locator(".menu[open]").get_by_role("link", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


def rooms_none_found(scene: Scene) -> Page:
    page = scene.owner().open("/chatrooms/?q=nowhere+to+be+found")
    expect(page.get_by_text("No room has that in its name.")).to_be_visible()
    return page


def rooms_one_deleted(scene: Scene) -> Page:
    scene.expected.append("status of 410")
    one = scene.signed_in()
    one.guest.join(scene.chat)
    scene.host.delete(f"/chats/{scene.chat['id']}/")
    page = one.open(scene.chat["url"])
    expect(page.get_by_role("status").filter(has_text="was deleted")).to_be_visible()
    return page


def rooms_line_is_down(scene: Scene) -> Page:
    scene.expected += [r"net::ERR_", "WebSocket connection"]
    one = scene.owner()
    lobby = Lobby.of(one)
    one.context.set_offline(True)
    expect(lobby.notice).to_be_visible()
    return lobby.page


def rooms_name_refused(scene: Scene) -> Page:
    scene.expected.append("status of 400")
    page = scene.signed_in().open("/chatrooms/")
    page.get_by_role("textbox").fill("r" * 81)
    page.get_by_role("button", name="Open the room").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def log_out_question(scene: Scene) -> Page:
    page = scene.signed_in().open("/chatrooms/")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log out")).to_be_visible()
    return page


def not_found(scene: Scene) -> Page:
    scene.expected.append("status of 404")
    return scene.somebody().open("/chatrooms/AAAAAAAAAAAAAAAAAAAAAA/")


def not_found_signed_in(scene: Scene) -> Page:
    scene.expected.append("status of 404")
    return scene.signed_in().open("/nowhere/")


def something_found(scene: Scene) -> Page:
    one = scene.signed_in()
    one.guest.join(scene.chat)
    scene.host.send(scene.chat, "The lantern hangs there")
    eventually(lambda: one.guest.get("/search", q="lantern")["hits"])
    page = one.open("/search/?q=lantern&after=2020-01-01")
    expect(page.locator("mark")).to_be_visible()
    return page


def where_to_go(scene: Scene) -> Page:
    one, _ = asked(scene)
    page = one.open("/account/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible()
    return page


def keys_to_save(scene: Scene) -> Page:
    page = sign_up(scene.somebody()).open("/account/")
    page.get_by_role("button", name="Show the recovery key").click()
    expect(page.locator("#recovery-groups li")).to_have_count(14)
    return page


def browser_to_let_in(scene: Scene) -> Page:
    one = sign_up(scene.somebody())
    Keys(one.guest).publish()
    page = one.open("/account/")
    page.get_by_role("button", name="Ask to be let in").click()
    expect(page.locator("#own-qr svg")).to_be_visible()
    page.get_by_text("You have neither").click()
    return page


def keys_to_compare(scene: Scene) -> Page:
    one, other = sign_up(scene.somebody()), Guest(scene.host.url).sign_up()
    Keys(other).publish()
    chat = one.guest.open_direct(other)
    page = one.open(f"{chat['url']}verify/")
    expect(page.locator("#safety-code svg")).to_be_visible()
    return page


def which_keys(scene: Scene) -> Page:
    page = scene.signed_in().open("/chatrooms/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    return page


def asked(of: Scene) -> tuple[Person, Json]:
    """Somebody whom the host of the room would like to talk with."""
    one = of.signed_in()
    direct = of.host.post("/directs", {"username": one.name})
    of.host.send(direct, "May I ask you something?")
    return one, direct


def lobby_with_direct_chats(scene: Scene) -> Page:
    one, _ = asked(scene)
    Guest.sign_in(one.url).post("/directs", {"username": one.name})
    page = one.open("/chatrooms/")
    expect(page.locator("#directs .direct")).to_have_count(2)
    return page


def direct_request(scene: Scene) -> Page:
    one, direct = asked(scene)
    page = Room(one.open(direct["url"])).ready().page
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    return page


def direct_talk(scene: Scene) -> Page:
    one, direct = asked(scene)
    one.guest.patch(f"/directs/{direct['id']}", {"state": "open"})
    room = Room(one.open(direct["url"])).ready()
    scene.say(room, "Ask away")
    expect(room.stored).to_have_count(2)
    return room.page


def direct_chat_with_somebody_blocked(scene: Scene) -> Page:
    one, direct = asked(scene)
    one.guest.put(f"/blocks/{scene.host.user_id}")
    return Room(one.open(direct["url"])).ready().page


def somebody_knocks(scene: Scene) -> Page:
    one, _ = asked(scene)
    page = one.open("/account/")
    expect(page.locator(".knock")).to_be_visible()
    return page


def lobby_with_news(scene: Scene) -> Page:
    page = called_member(scene).open("/chatrooms/")
    expect(page.locator(".room .called:visible")).to_have_count(2)
    return page


def mentions_page(scene: Scene) -> Page:
    page = called_member(scene).open("/mentions/")
    expect(page.locator(".mention")).to_have_count(3)
    return page


# One of each kind; the others at length.
SHORT = (
    front_page,
    sign_in,
    rooms_menu_open,
    room_states.room_with_people_of_whom_one_writes,
    room_states.room_of_ones_own,
    room_states.message_menu,
    room_states.message_delete_question,
    keys_to_save,
    keys_to_compare,
    direct_request,
    mentions_page,
    room_states.room_with_marks_reactions_and_pins,
    room_states.picture_open,
    not_found,
)
STATES = parameters(vars(room_states) | globals(), SHORT)
