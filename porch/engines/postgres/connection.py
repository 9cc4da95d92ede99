"""How PostgreSQL is connected to, and what its errors mean."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any

import gevent
from sqlalchemy import Connection, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from porch.engines.watching import READABLE, WRITABLE
from porch.errors import RetryLater

if TYPE_CHECKING:
    import psycopg

# Connections of one process that read, and how many more when there is much to do. With the writer's a server
# of the usual 100 has them for five processes.
READERS, MORE_READERS = 8, 8
# Seconds after which PostgreSQL ends a transaction of a writer that does nothing: the process was stopped, or
# its machine is gone, and the others wait for its locks.
LONGEST_SILENCE = 10
# A server that has vanished without a word is noticed after some 20 seconds.
ALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
    "application_name": "porch",
}
# SQLSTATE classes of errors after which the same again may go well: connection, transaction state,
# rollback of a transaction, resources, limits, locks and other states, intervention, the system.
PASSING = ("08", "25", "40", "53", "54", "55", "57", "58")
# Of libpq's PGTransactionStatusType.
IN_TRANSACTION, IN_ERROR = 2, 3
# Two that waited for each other, or for what is no more as it was: nothing was done, and all is done again.
ROLLED_BACK = ("40001", "40P01")


def reading_options(timeout: int) -> dict[str, Any]:
    """For the engine whose connections only read. `timeout` is in seconds."""
    return {
        "isolation_level": "AUTOCOMMIT",
        "pool_size": READERS,
        "max_overflow": MORE_READERS,
        "pool_timeout": timeout,
        "connect_args": {"connect_timeout": timeout, **ALIVE},
        "hide_parameters": True,
    }


def connect(url: str, lock_timeout: int) -> Connection:
    """A connection to write by, that never leaves its thread; `lock_timeout` is in seconds.

    AUTOCOMMIT leaves BEGIN and COMMIT to the writer.
    """
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"connect_timeout": lock_timeout, **ALIVE},
        hide_parameters=True,  # errors go to the log, and the parameters are what people wrote
    )
    event.listen(engine, "connect", partial(_wait_natively, psycopg=engine.dialect.loaded_dbapi))
    event.listen(engine, "connect", partial(_make_durable, lock_timeout=lock_timeout))
    return engine.connect()


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    driver: Any = connection.connection.driver_connection
    return driver  # type: ignore[no-any-return]  # there is no other


class WriterConnection:
    """The writer's connection, asked for several things at a time."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._driver = driver_of(connection)
        self._cursor = self._driver.cursor()

    def ask(self, *statements: str) -> list[list[Any]]:
        """The rows of each statement. They go and come back together; none has parameters."""
        self._cursor.execute("; ".join(statements).encode(), prepare=False)
        found = []
        while True:
            found.append(self._cursor.fetchall() if self._cursor.description else [])
            if not self._cursor.nextset():
                return found

    @property
    def is_lost(self) -> bool:
        return self._driver.closed

    @property
    def in_transaction(self) -> bool:
        """Also in one that can only be rolled back."""
        return self._driver.pgconn.transaction_status in (IN_TRANSACTION, IN_ERROR)

    @property
    def is_intact(self) -> bool:
        """Whether the transaction goes on."""
        return self._driver.pgconn.transaction_status == IN_TRANSACTION

    def close(self) -> None:
        """Also when it is lost already."""
        self.connection.invalidate()


def cause_of(error: BaseException) -> Any:
    """The driver's error, where this is one or has come of one."""
    return error.orig if isinstance(error, DBAPIError) else error


def state_of(error: BaseException) -> str:
    """The SQLSTATE of an error; of one that is not the server's nothing."""
    return getattr(cause_of(error), "sqlstate", None) or ""


def is_database_error(error: BaseException) -> bool:
    return hasattr(cause_of(error), "sqlstate")


def is_rolled_back(error: BaseException) -> bool:
    return state_of(error) in ROLLED_BACK


def as_caller_sees(error: Exception) -> Exception:
    """RetryLater where the same may go well later, else the error without the values that are in its details.

    An error of the driver without a state is a connection that was lost, or could not be had.
    """
    if not is_database_error(error):
        return error
    state, cause = state_of(error), cause_of(error)
    said = cause.diag.message_primary or str(cause)
    if not state or state[:2] in PASSING:
        return RetryLater(cause=said)
    error.args = cause.args = (said,)
    return error


def _wait_natively(driver: Any, _record: object, *, psycopg: Any) -> None:
    """In a process that was patched for gevent the driver waits by its loop. The writer's thread has none,
    and waits in C; where the driver's C part is not installed it gets a loop of its own, which costs more.
    """
    wait = getattr(psycopg.waiting, "wait_c", None)
    if wait is not None:
        driver.wait = lambda gen, interval=None, timeout=None: wait(gen, driver.pgconn.socket, 0.5, timeout)


def wait_by_loop(driver: Any, _record: object) -> None:
    """In a process that was patched for gevent: the driver would make a poll object for each answer that it
    waits for, which costs as much as all else that it does.
    """
    hub, descriptor = gevent.get_hub(), driver.pgconn.socket
    watchers = {
        events: hub.loop.io(descriptor, events) for events in (READABLE, WRITABLE, READABLE | WRITABLE)
    }

    def wait(generator: Generator[int, int, Any]) -> Any:
        try:
            events = next(generator)
            while True:
                hub.wait(watchers[events])
                events = generator.send(events)
        except StopIteration as done:
            return done.value

    driver.wait = wait


def _make_durable(driver: Any, _record: object, *, lock_timeout: int) -> None:
    """Set a connection so that a commit is on the disk when it returns: where the server is set to promise
    more, for its replicas, it goes on to do so.
    """
    driver.execute(
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') IN ('off', 'local')"
    )
    driver.execute(f"SET lock_timeout = '{lock_timeout}s'")
    driver.execute(f"SET idle_in_transaction_session_timeout = '{LONGEST_SILENCE}s'")
