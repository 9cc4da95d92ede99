"""How the writer's native thread hands results back to those who wait, in each of the two modes."""

from __future__ import annotations

import _queue
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

import gevent
import msgspec
from greenlet import getcurrent, greenlet

from porch.engines.writing.bells import Bell, make_bell

log = logging.getLogger(__name__)

# Seconds between two looks whether somebody has waited too long.
LOOK = 1.0
# Greenlets that run before the loop looks for what has come from outside.
AT_ONCE = 50
# While no more results than these are held, it is not worth the time to let go of the answered ones.
FEW = 100


class Queue(Protocol):
    """What is handed to one native thread, which alone takes from it."""

    def put(self, items: Sequence[Any], /) -> None:
        """From any thread. The other is woken once for all of them."""

    def wake(self) -> None:
        """From any thread: let the other look up."""

    def take(self, most: int, timeout: float, /) -> list[Any]:
        """What is there, at most so much. Waits for it so many seconds; may return nothing before."""

    def __bool__(self) -> bool:
        """Whether something is there."""


class Pending(Protocol):
    """A result that is not there yet."""

    def set_result(self, value: Any, /) -> None: ...
    def set_exception(self, error: BaseException, /) -> None: ...
    def result(self, timeout: float) -> Any:
        """Wait for it, at most `timeout` seconds; raises TimeoutError, or what the writer raised."""


class Bridge(Protocol):
    """Between the threads or greenlets that ask, and native threads that work for them."""

    def pending(self) -> Pending: ...
    def answer(self, results: Iterable[tuple[Any, Any]], /) -> None:
        """`set_result` for many: pairs of what `pending` made and its result."""

    def queue(self) -> Queue: ...
    def put(self, queue: Queue, item: Any, /) -> None:
        """Hand an item to the native thread that takes from the queue, in the order given. May take a moment,
        and arrives with those that came in the same moment.
        """

    def flush(self) -> None:
        """Let what is on its way arrive."""

    def soon(self, callback: Callable[[], None], /) -> None:
        """Run a callback that does not wait, at the latest when what is being done now is done."""

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

    def answer(self, results: Iterable[tuple[Pending, Any]]) -> None:
        for pending, result in results:
            pending.set_result(result)

    def queue(self) -> Queue:
        return _ThreadQueue()

    def put(self, queue: Queue, item: Any) -> None:
        queue.put((item,))

    def flush(self) -> None:
        """Nothing is ever on its way."""

    def soon(self, callback: Callable[[], None]) -> None:
        callback()

    def call(self, callback: Callable[[], None]) -> None:
        self._calls.put(callback)

    def _run(self) -> None:
        while True:
            _run(self._calls.get())


class _ThreadQueue:
    """For many threads, which put one item at a time."""

    def __init__(self) -> None:
        self._queue: _queue.SimpleQueue[Sequence[Any]] = _queue.SimpleQueue()

    def put(self, items: Sequence[Any]) -> None:
        self._queue.put(items)

    def wake(self) -> None:
        self._queue.put(())

    def take(self, most: int, timeout: float) -> list[Any]:
        try:
            items = [*self._queue.get(True, timeout)]
        except _queue.Empty:
            return []
        while len(items) < most and self:  # nobody else takes from it
            items += self._queue.get_nowait()
        return items

    def __bool__(self) -> bool:
        return not self._queue.empty()


class _GreenletQueue:
    """For one thread, or few, which put much together."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._bell: Bell = make_bell()
        self._sleeps = False  # whether who takes has to be woken

    def put(self, items: Sequence[Any]) -> None:
        self._items.extend(items)
        if self._sleeps:
            self._sleeps = False
            self._bell.ring()

    def wake(self) -> None:
        self._bell.ring()

    def take(self, most: int, timeout: float) -> list[Any]:
        items = self._items
        if not items:
            self._sleeps = True
            if not items:  # else they came before anybody could know that they have to ring
                self._bell.wait(timeout)
            self._sleeps = False
        return [items.popleft() for _ in range(min(most, len(items)))]

    def __bool__(self) -> bool:
        return bool(self._items)


class GeventBridge:
    """For gevent: callbacks run on one greenlet of the hub that made the bridge, on whose thread everything
    but `call` has to be called.

    `call` appends, and rings. What that sets going is done in one turn of the loop: the callbacks run, then
    the greenlets that they woke, then what these have put into queues goes, all of it together. So the other
    thread has much to do at a time, and does not take turns with those that are still putting.
    """

    def __init__(self) -> None:
        self.hub = gevent.get_hub()
        self.waits: list[_GreenPending] = []  # those waited for, and some that were
        self.forget_at = FEW  # when there are so many
        self._calls: deque[Callable[[], None]] = deque()
        self._awake: deque[_GreenPending] = deque()
        self._items: dict[Queue, list[Any]] = {}
        self._in_turn = False  # while what comes next is known to be seen to
        self._idle = False  # whether the greenlet that runs the callbacks has nothing to do
        self._bell: Bell = make_bell()
        self._has_rung = False
        self._bell.watch(self.hub.loop, self._hear_bell)
        self._runner = gevent.spawn(self._run)
        gevent.spawn(self._look_at_the_clock)

    def pending(self) -> Pending:
        return _GreenPending(self)

    def answer(self, results: Iterable[tuple[_GreenPending, Any]]) -> None:
        """They are woken in this order."""
        self._turn_soon()
        for pending, result in results:
            pending.value = result
            pending.done = True
            self._awake.append(pending)

    def queue(self) -> Queue:
        return _GreenletQueue()

    def put(self, queue: Queue, item: Any) -> None:
        """It goes at the end of this turn of the loop, or when all have run that were woken together."""
        items = self._items.get(queue)
        if items is not None:
            items.append(item)
            return
        if not (self._items or self._in_turn or self._awake):
            self.hub.loop.run_callback(self.flush)
        self._items[queue] = [item]

    def flush(self) -> None:
        items, self._items = self._items, {}
        for queue, together in items.items():
            queue.put(together)

    def soon(self, callback: Callable[[], None]) -> None:
        self.hub.loop.run_callback(callback)

    def call(self, callback: Callable[[], None]) -> None:
        self._calls.append(callback)
        if not self._has_rung:
            self._has_rung = True
            self._bell.ring()

    def wake(self, pending: _GreenPending) -> None:
        self._turn_soon()
        self._awake.append(pending)

    def _turn_soon(self) -> None:
        if not (self._awake or self._in_turn):
            self.hub.loop.run_callback(self._turn)

    def _hear_bell(self) -> None:
        self._has_rung = False  # before the calls are looked at: what comes from now on rings again
        self._turn()

    def _turn(self) -> None:
        """On the hub. Greenlets run in the order in which they were woken; after some the loop looks up."""
        self._in_turn = True
        try:
            if self._idle and self._calls:
                self._runner.switch()
            awake = self._awake
            for _ in range(min(AT_ONCE, len(awake))):
                waiting = awake.popleft().waiting
                if waiting is not None:
                    waiting.switch()
        finally:
            self._in_turn = False
            if self._awake:
                self.hub.loop.run_callback(self._turn)
            elif self._items:
                self.flush()

    def _run(self) -> None:
        while True:
            while self._calls:
                _run(self._calls.popleft())
            self._idle = True
            try:
                self.hub.switch()
            finally:
                self._idle = False

    def forget_answered(self) -> None:
        """Nobody waits for them, and what they were told is kept as long as they are."""
        self.waits = [pending for pending in self.waits if pending.waiting is not None]
        self.forget_at = 2 * len(self.waits) + FEW

    def _look_at_the_clock(self) -> None:
        while True:
            gevent.sleep(LOOK)
            self.forget_answered()
            now = time.monotonic()
            for pending in self.waits:
                if pending.deadline <= now:
                    self.wake(pending)


def _run(callback: Callable[[], None]) -> None:
    try:
        callback()
    except Exception:  # the next callback has somebody waiting for it
        log.exception("a callback of the writer failed")


class _GreenPending(msgspec.Struct, eq=False):
    """A result for one greenlet at a time. Cheaper than gevent's own, which starts a timer for each."""

    bridge: GeventBridge
    done: bool = False
    value: Any = None
    error: BaseException | None = None
    waiting: greenlet | None = None
    deadline: float = 0.0

    def set_result(self, value: Any) -> None:
        self.bridge.answer([(self, value)])

    def set_exception(self, error: BaseException) -> None:
        self.error = error
        self.done = True
        self.bridge.wake(self)

    def result(self, timeout: float) -> Any:
        """Wait for it; the clock is looked at once a second."""
        if not self.done:
            bridge = self.bridge
            self.waiting = getcurrent()
            self.deadline = time.monotonic() + timeout
            bridge.waits.append(self)
            if len(bridge.waits) >= bridge.forget_at:
                bridge.forget_answered()
            try:
                bridge.hub.switch()
            finally:  # also of a greenlet that was killed
                self.waiting = None
            if not self.done:
                raise TimeoutError
        if self.error is not None:
            raise self.error
        return self.value
