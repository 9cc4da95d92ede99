"""Coming back to the server: at once when there is a reason to, not all together, and without a flood."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.conftest import UNLIMITED
from tests.support.browser import UNREACHABLE, Person
from tests.support.browser_lobby import ASK
from tests.support.browser_wire import Cable, Wire, cursor
from tests.support.people import Guest, Json, a_name
from tests.support.programs import said, util_here
from tests.support.server import Server

Make = Callable[..., Person]

# What a page can notice of having been away, done by hand. A sleep stops its timers: only the clock on the
# wall jumps.
SLEEP = "slept = 600_000"
OTHER_NETWORK = "dispatchEvent(new Event('online'))"
KEPT_ASIDE = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
CLOCK = "window.slept = 0; const wall = Date.now; Date.now = () => wall() + window.slept;"
# Milliseconds. The server says something every ten seconds; after five more, a line counts as dead anyway.
SOONER = 8000


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    with Cable(server.url) as made:
        yield made


@pytest.mark.parametrize(
    "how",
    [
        SLEEP,
        pytest.param(OTHER_NETWORK, marks=pytest.mark.long),
        pytest.param(KEPT_ASIDE, marks=pytest.mark.long),
    ],
    ids=["slept", "network", "kept aside"],
)
def test_a_page_that_was_away_looks_at_once_whether_its_line_has_held(
    visitor: Make, cable: Cable, server: Server, how: str
) -> None:
    host = Guest.sign_in(server.url)
    opened = host.open_chat("Early bird")
    ann = visitor(url=cable.url)
    ann.expects(UNREACHABLE)
    ann.context.add_init_script(CLOCK)
    ann.sign_in(a_name())
    wire = Wire(ann.page)
    room = ann.enter(opened).ready()
    # Just after the server's word, so that its silence is not noticed too soon.
    pings: list[str] = []
    ann.until(lambda: wire.sockets)
    wire.sockets[0].on("framereceived", lambda frame: pings.append(str(frame)) if frame == "2" else None)
    ann.until(lambda: pings)
    cable.die()
    host.send(opened, "While you were away")
    ann.page.evaluate(how)
    expect(room.texts).to_have_text(["While you were away"], timeout=SOONER)
    room.say("Good morning")
    expect(room.stored).to_have_count(2)


def test_a_page_that_asks_does_not_wait_after_a_sleep_for_what_was_under_way_before(
    person: Make, host: Guest, chat: Json
) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    ann.context.add_init_script(CLOCK)
    ann.context.add_init_script(ASK)
    wire = Wire(ann.page)
    room = ann.enter(chat).ready()
    ann.until(lambda: wire.polls(chat))
    held: list[Route] = []

    def hold(route: Route) -> None:
        if any(route.request.url == other.request.url for other in held):
            route.continue_()
        else:
            held.append(route)

    ann.page.route("**/messages?after=**", hold)
    ann.until(lambda: held)
    host.send(chat, "While you were away")
    ann.page.evaluate(SLEEP)
    expect(room.texts).to_have_text(["While you were away"], timeout=SOONER)


def test_a_line_that_has_gone_silent_is_noticed_by_the_missing_word(
    visitor: Make, cable: Cable, server: Server
) -> None:
    host = Guest.sign_in(server.url)
    opened = host.open_chat("Half open")
    ann = visitor(url=cable.url)
    ann.expects(UNREACHABLE)
    ann.page.clock.install()
    ann.sign_in(a_name())
    wire = Wire(ann.page)
    room = ann.enter(opened).ready()
    ann.until(lambda: any("enter" in frame for frame in wire.frames_sent))
    cable.die()
    host.send(opened, "Can you hear me?")
    room.page.clock.run_for(16_000)
    room.shows("Can you hear me?")
    ann.until(lambda: len(wire.sockets) == 2)


def test_a_waiting_line_is_opened_at_once_when_somebody_presses_try_now(
    visitor: Make, start_server: Callable[..., Server]
) -> None:
    first = start_server(**UNLIMITED)
    opened = Guest.sign_in(first.url).open_chat("Patience")
    ann = visitor(url=first.url)
    ann.expects(UNREACHABLE)
    ann.page.clock.install()
    ann.sign_in(a_name())
    wire = Wire(ann.page)
    room = ann.enter(opened).ready()
    ann.until(lambda: any("enter" in frame for frame in wire.frames_sent))
    first.kill()
    ann.until(wire.sockets[0].is_closed)
    ann.page.clock.run_for(60_000)
    ann.stop_time()
    tried = len(wire.sockets)
    start_server(port=urlsplit(first.url).port, **UNLIMITED)
    room.notice.get_by_role("button", name="Try now").click()
    ann.page.clock.run_for(100)
    ann.until(lambda: len(wire.sockets) > tried)
    ann.page.clock.resume()
    expect(room.notice).to_be_hidden()


class Waiter:
    """Somebody whose time and luck are in the hands of the test."""

    def __init__(self, person: Person, chat: Json, chance: float) -> None:
        # To the library an even first digit means a shorter pause, an odd one a longer.
        person.expects(UNREACHABLE)
        person.context.add_init_script(f"Math.random = () => {chance}")
        person.page.clock.install()
        person.sign_in(a_name())
        self.person, self.wire = person, Wire(person.page)
        person.enter(chat).ready()
        person.until(lambda: any("enter" in frame for frame in self.wire.frames_sent))
        person.stop_time()

    def comes_back_after(self) -> int:
        """Milliseconds from losing the line to trying again."""
        self.person.until(self.wire.sockets[0].is_closed)
        for moment in range(100, 5000, 100):
            self.person.page.clock.run_for(100)
            if len(self.wire.sockets) > 1:
                return moment
        raise AssertionError("nobody came")


@pytest.mark.long
def test_those_who_wait_for_a_server_do_not_all_come_back_at_once(
    visitor: Make, start_server: Callable[..., Server]
) -> None:
    running = start_server(**UNLIMITED)
    opened = Guest.sign_in(running.url).open_chat("Rush hour")
    waiters = [Waiter(visitor(url=running.url), opened, chance) for chance in (0.89, 0.0, 0.999)]
    running.kill()
    first, second, third = (waiter.comes_back_after() for waiter in waiters)
    assert first >= 400
    assert second - first >= 500
    assert third - second >= 500


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("count", "polling"),
    [
        pytest.param(3_100, False, id="line"),
        pytest.param(10_000, False, id="ten thousand, line", marks=pytest.mark.long),
        pytest.param(10_000, True, id="ten thousand, asking", marks=pytest.mark.long),
    ],
)
def test_thousands_of_messages_missed_are_a_jump_and_not_a_flood(
    visitor: Make, start_server: Callable[..., Server], count: int, polling: bool
) -> None:
    running = start_server(**UNLIMITED)
    host = Guest.sign_in(running.url)
    opened = host.open_chat("A long holiday")
    ann = visitor(url=running.url)
    ann.expects(UNREACHABLE)
    if polling:
        ann.context.add_init_script(ASK)
    ann.sign_in(a_name())
    room = ann.enter(opened).ready()
    room.say("Off I go")
    expect(room.stored).to_have_count(1)
    ann.context.set_offline(True)
    inserted = util_here(running.data, "insert", "--messages", str(count), "--room", opened["hash_key"])
    assert inserted.returncode == 0, said(inserted)
    last = host.send(opened, "Welcome back")
    assert last["seq"] == count + 2
    wire = Wire(ann.page)
    ann.context.set_offline(False)
    expect(room.texts.last).to_have_text("Welcome back")
    expect(room.pill).to_be_hidden()

    # What came, of what was asked for: a request that waking up has cut off is made again. Whoever asks goes
    # on asking every second once they are back.
    pages = [r for r in wire.polls(opened) if "after=" in r.url and cursor(r) < last["rev"]]
    anew = [r for r in wire.answered() if urlsplit(r.url).path == f"/chats/{opened['id']}/"]
    assert len(anew) == 1
    assert len(pages) <= 2
    assert room.lines.count() <= 100
    assert room.page.get_by_role("alert").all_inner_texts() == [] or "10" not in room.page.inner_text(
        "#announcer"
    )

    ids = room.lines.evaluate_all("all => all.map((line) => Number(line.id.slice(1)))")
    assert ids == list(range(ids[0], count + 3)), "what is shown has no hole"
    room.scroll_to(10_000)
    expect(room.page.locator(f"#m{ids[0] - 1}")).to_be_attached()
    room.say("I am back")
    expect(room.texts.last).to_have_text("I am back")
