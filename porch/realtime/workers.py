"""Greenlets for what has to be done now and may wait: made once, used again and again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import gevent

log = logging.getLogger(__name__)

# Kept when they have nothing to do. A new greenlet costs ten times what waking one does.
MOST_IDLE = 128

Job = Callable[[], object]


class Workers:
    """As many as there is to do at once; up to MOST_IDLE of them are kept for what comes next."""

    def __init__(self) -> None:
        self._hub = gevent.get_hub()
        self._idle: list[Any] = []

    def start(self, job: Job) -> None:
        """Run this in a greenlet, in this turn of the event loop."""
        if self._idle:
            self._hub.loop.run_callback(self._idle.pop().switch, job)
        else:
            gevent.spawn(self._work, job)

    def _work(self, job: Job) -> None:
        me = gevent.getcurrent()
        while True:
            try:
                job()
            except Exception:  # the next job is somebody else's
                log.exception("a job failed")
            if len(self._idle) >= MOST_IDLE:
                return
            self._idle.append(me)
            job = self._hub.switch()
