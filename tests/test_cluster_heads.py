"""Whether something was said that nobody told of: the heads of rooms are asked for, and told once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from porch.engines.cluster.heads import Heads
from tests.support.waiting import eventually


class Log:
    """Heads, with a database that one may change, and what was told."""

    def __init__(self) -> None:
        self.stored: dict[int, int] = {}
        self.told: list[tuple[int, int]] = []
        self.arriving: Callable[[], None] = lambda: None
        self.heads = Heads(
            read=self._read, chats=lambda: {7, 8}, tell=lambda chat_id, rev: self.told.append((chat_id, rev))
        )

    def _read(self, chats: list[int]) -> list[tuple[int, int]]:
        found = [(chat_id, self.stored[chat_id]) for chat_id in chats if chat_id in self.stored]
        self.arriving()
        return found


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    monkeypatch.setattr("porch.engines.cluster.heads.EVERY", 0.0)
    monkeypatch.setattr("porch.engines.cluster.heads.GRACE", 0.0)
    return Log()


def test_a_head_that_was_told_is_not_told_again(log: Log) -> None:
    log.stored = {7: 5, 8: 3}
    log.heads.passed(7, 5)
    log.heads.passed(7, 4)
    log.heads.look()
    log.heads.look()
    assert log.told == [(8, 3)]


def test_what_arrives_while_the_database_is_asked_was_only_on_its_way(log: Log) -> None:
    log.stored = {7: 5}
    log.arriving = lambda: log.heads.passed(7, 5)
    log.heads.look()
    assert log.told == []


def test_a_lost_message_is_told_of_at_most_three_seconds_late(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    stretched: list[float] = []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    def longest(_: float, most: float) -> float:
        stretched.append(most)
        return most

    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=sleep)
    monkeypatch.setattr("porch.engines.cluster.heads.time", clock)
    monkeypatch.setattr("porch.engines.cluster.heads.random", SimpleNamespace(uniform=longest))
    log = Log()
    log.heads.look()
    log.stored = {7: 1}  # right after that look
    while not log.told:
        now[0] += 0.01
        log.heads.look()
    assert stretched
    assert now[0] <= 100 + 3


def test_who_joins_does_not_put_the_next_look_at_all_off(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("porch.engines.cluster.heads.EVERY", 0.2)
    log.heads.look()
    log.stored = {7: 1}
    looks = threading.Thread(target=log.heads.work, daemon=True)
    looks.start()

    def is_told_while_others_join() -> bool:
        log.heads.joined(9)
        return bool(log.told)

    eventually(is_told_while_others_join)
    log.heads.stop()
    looks.join()


def test_a_lost_message_is_told_of_in_time(log: Log) -> None:
    log.heads.passed(7, 5)
    log.stored = {7: 6}
    working = threading.Thread(target=log.heads.work, daemon=True)
    working.start()
    eventually(lambda: log.told == [(7, 6)])
    log.heads.stop()
    working.join()
