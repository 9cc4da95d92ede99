"""The writer's connection: a commit is on the disk when it returns, and the log is folded in by the way."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

# A disk that could not flush may have lost what it was given, and says nothing of it the next time: the
# system takes the pages for clean. Only a process that reads what is really there can promise anything.
UNFLUSHED = (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC)
# Pages of the write-ahead log after which they are moved into the database: 8 MiB. A page costs once, however
# often it was written meanwhile.
FULL = 2000
# Readers who come and go without a gap keep the log from beginning anew: from so many pages on, those who
# read now are waited for, so long at most (milliseconds), while new ones read what was moved.
TOO_FULL = 4 * FULL
GAP = 250
# What a changed row costs until a first look has told: its own page and those of its indexes.
PAGES_PER_CHANGE = 4.0
# How long the last look, when the writer stops, waits for those who read, in milliseconds.
FAREWELL = 500


def connect(database: Path, lock_timeout: int) -> Connection:
    """A connection to write by, that never leaves its thread; `lock_timeout` is in seconds.

    AUTOCOMMIT leaves BEGIN and COMMIT to the writer.
    """
    engine = create_engine(
        f"sqlite:///{database}",
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"timeout": lock_timeout},
        hide_parameters=True,  # errors go to the log, and the parameters are what people wrote
    )
    event.listen(engine, "connect", make_durable)
    return engine.connect()


def driver_of(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def make_durable(driver: sqlite3.Connection, _record: object = None) -> None:
    """Set a SQLite connection so that a commit is on the disk when it returns."""
    driver.execute("PRAGMA journal_mode=WAL")
    driver.execute("PRAGMA synchronous=FULL")
    driver.execute("PRAGMA foreign_keys=ON")
    driver.execute("PRAGMA secure_delete=ON")  # what was deleted is not left in the file
    if sys.platform == "darwin":  # there fsync alone leaves the data in the drive's cache
        driver.execute("PRAGMA fullfsync=ON")
        driver.execute("PRAGMA checkpoint_fullfsync=ON")


def is_unflushed(error: BaseException) -> bool:
    """Whether this error of the database means that the disk could not flush."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlite_errorcode", None) in UNFLUSHED


class Checkpoints:
    """Moves what was committed from the write-ahead log into the database, when `move` is called and not
    within a commit, where SQLite would do it while somebody waits for their answer.

    How full the log is can only be asked by moving it. So it is estimated from the rows that were changed,
    and the estimate is corrected at each look.
    """

    def __init__(self, driver: sqlite3.Connection) -> None:
        driver.execute("PRAGMA wal_autocheckpoint=0")
        ((self._patience,),) = driver.execute("PRAGMA busy_timeout").fetchall()
        self._driver = driver
        self._pages_per_change = PAGES_PER_CHANGE
        self._changes = driver.total_changes
        self._pages = 0
        self._log = Path(driver.execute("PRAGMA database_list").fetchone()[2] + "-wal")
        self._era = self._read_era()

    def is_due(self) -> bool:
        return (self._driver.total_changes - self._changes) * self._pages_per_change >= FULL

    def move(self) -> None:
        """Move what no reader still needs; a later look moves the rest."""
        changed = self._driver.total_changes - self._changes
        try:
            pages = self._do("PASSIVE") if self._pages < TOO_FULL else self._restart()
        except sqlite3.Error as error:
            if is_unflushed(error):
                raise  # it ends the process: see the writer
            return  # a full or failing disk; the next write will say so
        if pages < 0:
            return  # another program is at it, and keeps its count to itself
        self._changes += changed
        era = self._read_era()
        added = pages - self._pages if era == self._era else pages
        if changed:
            self._pages_per_change = min(max(added / changed, 0.5), 16.0)
        self._pages, self._era = pages, era

    def finish(self) -> None:
        """Leave the log empty, if nobody reads any more."""
        try:
            self._driver.execute(f"PRAGMA busy_timeout={FAREWELL}")
            self._do("TRUNCATE")
        except sqlite3.Error:
            return  # it is there, and read again at the next start

    def _restart(self) -> int:
        try:
            self._driver.execute(f"PRAGMA busy_timeout={GAP}")
            return self._do("RESTART")
        finally:
            self._driver.execute(f"PRAGMA busy_timeout={self._patience}")

    def _do(self, mode: str) -> int:
        """Returns how many pages the log had, moved ones too; -1 while another program does the same."""
        _, pages, _ = self._driver.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        assert isinstance(pages, int)
        return pages

    def _read_era(self) -> bytes:
        """The checkpoint sequence number (SQLite's file format, 4.1): another when the log has begun anew."""
        try:
            with self._log.open("rb") as log:
                return log.read(16)[12:]
        except OSError:
            return b""
