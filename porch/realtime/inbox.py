"""What one client has sent: heard one after another, in a greenlet that it has only meanwhile."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import Event

from porch.realtime.packets import Packet
from porch.realtime.workers import Job, Workers

log = logging.getLogger(__name__)

# More is not read from the network before some of it is heard.
MOST_PACKETS = 64
MOST_BYTES = 512 * 1024
# Answers that may be owed at once, so that what they wait for can be done together.
MOST_OWED = 64
# Seconds of hearing one client before others have their turn. What is said meanwhile goes out together.
SLICE = 0.002


class Inbox:
    """`hear` may wait. `flow` is told False when enough is here, and True when there is room again."""

    __slots__ = (
        "_flow",
        "_hear",
        "_is_stopped",
        "_is_working",
        "_owed",
        "_packets",
        "_quiet",
        "_size",
        "_workers",
    )

    def __init__(
        self, workers: Workers, *, hear: Callable[[Packet], None], flow: Callable[[bool], None]
    ) -> None:
        self._workers = workers
        self._hear = hear
        self._flow = flow
        self._packets: deque[Packet | Job] = deque()
        self._size = 0  # bytes
        self._owed: deque[Job] = deque()
        self._is_working = False
        self._is_stopped = False
        self._quiet: Any = None  # what somebody waits for

    def put(self, packet: Packet) -> None:
        self._packets.append(packet)
        self._size += len(packet)
        if not self._is_stopped and (len(self._packets) > MOST_PACKETS or self._size > MOST_BYTES):
            self._is_stopped = True
            self._flow(False)
        self._begin()

    def then(self, job: Job) -> None:
        """Do this when all before it is heard."""
        self._packets.append(job)
        self._begin()

    def wait(self) -> None:
        """Wait until all is heard."""
        if self._is_working:
            self._quiet = self._quiet or Event()
            self._quiet.wait()

    def owe(self, answer: Job) -> None:
        """From within `hear`: this answer may wait for something. Answers keep their order."""
        self._owed.append(answer)
        if len(self._owed) >= MOST_OWED:
            self.settle()

    def settle(self) -> None:
        """From within `hear`: give the answers that are owed first."""
        while self._owed:
            _run(self._owed.popleft())

    def _begin(self) -> None:
        if not self._is_working:
            self._is_working = True
            self._workers.start(self._work)

    def _work(self) -> None:
        try:
            until = time.perf_counter() + SLICE
            while self._packets or self._owed:
                if not self._packets:
                    self.settle()
                    continue
                self._hear_next()
                if self._packets and time.perf_counter() > until:
                    gevent.sleep(0)
                    until = time.perf_counter() + SLICE
        finally:
            self._is_working = False
            if self._quiet is not None:
                self._quiet.set()
                self._quiet = None

    def _hear_next(self) -> None:
        packet = self._packets.popleft()
        if not isinstance(packet, str | bytes):
            self.settle()
            _run(packet)
            return
        self._size -= len(packet)
        if self._is_stopped and len(self._packets) <= MOST_PACKETS // 2 and self._size <= MOST_BYTES // 2:
            self._is_stopped = False
            self._flow(True)
        self._hear(packet)


def _run(job: Job) -> None:
    try:
        job()
    except Exception:  # what comes after it is to be done all the same
        log.exception("something that a client asked for failed")
