"""Token buckets: what is taken, when it comes back, and that memory is bounded."""

from __future__ import annotations

from math import ceil

import pytest

from porch.engines.limits import limiter as limiter_module
from porch.engines.limits.limiter import Limiter
from porch.errors import TooFast
from porch.values import Rate


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(limiter: Limiter, key: object, *, kind: str = "message", most: int = 1000) -> int:
    """How many tokens there are at this moment: takes them all."""
    for count in range(most):
        try:
            limiter.take(kind, key)
        except TooFast:
            return count
    return most


def test_a_burst_is_taken_at_once_and_no_more(clock: Clock) -> None:
    limiter = Limiter({"message": Rate(20, 2)}, clock)
    assert taken(limiter, "ann") == 20


def test_some_are_taken_together_or_none(clock: Clock) -> None:
    limiter = Limiter({"volume": Rate(20, 2)}, clock)
    limiter.take("volume", "ann", 15)
    with pytest.raises(TooFast) as refused:
        limiter.take("volume", "ann", 8)
    assert refused.value.retry_after == ceil(3 / 2)
    assert taken(limiter, "ann", kind="volume") == 5


def test_more_than_there_can_be_takes_all(clock: Clock) -> None:
    limiter = Limiter({"volume": Rate(20, 2)}, clock)
    limiter.take("volume", "ann", 50)
    assert taken(limiter, "ann", kind="volume") == 0


def test_time_brings_tokens_back(clock: Clock) -> None:
    limiter = Limiter({"message": Rate(20, 2)}, clock)
    taken(limiter, "ann")
    clock.now += 3
    assert taken(limiter, "ann") == 6


def test_a_long_rest_brings_back_no_more_than_a_burst(clock: Clock) -> None:
    limiter = Limiter({"message": Rate(20, 2)}, clock)
    taken(limiter, "ann")
    clock.now += 1_000_000
    assert taken(limiter, "ann") == 20


def test_parts_of_a_token_add_up(clock: Clock) -> None:
    limiter = Limiter({"message": Rate(1, 0.25)}, clock)
    taken(limiter, "ann")
    for _ in range(3):
        clock.now += 1
        assert taken(limiter, "ann") == 0
    clock.now += 1
    assert taken(limiter, "ann") == 1


@pytest.mark.parametrize(
    "rate",
    [Rate(20, 2), Rate(1, 1), Rate(30, 30 / 3600), Rate(60, 120 / 3600), Rate(1, 7 / 60), Rate(5, 100)],
)
def test_whoever_waits_as_long_as_told_is_let_in(clock: Clock, rate: Rate) -> None:
    limiter = Limiter({"message": rate}, clock)
    for _ in range(50):
        taken(limiter, "ann")
        with pytest.raises(TooFast) as refused:
            limiter.take("message", "ann")
        assert 1 <= refused.value.retry_after <= ceil(1 / rate.per_second)
        clock.now += refused.value.retry_after
        limiter.take("message", "ann")


def test_a_refusal_costs_nothing(clock: Clock) -> None:
    limiter = Limiter({"message": Rate(1, 1)}, clock)
    taken(limiter, "ann")
    for _ in range(100):
        with pytest.raises(TooFast):
            limiter.take("message", "ann")
    clock.now += 1
    assert taken(limiter, "ann") == 1


def test_everybody_has_a_bucket_of_their_own_for_each_kind(clock: Clock) -> None:
    limiter = Limiter({"message": Rate(3, 1), "room": Rate(2, 1)}, clock)
    assert taken(limiter, "ann") == 3
    assert taken(limiter, "bob") == 3
    assert taken(limiter, "ann", kind="room") == 2
    assert taken(limiter, ("ann", 7)) == 3


def test_a_kind_that_is_off_has_no_limit(clock: Clock) -> None:
    limiter = Limiter({"message": None}, clock)
    limiter.give_back("message", "ann")
    assert taken(limiter, "ann", most=5000) == 5000


def test_what_did_not_happen_is_given_back(clock: Clock) -> None:
    limiter = Limiter({"message": Rate(2, 1)}, clock)
    taken(limiter, "ann")
    limiter.give_back("message", "ann")
    assert taken(limiter, "ann") == 1


def test_giving_back_never_makes_more_than_a_burst(clock: Clock) -> None:
    limiter = Limiter({"message": Rate(2, 1)}, clock)
    for _ in range(5):
        limiter.give_back("message", "ann")
    assert taken(limiter, "ann") == 2


def test_a_clock_that_stands_still_brings_nothing(clock: Clock) -> None:
    limiter = Limiter({"message": Rate(2, 1_000_000)}, clock)
    taken(limiter, "ann")
    assert taken(limiter, "ann") == 0


def test_a_flood_of_keys_forgets_the_one_unused_longest(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter_module, "BUCKETS", 100)
    limiter = Limiter({"message": Rate(1, 0.001)}, clock)
    taken(limiter, "ann")
    taken(limiter, "bob")
    for number in range(98):
        limiter.take("message", number)
    clock.now += 1000
    limiter.take("message", "ann")  # used again, so bob is the one unused longest
    limiter.take("message", "one more")
    assert taken(limiter, "ann") == 0
    assert len(limiter._buckets) == 100
    assert ("message", "bob") not in limiter._buckets
