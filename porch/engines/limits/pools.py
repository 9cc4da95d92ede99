"""Where work is done that takes a processor's or a disk's time, so that everything else goes on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, Protocol, TypeVar, cast

from gevent.threadpool import ThreadPool

T = TypeVar("T")

AT_ONCE = 2


class Pool(Protocol):
    """Where work that holds no lock of the interpreter is done, AT_ONCE pieces at a time."""

    def run(self, work: Callable[[], T], /) -> T:
        """Do it and return its result; waits for a free place first."""


class CallersPool:
    """For ordinary threads: each caller does its own work."""

    def __init__(self) -> None:
        self._places = threading.Semaphore(AT_ONCE)

    def run(self, work: Callable[[], T]) -> T:
        with self._places:
            return work()


class NativePool:
    """For gevent: native threads, started by the first work, beside the loop of the hub that made the pool.

    Work must not raise what is expected: gevent prints what escapes from it.
    """

    def __init__(self) -> None:
        self._threads = ThreadPool(AT_ONCE)

    def run(self, work: Callable[[], T]) -> T:
        return cast(T, self._threads.spawn(work).get())


def pool_for(mode: Literal["gevent", "threading"]) -> Pool:
    """`mode` says what waits: greenlets in a monkey-patched process, or threads."""
    return NativePool() if mode == "gevent" else CallersPool()
