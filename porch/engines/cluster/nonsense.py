"""What others tell and nobody can use: logged at most once a minute, since it could fill the disk."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

EVERY = 60.0  # seconds


class Nonsense:
    """Used on the thread that listens."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count = 0  # since it was last logged
        self._logged_at = -EVERY

    def note(self, error: Exception) -> None:
        self._count += 1
        now = self._clock()
        if now < self._logged_at + EVERY:
            return
        words = "what another process told could not be used; with this, %d times since it was last said"
        log.error(words, self._count, exc_info=error)
        self._count, self._logged_at = 0, now
