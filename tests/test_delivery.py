"""Delivery: who hears what is announced, and who wakes up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress

import pytest

from porch import events
from porch.engines.live.delivery import MOST_OF_ONE, Delivery
from porch.engines.live.rooms import chat_room, session_room, user_room
from porch.events import Event
from tests.support.noted_sockets import NotedSockets


@pytest.fixture
def sockets() -> NotedSockets:
    return NotedSockets()


@pytest.fixture
def asked() -> list[Sequence[int]]:
    """The lists of chats whose heads were asked for."""
    return []


@pytest.fixture
def heads(asked: list[Sequence[int]]) -> Callable[[Sequence[int]], dict[int, int]]:
    """Each chat's head is ten times its id."""

    def read(chat_ids: Sequence[int]) -> dict[int, int]:
        asked.append(chat_ids)
        return {chat_id: chat_id * 10 for chat_id in chat_ids}

    return read


@pytest.fixture
def delivery(sockets: NotedSockets, heads: Callable[[Sequence[int]], dict[int, int]]) -> Delivery:
    return Delivery(sockets, heads=heads, max_waiting=2)


def test_a_message_goes_to_its_chat_as_it_is(delivery: Delivery, sockets: NotedSockets) -> None:
    message = {"chat_id": 7, "content": "Hello"}
    delivery.announce([events.message(message)])
    assert sockets.emitted == [("message", message, chat_room(7))]


def test_events_go_out_in_their_order(delivery: Delivery, sockets: NotedSockets) -> None:
    announced = [events.message({"chat_id": number % 3, "rev": number}) for number in range(30)]
    delivery.announce(announced)
    assert [payload for _, payload, _ in sockets.emitted] == [event.payload for event in announced]


def test_the_end_of_a_session_is_said_to_it_alone_and_then_it_is_closed(
    delivery: Delivery, sockets: NotedSockets
) -> None:
    delivery.announce([events.session_ended(3)])
    assert sockets.done == [f"emit session_ended to {session_room(3)}", f"close {session_room(3)}"]


def test_a_chat_a_session_and_a_person_of_one_number_are_three_rooms() -> None:
    assert len({chat_room(3), session_room(3), user_room(3)}) == 3


def test_what_concerns_a_person_in_a_chat_is_said_to_their_sockets_there(
    delivery: Delivery, sockets: NotedSockets
) -> None:
    sockets.inside = {chat_room(7): ["ann", "bob here"], user_room(2): ["bob here", "bob elsewhere"]}
    delivery.announce([events.removed(7, 2)])
    assert sockets.done == ["emit removed to bob here", f"bob here leaves {chat_room(7)}"]


def test_the_end_of_a_chat_is_said_to_all_in_it_and_then_nobody_is_in_it(
    delivery: Delivery, sockets: NotedSockets
) -> None:
    sockets.inside = {chat_room(7): ["ann"], chat_room(8): ["bob"]}
    delivery.announce([events.room_deleted(7)])
    assert sockets.done == [f"emit room_deleted to {chat_room(7)}", f"ann leaves {chat_room(7)}"]


def test_what_is_for_the_lobby_alone_is_said_to_no_socket(delivery: Delivery, sockets: NotedSockets) -> None:
    sockets.inside = {chat_room(7): ["ann"]}
    seen: list[Event] = []
    delivery.observed_by(seen.append)
    delivery.announce([events.unlisted(7)])
    assert sockets.done == []
    assert seen == [events.unlisted(7)]


def test_observers_hear_all_events_after_they_have_gone_out(
    delivery: Delivery, sockets: NotedSockets
) -> None:
    seen: list[tuple[str, int]] = []
    delivery.observed_by(lambda event: seen.append((event.name, len(sockets.emitted))))
    delivery.announce([events.message({"chat_id": 7}), events.head(7, 1)])
    assert seen == [("message", 2), ("head", 2)]


@pytest.mark.usefixtures("caplog")
def test_an_observer_that_fails_keeps_nothing_from_the_others(
    delivery: Delivery, sockets: NotedSockets
) -> None:
    def fail(event: Event) -> None:
        raise ValueError(event.name)

    seen: list[Event] = []
    delivery.observed_by(fail)
    delivery.observed_by(seen.append)
    delivery.announce([events.head(7, 1), events.head(7, 2)])
    assert len(seen) == len(sockets.emitted) == 2


def test_the_end_of_a_session_and_of_a_membership_wake_those_who_wait(delivery: Delivery) -> None:
    for event in (events.session_ended(99), events.removed(7, 1), events.room_deleted(7)):
        with delivery.waiter(7, 99, 5) as news:
            assert news is not None
            delivery.announce([event])
            assert news.is_set()


def test_one_person_cannot_take_all_places(sockets: NotedSockets) -> None:
    delivery = Delivery(sockets, heads=lambda chat_ids: {}, max_waiting=1000)
    with ExitStack() as stack:
        waiters = [stack.enter_context(delivery.waiter(7, 90 + n, 5)) for n in range(MOST_OF_ONE + 1)]
        assert [news is None for news in waiters] == [False] * MOST_OF_ONE + [True]
        assert stack.enter_context(delivery.waiter(7, 99, 6)) is not None
    with delivery.waiter(7, 99, 5) as again:
        assert again is not None


def test_whoever_waits_wakes_when_something_is_announced_in_their_chat(delivery: Delivery) -> None:
    with delivery.waiter(7, 99, 5) as here, delivery.waiter(8, 99, 5) as elsewhere:
        assert here is not None
        assert elsewhere is not None
        delivery.announce([events.message({"chat_id": 7})])
        assert here.is_set()
        assert not elsewhere.is_set()


def test_everybody_who_waits_in_a_chat_wakes(delivery: Delivery) -> None:
    with delivery.waiter(7, 99, 5) as one, delivery.waiter(7, 99, 5) as other:
        assert one is not None
        assert other is not None
        delivery.announce([events.head(7, 5)])
        assert one.is_set()
        assert other.is_set()


def test_what_is_announced_before_the_waiting_begins_still_wakes(delivery: Delivery) -> None:
    with delivery.waiter(7, 99, 5) as news:
        assert news is not None
        delivery.announce([events.message({"chat_id": 7})])
        assert news.wait(timeout=0)


def test_the_end_of_a_session_wakes_no_chat(delivery: Delivery) -> None:
    with delivery.waiter(7, 99, 5) as news:
        assert news is not None
        delivery.announce([events.session_ended(7)])
        assert not news.is_set()


def test_one_waiter_too_many_is_told_not_to_wait(delivery: Delivery) -> None:
    with delivery.waiter(1, 99, 5), delivery.waiter(2, 99, 5), delivery.waiter(1, 99, 5) as third:
        assert third is None


def test_whoever_stops_waiting_makes_room_even_by_failing(delivery: Delivery) -> None:
    for _ in range(10):
        with suppress(ConnectionError), delivery.waiter(1, 99, 5) as news:
            assert news is not None
            raise ConnectionError
    with delivery.waiter(1, 99, 5), delivery.waiter(1, 99, 5) as second:
        assert second is not None


def test_one_who_was_not_let_wait_frees_nobody_elses_place(delivery: Delivery) -> None:
    with delivery.waiter(1, 99, 5), delivery.waiter(1, 99, 5):
        for _ in range(5):
            with delivery.waiter(1, 99, 5) as extra:
                assert extra is None


def test_nothing_is_kept_of_chats_where_nobody_waits(delivery: Delivery) -> None:
    for chat_id in range(100):
        with delivery.waiter(chat_id, 99, 5):
            delivery.announce([events.message({"chat_id": chat_id})])
        delivery.announce([events.message({"chat_id": chat_id})])
    assert not delivery._waiters


def test_every_chat_with_sockets_hears_its_head(delivery: Delivery, sockets: NotedSockets) -> None:
    sockets.there = [chat_room(7), "an sid of one socket", session_room(3), chat_room(8)]
    delivery.announce_heads()
    assert sockets.emitted == [
        ("head", {"chat_id": 7, "rev": 70}, chat_room(7)),
        ("head", {"chat_id": 8, "rev": 80}, chat_room(8)),
    ]


def test_nobody_here_costs_no_question(delivery: Delivery, asked: list[Sequence[int]]) -> None:
    delivery.announce_heads()
    assert asked == []


def test_many_heads_are_asked_for_in_parts(
    delivery: Delivery, sockets: NotedSockets, asked: list[Sequence[int]]
) -> None:
    sockets.there = [chat_room(number) for number in range(1, 1202)]
    delivery.announce_heads()
    assert max(map(len, asked)) <= 500
    assert [room for _, _, room in sockets.emitted] == sockets.there


def test_a_chat_that_is_gone_is_not_announced(sockets: NotedSockets) -> None:
    delivery = Delivery(sockets, heads=lambda chat_ids: {}, max_waiting=1)
    sockets.there = [chat_room(7)]
    delivery.announce_heads()
    assert sockets.emitted == []


def test_an_outside_write_wakes_every_chat_and_tells_where_the_logs_stand(
    delivery: Delivery, sockets: NotedSockets
) -> None:
    sockets.there = [chat_room(7)]
    with delivery.waiter(7, 99, 5) as here, delivery.waiter(8, 99, 5) as without_sockets:
        assert here is not None
        assert without_sockets is not None
        delivery.outside_write()
        assert here.is_set()
        assert without_sockets.is_set()
    assert sockets.emitted == [("head", {"chat_id": 7, "rev": 70}, chat_room(7))]


class Others:
    """The other processes."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        self.listened: list[int] = []
        self.when_told: Callable[[], object] = list

    def publish(self, announced: Sequence[Event]) -> None:
        self.told += announced
        self.when_told()

    def listen(self, chat_id: int) -> None:
        self.listened.append(chat_id)


def test_other_processes_are_told_what_is_announced_here_and_not_what_they_have_announced(
    delivery: Delivery, sockets: NotedSockets
) -> None:
    others = Others()
    delivery.joined_by(others)
    delivery.announce([events.head(7, 1)])
    delivery.hear([events.removed(7, 2)])
    delivery.relay(7, [("message", '{"chat_id":7}')])
    delivery.listen(7)
    assert others.told == [events.head(7, 1)]
    assert others.listened == [7]
    assert sockets.relayed == [("message", '{"chat_id":7}', chat_room(7))]


def test_others_are_told_before_those_who_are_here(delivery: Delivery, sockets: NotedSockets) -> None:
    others = Others()
    others.when_told = lambda: sockets.done.append("others")
    delivery.joined_by(others)
    delivery.announce([events.head(7, 1), events.head(7, 2)])
    assert [done.split()[0] for done in sockets.done] == ["others", "emit", "emit"]


def test_those_who_are_here_are_told_even_if_others_cannot_be(
    delivery: Delivery, sockets: NotedSockets, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ConnectionError("Redis is away")

    others = Others()
    others.when_told = fail
    delivery.joined_by(others)
    delivery.announce([events.head(7, 1)])
    assert [name for name, _, _ in sockets.emitted] == ["head"]
    assert "other processes were not told" in caplog.text


def test_what_another_process_announces_wakes_and_is_observed_by_those_who_observe_all(
    delivery: Delivery,
) -> None:
    own: list[Event] = []
    every: list[Event] = []
    delivery.observed_by(own.append)
    delivery.observed_by(every.append, also_others=True)
    tellings: list[Callable[[], None]] = [
        lambda: delivery.hear([events.removed(7, 2)]),
        lambda: delivery.relay(7, [("message", "{}")]),
    ]
    for tell in tellings:
        with delivery.waiter(7, 99, 5) as news:
            assert news is not None
            tell()
            assert news.is_set()
    delivery.announce([events.head(7, 1)])
    assert own == [events.head(7, 1)]
    assert every == [events.removed(7, 2), events.head(7, 1)]


def test_the_chats_that_somebody_is_in_or_waits_on_are_known(
    delivery: Delivery, sockets: NotedSockets
) -> None:
    sockets.there = ["chat:7", "user:3", "lobby"]
    with delivery.waiter(8, 99, 5):
        assert delivery.chats() == {7, 8}
    assert delivery.chats() == {7}
