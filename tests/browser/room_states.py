"""The page of a room in every state that it can be in."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.scenes import Scene, called_member
from tests.support.browser import PHONE, Room
from tests.support.browser_actions import Act
from tests.support.people import Guest
from tests.support.pictures import photo
from tests.support.waiting import eventually


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
        page.get_by_role("link", name="Who can come in").tap()
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
