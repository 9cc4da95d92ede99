"""What a person sees of a message on its way: at once, sent, late, refused, tried again."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.support.browser import UNREACHABLE, Person, Room
from tests.support.browser_wire import Wire
from tests.support.people import Guest, Json
from tests.support.ways import by_line_and_at_length_by_asking

Make = Callable[..., Person]

# Whether a mark was ever on a bubble.
WATCH = """
window.marked = false;
new MutationObserver(() => { window.marked ||= feed.querySelector(".msg.sending") !== null; })
  .observe(feed, { childList: true, subtree: true, attributes: true });
"""
LATE = 300  # milliseconds after which a message on its way wears a mark


class Post:
    """The page's way of sending by request, held in hand: answers as the test says, in turn."""

    def __init__(self, room: Room) -> None:
        self.held: list[Route] = []
        self.answers: list[Callable[[Route], None]] = []
        self.wire = Wire(room.page)
        room.page.get_by_label("Ask once a second").check()
        self.down = False
        room.page.route("**/messages*", self._handle)

    def then(self, *answers: Callable[[Route], None]) -> None:
        self.answers += answers

    def hold(self, route: Route) -> None:
        self.held.append(route)

    def client_ids(self) -> list[str]:
        return [body["client_id"] for body in self.wire.sends()]

    def _handle(self, route: Route) -> None:
        if self.down:
            refuse(503, "retry_later", "Not now.")(route)
        elif self.answers and route.request.method == "POST":
            self.answers.pop(0)(route)
        else:
            route.continue_()


def refuse(status: int, code: str, message: str, **fields: str) -> Callable[[Route], None]:
    body = {"error": {"code": code, "message": message, "fields": fields}}
    return lambda route: route.fulfill(status=status, content_type="application/json", body=json.dumps(body))


def lose_the_answer(route: Route) -> None:
    """The server stores the message, and the page never hears of it."""
    route.fetch()
    route.abort()


def test_a_bubble_stands_at_once_and_a_mark_only_when_it_takes_long(person: Make, chat: Json) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    post = Post(room)
    post.then(post.hold)
    ann.page.clock.install()
    ann.stop_time()
    room.say("Slow")
    room.shows("Slow")
    ann.until(lambda: post.held)
    marked = room.page.locator(".msg.sending")
    room.page.clock.run_for(LATE - 10)
    expect(marked).to_have_count(0)
    room.page.clock.run_for(40)  # the page looks 20 ms after
    expect(marked.locator(".note")).to_have_text("Sending")
    post.held.pop().continue_()
    expect(room.stored).to_have_count(1)
    expect(room.page.locator(".note")).to_have_count(0)
    room.shows("Slow")


def test_a_quick_message_never_wears_a_mark(person: Make, chat: Json) -> None:
    ann = person()
    room = ann.enter(chat).ready()
    ann.page.clock.install()
    ann.stop_time()
    room.page.evaluate(WATCH)
    room.say("Quick")
    room.shows("Quick")
    room.page.clock.run_for(LATE - 10)
    expect(room.stored).to_have_count(1)
    room.page.clock.run_for(1000)
    assert room.page.evaluate("window.marked") is False


def test_a_refused_message_is_tried_again_under_its_id(person: Make, chat: Json, host: Guest) -> None:
    ann = person()
    ann.expects("status of 409")
    room = ann.enter(chat).ready()
    post = Post(room)
    post.then(refuse(409, "conflict", "Something stands in the way."))
    room.say("Contested")
    failed = room.page.locator(".msg.failed")
    expect(failed).to_contain_text("Something stands in the way.")
    room.say("The next one is not held up")
    expect(room.stored).to_have_count(1)
    expect(failed.locator(".say")).to_have_text("Contested")

    room.page.get_by_role("button", name="Retry").click()
    expect(room.stored).to_have_count(2)
    room.shows("The next one is not held up", "Contested")
    ids = post.client_ids()
    assert len(ids) == 3
    assert ids[0] == ids[2] != ids[1]
    assert [m["content"] for m in host.after(chat, 0)["messages"]] == room.contents()


def test_a_refused_message_can_be_discarded(person: Make, chat: Json, host: Guest) -> None:
    ann = person()
    ann.expects("status of 400")
    room = ann.enter(chat).ready()
    post = Post(room)
    post.then(refuse(400, "invalid", "That did not work.", content="Not with these words."))
    room.say("Unwelcome")
    expect(room.page.locator(".msg.failed")).to_contain_text("Not with these words.")
    room.page.get_by_role("button", name="Discard").click()
    room.shows()
    room.say("Better")
    expect(room.stored).to_have_count(1)
    assert [m["content"] for m in host.after(chat, 0)["messages"]] == ["Better"]
    assert len(post.client_ids()) == 2


def test_a_message_whose_answer_was_lost_is_there_once(person: Make, chat: Json, host: Guest) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    room = ann.enter(chat).ready()
    post = Post(room)
    post.then(lose_the_answer, lose_the_answer)
    room.say("Stored, but who knows")
    room.say("And another")
    expect(room.stored).to_have_count(2)
    room.shows("Stored, but who knows", "And another")
    assert [m["content"] for m in host.after(chat, 0)["messages"]] == ["Stored, but who knows", "And another"]
    assert len(set(post.client_ids())) == 2


def test_a_server_in_trouble_is_asked_again_and_a_way_out_is_offered(person: Make, chat: Json) -> None:
    ann = person()
    ann.expects("status of 503")
    room = ann.enter(chat).ready()
    post = Post(room)
    post.down = True
    room.say("Patience")
    room.say("Never mind")
    waiting = room.page.locator(".msg.waiting")
    expect(waiting).to_have_count(2)
    expect(waiting.first).to_contain_text("Waiting to send")
    retry = waiting.first.get_by_role("button", name="Retry")
    expect(retry).to_be_visible()
    post.down = False
    retry.click()
    expect(room.stored).to_have_count(2)
    room.shows("Patience", "Never mind")
    assert len(post.client_ids()) > 3
    assert len(set(post.client_ids())) == 2


def test_each_of_several_waiting_messages_can_be_discarded(person: Make, host: Guest, chat: Json) -> None:
    ann = person()
    ann.expects("status of 503")
    room = ann.enter(chat).ready()
    post = Post(room)
    post.down = True
    for text in ("One", "Two", "Three"):
        room.say(text)
    waiting = room.page.locator(".msg.waiting")
    expect(waiting.first.get_by_role("button")).to_have_text(["Retry", "Discard"])
    for line in (waiting.nth(1), waiting.nth(2)):
        expect(line.get_by_role("button")).to_have_text(["Discard"])
    waiting.nth(1).get_by_role("button").click()
    room.shows("One", "Three")
    post.down = False
    expect(room.stored).to_have_count(2)
    assert [m["content"] for m in host.after(chat, 0)["messages"]] == ["One", "Three"]


@by_line_and_at_length_by_asking
def test_own_messages_take_the_place_that_the_server_gives_them(
    person: Make, chat: Json, host: Guest, polling: bool
) -> None:
    room = person().enter(chat).ready()
    if polling:
        post = Post(room)
        post.then(post.hold)
        room.say("Mine")
        room.shows("Mine")
        theirs = [host.send(chat, f"Theirs {number}")["content"] for number in range(3)]
        room.shows(*theirs, "Mine")
        post.held.pop().continue_()
    else:
        theirs = []
        for number in range(6):
            room.say(f"Mine {number}")
            host.send(chat, f"Theirs {number}")
    expect(room.stored).to_have_count(12 if not polling else 4)
    assert room.contents() == [m["content"] for m in host.after(chat, 0)["messages"]]
    ids = room.lines.evaluate_all("all => all.map((line) => Number(line.id.slice(1)))")
    assert ids == list(range(1, len(ids) + 1))


def test_many_messages_in_a_row_keep_their_order(person: Make, chat: Json, host: Guest) -> None:
    room = person().enter(chat).ready()
    written = [f"Line {number}" for number in range(25)]
    for text in written:
        room.say(text)
    expect(room.stored).to_have_count(25)
    assert room.contents() == written
    assert [m["content"] for m in host.after(chat, 0)["messages"]] == written
