"""The only write path: one native thread that commits whatever waits in one transaction.

Callers hand over a function; it runs on the writer's connection, in a savepoint of its own, and may
announce events. After the commit the callers get their results and the events go out, in the order of
the commit. So nothing is announced before it is stored and nothing is answered before it is durable.
"""

from __future__ import annotations

import _queue
import logging
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from gevent import monkey
from sqlalchemy import Connection, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from porch.engines.bridge import Bridge, Pending
from porch.errors import RetryLater
from porch.events import Event

log = logging.getLogger(__name__)

T = TypeVar("T")

_start_native_thread = monkey.get_original("_thread", "start_new_thread")
_native_lock = monkey.get_original("_thread", "allocate_lock")
_native_sleep = monkey.get_original("time", "sleep")

# One transaction takes at most so many writes, so that the first of them does not wait for thousands.
BATCH = 256
# How often another program's writes are looked for, in seconds.
WATCH = 0.5
# Longer than any lock time-out: a caller that still waits then has met a writer that hangs.
PATIENCE = 60.0


@dataclass(slots=True)
class Transaction:
    """What a write sees: the connection, and the events that it wants announced after the commit.

    Only plain values may pass between this and the caller's thread, never ORM objects.
    """

    connection: Connection
    events: list[Event] = field(default_factory=list)

    def announce(self, event: Event) -> None:
        self.events.append(event)


@dataclass(slots=True)
class _Write:
    run: Callable[[Transaction], Any]
    pending: Pending


class Writer:
    """Group commit for SQLite, durable before it answers (`synchronous=FULL`).

    `announce` is called with the events of a commit, in their order. `outside_write` is called when
    another program has written to the database.
    """

    def __init__(
        self,
        database: Path,
        *,
        bridge: Bridge,
        announce: Callable[[Sequence[Event]], None],
        outside_write: Callable[[], None],
        queue_limit: int,
        lock_timeout: int,
    ) -> None:
        self._database = database
        self._lock_timeout = lock_timeout
        self._bridge = bridge
        self._announce = announce
        self._outside_write = outside_write
        self._queue: _queue.SimpleQueue[_Write | None] = _queue.SimpleQueue()
        self._queue_limit = queue_limit
        self._data_version: int | None = None
        self._starting = _native_lock()
        self._started = False
        self._failed = False
        self._stopped = _native_lock()
        self._stopped.acquire()

    def write(self, run: Callable[[Transaction], T]) -> T:
        """Run `run` in a transaction and return its result once it is durable.

        An exception of `run` undoes its own savepoint alone and comes back to the caller. Raises
        RetryLater when the queue is full, or the database is locked, full or failing.
        """
        try:
            result: T = self.submit(run).result(PATIENCE)
        except TimeoutError:
            raise RetryLater(cause="the writer did not answer") from None
        return result

    def submit(self, run: Callable[[Transaction], Any]) -> Pending:
        """Like `write`, without waiting. Writes are committed in the order of submission."""
        if self._failed:
            raise RetryLater(cause="the writer has stopped")
        if self._queue.qsize() >= self._queue_limit:
            raise RetryLater(cause=f"{self._queue_limit} writes are waiting")
        write = _Write(run, self._bridge.pending())
        self._queue.put(write)
        self.start()
        return write.pending

    def start(self) -> None:
        """Start the thread, if it is not running: the first write does, a server does before."""
        if not self._started:
            with self._starting:
                if not self._started:
                    self._started = True
                    _start_native_thread(self._loop, ())

    def stop(self, timeout: float = 10.0) -> None:
        """Commit what waits, close the database. Nothing may be submitted afterwards."""
        if self._started:
            self._queue.put(None)
            if self._stopped.acquire(timeout=timeout):
                self._stopped.release()  # for whoever else asks it to stop

    # Everything below runs on the writer's thread.

    def _loop(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001  # each caller hears of it
            self._failed = True  # from here on `submit` refuses; what it took before is answered below
            detail = f"the writer stopped: {error!r}"
            self._bridge.call(lambda: log.critical(detail))
            while not self._queue.empty():
                left = self._queue.get_nowait()
                _fail(self._bridge, [left] if left else [], error)
        finally:
            self._stopped.release()

    def _work(self) -> None:
        connection: Connection | None = None
        stopping = False
        watched = time.monotonic()
        while not stopping:
            batch, stopping = self._next_batch()
            if connection is None:
                try:
                    connection = _connect(self._database, self._lock_timeout)
                    self._data_version = _data_version(connection)
                except (DBAPIError, sqlite3.Error) as error:
                    _fail(self._bridge, batch, error)
                    continue
            if batch:
                self._commit(connection, batch)
            if time.monotonic() - watched >= WATCH:
                self._watch(connection)
                watched = time.monotonic()
        if connection is not None:
            connection.close()

    def _next_batch(self) -> tuple[list[_Write], bool]:
        """Wait a moment for a write and take all that are there; True: stop after them."""
        batch: list[_Write] = []
        try:
            write = self._queue.get(timeout=WATCH / 2)
            while write is not None:
                batch.append(write)
                if len(batch) == BATCH:
                    return batch, False
                write = self._queue.get_nowait()
        except _queue.Empty:
            return batch, False
        return batch, True

    def _commit(self, connection: Connection, batch: list[_Write]) -> None:
        driver = _driver(connection)
        done: list[tuple[Pending, Any]] = []
        refused: list[tuple[Pending, BaseException]] = []
        events: list[Event] = []
        try:
            driver.execute("BEGIN IMMEDIATE")
            for write in batch:
                transaction = Transaction(connection)
                driver.execute("SAVEPOINT write")
                try:
                    result = write.run(transaction)
                except Exception as error:
                    if not driver.in_transaction:
                        raise  # a full or failing disk has undone the whole transaction
                    driver.execute("ROLLBACK TO write")
                    refused.append((write.pending, _as_caller_sees(error)))
                else:
                    done.append((write.pending, result))
                    events += transaction.events
                driver.execute("RELEASE write")
            driver.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  # each caller hears of it
            _fail(self._bridge, batch, error)
            if driver.in_transaction:
                driver.execute("ROLLBACK")
            return
        self._bridge.call(lambda: self._finish(done, refused, events))

    def _watch(self, connection: Connection) -> None:
        # Asked on this connection, whose own commits do not change the number.
        try:
            version = _data_version(connection)
        except sqlite3.Error:
            return  # locked or failing; the next write will say so
        if version != self._data_version:
            self._data_version = version
            self._bridge.call(self._outside_write)

    def _finish(
        self,
        done: list[tuple[Pending, Any]],
        refused: list[tuple[Pending, BaseException]],
        events: list[Event],
    ) -> None:
        for pending, result in done:
            pending.set_result(result)
        for pending, error in refused:
            pending.set_exception(error)
        if events:
            self._announce(events)


def _fail(bridge: Bridge, batch: list[_Write], error: BaseException) -> None:
    cause = f"{type(error).__name__}: {error}"

    def tell() -> None:
        log.error("%d writes were not stored: %s", len(batch), cause)
        for write in batch:
            write.pending.set_exception(RetryLater(cause=cause))

    if batch:
        bridge.call(tell)
    else:
        _native_sleep(WATCH)


def _as_caller_sees(error: Exception) -> Exception:
    if isinstance(error, DBAPIError) and isinstance(error.orig, sqlite3.OperationalError):
        return RetryLater(cause=str(error.orig))
    return error


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _data_version(connection: Connection) -> int:
    version: int = _driver(connection).execute("PRAGMA data_version").fetchone()[0]
    return version


def _connect(database: Path, lock_timeout: int) -> Connection:
    # AUTOCOMMIT leaves BEGIN and COMMIT to the writer; the connection never leaves its thread.
    engine = create_engine(
        f"sqlite:///{database}",
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"timeout": lock_timeout},
        hide_parameters=True,  # errors go to the log, and the parameters are what people wrote
    )
    event.listen(engine, "connect", make_durable)
    return engine.connect()


def make_durable(driver: sqlite3.Connection, _record: object = None) -> None:
    """Set a SQLite connection so that a commit is on the disk when it returns."""
    driver.execute("PRAGMA journal_mode=WAL")
    driver.execute("PRAGMA synchronous=FULL")
    driver.execute("PRAGMA foreign_keys=ON")
    if sys.platform == "darwin":  # there fsync alone leaves the data in the drive's cache
        driver.execute("PRAGMA fullfsync=ON")
        driver.execute("PRAGMA checkpoint_fullfsync=ON")
