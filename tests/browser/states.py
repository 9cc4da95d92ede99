"""Every page in every state that it can be in, made on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.support.browser import PHONE, Person, Room
from tests.support.browser_actions import Act
from tests.support.browser_lobby import Lobby, sign_up
from tests.support.keys import Keys
from tests.support.people import Guest, Json, a_name
from tests.support.pictures import photo
from tests.support.server import Server
from tests.support.waiting import eventually

Make = Callable[..., Person]
State = Callable[[Any], Page]


def parameters(names: dict[str, object], short: tuple[State, ...]) -> list[Any]:
    """The states that a module makes, for a test of each; those that are not in `short` are long."""
    return [
        pytest.param(value, id=name, marks=[] if value in short else pytest.mark.long)
        for name, value in names.items()
        if getattr(value, "__annotations__", {}).get("scene")
    ]


@dataclass
class Scene:
    """What a state is made with."""

    visitor: Make
    host: Guest
    chat: Json
    device: dict[str, Any]
    start_server: Callable[..., Server]
    expected: list[str] = field(default_factory=list)

    def somebody(self, **options: Any) -> Person:
        one = self.visitor(**self.device | options)
        one.expects(*self.expected)
        return one

    def signed_in(self, **options: Any) -> Person:
        one = self.somebody(**options)
        one.sign_in(a_name("Person"))
        return one

    def owner(self, **options: Any) -> Person:
        """Somebody with an account and rooms of every kind, one of them with people in it."""
        one = sign_up(self.somebody(**options))
        for kind in ("listed", "link", "private"):
            one.guest.open_chat(f"Of kind {kind}", kind)
        self.host.enter(self.chat)
        one.guest.join(self.chat)
        return one

    def member(self, **options: Any) -> Room:
        return Room(self.signed_in(**options).open(self.chat["url"])).ready()

    def say(self, room: Room, text: str) -> None:
        """By the button, as Enter is a new line on a phone."""
        room.composer.fill(text)
        room.send_button.click()

    def fill(self, count: int) -> None:
        for number in range(count):
            self.host.send(self.chat, f"Line {number}, see https://example.org/{number}")


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


def room_empty(scene: Scene) -> Page:
    return scene.member().page


def room_with_messages(scene: Scene) -> Page:
    scene.fill(12)
    room = scene.member()
    scene.say(room, "Mine\nin two lines")
    expect(room.page.locator(".msg.mine[id]")).to_have_count(1)
    return room.page


def room_in_the_middle(scene: Scene) -> Page:
    """Between the messages, by keyboard."""
    page = room_with_messages(scene)
    page.locator("#content").press("Shift+Tab")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".msg:focus")).to_have_count(1)
    return page


def message_of_ones_own(of: Scene) -> Act:
    """A message of one's own among others, one of them edited and one taken back."""
    of.fill(3)
    path = f"/chats/{of.chat['id']}/messages"
    room = of.member()
    of.say(room, "Mine\nin two lines")
    expect(room.page.locator(".msg.mine[id]")).to_have_count(1)
    of.host.patch(f"{path}/1", {"content": "Edited"})
    of.host.delete(f"{path}/2")
    expect(room.page.locator(".gone")).to_be_visible()
    return Act(room, touch=of.device is PHONE)


def message_menu(scene: Scene) -> Page:
    act = message_of_ones_own(scene)
    act.open("Mine in two lines")
    return act.page


def message_edited(scene: Scene) -> Page:
    act = message_of_ones_own(scene)
    act.choose("Mine in two lines", "Edit")
    expect(act.editing).to_be_visible()
    return act.page


def message_edit_refused(scene: Scene) -> Page:
    scene.expected.append("status of 400")
    page = message_edited(scene)
    page.locator("#content").fill("bell\x07")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#content-error")).to_be_visible()
    return page


def message_delete_question(scene: Scene) -> Page:
    act = message_of_ones_own(scene)
    act.choose("Mine in two lines", "Delete")
    expect(act.dialog).to_be_visible()
    return act.page


def permalink(scene: Scene) -> Page:
    scene.fill(60)
    one = scene.signed_in()
    one.guest.join(scene.chat)
    page = one.open(f"{scene.chat['url']}messages/20/")
    expect(Room(page).ready().pill).to_be_visible()
    return page


def permalink_of_a_message_that_is_gone(scene: Scene) -> Page:
    scene.fill(3)
    scene.host.delete(f"/chats/{scene.chat['id']}/messages/2")
    page = scene.signed_in().open(f"{scene.chat['url']}messages/2/")
    expect(Room(page).ready().page.get_by_text("That message is no longer there.")).to_be_visible()
    return page


def room_with_people_of_whom_one_writes(scene: Scene) -> Page:
    room = scene.member()
    for _ in range(4):
        other = Guest.sign_in(scene.host.url)
        other.join(scene.chat)
        other.enter(scene.chat)
    expect(room.page.locator("#here")).to_contain_text("others are here")
    scene.host.post(f"/chats/{scene.chat['id']}/typing")
    expect(room.page.locator("#writing.on")).to_be_visible()
    return room.page


def room_left_behind(scene: Scene) -> Page:
    one = scene.signed_in()
    room = one.enter(scene.chat).ready()
    one.guest.enter(one.guest.open_chat("Elsewhere"))
    expect(room.notice.get_by_role("button", name="Come back here")).to_be_visible()
    return room.page


def room_removed_from(scene: Scene) -> Page:
    scene.expected.append("status of 404")
    one = scene.signed_in()
    room = one.enter(scene.chat).ready()
    scene.host.delete(f"/chats/{scene.chat['id']}/members/{one.guest.user_id}")
    expect(room.notice).to_contain_text("You are no longer in this room.")
    return room.page


def room_of_ones_own(scene: Scene) -> Page:
    one = scene.owner()
    page = one.enter(one.guest.open_chat("Secret", "private")).ready().page
    if scene.device is PHONE:
        page.get_by_role("link", name="The link to this room").tap()
    expect(page.get_by_role("link", name="Invite somebody").last).to_be_visible()
    return page


def room_name_refused(scene: Scene) -> Page:
    scene.expected.append("status of 400")
    page = room_of_ones_own(scene)
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the room").fill("n" * 81)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#rename").get_by_role("alert")).to_be_visible()
    return page


def room_delete_question(scene: Scene) -> Page:
    page = room_of_ones_own(scene)
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("dialog", name="Delete")).to_be_visible()
    return page


def message_refused(scene: Scene) -> Page:
    scene.expected.append("status of 400")
    room = scene.member()
    scene.say(room, "bell\x07")
    expect(room.lines).to_contain_text("Not sent.")
    return room.page


def message_too_long(scene: Scene) -> Page:
    room = scene.member()
    scene.say(room, "long " * 2001)
    expect(room.problem).to_be_visible()
    return room.page


def message_waiting(scene: Scene) -> Page:
    scene.expected.append("net::ERR_FAILED")
    room = scene.member()
    room.page.route("**/messages", lambda route: route.abort())
    room.page.evaluate("document.querySelector('#polling').click()")
    scene.say(room, "On its way")
    expect(room.page.get_by_role("button", name="Retry")).to_be_visible()
    return room.page


def line_is_down(scene: Scene) -> Page:
    scene.expected += [r"net::ERR_", "WebSocket connection"]
    one = scene.signed_in()
    room = one.enter(scene.chat).ready()
    one.context.set_offline(True)
    expect(room.notice).to_be_visible()
    return room.page


def sheet_open(scene: Scene) -> Page:
    page = scene.member().page
    if scene.device is PHONE:
        page.get_by_role("link", name="The link to this room").tap()
        expect(page.get_by_role("dialog")).to_be_visible()
    return page


def code_open(scene: Scene) -> Page:
    page = scene.member().page
    page.get_by_text("QR code", exact=True).click()
    return page


def new_messages_below(scene: Scene) -> Page:
    scene.fill(40)
    room = scene.member()
    room.scroll_to(700)
    expect(room.page.locator("#log")).not_to_have_js_property("scrollTop", 0)
    room.page.evaluate("new Promise(requestAnimationFrame)")
    scene.host.send(scene.chat, "Something new")
    expect(room.pill).to_be_visible()
    return room.page


def loading_older(scene: Scene) -> Page:
    scene.fill(160)
    room = scene.member()
    room.page.route("**/messages?before*", lambda route: None)
    scroll_up_until_loading(room)
    return room.page


def scroll_up_until_loading(room: Room) -> None:
    """A page that was asked for before requests were held may come in first; then there is more above."""

    def is_loading() -> bool:
        room.page.evaluate("document.querySelector('#log').scrollTop = 0")
        room.page.evaluate("document.querySelector('#log').scrollTop = -99999")
        room.page.wait_for_timeout(400)
        return room.page.get_by_text("Loading older messages").is_visible()

    eventually(is_loading)


def session_ended(scene: Scene) -> Page:
    scene.expected.append("status of 401")  # of a request that was under way
    one = scene.signed_in()
    room = one.enter(scene.chat).ready()
    one.guest.delete("/sessions/current")
    expect(room.notice.get_by_role("link", name="Sign in")).to_be_visible()
    return room.page


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


def called_member(of: Scene) -> Person:
    """Somebody who has not seen what was said in the room and two more, of which some calls them."""
    one = of.signed_in()
    quiet, more = of.host.open_chat("A quiet one"), of.host.open_chat("Another")
    for chat in (of.chat, quiet, more):
        one.guest.join(chat)
        of.host.send(chat, f"Is the key with you, @{one.name}?")
    one.guest.patch(f"/chats/{quiet['id']}/membership", {"level": "nothing"})
    one.guest.patch(f"/chats/{more['id']}/membership", {"level": "mentions"})
    return one


def lobby_with_news(scene: Scene) -> Page:
    page = called_member(scene).open("/chatrooms/")
    expect(page.locator(".room .called:visible")).to_have_count(2)
    return page


def mentions_page(scene: Scene) -> Page:
    page = called_member(scene).open("/mentions/")
    expect(page.locator(".mention")).to_have_count(3)
    return page


def room_with_news_and_names_offered(scene: Scene) -> Page:
    room = called_member(scene).enter(scene.chat).ready()
    expect(room.page.locator(".fresh")).to_be_visible()
    room.composer.press_sequentially("@")
    expect(room.page.locator("#naming li")).to_have_count(1)
    return room.page


def room_with_marks_reactions_and_pins(scene: Scene) -> Page:
    scene.host.send(
        scene.chat,
        "**Tea** with _milk_, `now`:\n> said [here](https://a.example)\n- one\n  1. two\n```sh\nls\n```\nend",
    )
    message = f"/chats/{scene.chat['id']}/messages/1"
    scene.host.put(f"{message}/reactions/%F0%9F%91%8D")
    scene.host.put(f"{message}/pin")
    page = scene.member().page
    expect(page.locator(".chip")).to_be_visible()
    page.locator(".chip").focus()
    page.locator(".chip").click()
    expect(page.locator(".chip")).to_have_attribute("aria-pressed", "true")
    return page


def room_while_an_emoji_is_chosen(scene: Scene) -> Page:
    scene.host.send(scene.chat, "Tea?")
    room = scene.member()
    Act(room, touch=scene.device is PHONE).open("Tea?")
    room.page.get_by_role("menuitem", name="More emoji").click()
    expect(room.page.get_by_role("dialog", name="React with an emoji")).to_be_visible()
    return room.page


def files_to_go(scene: Scene) -> Page:
    room = scene.member()
    with room.page.expect_file_chooser() as chooser:
        room.page.get_by_role("button", name="Attach files").click()
    empty: FilePayload = {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}
    picture: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    chooser.value.set_files([picture, empty])
    expect(room.page.locator(".attached progress").first).to_be_hidden()
    return room.page


def picture_open(scene: Scene) -> Page:
    for name in ("one.jpg", "two.jpg"):
        upload = scene.host.upload(scene.chat, photo(), name)
        other = scene.host.upload(scene.chat, b"words", f"{name}.txt")
        scene.host.send(scene.chat, "Look", files=[upload["id"], other["id"]])
    page = scene.member().page
    page.locator(".picture").first.click()
    expect(page.get_by_role("dialog", name="Pictures")).to_be_visible()
    return page


def pictures_in_the_log(scene: Scene) -> Page:
    page = picture_open(scene)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    return page


# One of each kind; the others at length.
SHORT = (
    front_page,
    sign_in,
    rooms_of_every_kind,
    rooms_menu_open,
    room_with_people_of_whom_one_writes,
    room_of_ones_own,
    message_menu,
    message_delete_question,
    sheet_open,
    keys_to_save,
    keys_to_compare,
    direct_request,
    direct_talk,
    mentions_page,
    room_with_marks_reactions_and_pins,
    picture_open,
    not_found,
)
STATES = parameters(globals(), SHORT)
