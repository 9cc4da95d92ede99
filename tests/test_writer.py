"""The writer: what it promises about order, failures, announcements and durability."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from porch.engines.reading.memory import Memory
from porch.engines.writing import durable
from porch.engines.writing import writer as writer_module
from porch.engines.writing.bridge import Pending, ThreadBridge
from porch.engines.writing.committer import SqliteCommitter
from porch.engines.writing.durable import Checkpoints
from porch.engines.writing.writer import BATCH, Transaction, Writer
from porch.errors import Conflict, RetryLater
from porch.events import Event
from tests.support.waiting import eventually

pytestmark = pytest.mark.sqlite("the writer over SQLite; tests/test_postgres.py has the other")

LIMIT = 10.0  # seconds; only a failure takes so long

Run = Callable[[Transaction], int]


class Desk:
    """A writer over a table of notes, and everything that it says."""

    def __init__(self, folder: Path, *, lock_timeout: int = 5, **options: Any) -> None:
        self.database = folder / "chat.db"
        with self.look() as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE NOT NULL)")
        self.announced: list[str] = []
        self.stored_at_announcement: list[list[str]] = []
        self.outside_writes = 0
        self.failure: Exception | None = None  # raised by both callbacks once it is set
        self.writer = Writer(
            partial(SqliteCommitter, self.database, lock_timeout),
            bridge=ThreadBridge(),
            announce=self.announce,
            outside_write=self.outside_write,
            **{"queue_limit": 100_000} | options,
        )

    def announce(self, events: Sequence[Event]) -> None:
        if self.failure is not None:
            raise self.failure
        self.announced += [event.payload["text"] for event in events]
        self.stored_at_announcement.append(self.notes())

    def outside_write(self) -> None:
        self.outside_writes += 1
        if self.failure is not None:
            raise self.failure

    def look(self) -> closing[sqlite3.Connection]:
        """Another program's connection."""
        return closing(sqlite3.connect(self.database, isolation_level=None))

    def notes(self) -> list[str]:
        with self.look() as database:
            return [text for (text,) in database.execute("SELECT text FROM note ORDER BY id")]

    def write(self, text: str) -> int:
        return self.writer.write(add(text))

    def hold(self) -> Hold:
        return Hold(self.writer)


class Hold:
    """Keeps the writer busy with one write, so that what comes next shares a transaction."""

    def __init__(self, writer: Writer) -> None:
        self._started = threading.Event()
        self._go_on = threading.Event()
        self.pending = writer.submit(self._wait)
        assert self._started.wait(LIMIT)

    def _wait(self, transaction: Transaction) -> int:
        self._started.set()
        assert self._go_on.wait(LIMIT)
        return 0

    def __enter__(self) -> Hold:
        return self

    def __exit__(self, *_: object) -> None:
        self._go_on.set()
        self.pending.result(LIMIT)


def add(text: str, error: Exception | None = None) -> Run:
    """A write that stores a note and announces it, and then perhaps fails; its result is the note's id."""

    def run(transaction: Transaction) -> int:
        cursor = transaction.connection.exec_driver_sql("INSERT INTO note (text) VALUES (?)", (text,))
        transaction.announce(Event("note", {"text": text}))
        if error is not None:
            raise error
        return int(cursor.lastrowid)

    return run


def outcome(pending: Pending) -> object:
    """The result, or the kind of error."""
    try:
        return pending.result(LIMIT)
    except Exception as error:  # noqa: BLE001  # of whatever kind
        return type(error)


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(**options: Any) -> Desk:
        made.append(Desk(tmp_path, **options))
        return made[-1]

    yield make
    for desk in made:
        desk.writer.stop()


@pytest.fixture
def desk(desks: Callable[..., Desk]) -> Desk:
    return desks()


def test_the_result_of_a_write_comes_back(desk: Desk) -> None:
    assert desk.write("one") == 1
    assert desk.write("two") == 2


def test_results_come_in_the_order_of_submission(desk: Desk) -> None:
    texts = [f"note {number}" for number in range(3 * BATCH + 1)]
    with desk.hold():
        waiting = [desk.writer.submit(add(text)) for text in texts]
    assert [pending.result(LIMIT) for pending in waiting] == list(range(1, len(texts) + 1))
    assert desk.notes() == texts


def test_a_write_can_be_read_by_others_when_it_returns(desk: Desk) -> None:
    for number in range(50):
        desk.write(f"note {number}")
        assert len(desk.notes()) == number + 1


def test_nobody_reads_a_write_before_its_transaction_is_committed(desk: Desk) -> None:
    with desk.hold():
        waiting = desk.writer.submit(add("one"))
        assert desk.notes() == []
    waiting.result(LIMIT)
    assert desk.notes() == ["one"]


def test_a_failing_write_fails_alone_and_is_undone(desk: Desk) -> None:
    with desk.hold():
        before = desk.writer.submit(add("before"))
        bad = desk.writer.submit(add("bad", Conflict("Not this one.")))
        after = desk.writer.submit(add("after"))
    assert (outcome(before), outcome(bad)) == (1, Conflict)
    assert isinstance(outcome(after), int)
    assert desk.notes() == ["before", "after"]


def test_the_error_of_a_write_comes_back_as_it_is(desk: Desk) -> None:
    error = Conflict("Not this one.")
    with pytest.raises(Conflict) as raised:
        desk.writer.write(add("bad", error))
    assert raised.value is error


def test_a_write_that_breaks_a_constraint_fails_alone(desk: Desk) -> None:
    with desk.hold():
        first = desk.writer.submit(add("same"))
        second = desk.writer.submit(add("same"))
        third = desk.writer.submit(add("other"))
    assert (outcome(first), outcome(second)) == (1, IntegrityError)
    assert isinstance(outcome(third), int)
    assert desk.notes() == ["same", "other"]


def test_an_error_of_the_database_tells_no_values(desk: Desk) -> None:
    desk.write("the secret part of a link")
    with pytest.raises(IntegrityError) as raised:
        desk.write("the secret part of a link")
    assert "UNIQUE" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_the_writer_goes_on_after_any_number_of_failures(desk: Desk) -> None:
    for _ in range(50):
        with pytest.raises(ValueError, match="bad"):
            desk.writer.write(add("bad", ValueError("bad")))
    desk.write("good")
    assert desk.notes() == ["good"]


def test_what_is_announced_is_stored_already(desk: Desk) -> None:
    for number in range(20):
        desk.write(f"note {number}")
    eventually(lambda: len(desk.stored_at_announcement) == 20)
    for number, stored in enumerate(desk.stored_at_announcement):
        assert f"note {number}" in stored


def test_announcements_keep_the_order_of_the_commits(desk: Desk) -> None:
    texts = [f"note {number}" for number in range(3 * BATCH + 1)]
    with desk.hold():
        for text in texts:
            desk.writer.submit(add(text))
    eventually(lambda: len(desk.announced) == len(texts))
    assert desk.announced == texts == desk.notes()


def test_nothing_is_announced_of_a_refused_write(desk: Desk) -> None:
    with desk.hold():
        desk.writer.submit(add("before"))
        desk.writer.submit(add("bad", ValueError("bad")))
        desk.writer.submit(add("after"))
    eventually(lambda: "after" in desk.announced)
    assert desk.announced == ["before", "after"]


def test_nothing_is_announced_when_the_commit_fails(desks: Callable[..., Desk]) -> None:
    desk = desks(lock_timeout=1)
    desk.write("before")
    with desk.look() as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RetryLater):
            desk.write("bad")
        other.execute("ROLLBACK")
    desk.write("after")
    eventually(lambda: "after" in desk.announced)
    assert desk.announced == ["before", "after"]


def test_a_failing_announcement_makes_no_failure_of_what_is_stored(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.failure = ConnectionError("nobody listens")
    desk.write("one")
    desk.write("two")
    assert desk.notes() == ["one", "two"]
    eventually(lambda: "nobody listens" in caplog.text)


def test_a_full_queue_refuses_and_takes_again_when_there_is_room(desks: Callable[..., Desk]) -> None:
    desk = desks(queue_limit=3)
    with desk.hold():
        waiting = [desk.writer.submit(add(f"note {number}")) for number in range(3)]
        for _ in range(10):
            with pytest.raises(RetryLater):
                desk.write("one too many")
    assert [pending.result(LIMIT) for pending in waiting] == [1, 2, 3]
    desk.write("later")
    assert desk.notes() == ["note 0", "note 1", "note 2", "later"]


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_locked_database_refuses_and_works_again_when_the_lock_goes(
    desks: Callable[..., Desk], lock: str
) -> None:
    desk = desks(lock_timeout=1)
    desk.write("before")
    with desk.look() as other:
        other.execute(lock)
        for _ in range(2):
            with pytest.raises(RetryLater) as refused:
                desk.write("during")
            assert "locked" in (refused.value.cause or "")
        other.execute("ROLLBACK")
    desk.write("after")
    assert desk.notes() == ["before", "after"]


def test_a_lock_that_goes_in_time_is_only_a_delay(desk: Desk) -> None:
    desk.write("before")
    with desk.look() as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = desk.writer.submit(add("during"))
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        other.execute("COMMIT")
        assert waiting.result(LIMIT) == 2
    assert desk.notes() == ["before", "during"]


def test_a_database_locked_from_the_start_refuses_and_works_when_the_lock_goes(
    desks: Callable[..., Desk],
) -> None:
    desk = desks(lock_timeout=1)
    with desk.look() as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("INSERT INTO note (text) VALUES ('theirs')")
        with pytest.raises(RetryLater):
            desk.write("during")
    desk.write("after")
    assert desk.notes() == ["theirs", "after"]


def test_a_full_disk_refuses_and_what_was_answered_is_true(desk: Desk) -> None:
    def fill_up(transaction: Transaction) -> int:
        pages = transaction.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(transaction.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}").scalar_one())

    def make_room(transaction: Transaction) -> int:
        return int(transaction.connection.exec_driver_sql("PRAGMA max_page_count=1000000").scalar_one())

    desk.writer.write(fill_up)
    texts = ["small", "large" * 100_000, "small too"]
    with desk.hold():
        waiting = [desk.writer.submit(add(text)) for text in texts]
    outcomes = [outcome(pending) for pending in waiting]
    assert outcomes[1] is RetryLater
    assert all(kind is RetryLater or isinstance(kind, int) for kind in outcomes)
    assert desk.notes() == [
        text for text, kind in zip(texts, outcomes, strict=True) if kind is not RetryLater
    ]
    desk.writer.write(make_room)
    desk.write("large" * 100_000)
    assert desk.notes()[-1] == "large" * 100_000


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program's writes are looked for all the time."""
    monkeypatch.setattr(writer_module, "WATCH", 0.001)


@pytest.mark.usefixtures("watchful")
def test_another_programs_write_is_noticed_and_ones_own_are_not(desk: Desk) -> None:
    for number in range(200):
        desk.write(f"note {number}")
    with desk.look() as other:
        other.execute("INSERT INTO note (text) VALUES ('theirs')")
    eventually(lambda: desk.outside_writes)
    for number in range(200, 400):
        desk.write(f"note {number}")
    with desk.look() as other:
        other.execute("INSERT INTO note (text) VALUES ('theirs again')")
    eventually(lambda: desk.outside_writes > 1)
    assert desk.outside_writes == 2


@pytest.mark.usefixtures("watchful")
def test_another_programs_write_is_noticed_while_nothing_else_happens(desk: Desk) -> None:
    desk.write("ours")  # it has looked once
    for number in range(3):
        with desk.look() as other:
            other.execute("INSERT INTO note (text) VALUES (?)", (f"theirs {number}",))
        eventually(lambda: desk.outside_writes >= 1)
        desk.outside_writes = 0


@pytest.mark.usefixtures("watchful")
def test_what_another_program_does_not_commit_is_not_noticed(desk: Desk) -> None:
    desk.write("one")
    with desk.look() as other:
        other.execute("BEGIN")
        other.execute("INSERT INTO note (text) VALUES ('theirs')")
        other.execute("ROLLBACK")
    for number in range(50):
        desk.write(f"note {number}")
    assert desk.outside_writes == 0


@pytest.mark.usefixtures("watchful")
def test_a_failure_on_noticing_leaves_the_writer_as_it_was(desk: Desk) -> None:
    desk.write("before")
    desk.failure = ConnectionError("nobody listens")
    with desk.look() as other:
        other.execute("INSERT INTO note (text) VALUES ('theirs')")
    eventually(lambda: desk.outside_writes)
    desk.failure = None
    after = desk.writer.submit(add("after"))
    assert after.result(LIMIT) == 3
    eventually(lambda: "after" in desk.announced)


def test_a_commit_is_on_the_disk_when_it_returns(desk: Desk) -> None:
    def pragmas(transaction: Transaction) -> dict[str, Any]:
        names = ("synchronous", "journal_mode", "foreign_keys")
        return {name: transaction.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    assert desk.writer.write(pragmas) == {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1}


def test_nobody_waits_for_their_answer_while_the_log_is_moved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    move, answered = Checkpoints.move, threading.Event()
    seen: list[bool] = []

    def waiting_move(checkpoints: Checkpoints) -> None:
        seen.append(answered.wait(LIMIT))
        move(checkpoints)

    monkeypatch.setattr(Checkpoints, "move", waiting_move)
    monkeypatch.setattr(durable, "FULL", 1)
    desk.write("one")
    answered.set()
    eventually(lambda: seen)
    assert seen[0]


def test_no_commit_moves_the_log(desk: Desk) -> None:
    def ask(transaction: Transaction) -> int:
        return int(transaction.connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one())

    assert desk.writer.write(ask) == 0


def test_a_memory_that_fails_makes_no_failure_of_what_is_stored(
    desks: Callable[..., Desk], caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Memory):
        def hear(self, *_: object, **__: object) -> None:
            raise ValueError("out of memory")

    desk = desks(memory=Failing())
    assert desk.write("one") == 1
    assert desk.write("two") == 2
    assert desk.notes() == ["one", "two"]
    eventually(lambda: "out of memory" in caplog.text)


def test_what_was_on_its_way_when_the_writer_failed_is_refused_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("before")
    put = desk.writer._bridge.put
    late: list[tuple[Any, Any]] = []
    monkeypatch.setattr(desk.writer._bridge, "put", lambda queue, item: late.append((queue, item)))
    waiting = desk.writer.submit(add("late"))
    monkeypatch.undo()
    monkeypatch.setattr(SqliteCommitter, "tidy", broken)
    desk.writer.submit(add("last"))
    eventually(lambda: desk.writer.has_failed)
    put(*late[0])
    assert outcome(waiting) is RetryLater


def broken(_: object) -> None:
    raise RuntimeError("nobody foresaw this")


def test_what_failed_first_is_told_when_it_cannot_be_undone_either(desk: Desk) -> None:
    """So a disk that could not flush is known as one."""
    desk.write("before")

    class Failing:
        def __init__(self, cursor: Any) -> None:
            self._cursor = cursor

        def __getattr__(self, name: str) -> Any:
            return getattr(self._cursor, name)

        def execute(self, sql: str, *values: Any) -> Any:
            if sql in ("COMMIT", "ROLLBACK"):
                raise sqlite3.OperationalError(f"{sql} failed")
            return self._cursor.execute(sql, *values)

    committer = SqliteCommitter(desk.database, 1, Memory())
    committer._cursor = Failing(committer._cursor)  # type: ignore[assignment]
    with pytest.raises(sqlite3.OperationalError, match="COMMIT"):
        committer.commit([])


def test_stopping_commits_what_waits_and_closes_the_database(desk: Desk) -> None:
    texts = [f"note {number}" for number in range(2 * BATCH + 10)]
    with desk.hold():
        waiting = [desk.writer.submit(add(text)) for text in texts]
        stopping = threading.Thread(target=desk.writer.stop)
        stopping.start()
    stopping.join(LIMIT)
    assert not stopping.is_alive()
    assert desk.notes() == texts
    assert [pending.result(LIMIT) for pending in waiting] == list(range(1, len(texts) + 1))
    # Whoever closes SQLite's last connection takes its other files away.
    eventually(lambda: [path.name for path in desk.database.parent.iterdir()] == ["chat.db"])


def test_a_writer_that_never_wrote_can_be_stopped(desk: Desk) -> None:
    desk.writer.stop()
    assert desk.notes() == []


def test_stopping_twice_is_no_wait(desk: Desk) -> None:
    desk.write("one")
    desk.writer.stop()
    again = threading.Thread(target=desk.writer.stop, daemon=True)
    again.start()
    again.join(3)
    assert not again.is_alive()


def test_sixty_four_threads_lose_nothing(desk: Desk) -> None:
    wrong: list[str] = []

    def client(number: int) -> None:
        for count in range(50):
            text = f"{number}:{count}"
            row = desk.write(text)
            with desk.look() as database:
                if database.execute("SELECT text FROM note WHERE id = ?", (row,)).fetchone() != (text,):
                    wrong.append(text)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    notes = desk.notes()
    assert len(notes) == 64 * 50
    for number in range(64):
        own = [note for note in notes if note.startswith(f"{number}:")]
        assert own == [f"{number}:{count}" for count in range(50)]
    eventually(lambda: len(desk.announced) == 64 * 50)
    assert desk.announced == notes
