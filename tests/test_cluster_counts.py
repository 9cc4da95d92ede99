"""What processes count together by Redis: limits, turns, failed guesses, who holds a lease."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from porch.engines.cluster import lease
from porch.engines.cluster.lease import Lease
from porch.engines.cluster.limits import SharedFailures, SharedLimiter
from porch.engines.limits.throttle import Throttle
from porch.errors import TooFast
from porch.values import Rate
from tests.support.processes import Process, starting
from tests.support.redis import Redis
from tests.support.waiting import eventually


@pytest.fixture
def start(redis: Redis) -> Iterator[Callable[..., Process]]:
    yield from starting(redis)


def test_a_bucket_is_one_for_all(start: Callable[..., Process]) -> None:
    rates = {"message": Rate(3, 0.001), "off": None}
    limiters: list[SharedLimiter] = []
    for _ in range(2):
        start(lambda process: limiters.append(SharedLimiter(process.line, rates)))
    one, two = limiters
    for limiter in (one, two, one):
        limiter.take("message", (1, 7))
    with pytest.raises(TooFast) as refused:
        two.take("message", (1, 7))
    assert 990 < refused.value.retry_after <= 1000
    two.take("message", (2, 7))
    two.take("off", (1, 7))
    one.give_back("message", (1, 7))
    two.take("message", (1, 7))
    with pytest.raises(TooFast):
        one.take("message", (1, 7))
    one.take("message", (3, 7), 2)
    with pytest.raises(TooFast):
        two.take("message", (3, 7), 2)
    two.take("message", (3, 7))


def test_a_clock_that_is_set_back_locks_nobody_out(redis: Redis, start: Callable[..., Process]) -> None:
    """The clock is Redis's: what is kept there seems to be of tomorrow."""
    rates = {"message": Rate(1, 0.5)}
    limiters: list[SharedLimiter] = []
    counts: list[SharedFailures] = []

    def prepare(process: Process) -> None:
        limiters.append(SharedLimiter(process.line, rates))
        counts.append(SharedFailures(process.line, "one"))

    process = start(prepare)
    (limiter,), (failures,) = limiters, counts
    limiter.take("message", 1)
    failures.add(b"ann")
    for key in (b"porch:limit:message:1", b"porch:failures:one:616e6e"):
        at = float(process.line.ask("HGET", key, "at"))
        process.line.ask("HSET", key, "at", at + 86_400)
        process.line.ask("PERSIST", key)  # when it goes by itself is by the same clock
    with pytest.raises(TooFast) as refused:
        limiter.take("message", 1)
    assert refused.value.retry_after <= 2
    eventually(lambda: takes(limiter))
    assert failures.of(b"ann") <= 1


def takes(limiter: SharedLimiter) -> bool:
    try:
        limiter.take("message", 1)
    except TooFast:
        return False
    return True


def test_a_turn_is_one_for_all(start: Callable[..., Process]) -> None:
    limiters: list[SharedLimiter] = []
    for _ in range(2):
        start(lambda process: limiters.append(SharedLimiter(process.line, {})))
    one, two = limiters
    one.take_turn(100, "turn", 1, words="Slowly.")
    with pytest.raises(TooFast, match=r"Slowly\."):
        two.take_turn(100, "turn", 1, words="Slowly.")
    two.give_turn_back("turn", 1)
    eventually(lambda: takes_turn(one))


def takes_turn(limiter: SharedLimiter) -> bool:
    try:
        limiter.take_turn(100, "turn", 1, words="Slowly.")
    except TooFast:
        return False
    return True


def test_failed_guesses_are_counted_over_all(start: Callable[..., Process]) -> None:
    waited: list[float] = []
    throttles: list[Throttle] = []

    def prepare(process: Process) -> None:
        throttles.append(
            Throttle(
                sleep=waited.append,
                from_one=SharedFailures(process.line, "one"),
                from_everywhere=SharedFailures(process.line, "everywhere"),
            )
        )

    start(prepare)
    start(prepare)
    for number in range(7):
        with throttles[number % 2].attempt("ann", "192.0.2.1"):
            pass
    assert waited == [0.25, 0.5]


def test_counted_failures_are_forgotten_by_all(start: Callable[..., Process]) -> None:
    counts: list[SharedFailures] = []
    for _ in range(2):
        start(lambda process: counts.append(SharedFailures(process.line, "one")))
    one, two = counts
    one.add(b"ann")
    one.add(b"ann")
    assert 1.9 < two.of(b"ann") <= 2
    assert two.of(b"bob") == 0
    two.forget(b"ann")
    eventually(lambda: one.of(b"ann") == 0)


def test_one_holds_a_lease_until_it_lets_go_or_falls_silent(
    start: Callable[..., Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    leases: list[Lease] = []
    for _ in range(2):
        start(lambda process: leases.append(Lease(process.line, process.bus.process, "jobs")))
    one, two = leases
    assert [one.is_ours(), two.is_ours(), one.is_ours()] == [True, False, True]
    one.let_go()
    eventually(two.is_ours)
    assert not one.is_ours()
    monkeypatch.setattr(lease, "LASTS", 20)
    assert two.is_ours()
    eventually(one.is_ours)
