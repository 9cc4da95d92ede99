"""How the event loop and a native thread wake each other."""

from __future__ import annotations

import _queue
import os
import select
import sys
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from gevent import monkey

from porch.engines.watching import READABLE


class Bell(Protocol):
    """For one who listens, by `wait` or by `watch`."""

    def ring(self) -> None:
        """From any thread; never waits."""

    def wait(self, seconds: float, /) -> None:
        """On a native thread: until it rings, or has rung since it was heard last; at most so long."""

    def watch(self, loop: Any, heard: Callable[[], None], /) -> None:
        """Have an event loop of gevent call this when it has rung; once for several rings, or again. Before
        anybody rings, and as long as there is the loop.
        """


class PipeBell:
    """It is rung without Python's lock (GIL), so who is woken goes on at once. Who waits for a lock or
    a queue is woken while the other holds it, sleeps again, and is woken once more.
    """

    def __init__(self) -> None:
        self._heard, self._rung = os.pipe()
        for end in (self._heard, self._rung):
            os.set_blocking(end, False)
            weakref.finalize(self, os.close, end).atexit = False  # the writer's thread may listen to the last
        poll = monkey.get_original("select", "poll")()
        poll.register(self._heard, select.POLLIN)
        self._poll = poll.poll
        self._watcher: Any = None

    def ring(self) -> None:
        try:
            os.write(self._rung, b"!")
        except BlockingIOError:
            return  # it has been rung so often that whoever listens cannot miss it

    def wait(self, seconds: float) -> None:
        if self._poll(seconds * 1000):
            self._silence()

    def watch(self, loop: Any, heard: Callable[[], None]) -> None:
        def on_readable() -> None:
            self._silence()
            heard()

        self._watcher = loop.io(self._heard, READABLE)
        self._watcher.start(on_readable)

    def _silence(self) -> None:
        try:
            os.read(self._heard, 64)
        except BlockingIOError:
            return  # libev may say that there is something where there is nothing


class PlainBell:
    """For Windows, where an event loop watches no pipes."""

    def __init__(self) -> None:
        self._rings: _queue.SimpleQueue[None] = _queue.SimpleQueue()
        self._watcher: Any = None

    def ring(self) -> None:
        if self._watcher is None:
            self._rings.put(None)
        else:
            self._watcher.send()  # all that another thread may do with a watcher

    def wait(self, seconds: float) -> None:
        with suppress(_queue.Empty):
            self._rings.get(True, seconds)

    def watch(self, loop: Any, heard: Callable[[], None]) -> None:
        self._watcher = loop.async_()
        self._watcher.start(heard)


make_bell: type[PipeBell | PlainBell] = PlainBell if sys.platform == "win32" else PipeBell
