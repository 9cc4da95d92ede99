"""What is counted while Porch works, as plain numbers: `/metrics` reads them when it is asked.

Not the counters of Prometheus's library: these have a lock each, and the writer's native thread must not wait
for one that greenlets hold.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Distribution:
    """How many values came, up to each of some bounds, which are inclusive."""

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.total = 0.0  # the sum of the values

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        """Each bound with how many values are not above it; the last one is without a bound."""
        names = [*map(str, self._bounds), "+Inf"]
        return list(zip(names, accumulate(self._counts), strict=True))


class WriterMeter:
    """How many writes share a transaction, and how long one waits for its answer.

    One write at a time is followed from its submission to its answer: that is each of them when they come one
    by one, and one of each transaction or two when they come by the hundred.
    """

    __slots__ = ("_since", "acks", "batches", "followed")

    def __init__(self) -> None:
        self.batches = Distribution(SIZES)
        self.acks = Distribution(SECONDS)
        self.followed: int | None = None  # the number of the write
        self._since = 0.0

    def follow(self, number: int) -> None:
        self._since = time.perf_counter()
        self.followed = number

    def answered(self, number: int) -> None:
        """All writes up to this one have their answers."""
        if self.followed is not None and self.followed <= number:
            self.acks.add(time.perf_counter() - self._since)
            self.followed = None

    def forget(self) -> None:
        """What is followed was not stored."""
        self.followed = None


@dataclass(frozen=True, slots=True)
class Meters:
    """Of the doors: `requests` by kind of route and status, `errors` by door and code."""

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
