"""The only write path: one native thread that commits whatever waits in one transaction.

Callers hand over a function; it runs on the writer's connection, in a savepoint of its own, and may
announce events. After the commit the callers get their results and the events go out, in the order of
the commit. So nothing is announced before it is stored and nothing is answered before it is durable.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from porch.engines import native
from porch.engines.meters import WriterMeter
from porch.engines.reading.memory import Memory
from porch.engines.writing.appending import Appending
from porch.engines.writing.bridge import Bridge, Pending, Queue
from porch.engines.writing.durable import is_unflushed
from porch.engines.writing.writes import Committer, Outcome, Transaction, Write
from porch.errors import RetryLater
from porch.events import Event

__all__ = ["Transaction", "Writer"]

log = logging.getLogger(__name__)

T = TypeVar("T")


# One transaction takes at most so many writes, so that the first of them does not wait for thousands.
BATCH = 256
# How often another program's writes are looked for, in seconds.
WATCH = 0.5
# Longer than any lock time-out: a caller that still waits then has met a writer that hangs.
PATIENCE = 60.0
# Seconds until the writer's thread ends the process itself, should nobody run what it has handed over.
FAREWELL = 2.0


class Writer:
    """Group commit, durable before it answers.

    `connect` makes the committer, on the writer's thread, and again until it goes well. `announce` is called
    with the events of a commit, in their order. `outside_write` is called when another program has written to
    the database. `memory` is kept right: what a write changes is forgotten or brought up to date before it is
    answered.
    """

    def __init__(
        self,
        connect: Callable[[Memory], Committer],
        *,
        bridge: Bridge,
        announce: Callable[[Sequence[Event]], None],
        outside_write: Callable[[], None],
        queue_limit: int,
        memory: Memory | None = None,
    ) -> None:
        self._connect = connect
        self._bridge = bridge
        self._announce = announce
        self._outside_write = outside_write
        self._memory = memory or Memory()
        self.meter = WriterMeter()
        self._queue: Queue = bridge.queue()
        self._queue_limit = queue_limit
        self._numbers = count(1)
        self._submitted = 0  # so many writes
        self._taken = 0  # so many of them, by the thread
        self._starting = native.make_lock()
        self._started = False
        self._failed = False
        self._stopping = False
        self._stopped = native.make_lock()
        self._stopped.acquire()

    def write(self, run: Callable[[Transaction], T], *, tells_all: bool = False) -> T:
        """Run `run` in a transaction and return its result once it is durable.

        `tells_all` promises that what the write announces, or calls changed, names every session, user,
        membership, room and message that it changes; without it memory forgets everything. An exception of
        `run` undoes its own savepoint alone and comes back to the caller. Raises RetryLater when the queue is
        full, or the database is locked, full or failing.
        """
        result: T = self.result(self.submit(run, tells_all=tells_all))
        return result

    def submit(self, run: Callable[[Transaction], Any], *, tells_all: bool = False) -> Pending:
        """Like `write`, without waiting. Writes are committed in the order of submission."""
        return self._submit(Write(run, self._bridge.pending(), appends=False, tells_all=tells_all))

    @staticmethod
    def result(pending: Pending) -> Any:
        """Wait for what was submitted. Raises what `write` does."""
        try:
            return pending.result(PATIENCE)
        except TimeoutError:
            raise no_answer() from None

    def submit_append(self, run: Callable[[Appending], Any], *, chat_id: int | None = None) -> Pending:
        """Like `submit`, for new messages, which are the most of all writes: `run` can do little else.

        `chat_id` is the room that they are for, where one is known: so rooms are locked in an order.
        """
        return self._submit(Write(run, self._bridge.pending(), True, True, chat_id))

    def _submit(self, write: Write) -> Pending:
        if self._failed:
            raise RetryLater(cause="the writer has stopped")
        if self._submitted - self._taken >= self._queue_limit:
            raise RetryLater(cause=f"{self._queue_limit} writes are waiting")
        self._submitted = next(self._numbers)
        if self.meter.followed is None:
            self.meter.follow(self._submitted)
        self._bridge.put(self._queue, write)
        if not self._started:
            self.start()
        return write.pending

    @property
    def waiting(self) -> int:
        """How many writes are in no transaction yet."""
        return max(0, self._submitted - self._taken)

    @property
    def has_failed(self) -> bool:
        """Whether it has come to an end that nobody asked for."""
        return self._failed

    def start(self) -> None:
        """Start the thread, if it is not running: the first write does, a server does before."""
        with self._starting:
            if not self._started:
                self._started = True
                native.start_thread(self._loop, ())

    def stop(self, timeout: float = 10.0) -> None:
        """Commit what waits, close the database. Nothing may be submitted afterwards."""
        if self._started:
            self._bridge.flush()
            self._stopping = True
            self._queue.wake()
            if self._stopped.acquire(timeout=timeout):
                self._stopped.release()  # for whoever else asks it to stop

    # Everything below runs on the writer's thread.

    def _loop(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001  # each caller hears of it
            self._failed = True  # from here on `submit` refuses; what it took before is answered below
            self._memory.close()
            detail = f"the writer stopped: {error!r}"
            self._bridge.call(lambda: log.critical(detail))
            if is_unflushed(error):
                self._bridge.call(_end_process)
                native.sleep(FAREWELL)
                _end_process()
            while self._queue or not self._stopping:  # some of it may still be on its way here
                if batch := self._queue.take(BATCH, WATCH):
                    _fail(self._bridge, batch, error)
        finally:
            self._stopped.release()

    def _work(self) -> None:
        committer: Committer | None = None
        watched = time.monotonic()
        while not (self._stopping and not self._queue):
            batch: list[Write] = self._queue.take(BATCH, WATCH / 2)
            self._taken += len(batch)
            if committer is None:
                try:
                    committer = self._connect(self._memory)
                except (DBAPIError, sqlite3.Error) as error:
                    self.meter.forget()
                    _fail(self._bridge, batch, error)
                    continue
            if batch:
                self._commit(committer, batch)
            if time.monotonic() - watched >= WATCH:
                if committer.others_wrote():
                    self._bridge.call(self._outside_write)
                watched = time.monotonic()
            committer.tidy()
        if committer is not None:
            committer.close()

    def _commit(self, committer: Committer, batch: list[Write]) -> None:
        try:
            outcome = committer.commit(batch)
        except Exception as error:
            if is_unflushed(error):
                raise
            self.meter.forget()
            _fail(self._bridge, batch, error)  # each caller hears of it
            return
        self.meter.batches.add(len(batch))
        number = self._taken
        self._bridge.call(lambda: self._finish(outcome, number))

    def _finish(self, outcome: Outcome, number: int) -> None:
        """`number` is that of the last write."""
        self._bridge.answer(outcome.done)
        for pending, error in outcome.refused:
            pending.set_exception(error)
        self.meter.answered(number)
        if outcome.problem is not None:
            log.error("memory was not told of a commit", exc_info=outcome.problem)
        if outcome.events:
            self._announce(outcome.events)


def no_answer() -> RetryLater:
    """Who has waited for PATIENCE has met a writer that hangs."""
    return RetryLater(cause="the writer did not answer")


def _end_process() -> None:
    """At once: to close the database would be to trust the disk once more. Who waits for an answer gets none,
    and asks the next process.
    """
    os._exit(1)


def _fail(bridge: Bridge, batch: list[Write], error: BaseException) -> None:
    cause = f"{type(error).__name__}: {error}"

    def tell() -> None:
        log.error("%d writes were not stored: %s", len(batch), cause)
        for write in batch:
            write.pending.set_exception(RetryLater(cause=cause))

    if batch:
        bridge.call(tell)
    else:
        native.sleep(WATCH)
