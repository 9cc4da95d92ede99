"""How fast one client may send events: a flood is slowed down first, then cut off."""

from __future__ import annotations

import time
from collections.abc import Callable

from porch.values import Rate

# Seconds without a pause in a flood after which its client is cut off.
LONGEST_FLOOD = 20.0


class Pace:
    """A token bucket for each client; None lets everybody send as fast as they can."""

    __slots__ = ("_clock", "_flood", "_rate", "_since", "_tokens")

    def __init__(self, rate: Rate | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._tokens = float(rate.burst) if rate else 0.0
        self._since = clock()
        self._flood: float | None = None  # since when this client has been slowed down

    def take(self) -> float:
        """Take one event's token; returns the seconds to wait before the event is heard."""
        if self._rate is None:
            return 0.0
        now = self._clock()
        level = min(self._rate.burst, self._tokens + (now - self._since) * self._rate.per_second)
        self._tokens, self._since = level - 1, now
        if self._tokens >= 0:
            self._flood = None
            return 0.0
        if self._flood is None:
            self._flood = now
        return -self._tokens / self._rate.per_second

    @property
    def is_flood(self) -> bool:
        """Whether it goes on and on."""
        return self._flood is not None and self._clock() - self._flood >= LONGEST_FLOOD
