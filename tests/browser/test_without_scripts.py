"""Rooms with JavaScript switched off: forms and links do everything that matters."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.browser import Person, Room, say_all
from tests.support.people import Guest, Json, a_name

Make = Callable[..., Person]


def test_a_room_works_from_the_link_to_the_log_out(visitor: Make, host: Guest, chat: Json) -> None:
    ann, name = visitor(java_script_enabled=False), a_name()
    host.send(chat, "Come in, it is open")
    page = ann.open(chat["url"])
    page.get_by_label("What should we call you?").fill(name)
    page.get_by_role("button", name="Come in").click()
    expect(page).to_have_url(ann.url + chat["url"])
    room = Room(page)
    room.shows("Come in, it is open")
    room.composer.fill("First line\nsecond line")
    room.send_button.click()
    expect(page).to_have_url(ann.url + chat["url"])
    expect(room.composer).to_have_value("")
    expect(page.locator(".msg.mine .say p")).to_have_text("First line\nsecond line", use_inner_text=True)

    host.send(chat, "Said meanwhile")
    page.get_by_role("link", name="Reload").click()
    room.shows("Come in, it is open", "First line second line", "Said meanwhile")
    expect(page.get_by_text("You are at the beginning of this room.")).to_be_visible()
    page.reload()
    expect(room.lines).to_have_count(3)  # reloading has sent nothing again

    page.locator(".top").get_by_role("button", name="Log out").click()
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    expect(page).to_have_url(ann.url + "/")
    ann.open(chat["url"])
    expect(page.get_by_label("What should we call you?")).to_be_visible()


def test_a_browser_that_is_too_old_for_the_scripts_uses_the_forms(
    visitor: Make, host: Guest, chat: Json
) -> None:
    ann = visitor()
    ann.expects("uncaught: Unexpected end of input")
    ann.page.route(
        "**/*.js*", lambda route: route.fulfill(content_type="text/javascript", body="let it = `of later;")
    )
    host.send(chat, "Come in, it is open")
    page = ann.open(chat["url"])
    page.get_by_label("What should we call you?").fill(a_name())
    page.get_by_role("button", name="Come in").click()
    room = Room(page)
    room.shows("Come in, it is open")
    room.composer.fill("As ever")
    room.send_button.click()
    room.shows("Come in, it is open", "As ever")
    assert [message["content"] for message in host.after(chat, 0)["messages"]] == [
        "Come in, it is open",
        "As ever",
    ]


RICH = "It is **so**: [the plan](https://a.example/b)\n- _one_\n```py\nprint('<b>')\n```"


def test_light_markdown_is_read_as_pages_with_scripts_read_it(
    visitor: Make, person: Make, host: Guest, chat: Json
) -> None:
    for content in (RICH, "https://a.example/x. and `code`", "\\*as written\\*"):
        host.send(chat, content)
    plain, scripted = person(java_script_enabled=False).enter(chat), person().enter(chat)
    scripted.ready()
    for room in (plain, scripted):
        rich = room.page.locator(".say > .rich").first
        expect(rich.locator("strong")).to_have_text("so")
        expect(rich.get_by_role("link", name="the plan")).to_have_attribute("href", "https://a.example/b")
        expect(rich.locator("li em")).to_have_text("one")
        expect(rich.locator(".code .bar")).to_contain_text("py")
        expect(rich.locator("pre code")).to_have_text("print('<b>')")
        expect(rich.locator("ul")).to_have_css("list-style-type", "disc")
        expect(room.page.get_by_role("link", name="https://a.example/x", exact=True)).to_be_visible()
        expect(room.page.locator(".say > p").last).to_have_text("*as written*")


def test_what_scripts_take_over_is_what_was_written(person: Make, host: Guest, chat: Json) -> None:
    ann = person()
    ann.enter(chat)
    ann.guest.send(chat, RICH)
    ann.page.reload()
    room = Room(ann.page).ready()
    room.composer.press("ArrowUp")
    expect(room.composer).to_have_value(RICH)


def test_a_form_sent_twice_is_one_message(person: Make, chat: Json, host: Guest) -> None:
    """The form's own id makes a repeat after going back harmless."""
    ann = person(java_script_enabled=False)
    room = ann.enter(chat)
    room.composer.fill("Once")
    fields: dict[str, str | float | bool] = {
        "content": "Once",
        "client_id": room.page.locator("[name=client_id]").input_value(),
    }
    room.send_button.click()
    room.shows("Once")
    again = ann.context.request.post(ann.url + chat["url"], form=fields, headers={"Origin": ann.url})
    assert again.ok
    room.page.reload()
    room.shows("Once")


def test_a_long_room_opens_at_its_end(person: Make, host: Guest, chat: Json) -> None:
    say_all(host, chat, (f"Line {number}" for number in range(60)))
    room = person(java_script_enabled=False).enter(chat)
    expect(room.lines).to_have_count(36)
    expect(room.texts.last).to_have_text("Line 59")
    expect(room.texts.last).to_be_in_viewport()
    expect(room.texts.first).not_to_be_in_viewport()
    expect(room.page.get_by_text("You are at the beginning of this room.")).to_have_count(0)


def test_a_permalink_opens_at_its_message(person: Make, host: Guest, chat: Json) -> None:
    say_all(host, chat, (f"Line {number}" for number in range(1, 101)))
    page = person(java_script_enabled=False).open(f"{chat['url']}messages/40/")
    expect(page.locator("#m40")).to_be_in_viewport()
    expect(page.locator("#m40")).to_be_focused()
    expect(page.locator("#m65")).not_to_be_in_viewport()
    page.get_by_role("link", name="Newer messages").click()
    expect(page.locator("#m66")).to_be_in_viewport()


def test_the_way_back_to_the_first_message_is_a_few_links(person: Make, host: Guest, chat: Json) -> None:
    say_all(host, chat, (f"Line {number}" for number in range(1, 101)))
    room = person(java_script_enabled=False).enter(chat)
    first = 65
    while first > 1:
        room.page.get_by_role("link", name="Older messages").click()
        expect(room.page.locator(f"#m{first - 1}")).to_be_in_viewport()
        first = max(1, first - 25)
        expect(room.texts.first).to_have_text(f"Line {first}")
    expect(room.page.get_by_text("You are at the beginning of this room.")).to_have_count(1)
    expect(room.page.get_by_role("link", name="Older messages")).to_have_count(0)


def test_a_file_has_its_place_below_the_text_beside_send(person: Make, chat: Json) -> None:
    for width in (390, 1440):
        room = person(java_script_enabled=False, viewport={"width": width, "height": 844}).enter(chat)
        text, file, send = (
            one.bounding_box() for one in (room.composer, room.page.locator("[name=file]"), room.send_button)
        )
        assert text
        assert file
        assert send
        assert text["y"] + text["height"] <= min(file["y"], send["y"])
        assert file["x"] + file["width"] <= send["x"]
        assert send["y"] <= file["y"]
        assert file["y"] + file["height"] <= send["y"] + send["height"]


def test_ones_own_message_is_edited_and_deleted_by_forms(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "Is it open?")
    ann = person(java_script_enabled=False)
    room = ann.enter(chat)
    room.composer.fill("It is opne")
    room.send_button.click()
    room.page.get_by_role("link", name="Edit this message").click()
    box = room.page.get_by_label("What you said")
    expect(box).to_have_value("It is opne")
    box.fill("It is open")
    room.page.get_by_role("button", name="Save").click()
    room.shows("Is it open?", "It is open")
    expect(room.page.locator("#m2 .edited")).to_have_text("edited")
    expect(room.page.locator("#m2")).to_be_in_viewport()

    room.page.get_by_role("link", name="Edit this message").click()
    room.page.get_by_role("link", name="Delete", exact=True).click()
    expect(room.page.get_by_role("main")).to_contain_text("It is open")
    room.page.get_by_role("button", name="Delete").click()
    room.shows("Is it open?")
    expect(room.page.get_by_text("That message is no longer there.")).to_be_visible()
