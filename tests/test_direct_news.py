"""What is told of direct chats, and when: the engine."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from porch import events
from porch.engines.live import directs as engine
from porch.engines.live.directs import DirectNews, Rows
from porch.engines.live.rooms import user_room
from tests.support.noted_sockets import NotedSockets


def connected(*user_ids: int) -> NotedSockets:
    return NotedSockets(*map(user_room, user_ids))


def told(sockets: NotedSockets) -> list[tuple[str, int]]:
    return [(room, row["id"]) for row, room in sockets.only_emitted("direct")]


class Reader:
    """Every chat is one of the people 1 and 2; writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[int], list[int]]] = []
        self.fails = False

    def __call__(
        self, chat_ids: Collection[int], user_ids: Collection[int], watching: Collection[int]
    ) -> Rows:
        self.asked.append((list(chat_ids), list(user_ids)))
        if self.fails:
            raise OSError("the disk is away")
        of_people = [7] if user_ids else []
        return [
            (one, {"id": chat_id, "with": {"user_id": 3 - one}, "state": "open", "may_write": True})
            for chat_id in dict.fromkeys([*chat_ids, *of_people])
            for one in (1, 2)
            if one in watching and (chat_id in chat_ids or 3 - one in user_ids)
        ]


def test_what_changes_many_times_in_an_instant_is_told_once_to_both() -> None:
    sockets, read = connected(1, 2, 3), Reader()
    news = DirectNews(sockets, read)
    for number in range(100):
        news.observe(events.direct_changed(number % 2 + 7))
    news.tick()
    news.tick()
    assert read.asked == [([7, 8], [])]
    assert sorted(told(sockets)) == [("user:1", 7), ("user:1", 8), ("user:2", 7), ("user:2", 8)]


def test_what_is_one_persons_own_business_is_told_to_them_alone() -> None:
    sockets = connected(1, 2)
    news = DirectNews(sockets, Reader())
    news.observe(events.direct_changed(7, only_for=1))
    news.observe(events.direct_changed(8, only_for=2))
    news.tick()
    assert sorted(told(sockets)) == [("user:1", 7), ("user:2", 8)]
    news.observe(events.direct_changed(7, only_for=1))
    news.observe(events.direct_changed(7))  # which is the other one's business too
    news.tick()
    assert sorted(told(sockets)[2:]) == [("user:1", 7), ("user:2", 7)]


@pytest.mark.parametrize(
    "event", [events.user(2, "Bob", guest=True, role="member"), events.nameless(2)], ids=lambda one: one.name
)
def test_what_becomes_of_a_person_is_told_to_those_who_talk_with_them(event: events.Event) -> None:
    sockets = connected(1, 2)
    news = DirectNews(sockets, Reader())
    news.observe(event)
    news.tick()
    assert told(sockets) == [("user:1", 7)]


def test_when_nobody_is_connected_nothing_is_read_and_nothing_piles_up() -> None:
    sockets, read = NotedSockets(), Reader()
    news = DirectNews(sockets, read)
    for number in range(2000):
        news.observe(events.direct_changed(number))
        news.observe(events.nameless(number))
    for _ in range(5):
        news.tick()
    assert (read.asked, told(sockets)) == ([], [])
    assert (news._chats, news._people) == ({}, {})


def test_more_changes_than_one_look_takes_are_told_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_CHANGED", 10)
    read = Reader()
    news = DirectNews(connected(1), read)
    for chat_id in range(25):
        news.changed(chat_id)
    for _ in range(4):
        news.tick()
    assert [chat_id for asked, _ in read.asked for chat_id in asked] == list(range(25))
    assert [len(asked) for asked, _ in read.asked] == [10, 10, 5]


def test_what_could_not_be_looked_up_is_told_the_next_time() -> None:
    sockets, read = connected(1, 2), Reader()
    news = DirectNews(sockets, read)
    news.observe(events.direct_changed(8, only_for=1))
    news.observe(events.nameless(2))
    read.fails = True
    with pytest.raises(OSError, match="away"):
        news.tick()
    read.fails = False
    news.tick()
    assert sorted(told(sockets)) == [("user:1", 7), ("user:1", 8)]
