"""Who is looking at a page of this site right now, on any of their devices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LASTS = 90.0  # seconds after which somebody who has said nothing looks no more
MOST = 50_000  # devices; the one that said so longest ago is forgotten


class Activity:
    """Kept in memory: what is lost by a restart is said again within a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[tuple[int, int], float] = {}  # by person and session, the first to end first
        self._devices: dict[int, set[int]] = {}

    def note(self, user_id: int, session_id: int, *, active: bool) -> None:
        """A device says whether somebody looks at it."""
        with self._lock:
            self._forget(user_id, session_id)
            if active:
                self._until[user_id, session_id] = self._clock() + LASTS
                self._devices.setdefault(user_id, set()).add(session_id)
                if len(self._until) > MOST:
                    self._forget(*next(iter(self._until)))

    def is_active(self, user_id: int) -> bool:
        with self._lock:
            now = self._clock()
            for session_id in list(self._devices.get(user_id, ())):
                if self._until[user_id, session_id] <= now:
                    self._forget(user_id, session_id)
            return user_id in self._devices

    def _forget(self, user_id: int, session_id: int) -> None:
        if self._until.pop((user_id, session_id), None) is not None:
            devices = self._devices[user_id]
            devices.discard(session_id)
            if not devices:
                del self._devices[user_id]
