"""What stands in the composer and is not sent is still there later: for its author, in its room."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser import UNREACHABLE, Person
from tests.support.browser_kept import CLOSABLE, Cut, close_databases, keeps, kept, until
from tests.support.browser_lobby import ASK, log_in, sign_up
from tests.support.people import Guest, Json, a_name
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]


def drafts(ann: Person) -> list[str]:
    return [draft["content"] for draft in kept(ann.page)["drafts"]]


def test_a_draft_survives_a_reload_even_at_once(person: Make, chat: Json) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    room.composer.fill("Half")
    until(ann.page, lambda _: drafts(ann) == ["Half"])
    room.composer.fill("Half a sen\ntence")
    room.page.reload()
    expect(room.ready().composer).to_have_value("Half a sen\ntence")
    expect(room.composer).to_be_focused()
    room.composer.press("End")
    room.page.keyboard.type("!")
    room.page.reload()
    expect(room.ready().composer).to_have_value("Half a sen\ntence!")


def test_a_draft_is_saved_while_one_writes(person: Make, chat: Json) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    room.composer.press_sequentially("Half")
    until(ann.page, lambda _: drafts(ann) == ["Half"])
    room.composer.fill("")
    until(ann.page, lambda held: held["drafts"] == [])


def test_a_draft_is_kept_also_once_the_system_has_closed_the_database(person: Make, chat: Json) -> None:
    ann = person()
    ann.context.add_init_script(CLOSABLE)
    room = ann.enter(chat).ready()
    room.composer.fill("Half")
    until(ann.page, lambda _: drafts(ann) == ["Half"])
    close_databases(ann.page)
    room.composer.fill("Half a sentence")
    until(ann.page, lambda _: drafts(ann) == ["Half a sentence"])


def test_each_room_has_its_own(person: Make, host: Guest, chat: Json) -> None:
    ann = person()
    other = host.open_chat("The front garden")
    room = ann.enter(chat).ready()
    room.composer.fill("To the back")
    until(ann.page, lambda _: drafts(ann) == ["To the back"])
    room.page.get_by_role("link", name="Leave", exact=True).click()
    expect(ann.page).to_have_url(f"{ann.url}/chatrooms/")
    room = ann.enter(other).ready()
    expect(room.composer).to_have_value("")
    room.composer.fill("To the front")
    until(ann.page, lambda _: drafts(ann) == ["To the back", "To the front"])
    expect(ann.enter(chat).ready().composer).to_have_value("To the back")
    expect(ann.enter(other).ready().composer).to_have_value("To the front")


@pytest.mark.parametrize("cut_off", [False, True], ids=["sent", "waiting"])
def test_what_was_sent_is_no_draft_any_more(person: Make, chat: Json, cut_off: bool) -> None:
    ann = person()
    if cut_off:
        ann.expects(UNREACHABLE)
        Cut(ann.context)
    room = ann.enter(chat).ready()
    room.composer.fill("A sentence")
    until(ann.page, lambda held: len(held["drafts"]) == 1)
    room.composer.press("Enter")
    if cut_off:
        keeps(room, "A sentence")
        assert drafts(ann) == [], "both at once: a crash would not bring it back to be sent again"
    else:
        expect(room.stored).to_have_count(1)
    room.page.reload()
    expect(room.ready().texts).to_have_count(1)
    expect(room.composer).to_have_value("")


@pytest.mark.parametrize("cut_off", [False, True], ids=["sent", "waiting"])
def test_what_another_tab_sends_takes_no_draft_of_this_one_away(
    person: Make, chat: Json, cut_off: bool
) -> None:
    ann = person()
    if cut_off:
        ann.expects(UNREACHABLE)
        Cut(ann.context)
    left = ann.enter(chat).ready()
    left.composer.fill("A long text")
    until(ann.page, lambda _: drafts(ann) == ["A long text"])
    right = ann.enter(chat, page=ann.context.new_page()).ready()
    expect(right.composer).to_have_value("A long text")
    right.composer.fill("short")
    until(ann.page, lambda _: drafts(ann) == ["short"])
    right.composer.press("Enter")
    left.shows("short")
    until(ann.page, lambda _: drafts(ann) == ["A long text"])
    expect(right.composer).to_have_value("")
    right.say("another")
    left.shows("short", "another")
    right.page.close()
    left.page.reload()
    expect(left.ready().composer).to_have_value("A long text")


def test_what_another_tab_keeps_stays_when_this_one_sends_what_it_had(person: Make, chat: Json) -> None:
    ann = person()
    left = ann.enter(chat).ready()
    left.composer.fill("A text")
    until(ann.page, lambda _: drafts(ann) == ["A text"])
    right = ann.enter(chat, page=ann.context.new_page()).ready()
    expect(right.composer).to_have_value("A text")
    right.composer.fill("A text, and more")
    until(ann.page, lambda _: drafts(ann) == ["A text, and more"])
    right.page.goto(f"{ann.url}/robots.txt")  # nobody is there to keep it once more
    left.composer.press("Enter")
    expect(left.stored).to_have_count(1)
    expect(left.composer).to_have_value("")
    right = ann.enter(chat, page=right.page).ready()
    expect(right.composer).to_have_value("A text, and more")


def test_what_another_tab_has_sent_stands_in_no_composer_any_more(person: Make, chat: Json) -> None:
    ann = person()
    left = ann.enter(chat).ready()
    left.composer.fill("A text\n")
    until(ann.page, lambda _: drafts(ann) == ["A text\n"])
    right = ann.enter(chat, page=ann.context.new_page()).ready()
    expect(right.composer).to_have_value("A text\n")
    right.composer.press("Enter")
    left.shows("A text")
    expect(left.composer).to_have_value("")
    left.page.reload()
    expect(left.ready().composer).to_have_value("")


def test_nobody_else_sees_it(person: Make, chat: Json) -> None:
    ann = person()
    ann.expects("status of 401")  # of a page that was asking for whoever was here before
    room = ann.enter(chat).ready()
    room.composer.fill("What I think of Bob")
    until(ann.page, lambda _: drafts(ann) == ["What I think of Bob"])
    ann.page.goto(ann.url)
    cookies = ann.context.cookies()
    ann.context.clear_cookies()
    ann.sign_in(a_name())
    room = ann.enter(chat).ready()
    room.say("Hello")
    expect(room.stored).to_have_count(1)
    expect(room.composer).to_have_value("")
    ann.page.goto(ann.url)
    ann.context.clear_cookies()
    ann.context.add_cookies(cookies)  # type: ignore[arg-type]  # they are what it gave
    expect(ann.enter(chat).ready().composer).to_have_value("What I think of Bob")


def test_it_is_there_when_the_same_person_logs_in_again(visitor: Make, chat: Json) -> None:
    ann = sign_up(visitor())
    ann.expects("status of 401")  # of a page that asks once more
    room = ann.enter(chat).ready()
    room.composer.fill("Half a sen")
    ann.guest.delete("/sessions/current")
    expect(room.notice).to_contain_text("You are logged out.")
    expect(room.composer).to_have_value("Half a sen")
    ann.context.clear_cookies()
    log_in(ann, ann)
    expect(ann.enter(chat).ready().composer).to_have_value("Half a sen")


@by_line_and_at_length_by_asking
def test_the_text_stays_to_be_copied_when_the_room_is_deleted_meanwhile(
    visitor: Make, person: Make, polling: bool
) -> None:
    owner = Guest.sign_in(visitor().url).sign_up()
    own = owner.open_chat(a_name("Supper"), "listed")
    ann = person()
    ann.expects("status of 410")
    if polling:
        ann.context.add_init_script(ASK)
    room = ann.enter(own).ready()
    room.composer.fill("Half a sen")
    owner.delete(f"/chats/{own['id']}/")
    expect(room.notice).to_contain_text("This room was deleted. What you were writing is still here to copy.")
    expect(room.composer).to_have_value("Half a sen")
    expect(room.composer).not_to_be_editable()
    room.notice.get_by_role("link", name="To the lobby").click()
    expect(ann.page.get_by_text(f"“{own['name']}” was deleted.")).to_be_visible()
