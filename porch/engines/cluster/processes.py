"""Which other processes serve this site, by the beats that each of them gives once a second."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

BEAT = 1.0  # seconds between two beats
SILENCE = 3.0  # seconds without one after which nobody may rely on having heard everything
LEASE = 15.0  # seconds without one after which a process has gone, and who was there with it
MOST_PARTED = 64  # goodbyes that are remembered


@dataclass(slots=True)
class _Heard:
    at: float
    lost: int


class Processes:
    """Those that have been heard, by names that no process has a second time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: dict[str, _Heard] = {}
        # What one tells while it ends may come after its goodbye.
        self._parted: deque[str] = deque(maxlen=MOST_PARTED)

    def beat(self, process: str, lost: int) -> bool:
        """A process lives. `lost` is how often something that it told did not get out; returns whether that
        is more than was known.
        """
        if process in self._parted:
            return False
        known = self._heard.get(process)
        self._heard[process] = _Heard(self._clock(), lost)
        return lost > (known.lost if known else 0)

    def meet(self, process: str) -> None:
        """A process has told something, perhaps before its first beat that was heard."""
        if process not in self._parted:
            self._heard.setdefault(process, _Heard(self._clock(), 0))

    def part(self, process: str) -> None:
        """A process has said goodbye."""
        self._heard.pop(process, None)
        self._parted.append(process)

    def gone(self) -> list[str]:
        """Those whose lease is over; they are told of once."""
        now = self._clock()
        over = [process for process, heard in list(self._heard.items()) if now - heard.at >= LEASE]
        for process in over:
            self._heard.pop(process, None)
        return over

    def good_until(self) -> float:
        """A time of the clock until which nobody has been silent for too long."""
        return min((heard.at for heard in list(self._heard.values())), default=math.inf) + SILENCE
