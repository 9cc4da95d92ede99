"""Token buckets, one table behind every door, so that limits agree."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping

from porch.errors import TooFast
from porch.texts import lazy_gettext
from porch.values import Rate

# Buckets kept at once. The one that was used longest ago goes first; a flood of new keys costs an old
# key its memory of past use, never the process its own.
BUCKETS = 50_000


class Limiter:
    """`rates` maps the kind of a thing that is limited to its rate; None means no limit."""

    def __init__(self, rates: Mapping[str, Rate | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._rates = rates
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[tuple[str, Hashable], tuple[float, float]] = OrderedDict()

    def take(self, kind: str, key: Hashable, tokens: int = 1) -> None:
        """Take so many tokens, all that a full bucket has at most. Raises TooFast, with the seconds until
        there are so many, when there are less.
        """
        rate = self._rates[kind]
        if rate is None:
            return
        missing = self._take(rate, kind, key, min(tokens, rate.burst))
        if missing:
            raise TooFast(lazy_gettext("Too many at once. Wait a moment and try again."), retry_after=missing)

    def take_turn(self, seconds: int, kind: str, key: Hashable, *, words: str) -> None:
        """Take the only token of a bucket that is full again after so many seconds. Raises TooFast."""
        missing = self._take(Rate(1, 1 / seconds), kind, key, 1)
        if missing:
            raise TooFast(words, retry_after=missing)

    def give_turn_back(self, kind: str, key: Hashable) -> None:
        """The turn that was taken was not needed."""
        self._empty(kind, key)

    def give_back(self, kind: str, key: Hashable) -> None:
        """Return a token that was taken for something that did not happen."""
        rate = self._rates[kind]
        if rate is not None:
            self._give(rate, kind, key)

    # What several processes share.

    def _take(self, rate: Rate, kind: str, key: Hashable, wanted: int) -> float:
        """Take tokens; returns 0, or the seconds until there are so many."""
        with self._lock:
            tokens, now = self._level(rate, kind, key)
            if tokens < wanted:
                return (wanted - tokens) / rate.per_second
            self._keep(kind, key, tokens - wanted, now)
            return 0.0

    def _give(self, rate: Rate, kind: str, key: Hashable) -> None:
        with self._lock:
            tokens, now = self._level(rate, kind, key)
            self._keep(kind, key, min(rate.burst, tokens + 1), now)

    def _empty(self, kind: str, key: Hashable) -> None:
        """Forget a bucket."""
        with self._lock:
            self._buckets.pop((kind, key), None)

    def _level(self, rate: Rate, kind: str, key: Hashable) -> tuple[float, float]:
        now = self._clock()
        tokens, since = self._buckets.get((kind, key), (float(rate.burst), now))
        return min(rate.burst, tokens + (now - since) * rate.per_second), now

    def _keep(self, kind: str, key: Hashable, tokens: float, now: float) -> None:
        self._buckets[kind, key] = (tokens, now)
        self._buckets.move_to_end((kind, key))
        if len(self._buckets) > BUCKETS:
            self._buckets.popitem(last=False)
