"""Presence over several processes: each of them knows who is where, whatever happens at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import cycle
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch import events
from porch.engines.cluster.presence import KEEP_TOLD, SharedPresence
from porch.engines.live.presence import AFTER_CLOSE, AFTER_SILENCE
from porch.engines.live.seats import Person
from porch.errors import Moved
from tests.support.noted_sockets import NotedSockets
from tests.support.people import Json

MOST_TOLD = 1000  # until all agree


class Bus:
    """What one process tells, as JSON, on its way to the others."""

    def __init__(self, process: str, site: Site) -> None:
        self.process = process
        self.hear: dict[str, Callable[[str, Any], None]] = {}
        self.gone: Callable[[str], None] = lambda process: None
        self.lost: Callable[[str | None], None] = lambda process: None
        self.joined: Callable[[], None] = lambda: None
        self.is_connected = True
        self._site = site

    def on(self, topic: str, hear: Callable[[str, Any], None]) -> None:
        self.hear[topic] = hear

    def when_gone(self, call: Callable[[str], None]) -> None:
        self.gone = call

    def when_joined(self, call: Callable[[], None]) -> None:
        self.joined = call

    def when_lost(self, call: Callable[[str | None], None]) -> None:
        self.lost = call

    def join(self) -> None:
        self.lost(None)
        self.joined()

    def tell(self, topic: str, payload: object, *, to: str | None = None) -> None:
        if self.is_connected:
            self._site.told.append((self.process, topic, msgspec.json.encode(payload), to))


class Process:
    def __init__(self, name: str, site: Site) -> None:
        self.bus = Bus(name, site)
        self.sockets = NotedSockets()
        self.woken: list[str] = []
        self.presence = SharedPresence(
            self.bus,  # type: ignore[arg-type]  # as far as presence needs one
            self.sockets,
            one_room=site.one_room,
            changed=lambda chat_id: None,
            wake=self.woken.append,
            clock=lambda: site.now,
            wall=site.wall,
        )

    def enter(self, person: Person, chat_id: int, sid: str | None = None) -> None:
        self.presence.enter(person, room(chat_id), sid=sid)

    def here(self, chat_id: int) -> set[int]:
        return self.presence.user_ids(chat_id)

    def moved(self) -> list[tuple[int, int, str]]:
        """From where to where which socket was sent."""
        said = self.sockets.emitted
        return [(told["chat_id"], told["to"]["id"], sid) for name, told, sid in said if name == "moved"]


class Site:
    """Processes whose tellings arrive when they are let, each at all others in one order."""

    def __init__(self, *names: str, one_room: str = "user", wall: Callable[[], int] = lambda: 0) -> None:
        self.now = 1000.0
        self.wall = wall
        self.one_room = one_room
        self.told: deque[tuple[str, str, bytes, str | None]] = deque()
        self.processes = {name: Process(name, self) for name in names}

    def __getitem__(self, name: str) -> Process:
        return self.processes[name]

    def add(self, name: str) -> Process:
        self.processes[name] = Process(name, self)
        self.processes[name].bus.join()
        self.arrive()
        return self.processes[name]

    def arrive(self) -> None:
        left = MOST_TOLD
        while self.told:
            left -= 1
            assert left, "they go on telling each other"
            sender, topic, payload, to = self.told.popleft()
            for name, process in self.processes.items():
                if name != sender and to in (None, name) and process.bus.is_connected:
                    process.bus.hear[topic](sender, msgspec.json.decode(payload))

    def kill(self, name: str) -> None:
        del self.processes[name]
        for process in self.processes.values():
            process.bus.gone(name)

    def tick(self) -> None:
        for process in self.processes.values():
            process.presence.tick()

    def here(self, chat_id: int) -> set[int]:
        """Who is in a chat, in which all have to agree."""
        self.arrive()
        (here,) = {frozenset(process.here(chat_id)) for process in self.processes.values()}
        return set(here)


def room(chat_id: int) -> Json:
    return {"id": chat_id, "name": f"Room {chat_id}", "url": f"/chatrooms/{chat_id}/"}


def person(user_id: int, session_id: int | None = None) -> Person:
    return Person(session_id or user_id, user_id, f"Person {user_id}", guest=True)


ANN, BOB = person(1), person(2)


@pytest.fixture
def site() -> Site:
    return Site("A", "B")


def test_whoever_enters_by_one_process_is_seen_in_all(site: Site) -> None:
    site["A"].enter(ANN, 7, sid="a")
    site.arrive()
    site["B"].enter(BOB, 7)
    assert site.here(7) == {1, 2}
    assert site["B"].presence.present_in(7)["present"] == site["A"].presence.present_in(7)["present"]


def test_a_room_hears_of_those_in_other_processes(site: Site) -> None:
    site["B"].enter(BOB, 7, sid="b")
    site["A"].enter(ANN, 7, sid="a")
    site.arrive()
    site["B"].presence.tick()
    (told,) = [told for name, told, to in site["B"].sockets.emitted if name == "presence" and to == "chat:7"]
    assert told["count"] == 2


def test_entering_by_another_process_leaves_the_room_before(site: Site) -> None:
    site["A"].enter(ANN, 7, sid="a")
    site.arrive()
    site["B"].enter(person(1, session_id=10), 8, sid="b")
    assert site.here(7) == set()
    assert site.here(8) == {1}
    assert site["A"].moved() == [(7, 8, "a")]
    assert site["A"].sockets.left == [("a", "chat:7")]
    assert site["B"].moved() == []


def test_who_polled_is_told_in_every_process_that_they_moved(site: Site) -> None:
    site["A"].enter(ANN, 7)
    site.arrive()
    site["B"].enter(ANN, 8)
    site.arrive()
    for process in site.processes.values():
        with pytest.raises(Moved):
            process.presence.keep(1, 7)
        process.presence.keep(1, 8)
    assert "session:1" in site["A"].woken


def test_coming_back_by_any_process_ends_being_moved_in_all(site: Site) -> None:
    site["A"].enter(ANN, 7)
    site["A"].enter(ANN, 8)
    site.arrive()
    site["B"].enter(ANN, 7)
    assert site.here(7) == {1}
    assert site.here(8) == set()


def test_of_two_rooms_entered_at_once_all_choose_the_same(site: Site) -> None:
    site["A"].enter(ANN, 7, sid="a")
    site["B"].enter(person(1, session_id=10), 8, sid="b")
    assert (site.here(7), site.here(8)) == (set(), {1})
    assert (site["A"].moved(), site["B"].moved()) == ([(7, 8, "a")], [])


def test_who_hears_late_of_an_earlier_room_insists_once(site: Site) -> None:
    site["A"].enter(ANN, 7, sid="a")
    site["B"].enter(person(1, session_id=10), 9, sid="b")
    site["A"].enter(ANN, 8)
    assert [site.here(chat_id) for chat_id in (7, 8, 9)] == [set(), {1}, set()]


def test_a_poll_is_kept_by_whichever_process_reads(site: Site) -> None:
    site["A"].enter(ANN, 7)
    for _ in range(5):
        site.arrive()
        site.now += AFTER_SILENCE - 1
        site["B"].presence.keep(1, 7)
    site.tick()
    assert site.here(7) == {1}
    site.now += AFTER_SILENCE + 1
    site.tick()
    assert site.here(7) == set()


def test_who_goes_on_polling_is_told_of_seldom(site: Site) -> None:
    site["A"].enter(ANN, 7)
    site.arrive()
    for _ in range(40):
        site.now += KEEP_TOLD / 10
        site["A"].presence.keep(1, 7)
    assert 3 <= len(site.told) <= 5


def test_leaving_by_another_process_is_leaving(site: Site) -> None:
    site["A"].enter(ANN, 7)
    site.arrive()
    site["B"].presence.leave(1, 7)
    assert site.here(7) == set()


def test_a_closed_socket_fades_in_all_and_a_second_one_elsewhere_counts_on(site: Site) -> None:
    site["A"].enter(ANN, 7, sid="a")
    site["B"].enter(ANN, 7, sid="b")
    site.arrive()
    site["A"].presence.closed("a", 1)
    site.now += AFTER_CLOSE + 1
    site.arrive()
    site.tick()
    assert site.here(7) == {1}
    site["B"].presence.closed("b", 1)
    assert site.here(7) == {1}
    site.now += AFTER_CLOSE + 1
    site.tick()
    assert site.here(7) == set()


def test_a_process_that_ends_takes_its_sockets_along(site: Site) -> None:
    site["A"].enter(ANN, 7, sid="a")
    site["B"].enter(BOB, 7, sid="b")
    site.arrive()
    site.kill("A")
    assert site.here(7) == {2}


def test_a_process_that_comes_later_knows_who_is_there_and_who_has_moved(site: Site) -> None:
    site["A"].enter(ANN, 6, sid="a")
    site["A"].enter(ANN, 7, sid="a")
    site["B"].enter(BOB, 7)
    site.arrive()
    late = site.add("C")
    assert late.here(7) == {1, 2}
    with pytest.raises(Moved):
        late.presence.keep(1, 6)


def test_what_was_not_heard_for_a_while_is_made_up_for(site: Site) -> None:
    site["A"].enter(ANN, 7, sid="a")
    site["B"].enter(BOB, 7, sid="b")
    site.arrive()
    site["B"].bus.is_connected = False
    site["A"].presence.leave(1, 7, sid="a")
    site["B"].presence.leave(2, 7, sid="b")
    site["B"].enter(BOB, 8, sid="b")
    site.arrive()
    site["B"].bus.is_connected = True
    site["B"].bus.join()
    assert site.here(7) == set()
    assert site.here(8) == {2}


def test_who_is_hidden_is_hidden_everywhere(site: Site) -> None:
    site["A"].enter(ANN, 7, sid="a")
    site.arrive()
    site["A"].presence.hide(7, 1, True)
    assert site.here(7) == set()


def test_who_writes_is_shown_to_those_who_poll_another_process(site: Site) -> None:
    site["B"].presence.observe(events.typing(7, 1, "Ann"))
    assert site["B"].presence.is_typed_in(7)
    assert site["B"].presence.present_in(7)["typing"] == [{"user_id": 1, "username": "Ann"}]


places = (st.sampled_from("ABC"), st.integers(1, 2), st.integers(7, 9), st.booleans())
steps = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), *places), st.tuples(st.just("leave"), *places), st.just(("arrive",))
    ),
    max_size=25,
)


clocks = st.lists(st.integers(0, 9), min_size=1, max_size=9).map(lambda told: cycle(told).__next__)


@given(steps, clocks)
def test_all_agree_in_the_end_and_everybody_is_in_one_room(
    done: list[tuple[Any, ...]], wall: Callable[[], int]
) -> None:
    """Whatever their clocks say."""
    site = Site("A", "B", "C", wall=wall)
    for name, *more in done:
        if name == "arrive":
            site.arrive()
            continue
        process, user_id, chat_id, by_socket = more
        session_id = user_id * 10 + ord(process)  # a browser stays with its process
        sid = f"{session_id}" if by_socket else None
        if name == "enter":
            site[process].enter(person(user_id, session_id), chat_id, sid)
        else:
            site[process].presence.leave(session_id, chat_id, sid=sid)
    there = [site.here(chat_id) for chat_id in (7, 8, 9)]
    for user_id in (1, 2):
        assert sum(user_id in here for here in there) <= 1
