"""Guessing passwords: how long each guess waits, who else waits for it, and that memory is bounded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from porch.engines.limits import throttle as throttle_module
from porch.engines.limits.throttle import LocalFailures, Throttle
from porch.errors import RetryLater, TooFast, Unauthenticated

HERE, THERE = "203.0.113.7", "198.51.100.0"


class Time:
    """Stands still until it is moved, or somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def throttle(time: Time) -> Throttle:
    return Throttle(time, time.sleep)


def guess(
    throttle: Throttle, time: Time, account: str = "ann", network: str = HERE, *, right: bool = False
) -> float:
    """How long one guess waits."""
    before = sum(time.slept)
    with throttle.attempt(account, network) as attempt:
        if right:
            attempt.succeeded()
    return sum(time.slept) - before


def test_the_first_five_are_free_and_each_one_after_waits_twice_as_long_up_to_four_seconds(
    throttle: Throttle, time: Time
) -> None:
    waits = [guess(throttle, time) for _ in range(13)]
    assert waits == [0, 0, 0, 0, 0, 0.25, 0.5, 1, 2, 4, 4, 4, 4]


def test_a_wrong_password_counts_when_it_leaves_by_its_error(throttle: Throttle, time: Time) -> None:
    for _ in range(5):
        with pytest.raises(Unauthenticated), throttle.attempt("ann", HERE):
            raise Unauthenticated
    assert guess(throttle, time) == 0.25


def test_a_guess_that_could_not_be_checked_does_not_count(throttle: Throttle, time: Time) -> None:
    for _ in range(9):
        with pytest.raises(RetryLater), throttle.attempt("ann", HERE):
            raise RetryLater(cause="too many wait")
    assert guess(throttle, time) == 0


def test_the_right_password_is_never_refused_and_ends_the_delay(throttle: Throttle, time: Time) -> None:
    for _ in range(40):
        guess(throttle, time)
    assert guess(throttle, time, right=True) == 4
    assert guess(throttle, time) <= 1


def test_the_right_password_the_first_time_costs_nothing(throttle: Throttle, time: Time) -> None:
    assert [guess(throttle, time, right=True) for _ in range(50)] == [0] * 50


def test_a_stranger_elsewhere_costs_the_owner_a_second_at_most(throttle: Throttle, time: Time) -> None:
    for _ in range(200):
        guess(throttle, time, network=THERE)
    assert guess(throttle, time, network=HERE, right=True) == 1


def test_guesses_from_many_networks_wait_as_well(throttle: Throttle, time: Time) -> None:
    waits = [guess(throttle, time, network=f"198.51.100.{number}") for number in range(10)]
    assert waits == [0, 0, 0, 0, 0, 0.25, 0.5, 1, 1, 1]


def test_another_account_from_the_same_network_waits_for_nothing(throttle: Throttle, time: Time) -> None:
    for _ in range(40):
        guess(throttle, time, "ann")
    assert guess(throttle, time, "bob") == 0


def test_an_account_and_a_network_are_not_mistaken_for_another_pair(throttle: Throttle, time: Time) -> None:
    for _ in range(9):
        guess(throttle, time, "ann", "1" + HERE)
    assert guess(throttle, time, "ann1", HERE) == 0


def test_half_of_it_is_forgotten_in_ten_minutes(throttle: Throttle, time: Time) -> None:
    for _ in range(14):
        guess(throttle, time)
    time.now += 600
    assert guess(throttle, time) in (0.5, 1), "of 14 failures, which began to fade meanwhile, 6 or 7 are left"
    time.now += 3600
    assert guess(throttle, time) == 0


class Crowd:
    """Many who guess at once, each in a thread. `sleep` and the checks hold until they are let go."""

    def __init__(self, throttle: Throttle, people: int) -> None:
        self.throttle = throttle
        self.pool = ThreadPoolExecutor(people)
        self.inside = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0

    def guess(self, account: str = "ann", network: str = HERE) -> None:
        with self.throttle.attempt(account, network):
            with self.lock:
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
            self.inside.release()
            assert self.let_go.acquire(timeout=30)
            with self.lock:
                self.at_once -= 1


@pytest.fixture
def crowd(throttle: Throttle) -> Iterator[Crowd]:
    crowd = Crowd(throttle, 12)
    yield crowd
    for _ in range(100):
        crowd.let_go.release()
    crowd.pool.shutdown()


def queued(throttle: Throttle) -> int:
    return sum(queue.people for queue in throttle._queues.values())


def test_guesses_at_one_account_from_one_network_are_checked_one_after_another(crowd: Crowd) -> None:
    answers = [crowd.pool.submit(crowd.guess) for _ in range(11)]
    for _ in answers:
        assert crowd.inside.acquire(timeout=30)
        crowd.let_go.release()
    for answer in answers:
        answer.result(30)
    assert crowd.most_at_once == 1


def test_others_are_checked_meanwhile(crowd: Crowd) -> None:
    answers = [
        crowd.pool.submit(crowd.guess, "ann", HERE),
        crowd.pool.submit(crowd.guess, "bob", HERE),
        crowd.pool.submit(crowd.guess, "ann", THERE),
    ]
    for _ in answers:
        assert crowd.inside.acquire(timeout=30)
    assert crowd.at_once == 3


def test_parallel_guesses_each_see_the_failure_before_them(crowd: Crowd, time: Time) -> None:
    answers = [crowd.pool.submit(crowd.guess) for _ in range(9)]
    for _ in answers:
        crowd.let_go.release()
    for answer in answers:
        answer.result(30)
    assert time.slept == [0.25, 0.5, 1, 2]


def test_when_ten_wait_the_next_is_told_when_to_come_back(crowd: Crowd, time: Time) -> None:
    answers = [crowd.pool.submit(crowd.guess) for _ in range(11)]
    while queued(crowd.throttle) < 11:
        threading.Event().wait(0.001)
    with pytest.raises(TooFast) as refused:
        crowd.guess()
    assert refused.value.retry_after == 11
    for _ in answers:
        crowd.let_go.release()
    for answer in answers:
        answer.result(30)
    assert guess(crowd.throttle, time, right=True) == 4


def test_nothing_is_kept_of_those_who_have_gone(throttle: Throttle, time: Time) -> None:
    guess(throttle, time)
    with pytest.raises(Unauthenticated), throttle.attempt("bob", HERE):
        raise Unauthenticated
    assert throttle._queues == {}


def test_a_flood_of_names_does_not_grow_the_tables(
    throttle: Throttle, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle_module, "COUNTS", 100)
    for number in range(300):
        guess(throttle, time, f"nobody {number}" * 1000)
    for failures in (throttle._from_one, throttle._from_everywhere):
        assert isinstance(failures, LocalFailures)
        assert len(failures._counts) == 100
        assert all(len(key) == 16 for key in failures._counts), "as short for a long name as for any other"


def test_the_oldest_is_forgotten_first(
    throttle: Throttle, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle_module, "COUNTS", 3)
    for _ in range(9):
        guess(throttle, time, "ann")
        guess(throttle, time, "bob")
    for name in ("cy", "ann", "di"):
        guess(throttle, time, name)
    assert guess(throttle, time, "bob") == 0
    assert guess(throttle, time, "ann") > 0


@pytest.mark.parametrize("name", ["", "\ud800", "\0", "x" * 100_000])
def test_any_typed_name_is_an_account_to_it(throttle: Throttle, time: Time, name: str) -> None:
    assert [guess(throttle, time, name) for _ in range(6)][-1] == 0.25
