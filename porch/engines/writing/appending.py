"""New messages within one transaction of the writer: who writes them, and which numbers they take.

The statements are compiled once. The number of a room is read for its first message and counted from there,
until anybody else may have taken numbers; it is written down once, before the commit or before any other
write of the transaction runs, which takes its numbers from the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ClauseElement, Connection, bindparam, delete, select, update

from porch.engines.reading.statements import Statement, as_stored, compiled
from porch.engines.writing.writes import Transaction, Write
from porch.events import Event
from porch.models import Chat, Message
from porch.models.clock import rfc3339, utc_now
from porch.models.message import stored_more
from porch.models.upserts import upsert

COLUMNS = [
    "chat_id",
    "seq",
    "rev",
    "timestamp",
    "user_id",
    "username",
    "guest",
    "content",
    "client_id",
    "deleted",
]
# What few messages carry beside that, as `models.message.more_of` takes it.
MORE = ["reply_to", "mentions", "files", "envelope"]
# A repeat is no error: it finds what is stored.
APPEND = upsert(Message.__table__).on_conflict_do_nothing(  # type: ignore[arg-type]  # it is a table
    index_elements=["chat_id", "user_id", "client_id"]
)
READ_REV = select(Chat.rev).where(Chat.id == bindparam("chat"))
WRITE_REV = (
    update(Chat)
    .where(Chat.id == bindparam("chat"))
    .values(rev=bindparam("head"), active_at=bindparam("now"))
    .execution_options(synchronize_session=False)
)
REMOVE = delete(Message).where(Message.id == bindparam("message"))
# Sessions confirmed for rooms. When there are more, all are forgotten and looked up anew.
MOST_KNOWN = 50_000


class Author(NamedTuple):
    """Who was confirmed to write in a room. `username` is None when the person's name has passed on."""

    username: str | None
    guest: bool


class Appending:
    """What the message writes of a transaction see instead of its connection.

    Lives as long as the writer's connection, on its thread. What a write has appended and announced is undone
    when it fails.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.events: list[Event] = []
        driver = connection.connection.driver_connection
        assert driver is not None
        self._cursor = driver.cursor()
        self._append = Statement(APPEND, connection.dialect, columns=COLUMNS)
        self._append_more = Statement(APPEND, connection.dialect, columns=COLUMNS + MORE)
        self._read_rev = Statement(READ_REV, connection.dialect)
        self._write_rev = Statement(WRITE_REV, connection.dialect)
        self._remove = Statement(REMOVE, connection.dialect)
        self._moment = as_stored(Message.timestamp.type, connection.dialect)
        self._known: dict[int, dict[int, Author]] = {}  # by chat, then by session
        self._count = 0  # of what is known
        self._revs: dict[int, int] = {}  # of rooms, with what was appended
        self._stored: dict[
            int, int
        ] = {}  # the same as the table has them, where something was appended since
        self._appended: list[tuple[int, int]] = []  # chat and message of each that was appended
        self._begin()

    # For the writes.

    @property
    def connection(self) -> Connection:
        """For whatever else a message needs; what was appended can be seen by it.

        When a write fails, what it wrote so stays, but for what goes with its message. So this comes last,
        and nothing is raised after it but the database's own errors.
        """
        return self._connection

    def author(self, chat_id: int, session_id: int) -> Author | None:
        """Who was confirmed to write in this room by this session, if nothing has changed since."""
        return self._known.get(chat_id, {}).get(session_id)

    def remember(self, chat_id: int, session_id: int, author: Author) -> None:
        if self._count >= MOST_KNOWN:
            self.forget()
        self._known.setdefault(chat_id, {})[session_id] = author
        self._count += 1

    def first(self, statement: ClauseElement, values: Mapping[str, Any]) -> Any:
        """The first row of a select that is a constant of its module, as the driver gives it; or None."""
        ready = compiled(statement, self._connection.dialect)
        rows = self._cursor.execute(ready.sql, ready.arguments(values)).fetchall()
        return rows[0] if rows else None

    def head(self, chat_id: int) -> int:
        """The room's number, with what this transaction has appended."""
        known = self._revs.get(chat_id)
        return self._read_head(chat_id) if known is None else known

    def append(
        self,
        *,
        chat_id: int,
        user_id: int,
        username: str,
        guest: bool,
        content: str,
        client_id: str,
        at: datetime | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> dict[str, Any] | None:
        """Store a message at the end of a room's log and return it as all are told of it; None when one with
        this `client_id` is stored already, which takes no number. `at` is when it was written, if not now;
        `more` what it carries beside its text, as all are told of it.
        """
        head = self.head(chat_id)
        rev = head + 1
        message: dict[str, Any] = {  # in the order of models.message.message_dict
            "id": None,
            "chat_id": chat_id,
            "seq": rev,
            "rev": rev,
            "timestamp": self._moment(at) if at else self._now_stored,
            "username": username,
            "user_id": user_id,
            "guest": guest,
            "content": content,
            "client_id": client_id,
            "edited_at": None,
            "deleted": False,
        }
        if not self._store(message, more):
            return None
        self._revs[chat_id] = rev
        self._stored.setdefault(chat_id, head)
        self._appended.append((chat_id, message["id"]))
        message["timestamp"] = rfc3339(at) if at else self._now_said
        return {**message, **more} if more else message

    def announce(self, event: Event) -> None:
        self.events.append(event)

    def _store(self, message: dict[str, Any], more: Mapping[str, Any] | None) -> bool:
        """Store a message and give it its id; False when one with its `client_id` is there already."""
        cursor = self._cursor
        if more:
            values = self._append_more.arguments(message | stored_more(more))
            cursor.execute(self._append_more.sql, values)
        else:
            cursor.execute(self._append.sql, self._append.arguments(message))
        if cursor.rowcount == 0:
            return False
        message["id"] = cursor.lastrowid  # cheaper than RETURNING
        return True

    # For the writer.

    def begin(self, events: list[Event]) -> None:
        """A transaction has begun; its events are gathered here."""
        self._begin()
        self.events = events
        self._appended.clear()

    def mark(self) -> tuple[int, int]:
        """Where a write begins, for `undo`."""
        return len(self._appended), len(self.events)

    def undo(self, mark: tuple[int, int]) -> None:
        """A write failed: what it appended goes, its numbers are free again, and its events are not told."""
        appended, events = mark
        for chat_id, message_id in self._appended[appended:]:
            values = self._remove.arguments({"message": message_id})
            self._cursor.execute(self._remove.sql, values)
            self._revs[chat_id] -= 1
        del self._appended[appended:]
        del self.events[events:]

    def write_revs(self) -> None:
        """Write the numbers down that were taken."""
        for chat_id, stored in self._stored.items():
            rev = self._revs[chat_id]
            if rev != stored:  # else what was appended was undone
                values = {"chat": chat_id, "head": rev, "now": self._now_stored}
                self._cursor.execute(self._write_rev.sql, self._write_rev.arguments(values))
        self._stored.clear()

    def forget_revs(self) -> None:
        """Somebody else may take numbers, or what was counted is not stored."""
        self._revs.clear()
        self._stored.clear()

    def heed(self, write: Write, transaction: Transaction) -> None:
        """A write that did more than append went well: forget what it tells to have changed, or all."""
        if write.tells_all and not transaction.sessions:
            self.hear(transaction.events)
        else:
            self.forget()

    def hear(self, events: Iterable[Event]) -> None:
        """Forget what these events tell to have changed."""
        for event in events:
            match event.name:
                case "session_ended" | "user":
                    self.forget()
                case "added" | "removed" | "standing" | "room_deleted":
                    self.forget(event.payload["chat_id"])
                case "chat":
                    self.forget(event.payload["id"])

    def forget(self, chat_id: int | None = None) -> None:
        """What is known of who writes in a room may not be so any more; without a room, of all."""
        if chat_id is None:
            self._known.clear()
            self._count = 0
        else:
            self._count -= len(self._known.pop(chat_id, ()))

    def _read_head(self, chat_id: int) -> int:
        """Exact: since BEGIN IMMEDIATE nobody else writes. What others have committed before the next
        transaction begins, its committer notices.
        """
        found = self._cursor.execute(self._read_rev.sql, self._read_rev.arguments({"chat": chat_id}))
        ((rev,),) = found.fetchall()
        assert isinstance(rev, int)
        return rev

    def _begin(self) -> None:
        self.now = utc_now()  # when the transaction began, which is when its messages were written
        # What `self._moment` and `rfc3339` make of it, at a quarter of the cost.
        text = self.now.isoformat(" ", "microseconds")
        self._now_stored = text[:26]
        self._now_said = f"{text[:10]}T{text[11:23]}Z"
        if len(self._revs) > MOST_KNOWN:
            self._revs.clear()
