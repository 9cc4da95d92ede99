"""One transaction of SQLite for many writes, a savepoint for each; for the writer's thread alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from porch.engines.reading.memory import LATELY, DataVersion, Memory
from porch.engines.writing.appending import Appending
from porch.engines.writing.durable import Checkpoints, connect, driver_of
from porch.engines.writing.writes import Outcome, Transaction, Write
from porch.errors import RetryLater


class SqliteCommitter:
    """The writer's connection, and what belongs to it. Raises DBAPIError or sqlite3.Error when the database
    cannot be had. `good_for` is for memory: see DataVersion.
    """

    def __init__(
        self, database: Path, lock_timeout: int, memory: Memory, *, good_for: float = LATELY
    ) -> None:
        self._connection = connect(database, lock_timeout)
        self._driver = driver_of(self._connection)
        self._cursor = self._driver.cursor()
        self._appending = Appending(self._connection)
        self._checkpoints = Checkpoints(self._driver)
        self._memory = memory
        self._noticed = False
        self._data_version = self._ask()
        memory.open(DataVersion(database, good_for))
        self._confirm_memory()

    def commit(self, writes: Sequence[Write]) -> Outcome:
        """Store what goes well, refuse what does not. When the database fails, nothing is stored and its
        error is raised.
        """
        outcome = Outcome()
        try:
            self._cursor.execute("BEGIN IMMEDIATE")
            self._heed_others()
            self._appending.begin(outcome.events)
            for write in writes:
                if write.appends:
                    self._append(write, outcome)
                else:
                    self._run(write, outcome)
            self._appending.write_revs()
            self._cursor.execute("COMMIT")
        except Exception:
            self._appending.forget()
            self._appending.forget_revs()
            self._memory.forget()  # whatever the database made of it
            if self._driver.in_transaction:
                with suppress(sqlite3.Error):  # what failed first tells more
                    self._cursor.execute("ROLLBACK")
            raise
        try:
            self._tell_memory(outcome)
        except Exception as error:  # noqa: BLE001  # told by the writer
            self._memory.forget()
            outcome.problem = error
        return outcome

    def others_wrote(self) -> bool:
        """Whether another program has written since this was asked last."""
        self._confirm_memory()
        noticed, self._noticed = self._noticed, False
        return noticed

    def tidy(self) -> None:
        """What can wait until everybody has their answer."""
        if self._checkpoints.is_due():
            self._checkpoints.move()

    def close(self) -> None:
        self._memory.close()
        self._checkpoints.finish()
        self._connection.close()

    def _append(self, write: Write, outcome: Outcome) -> None:
        """Without a savepoint, for which SQLite copies every page that a message touches: what a statement
        did that fails, SQLite undoes by itself.
        """
        mark = self._appending.mark()
        try:
            outcome.done.append((write.pending, write.run(self._appending)))
        except Exception as error:
            if not self._driver.in_transaction:
                raise  # a full or failing disk has undone the whole transaction
            self._appending.undo(mark)
            outcome.refuse(write, _as_caller_sees(error))

    def _run(self, write: Write, outcome: Outcome) -> None:
        self._appending.write_revs()
        self._appending.forget_revs()
        transaction = Transaction(self._connection)
        self._cursor.execute("SAVEPOINT write")
        try:
            result = write.run(transaction)
        except Exception as error:
            if not self._driver.in_transaction:
                raise  # a full or failing disk has undone the whole transaction, savepoint and all
            self._cursor.execute("ROLLBACK TO write")
            outcome.refuse(write, _as_caller_sees(error))
        else:
            outcome.store(write, transaction, result)
            self._appending.heed(write, transaction)
        self._cursor.execute("RELEASE write")

    def _tell_memory(self, outcome: Outcome) -> None:
        if not outcome.tells_all:
            self._memory.forget()
        if outcome.sessions or outcome.rooms:
            self._memory.drop(outcome.sessions, outcome.rooms)
        self._memory.hear(outcome.events, at=self._appending.now)
        if self._memory.is_asked():
            self._confirm_memory()

    def _confirm_memory(self) -> None:
        """What memory holds is right as of now, if nobody else has written. Asked in this order: what others
        write between the two is noticed next time, and until then memory is at another version.
        """
        version = self._memory.version()
        try:
            self._heed_others()
        except sqlite3.Error:
            return  # locked or failing; the next write will say so
        self._memory.is_right(version)

    def _heed_others(self) -> None:
        # Asked on this connection, whose own commits do not change the number.
        version = self._ask()
        if version != self._data_version:
            self._data_version = version
            self._noticed = True
            self._appending.forget()
            self._appending.forget_revs()
            self._memory.forget()

    def _ask(self) -> int:
        (version,) = self._cursor.execute("PRAGMA data_version").fetchone()
        assert isinstance(version, int)
        return version


def _as_caller_sees(error: Exception) -> Exception:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return RetryLater(cause=str(cause)) if isinstance(cause, sqlite3.OperationalError) else error
