"""One clock for all clients: each is asked whether it is there, and let go when it does not answer."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Protocol

import gevent

log = logging.getLogger(__name__)

# Seconds between two looks at the clock, at least.
RESOLUTION = 0.05
# Seconds by which this may be late itself.
LATE = 0.5
# Clients asked in one turn of the event loop.
AT_ONCE = 200


class Pinged(Hashable, Protocol):
    answers_by: float | None  # the monotonic time by which it has to answer, while it has to

    def ping(self) -> None: ...
    def silent(self) -> None:
        """It has not answered."""


class Pinger:
    """A client is asked `interval` seconds after its last answer, and has `timeout` seconds for the next."""

    def __init__(
        self, *, interval: float, timeout: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._interval = interval
        self._timeout = timeout
        self._clock = clock
        # When each is due, the first to come due first, which needs no sorting: all have the same interval.
        self._due: OrderedDict[Pinged, float] = OrderedDict()
        self._asked: OrderedDict[Pinged, float] = OrderedDict()
        self._greenlet: Any = None

    def add(self, client: Pinged) -> None:
        """Ask this client from now on, until it is forgotten."""
        client.answers_by = None
        self._due[client] = self._clock() + self._interval
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._run)

    def answered(self, client: Pinged) -> None:
        if client.answers_by is not None:  # else it speaks without being asked
            self._asked.pop(client, None)
            self.add(client)

    def forget(self, client: Pinged) -> None:
        """It has gone: nothing of it is kept until it would have been asked."""
        self._due.pop(client, None)
        self._asked.pop(client, None)

    def is_late(self, client: Pinged) -> bool:
        """Whether it should have answered by now, which `look` will notice in a moment."""
        return client.answers_by is not None and client.answers_by <= self._clock()

    def look(self) -> float | None:
        """Do what is due; returns the seconds until there is more, or None."""
        now = self._clock()
        for _ in range(AT_ONCE):
            if not self._due or _first(self._due) > now:
                break
            client, due = self._due.popitem(last=False)
            self._asked[client] = client.answers_by = max(due, now - LATE) + self._timeout
            client.ping()
        while self._asked and _first(self._asked) <= now:
            client, deadline = self._asked.popitem(last=False)
            if now - deadline > LATE:  # this process has slept: the answer may be here, unread
                self._asked[client] = client.answers_by = now + self._timeout
            else:
                client.silent()
        coming = [_first(queue) for queue in (self._due, self._asked) if queue]
        return max(0.0, min(coming) - now) if coming else None

    def _run(self) -> None:
        while (pause := self._look()) is not None:
            gevent.sleep(max(pause, RESOLUTION) if pause else 0)
        self._greenlet = None

    def _look(self) -> float | None:
        try:
            return self.look()
        except Exception:  # the others are asked all the same
            log.exception("a client was not asked whether it is there")
            return 0.0


def _first(queue: OrderedDict[Pinged, float]) -> float:
    return next(iter(queue.values()))
