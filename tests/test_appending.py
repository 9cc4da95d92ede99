"""New messages that share a transaction: their numbers, who may write, and what a failure leaves."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects import sqlite

from porch import events
from porch.access.actors import Actor
from porch.access.authors import confirm_author
from porch.actions.messages.edits import edit_message
from porch.actions.reading.log import messages_after
from porch.actions.rooms.chats import join_chat, open_chat
from porch.engines import Engines
from porch.engines.reading.statements import Statement
from porch.engines.writing import appending
from porch.engines.writing.appending import Appending
from porch.engines.writing.bridge import Pending
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, NotFound, Unauthenticated
from porch.extensions import reading
from porch.models import Chat, Membership, Message, Session
from porch.models.chat import TAKE_REVS
from porch.models.clock import rfc3339, utc_now
from porch.models.message import MESSAGES, message_dict
from tests.support.actors import an_actor
from tests.support.database import ago, change, rows, write_messages

LIMIT = 10.0  # seconds; only a failure takes so long


class Room:
    """A room with two people, and writes that are handed over to share a transaction."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self.ann, self.bob = an_actor(engines), an_actor(engines)
        self.chat = open_chat(engines, self.ann, name="A room", address="test")
        join_chat(engines, self.bob, self.chat.hash_key)

    def together(self, *writes: Callable[[], Pending]) -> list[Any]:
        """The results of writes of one transaction, or their errors."""
        began, go_on = threading.Event(), threading.Event()

        def hold(_: Transaction) -> None:
            began.set()
            assert go_on.wait(LIMIT)

        held = self.engines.writer.submit(hold, tells_all=True)
        assert began.wait(LIMIT)
        pending = [write() for write in writes]
        go_on.set()
        held.result(LIMIT)
        return [self.outcome(one) for one in pending]

    def outcome(self, pending: Pending) -> Any:
        try:
            return pending.result(LIMIT)
        except Exception as error:  # noqa: BLE001  # of whatever kind
            return error

    def say(
        self,
        text: str,
        actor: Actor | None = None,
        *,
        client_id: str | None = None,
        error: Exception | None = None,
        twice: bool = False,
    ) -> Callable[[], Pending]:
        author = actor or self.ann

        def run(log: Appending) -> Any:
            confirmed = confirm_author(log, author, self.chat.id)
            message = None
            for _ in range(1 + twice):
                message = log.append(
                    chat_id=self.chat.id,
                    user_id=author.user_id,
                    username=confirmed.username or "",
                    guest=confirmed.guest,
                    content=text,
                    client_id=client_id or str(uuid.uuid4()),
                )
                if message is not None:
                    log.announce(events.message(message))
            if error is not None:
                raise error
            return message

        return lambda: self.engines.writer.submit_append(run, chat_id=self.chat.id)

    def do(self, run: Callable[[Transaction], Any], **options: Any) -> Callable[[], Pending]:
        return lambda: self.engines.writer.submit(run, **options)

    def log(self) -> list[tuple[int, str]]:
        page = messages_after(self.ann, self.chat.id, after=0)
        return [(message["seq"], message["content"]) for message in page.messages]


@pytest.fixture
def room(engines: Engines) -> Room:
    return Room(engines)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_messages_of_one_transaction_are_numbered_in_their_order(room: Room, data: Path) -> None:
    found = room.together(*(room.say(f"{number}") for number in range(1, 6)))
    assert [message["seq"] for message in found] == [1, 2, 3, 4, 5]
    assert room.log() == [(number, f"{number}") for number in range(1, 6)]
    assert rows(data, "SELECT rev FROM chat") == [(5,)]


def test_a_message_is_told_as_it_is_stored(room: Room, engines: Engines) -> None:
    (told,) = room.together(room.say("Hello"))

    def read(transaction: Transaction) -> tuple[dict[str, Any], Any]:
        row = transaction.connection.execute(MESSAGES).mappings().one()
        return message_dict(row), transaction.connection.execute(select(Chat.active_at)).scalar_one()

    stored, active_at = engines.writer.write(read)
    assert list(told.items()) == list(stored.items())
    assert rfc3339(active_at) == told["timestamp"]


@pytest.mark.parametrize("microsecond", [0, 7, 1_000, 999_999])
def test_the_time_is_written_as_its_column_writes_it(
    room: Room, monkeypatch: pytest.MonkeyPatch, microsecond: int
) -> None:
    now = utc_now().replace(microsecond=microsecond)
    monkeypatch.setattr(appending, "utc_now", lambda: now)
    message = room.outcome(room.say("Now")())
    assert message["timestamp"] == rfc3339(now)
    with reading() as session:
        assert session.scalar(select(Message.timestamp)) == now


def test_a_repeat_takes_no_number_and_finds_nothing_new(room: Room) -> None:
    client_id = str(uuid.uuid4())
    first, again, other = room.together(
        room.say("One", client_id=client_id), room.say("One", client_id=client_id), room.say("Two")
    )
    assert (first["seq"], again, other["seq"]) == (1, None, 2)
    assert room.log() == [(1, "One"), (2, "Two")]


@pytest.mark.parametrize("twice", [False, True], ids=["one message", "two messages"])
def test_a_write_that_fails_after_its_message_leaves_nothing(
    room: Room, engines: Engines, monkeypatch: pytest.MonkeyPatch, twice: bool
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        engines.writer, "_announce", lambda events: told.extend(e.payload["content"] for e in events)
    )
    error = Conflict("Not this one.")
    before, bad, after = room.together(
        room.say("Before"), room.say("Bad", error=error, twice=twice), room.say("After")
    )
    assert (before["seq"], bad, after["seq"]) == (1, error, 2)
    assert room.log() == [(1, "Before"), (2, "After")]
    room.together()
    assert told == ["Before", "After"]


def test_a_room_where_the_only_write_fails_is_as_it_was(room: Room, data: Path) -> None:
    before = rows(data, "SELECT rev, active_at FROM chat")
    room.together(room.say("Bad", error=Conflict("Not this one.")))
    assert rows(data, "SELECT rev, active_at FROM chat") == before
    assert rows(data, "SELECT * FROM message") == []


def test_other_writes_of_the_transaction_go_on_from_the_same_counter(room: Room, data: Path) -> None:
    def rename(transaction: Transaction) -> int:
        rev: int = transaction.connection.execute(TAKE_REVS, {"chat": room.chat.id, "count": 1}).scalar_one()
        return rev

    def fail(transaction: Transaction) -> int:
        rename(transaction)
        raise Conflict("Not this one.")

    one, two, failed, three, four = room.together(
        room.say("One"), room.do(rename), room.do(fail), room.do(rename), room.say("Four")
    )
    assert (one["seq"], two, type(failed), three, four["seq"]) == (1, 2, Conflict, 3, 4)
    assert rows(data, "SELECT rev FROM chat") == [(4,)]


def test_rooms_of_one_transaction_are_counted_apart(room: Room, engines: Engines, data: Path) -> None:
    other = Room(engines)
    found = room.together(room.say("a"), other.say("b"), room.say("c"), other.say("d"), room.say("e"))
    assert [message["seq"] for message in found] == [1, 1, 2, 2, 3]
    assert rows(data, "SELECT rev FROM chat ORDER BY id") == [(3,), (2,)]


# The room's counter is read once, and again whenever somebody else may have taken numbers.


def test_the_counter_is_read_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    said = room.say("Hello")
    assert room.outcome(said())["seq"] == 1
    monkeypatch.setattr(Appending, "_read_head", None)
    assert [room.outcome(said())["seq"] for _ in range(3)] == [2, 3, 4]


def test_numbers_that_another_program_took_are_not_given_again(room: Room, data: Path) -> None:
    room.outcome(room.say("One")())
    write_messages(data, room.chat.id, room.bob.user_id, "Bob", 3)
    assert room.outcome(room.say("Five")())["seq"] == 5
    assert [seq for seq, _ in room.log()] == [1, 2, 3, 4, 5]


def test_numbers_that_another_write_took_are_not_given_again(
    room: Room, engines: Engines, data: Path
) -> None:
    first = room.outcome(room.say("One")())
    edit_message(engines, room.ann, room.chat.id, first["seq"], content="Edited")
    assert room.outcome(room.say("Three")())["seq"] == 3
    assert rows(data, "SELECT rev FROM chat") == [(3,)]


def test_numbers_of_a_transaction_that_was_undone_are_given_again(room: Room, data: Path) -> None:
    def undo_all(log: Appending) -> None:
        log.connection.exec_driver_sql("ROLLBACK")
        raise Conflict("The disk is full.")

    room.outcome(room.say("One")())
    room.together(room.say("Lost"), room.say("Lost"), lambda: room.engines.writer.submit_append(undo_all))
    assert room.outcome(room.say("Two")())["seq"] == 2
    assert rows(data, "SELECT rev FROM chat") == [(2,)]


# Who may write is looked at once, and again whenever it may have changed.


def put_out(room: Room) -> Callable[[Transaction], None]:
    def run(transaction: Transaction) -> None:
        wanted = Membership.user_id == room.bob.user_id
        transaction.connection.execute(update(Membership).where(wanted).values(state="removed"))
        transaction.announce(events.removed(room.chat.id, room.bob.user_id))

    return run


@pytest.mark.parametrize("tells_all", [True, False])
def test_who_is_put_out_between_two_messages_of_a_transaction_writes_no_more(
    room: Room, tells_all: bool
) -> None:
    first, _, second, anns = room.together(
        room.say("First", room.bob),
        room.do(put_out(room), tells_all=tells_all),
        room.say("Second", room.bob),
        room.say("Ann's"),
    )
    assert (first["seq"], type(second), anns["seq"]) == (1, NotFound, 2)


def test_a_session_that_ends_between_two_messages_of_a_transaction_writes_no_more(room: Room) -> None:
    def end(transaction: Transaction) -> None:
        ended = update(Session).where(Session.id == room.bob.session_id).values(id=10**6)
        transaction.connection.execute(ended)
        transaction.announce(events.session_ended(room.bob.session_id))

    _, _, second = room.together(
        room.say("First", room.bob), room.do(end, tells_all=True), room.say("Second", room.bob)
    )
    assert isinstance(second, Unauthenticated)


def test_who_is_put_out_by_another_program_writes_no_more(room: Room, data: Path) -> None:
    room.together(room.say("First", room.bob))
    change(data, "UPDATE membership SET state = 'removed' WHERE user_id = ?", room.bob.user_id)
    assert isinstance(room.together(room.say("Second", room.bob))[0], NotFound)


def test_what_a_failed_transaction_found_is_forgotten(room: Room, engines: Engines) -> None:
    """Bob is let in, writes, and all of it comes to nothing."""
    stranger = an_actor(room.engines)

    def let_in(transaction: Transaction) -> None:
        transaction.connection.exec_driver_sql(
            "INSERT INTO membership (chat_id, user_id, joined_at) VALUES (?, ?, ?)",
            (room.chat.id, stranger.user_id, ago()),
        )
        transaction.announce(events.added(room.chat.id, stranger.user_id))

    def undo_all(transaction: Transaction) -> None:
        transaction.connection.exec_driver_sql("ROLLBACK")
        raise Conflict("The disk is full.")

    room.together(
        room.do(let_in, tells_all=True), room.say("Hello", stranger), room.do(undo_all, tells_all=True)
    )
    assert isinstance(room.together(room.say("Hello", stranger))[0], NotFound)
    assert room.log() == []


def test_who_writes_is_looked_up_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []
    first = Appending.first

    def counted(log: Appending, *arguments: Any) -> Any:
        looked_up.append(1)
        return first(log, *arguments)

    monkeypatch.setattr(Appending, "first", counted)
    room.together(*(room.say("Hello") for _ in range(5)))
    room.together(*(room.say("Hello") for _ in range(5)))
    assert len(looked_up) == 1


def test_a_name_that_changes_stands_over_the_next_message(room: Room, data: Path) -> None:
    room.together(room.say("One"))
    change(data, "UPDATE user SET username = 'Another' WHERE id = ?", room.ann.user_id)
    (message,) = room.together(room.say("Two"))
    assert message["username"] == "Another"


def test_the_same_number_is_never_stored_twice(room: Room, data: Path) -> None:
    room.together(room.say("One"))
    change(data, "UPDATE chat SET rev = 0")
    (refused,) = room.together(room.say("Two"))
    assert "unique" in str(refused).lower()
    assert rows(data, f"SELECT content FROM {Message.__tablename__}") == [("One",)]


def test_a_message_lacking_a_column_is_refused_before_the_database_is_asked() -> None:
    statement = Statement(appending.APPEND, sqlite.dialect(), columns=appending.COLUMNS)
    with pytest.raises(KeyError):
        statement.arguments(dict.fromkeys(appending.COLUMNS[1:], 1))
