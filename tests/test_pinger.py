"""The clock that asks clients whether they are there, and whom it holds meanwhile."""

from __future__ import annotations

import gc

import pytest

from porch.realtime.client import Client
from porch.realtime.packets import PONG
from porch.realtime.pinger import LATE, Pinger
from tests.support.wires import engine


class Peer:
    """Writes down what it is asked."""

    def __init__(self) -> None:
        self.answers_by: float | None = None
        self.told: list[str] = []

    def ping(self) -> None:
        self.told.append("ping")

    def silent(self) -> None:
        self.told.append("silent")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.pinger = Pinger(interval=10, timeout=5, clock=lambda: self.now)

    def pass_to(self, second: float) -> None:
        """Look twice a second, as far as this one after the start."""
        while self.now < 100 + second:
            self.now += 0.5
            self.pinger.look()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr("gevent.spawn", lambda _run: object())
    return Clock()


def test_who_answers_is_asked_again_and_who_does_not_is_let_go(clock: Clock) -> None:
    there, silent = Peer(), Peer()
    clock.pinger.add(there)
    clock.pinger.add(silent)
    clock.pass_to(10)
    assert (there.told, silent.told) == (["ping"], ["ping"])
    clock.pinger.answered(there)
    clock.pass_to(14.5)
    assert not clock.pinger.is_late(silent)
    clock.pass_to(19.5)
    assert (there.told, silent.told) == (["ping"], ["ping", "silent"])
    clock.pass_to(20)
    assert there.told == ["ping", "ping"]


def test_who_speaks_unasked_is_asked_no_later(clock: Clock) -> None:
    peer = Peer()
    clock.pinger.add(peer)
    clock.pass_to(5)
    clock.pinger.answered(peer)
    clock.pass_to(10)
    assert peer.told == ["ping"]


def test_after_a_sleep_of_the_process_there_is_time_for_an_answer(clock: Clock) -> None:
    peer = Peer()
    clock.pinger.add(peer)
    clock.pass_to(10)
    clock.now += 100 + LATE
    clock.pinger.look()
    assert peer.told == ["ping"]
    clock.now += 5
    clock.pinger.look()
    assert peer.told == ["ping", "silent"]


def test_who_has_gone_is_asked_nothing(clock: Clock) -> None:
    unasked, asked = Peer(), Peer()
    clock.pinger.add(asked)
    clock.pass_to(5)
    clock.pinger.add(unasked)
    clock.pass_to(10)
    for peer in (unasked, asked):
        clock.pinger.forget(peer)
    clock.pass_to(40)
    assert (unasked.told, asked.told) == ([], ["ping"])


def test_who_has_gone_is_held_no_longer() -> None:
    server = engine()
    before = held()
    for _ in range(50):
        server._open({}, []).close()
    assert held() == before


def test_who_speaks_when_they_have_gone_is_held_no_longer_either() -> None:
    server = engine()
    before = held()
    for _ in range(50):
        close_and_hear(server._open({}, []))
    assert held() == before


def close_and_hear(client: Client) -> None:
    client.answers_by = 0.0  # it was asked, and its answer is on the way
    client.close()
    client.hear(PONG)


def held() -> int:
    gc.collect()
    return sum(isinstance(one, Client) for one in gc.get_objects())
