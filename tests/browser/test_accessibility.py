"""Every page in every state: what axe-core finds, and what a keyboard and a screen reader get."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.conftest import skip_or_fail
from tests.support.browser import PHONE, Person, Room
from tests.support.browser_actions import Act
from tests.support.browser_lobby import Lobby, sign_up
from tests.support.keys import Keys
from tests.support.people import Guest, Json, a_name
from tests.support.pictures import photo
from tests.support.server import Server
from tests.support.waiting import eventually

AXE = Path(__file__).resolve().parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
DEVICES: dict[str, dict[str, Any]] = {"phone": PHONE, "laptop": {"viewport": {"width": 1440, "height": 900}}}
RUN = """async (scheme) => (await axe.run(document, {
  resultTypes: ["violations"],
  // What is not about colours is the same in the dark.
  ...(scheme === "dark" ? { runOnly: ["color-contrast", "link-in-text-block"] } : {}),
})).violations.map(
  ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`)"""
# Where the focus is.
WHERE = """() => {
  const here = document.activeElement;
  if (here === document.body) return "";
  if (here.matches(".msg")) return "message";
  return here.closest(".msg") ? "inside" : here.id || here.className || here.tagName;
}"""
# What is drawn beyond the right edge, but for what is clipped on purpose.
TOO_WIDE = """() => {
  const clipped = "svg, .hide, .skip, .clip, code, .side:not(:target)";
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && !one.closest(clipped))
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.outerHTML.slice(0, 120));
}"""
# What is pressed or said by oneself, and has no border: neither itself nor the form it is a part of.
WITHOUT_EDGE = """() => {
  const border = (box) => box !== null && parseFloat(getComputedStyle(box).borderTopWidth) > 0;
  return [...document.querySelectorAll("button, .btn, .tool, .mine .say, textarea")]
    .filter((one) => one.checkVisibility() && !one.closest(".note"))
    .filter((one) => !border(one) && !border(one.closest("form")))
    .map((one) => one.outerHTML.slice(0, 120));
}"""

Make = Callable[..., Person]


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.exists():
        skip_or_fail("axe-core is missing: npm ci")
    return AXE.read_text()


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
    expect(page.get_by_role("link", name="Invite somebody")).to_be_visible()
    return page


def room_name_refused(scene: Scene) -> Page:
    scene.expected.append("status of 400")
    page = room_of_ones_own(scene)
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the room").fill("n" * 81)
    page.get_by_role("button", name="Save").click()
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
STATES = [
    pytest.param(value, id=name, marks=[] if value in SHORT else pytest.mark.long)
    for name, value in list(globals().items())
    if getattr(value, "__annotations__", {}).get("scene")
]


@pytest.fixture
def scene(passer_by: Make, host: Guest, chat: Json, start_server: Callable[..., Server]) -> Scene:
    return Scene(passer_by, host, chat, {}, start_server)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("device", ["phone", pytest.param("laptop", marks=pytest.mark.long)])
def test_axe_finds_nothing(axe: str, scene: Scene, state: Callable[[Scene], Page], device: str) -> None:
    scene.device = DEVICES[device]
    page = state(scene)
    page.evaluate(axe + ";0")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert page.evaluate(RUN, scheme) == [], scheme


@pytest.mark.parametrize("device", ["phone", pytest.param("laptop", marks=pytest.mark.long)])
@pytest.mark.parametrize("path", ["/", "/sessions/new/", "/chatrooms/", "room"])
def test_axe_finds_nothing_without_scripts(axe: str, scene: Scene, path: str, device: str) -> None:
    """The page as it comes, in a document where only axe may run."""
    scene.device = DEVICES[device]
    scene.fill(3)
    one = scene.signed_in()
    one.guest.join(scene.chat)
    one.context.route("**/*.js*", lambda route: route.abort())
    one.expects("net::ERR_FAILED")
    page = one.open(scene.chat["url"] if path == "room" else path)
    page.evaluate(axe + ";0")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert page.evaluate(RUN, scheme) == [], scheme


def test_axe_would_find_something(axe: str, scene: Scene) -> None:
    page = scene.somebody().open("/sessions/new/")
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate(axe + ";0")
    assert page.evaluate(RUN) != []


def stops(page: Page, start: str) -> list[str]:
    """Where Tab leads from the element `start` until it leaves the page; a message counts as `message`."""
    page.locator(start).focus()
    found: list[str] = []
    while True:
        page.keyboard.press("Tab")
        where = page.evaluate(WHERE)
        if where == "" or len(found) > 60:
            return found
        found.append(where)


def test_the_log_is_one_stop_of_the_tab_key(scene: Scene) -> None:
    scene.fill(20)
    room = scene.member()
    found = stops(room.page, ".brand")
    assert found.count("message") == 1
    # Its own link and its menu can be pressed from the message that is read, and only from there.
    assert found[found.index("message") + 1 :][:3] == ["inside", "inside", "content"]
    room.composer.focus()
    room.page.keyboard.press("Shift+Tab")
    expect(room.lines.last).to_be_focused()
    room.page.keyboard.press("Shift+Tab")
    expect(room.page.locator("#log :focus")).to_have_count(0)


def test_arrows_home_and_end_move_between_messages(scene: Scene) -> None:
    scene.fill(60)
    room = scene.member()
    room.composer.press("Shift+Tab")
    page = room.page
    page.keyboard.press("ArrowUp")
    expect(page.locator("#m59")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#m60")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#m60")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("#m25")).to_be_focused()
    expect(page.locator("#m25")).to_be_in_viewport()
    expect(page.locator("#m1")).to_be_attached()  # older messages came, and the reader stayed
    expect(page.locator("#m25")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("#m1")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#m60")).to_be_focused()
    expect(page.locator("#m60")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(room.composer).to_be_focused()


def test_a_message_longer_than_the_screen_is_scrolled_through(scene: Scene) -> None:
    scene.host.send(scene.chat, "Before")
    scene.host.send(scene.chat, "line\n" * 200 + "end")
    scene.host.send(scene.chat, "After")
    room = scene.member()
    page = room.page
    room.composer.press("Shift+Tab")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#m2")).to_be_focused()
    before = room.distance()
    page.keyboard.press("ArrowDown")
    page.wait_for_function(
        "(before) => Math.abs(document.querySelector('#log').scrollTop) < before", arg=before
    )
    expect(page.locator("#m2")).to_be_focused()


def test_a_message_is_read_as_author_text_time(scene: Scene) -> None:
    scene.host.send(scene.chat, "Who has a ladder?")
    scene.host.send(scene.chat, "On Saturday")
    room = scene.member()
    scene.say(room, "I do")
    expect(room.page.locator(".msg.mine[id]")).to_have_count(1)
    times = room.page.locator("#feed time").all_text_contents()
    room.composer.press("Shift+Tab")
    label = room.page.locator(".msg:focus")
    expect(label).to_have_accessible_name(f"You, I do, {times[2]}")
    room.page.keyboard.press("ArrowUp")
    expect(label).to_have_accessible_name(f"{scene.host.username}, On Saturday, {times[1]}")


def test_what_can_be_done_with_a_refused_message_is_done_by_keyboard(scene: Scene) -> None:
    scene.expected.append("status of 400")
    scene.fill(1)
    room = scene.member()
    scene.say(room, "bell\x07")
    expect(room.page.get_by_role("button", name="Discard")).to_be_visible()
    expect(room.page.locator("#announcer")).to_contain_text("Not sent.")
    room.composer.press("Shift+Tab")
    expect(room.lines.last).to_be_focused()
    for name in ("Retry", "Discard"):
        room.page.keyboard.press("Tab")
        expect(room.page.get_by_role("button", name=name)).to_be_focused()
    room.page.keyboard.press("Enter")
    expect(room.lines).to_have_count(1)
    expect(room.lines.last).to_be_focused()


def test_focus_stays_in_the_log_while_lines_are_drawn_again(scene: Scene) -> None:
    scene.expected.append("status of 400")
    room = scene.member()
    scene.say(room, "bell\x07")
    retry = room.page.get_by_role("button", name="Retry")
    retry.focus()
    room.page.keyboard.press("Enter")
    expect(room.page.locator(".msg:focus, .msg :focus")).to_have_count(1)
    scene.host.send(scene.chat, "Meanwhile")
    expect(room.lines).to_have_count(2)
    expect(room.page.locator(".msg:focus, .msg :focus")).to_have_count(1)
    room.page.get_by_role("button", name="Discard").click()
    expect(room.lines).to_have_count(1)
    expect(room.lines.filter(has_text="Meanwhile")).to_be_focused()


def test_the_first_stop_skips_to_the_message_field(scene: Scene) -> None:
    scene.device = PHONE  # on a laptop the message field has the focus already
    scene.fill(1)
    room = scene.member()
    room.page.keyboard.press("Tab")
    expect(room.page.get_by_role("link", name="Skip to the message field")).to_be_focused()
    expect(room.page.get_by_role("link", name="Skip to the message field")).to_be_in_viewport()
    room.page.keyboard.press("Enter")
    expect(room.composer).to_be_focused()


def test_escape_closes_what_is_open_and_the_focus_returns(scene: Scene) -> None:
    scene.device = PHONE
    page = scene.member().page
    way_in = page.get_by_role("link", name="The link to this room")
    way_in.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(way_in).to_be_focused()

    code = page.locator("summary")
    code.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("details")).not_to_have_attribute("open", "")
    expect(code).to_be_focused()


def test_a_page_has_its_landmarks(scene: Scene) -> None:
    page = scene.member().page
    for landmark in ("banner", "navigation", "main", "complementary"):
        expect(page.get_by_role(landmark)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def top_of(room: Room, line: str) -> float:
    box = room.page.locator(line).bounding_box()
    assert box
    return box["y"]


def test_loading_older_is_said_only_when_it_takes_long_and_moves_nothing(scene: Scene) -> None:
    scene.fill(160)
    room = scene.member()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    room.page.route("**/messages?before*", hold)
    scroll_up_until_loading(room)
    words = room.page.get_by_text("Loading older messages")
    first, lines = f"#{room.lines.first.get_attribute('id')}", room.lines.count()
    before = top_of(room, first)
    held.pop().continue_()
    expect(words).to_have_count(0)
    assert room.lines.count() > lines
    assert top_of(room, first) == pytest.approx(before, abs=1)


def test_an_ended_session_closes_the_composer_and_keeps_what_was_typed(scene: Scene) -> None:
    scene.expected.append("status of 401")
    one = scene.signed_in()
    room = one.enter(scene.chat).ready()
    room.composer.fill("What I was writing")
    one.guest.delete("/sessions/current")
    expect(room.notice).to_contain_text("logged out")
    expect(room.send_button).to_be_disabled()
    expect(room.composer).to_have_js_property("readOnly", True)
    expect(room.composer).to_have_value("What I was writing")


def test_signing_in_twice_leads_on(scene: Scene) -> None:
    """The form of a tab that was open before another tab signed in."""
    scene.expected.append("status of 409")
    one = scene.somebody()
    page = one.open(scene.chat["url"])
    one.sign_in(a_name())
    page.get_by_label("What should we call you?").fill(a_name())
    page.get_by_role("button", name="Come in").click()
    Room(page).ready()
    assert json.loads(page.locator("#room-data").text_content() or "")["me"]["username"] == one.name


@pytest.mark.parametrize(
    "size",
    [{"width": 320, "height": 568}, pytest.param({"width": 640, "height": 400}, marks=pytest.mark.long)],
    ids=["320 px", "200 %"],
)
@pytest.mark.parametrize("path", ["/sessions/new/", "/chatrooms/", "room", "/nowhere/"])
def test_nothing_is_cut_off_on_a_small_screen(scene: Scene, path: str, size: dict[str, int]) -> None:
    """320 CSS pixels are what a laptop shows at 400 %, and 640 are a laptop at 200 %."""
    scene.expected.append("status of 404")
    scene.device = {"viewport": size}
    texts = [
        "W" * 400,
        "https://example.org/" + "a-very-long-path/" * 30,
        "日本語" * 50,
        "שלום " * 30,
        "\tx\t" * 40,
    ]
    wordy = Guest.sign_in(scene.host.url, "Wolfeschlegelsteinhausenberger"[:24] + a_name("x")[-6:])
    wordy.join(scene.chat)
    for text in texts:
        wordy.send(scene.chat, text)
    one = scene.signed_in()
    one.guest.join(scene.chat)
    for text in texts:
        one.guest.send(scene.chat, text)
    page = one.open(scene.chat["url"] if path == "room" else path)
    if path == "room":
        Room(page).ready()
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_marks_stacked_on_a_letter_reach_no_other_line(scene: Scene) -> None:
    scene.host.send(scene.chat, "above")
    scene.host.send(scene.chat, "a" + "\u0301\u0302\u0303" * 60)
    page = scene.member().page
    clipped = page.locator("#m2 .say p").evaluate("(p) => getComputedStyle(p).overflow")
    assert clipped == "clip"


def test_reduced_motion_stops_everything(scene: Scene) -> None:
    scene.device = {"reduced_motion": "reduce"}
    page = scene.member().page
    page.evaluate("document.querySelector('#content').classList.add('spin')")
    assert page.locator("#content").evaluate("(one) => getComputedStyle(one).animationName") == "none"


def test_every_control_has_an_edge_in_forced_colours(scene: Scene, server: Server) -> None:
    scene.device = {"forced_colors": "active"}
    scene.fill(1)
    room = scene.member()
    scene.say(room, "Mine")
    expect(room.page.locator(".msg.mine[id]")).to_have_count(1)
    assert room.page.evaluate(WITHOUT_EDGE) == []
    act = Act(room)
    act.open("Mine")
    assert room.page.evaluate(WITHOUT_EDGE) == []
    act.press(act.items.filter(has_text="Edit"))
    expect(act.editing).to_be_visible()
    assert room.page.evaluate(WITHOUT_EDGE) == []
