"""The write-ahead log: moved into the database before it grows large, whoever reads."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from porch.engines.writing import durable
from porch.engines.writing.durable import Checkpoints, make_durable

pytestmark = pytest.mark.sqlite("SQLite's write-ahead log")

PAGE = 4096
FULL, TOO_FULL = 200, 800  # for these tests
ROWS = 64
BATCHES = 60


class Store:
    """A writer's connection, and the log it leaves."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.path = folder / "chat.db"
        self.stack = stack
        self.driver = self.connect()
        make_durable(self.driver)
        self.driver.execute("CREATE TABLE note (text TEXT UNIQUE)")
        self.checkpoints = Checkpoints(self.driver)
        self.driver.execute("PRAGMA synchronous=OFF")  # nothing here depends on the disk
        self.largest = 0

    def connect(self) -> sqlite3.Connection:
        return self.stack.enter_context(
            closing(sqlite3.connect(self.path, isolation_level=None, check_same_thread=False))
        )

    def write(self, *, batches: int = 1) -> None:
        """Random places of an index, as of client_ids: nearly each row touches a page of its own."""
        for _ in range(batches):
            self.driver.execute("BEGIN")
            rows = [(f"{uuid.uuid4()} {'x' * 1000}",) for _ in range(ROWS)]
            self.driver.executemany("INSERT INTO note VALUES (?)", rows)
            self.driver.execute("COMMIT")
            if self.checkpoints.is_due():
                self.checkpoints.move()
            self.largest = max(self.largest, self.log().stat().st_size // PAGE)

    def log(self) -> Path:
        return self.path.with_name("chat.db-wal")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(durable, "FULL", FULL)
    monkeypatch.setattr(durable, "TOO_FULL", TOO_FULL)
    monkeypatch.setattr(durable, "GAP", 50)
    with ExitStack() as stack:
        yield Store(tmp_path, stack)


def test_the_log_is_moved_when_it_is_full_and_begins_anew(store: Store) -> None:
    store.write(batches=BATCHES)
    assert store.path.stat().st_size > 8 * FULL * PAGE
    assert store.largest < 3 * FULL


def test_readers_without_a_gap_between_them_do_not_let_the_log_grow_for_ever(store: Store) -> None:
    stopped = threading.Event()

    def read() -> None:
        """Always one of two reads."""
        one, other = store.connect(), store.connect()
        while not stopped.wait(0.002):
            one.execute("BEGIN")
            one.execute("SELECT 1 FROM note LIMIT 1").fetchall()
            if other.in_transaction:
                other.execute("COMMIT")
            one, other = other, one

    reading = threading.Thread(target=read)
    reading.start()
    try:
        store.write(batches=2 * BATCHES)
    finally:
        stopped.set()
        reading.join()
    assert store.largest < 10 * TOO_FULL


def test_when_a_reader_who_stayed_has_gone_the_log_grows_no_more(store: Store) -> None:
    reader = store.connect()
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM note").fetchall()
    store.write(batches=BATCHES)
    before = store.largest
    assert before > TOO_FULL  # which cannot be helped
    reader.execute("COMMIT")
    store.write(batches=2 * BATCHES)
    assert store.largest <= before + 2 * FULL
    assert store.driver.execute("PRAGMA busy_timeout").fetchone() == (5000,)  # as it was


def test_a_stopped_writer_leaves_an_empty_log(store: Store) -> None:
    reader = store.connect()
    reader.execute("SELECT count(*) FROM note").fetchall()
    store.write()
    store.checkpoints.finish()
    assert store.log().stat().st_size == 0


class Elsewhere:
    """A driver whose log another program is moving."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    @property
    def total_changes(self) -> int:
        return self._driver.total_changes

    def execute(self, sql: str) -> sqlite3.Cursor:
        if "wal_checkpoint" in sql:
            return self._driver.execute("SELECT 1, -1, -1")  # as SQLite answers then
        return self._driver.execute(sql)


def test_while_another_program_moves_the_log_the_next_look_is_not_put_off(store: Store) -> None:
    store.checkpoints._driver = Elsewhere(store.driver)  # type: ignore[assignment]
    store.write(batches=10)
    assert store.checkpoints.is_due()
    store.checkpoints._driver = store.driver
    store.write(batches=BATCHES)
    assert store.path.stat().st_size > 8 * FULL * PAGE
