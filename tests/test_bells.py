"""How the event loop and a native thread wake each other, in the way of each system."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import partial

import gevent
import pytest

from porch.engines.writing import bridge as bridges
from porch.engines.writing.bells import Bell, PipeBell, PlainBell
from porch.engines.writing.bridge import GeventBridge, ThreadBridge

PATIENCE = 20.0  # seconds
EACH_KIND = pytest.mark.parametrize("make_bell", [PipeBell, PlainBell])


def wait_for(condition: Callable[[], bool]) -> None:
    """Let the loop run until this is so."""
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(0.001)


@pytest.fixture(params=[PipeBell, PlainBell])
def bridge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> GeventBridge:
    monkeypatch.setattr(bridges, "make_bell", request.param)
    return GeventBridge()


@EACH_KIND
def test_who_comes_late_still_hears_that_it_rang(make_bell: type[Bell]) -> None:
    bell = make_bell()
    bell.ring()

    begun = time.monotonic()
    bell.wait(PATIENCE)

    assert time.monotonic() - begun < PATIENCE / 2


@EACH_KIND
def test_what_was_heard_is_over(make_bell: type[Bell]) -> None:
    bell = make_bell()
    bell.ring()
    bell.wait(PATIENCE)

    begun = time.monotonic()
    bell.wait(0.2)

    assert time.monotonic() - begun >= 0.19


@EACH_KIND
def test_a_native_thread_wakes_the_loop_again_and_again(make_bell: type[Bell]) -> None:
    rung: list[int] = []
    bell = make_bell()
    bell.watch(gevent.get_hub().loop, lambda: rung.append(1))

    for times in range(1, 4):
        threading.Thread(target=bell.ring).start()
        wait_for(lambda: len(rung) >= times)  # noqa: B023  # it is asked within this turn

    gevent.sleep(0.05)
    assert len(rung) == 3


def test_all_that_is_handed_over_comes_in_order_and_back(bridge: GeventBridge) -> None:
    queue = bridge.queue()
    taken: list[int] = []
    answered: list[int] = []
    most = 0

    def work() -> None:
        nonlocal most
        until = time.monotonic() + PATIENCE
        while len(taken) < 5_000 and time.monotonic() < until:
            items = queue.take(256, 0.25)
            most = max(most, len(items))
            taken.extend(items)
            bridge.call(lambda items=items: answered.extend(items))  # type: ignore[misc]

    worker = threading.Thread(target=work)
    worker.start()
    for number in range(5_000):
        bridge.put(queue, number)
        if number % 7 == 0:
            gevent.sleep(0)
        if number % 1_000 == 0:
            gevent.sleep(0.01)  # so long that the other sleeps
    wait_for(lambda: len(answered) == 5_000)
    worker.join(PATIENCE)

    assert taken == answered == list(range(5_000))
    assert most <= 256


def test_what_many_threads_call_at_once_runs_once_each(bridge: GeventBridge) -> None:
    ran: list[tuple[int, int]] = []

    def call(thread: int) -> None:
        for number in range(2_000):
            bridge.call(partial(ran.append, (thread, number)))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(ran) == 8_000)

    for number in range(4):
        assert [called for thread, called in ran if thread == number] == list(range(2_000))


def test_who_takes_can_be_woken_for_nothing(bridge: GeventBridge) -> None:
    for queue in (bridge.queue(), ThreadBridge().queue()):
        threading.Timer(0.05, queue.wake).start()
        begun = time.monotonic()
        assert queue.take(1, PATIENCE) == []
        assert time.monotonic() - begun < PATIENCE / 2


def test_a_bell_that_nobody_answers_can_be_rung_all_the_same() -> None:
    bell = PipeBell()
    for _ in range(100_000):  # more than a pipe holds
        bell.ring()
    bell.wait(PATIENCE)


def test_a_bell_that_is_gone_leaves_nothing_open() -> None:
    bell = PipeBell()
    ends = (bell._heard, bell._rung)
    del bell

    for end in ends:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(end)
