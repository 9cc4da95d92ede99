"""How the writer's native thread hands results back to those who wait, in each of the two modes."""

from __future__ import annotations

import _queue
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

import gevent
from gevent.event import AsyncResult, Event

log = logging.getLogger(__name__)


class Pending(Protocol):
    """A result that is not there yet."""

    def set_result(self, value: Any, /) -> None: ...
    def set_exception(self, error: BaseException, /) -> None: ...
    def result(self, timeout: float) -> Any:
        """Wait for it, at most `timeout` seconds; raises TimeoutError, or what the writer raised."""


class Bridge(Protocol):
    def pending(self) -> Pending: ...
    def call(self, callback: Callable[[], None], /) -> None:
        """Run callbacks one after another, in the order given, where waiting is allowed.

        May be called from any native thread; returns at once.
        """


class ThreadBridge:
    """For ordinary threads: callbacks run on one daemon thread of their own."""

    def __init__(self) -> None:
        self._calls: _queue.SimpleQueue[Callable[[], None]] = _queue.SimpleQueue()
        threading.Thread(target=self._run, name="porch-announcer", daemon=True).start()

    def pending(self) -> Pending:
        return Future()

    def call(self, callback: Callable[[], None]) -> None:
        self._calls.put(callback)

    def _run(self) -> None:
        while True:
            _run(self._calls.get())


class GeventBridge:
    """For gevent: callbacks run on one greenlet of the hub that made the bridge.

    Only the loop's async watcher may be touched from another native thread, so that is all that `call`
    does besides appending.
    """

    def __init__(self) -> None:
        self._calls: deque[Callable[[], None]] = deque()
        self._there = Event()
        self._watcher = gevent.get_hub().loop.async_()
        self._watcher.start(self._there.set)
        gevent.spawn(self._run)

    def pending(self) -> Pending:
        return _GreenPending()

    def call(self, callback: Callable[[], None]) -> None:
        self._calls.append(callback)
        self._watcher.send()

    def _run(self) -> None:
        while True:
            self._there.wait()
            self._there.clear()
            while self._calls:
                _run(self._calls.popleft())


def _run(callback: Callable[[], None]) -> None:
    try:
        callback()
    except Exception:  # the next callback has somebody waiting for it
        log.exception("a callback of the writer failed")


class _GreenPending:
    def __init__(self) -> None:
        self._result: AsyncResult[Any] = AsyncResult()

    def set_result(self, value: Any) -> None:
        self._result.set(value)

    def set_exception(self, error: BaseException) -> None:
        self._result.set_exception(error)

    def result(self, timeout: float) -> Any:
        try:
            return self._result.get(timeout=timeout)
        except gevent.Timeout:
            raise TimeoutError from None
