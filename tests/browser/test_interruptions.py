"""A line that is cut, a server that goes and comes, data changed from outside: nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.conftest import UNLIMITED
from tests.support.browser import UNREACHABLE, Person, Room, again, say_all
from tests.support.database import locked
from tests.support.people import Guest, Json, a_name
from tests.support.programs import said, util_here
from tests.support.server import Server
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]

# Milliseconds from the moment the network went until the notice stood on the page, each time.
TIME_NOTICES = """
window.notices = [];
let gone = 0;
addEventListener("offline", () => { gone = performance.now(); });
new MutationObserver(() => { if (!notice.hidden) window.notices.push(performance.now() - gone); })
  .observe(notice, { attributes: true, attributeFilter: ["hidden"] });
"""
NOTICE_AFTER = 5000  # milliseconds


@by_line_and_at_length_by_asking
def test_what_was_said_while_cut_off_comes_in_order_and_once(
    person: Make, host: Guest, chat: Json, polling: bool
) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    room = ann.enter(chat).ready()
    room.page.get_by_label("Ask once a second").set_checked(polling)
    room.page.evaluate(TIME_NOTICES)
    room.say("Here")
    expect(room.stored).to_have_count(1)

    ann.context.set_offline(True)
    others = say_all(host, chat, (f"Meanwhile {number}" for number in range(30)))
    room.say("Mine 0")
    room.say("Mine 1")
    room.shows("Here", "Mine 0", "Mine 1")  # written, and visible at once
    expect(room.page.locator(".msg.waiting")).to_have_count(2)
    expect(room.notice).to_contain_text("Keep writing")
    (shown_after,) = room.page.evaluate("window.notices")
    assert NOTICE_AFTER - 100 < shown_after < NOTICE_AFTER + 5000
    room.say("Mine 2")
    ann.context.set_offline(False)

    room.shows("Here", *others, "Mine 0", "Mine 1", "Mine 2")
    expect(room.stored).to_have_count(34)
    expect(room.notice).to_be_hidden()
    assert [m["content"] for m in host.after(chat, 0, limit=200)["messages"]] == room.contents()
    host.send(chat, "And on")
    expect(room.texts.last).to_have_text("And on")
    room.page.reload()
    expect(room.ready().texts).to_have_count(35)


def test_a_short_cut_is_not_worth_a_word(person: Make, host: Guest, chat: Json) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    ann.page.clock.install()
    room = ann.enter(chat).ready()
    room.page.evaluate(TIME_NOTICES)
    room.say("Here")
    expect(room.stored).to_have_count(1)
    ann.context.set_offline(True)
    host.send(chat, "Meanwhile")
    ann.context.set_offline(False)
    room.shows("Here", "Meanwhile")
    room.page.clock.run_for(NOTICE_AFTER + 1000)
    assert room.page.evaluate("window.notices") == []


def test_both_catch_up_when_the_server_comes_back(visitor: Make, start_server: Callable[..., Server]) -> None:
    settings = {"heartbeat": 1} | UNLIMITED
    first = start_server(**settings)
    opened = Guest.sign_in(first.url).open_chat("Power cut")
    ann, bob = visitor(url=first.url), visitor(url=first.url)
    for one in (ann, bob):
        one.expects(UNREACHABLE)
        one.sign_in(a_name())
    left, right = ann.enter(opened).ready(), bob.enter(opened).ready()
    left.say("Before")
    right.shows("Before")
    expect(left.stored).to_have_count(1)  # acknowledged

    first.kill()
    for number in range(2):
        left.say(f"Ann in the dark {number}")
        right.say(f"Bob in the dark {number}")
    expect(left.page.locator(".msg.waiting")).to_have_count(2)
    second = again(start_server, first, **settings)
    assert second.url == first.url
    for room in (left, right):
        expect(room.stored).to_have_count(5, timeout=30_000)
        expect(room.notice).to_be_hidden()
    assert left.contents() == right.contents()
    assert left.contents()[0] == "Before"
    for name in ("Ann", "Bob"):
        own = [text for text in left.contents() if text.startswith(name)]
        assert own == [f"{name} in the dark 0", f"{name} in the dark 1"]
    left.say("After")
    expect(right.texts.last).to_have_text("After")
    right.say("Indeed")
    expect(left.texts.last).to_have_text("Indeed")


@pytest.mark.long
def test_open_pages_follow_messages_deleted_and_inserted_from_outside(
    visitor: Make, start_server: Callable[..., Server]
) -> None:
    running = start_server(**UNLIMITED)
    opened = Guest.sign_in(running.url).open_chat("Test bench")
    rooms: list[Room] = []
    for polling in (False, True):
        one = visitor(url=running.url)
        one.sign_in(a_name())
        rooms.append(one.enter(opened).ready())
        rooms[-1].page.get_by_label("Ask once a second").set_checked(polling)
    for number in range(3):
        rooms[number % 2].say(f"Old {number}")
        for room in rooms:
            expect(room.texts).to_have_count(number + 1)

    deleted = util_here(running.data, "delete", "--yes")
    assert deleted.returncode == 0, said(deleted)
    for room in rooms:
        room.shows()
        expect(room.page.get_by_role("heading", name="Nobody has said anything yet")).to_be_visible()
    rooms[0].say("New start")
    rooms[1].shows("New start")
    rooms[1].say("Indeed")
    rooms[0].shows("New start", "Indeed")

    inserted = util_here(running.data, "insert", "--messages", "25", "--room", opened["hash_key"])
    assert inserted.returncode == 0, said(inserted)
    for room in rooms:
        expect(room.texts).to_have_count(27)
        assert [text.rpartition(" ")[2] for text in room.contents()[2:]] == [f"({n})" for n in range(1, 26)]
    rooms[1].say("Still here")
    expect(rooms[0].texts.last).to_have_text("Still here")
    assert rooms[0].contents() == rooms[1].contents()


@by_line_and_at_length_by_asking
def test_a_database_that_was_busy_delays_a_message_and_no_more(
    visitor: Make, start_server: Callable[..., Server], polling: bool
) -> None:
    running = start_server(lock_timeout=1, **UNLIMITED)
    ann = visitor(url=running.url)
    ann.expects("status of 503")
    ann.sign_in(a_name())
    ann.page.clock.install()
    room = ann.enter(ann.guest.open_chat("Busy")).ready()
    room.page.get_by_label("Ask once a second").set_checked(polling)
    room.say("Before")
    expect(room.stored).to_have_count(1)
    with locked(running.data):
        room.say("Late")
        expect(room.page.locator(".msg.waiting")).to_have_count(1)
    expect(room.stored).to_have_count(2)
    room.shows("Before", "Late")
    room.page.clock.run_for(NOTICE_AFTER + 1000)
    assert room.notice.is_hidden(), "the line was never down, and everything has been sent"
