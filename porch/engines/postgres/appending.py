"""New messages within one transaction of PostgreSQL: all of a batch are stored by one statement.

Each gets its id and its number when it is appended, and goes with all others, as JSON, when the batch is
complete or somebody looks for it. The numbers are right as the rows of the rooms are locked. That some of the
messages are there already, as they were sent again, is known afterwards: then all is undone, and the batch is
done once more by somebody who knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from porch.engines.writing.appending import Appending
from porch.events import Event

# What of a message is stored: in the table it is as in JSON, also what is JSON there.
COLUMNS = {
    "id": "bigint",
    "chat_id": "bigint",
    "seq": "bigint",
    "rev": "bigint",
    "timestamp": "timestamp",
    "user_id": "bigint",
    "username": "text",
    "guest": "boolean",
    "content": "text",
    "client_id": "text",
    "deleted": "boolean",
    "reply_to": "bigint",
    "mentions": "text",
    "files": "text",
    "envelope": "text",
}
NAMES = ", ".join(COLUMNS)
TYPED = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
# Rooms take the number of what was stored, and of nothing else.
STORE = f"""
    WITH stored AS (
        INSERT INTO message ({NAMES})
        SELECT {NAMES}
        FROM json_to_recordset(%s::json) AS given({TYPED})
        ON CONFLICT (chat_id, user_id, client_id) DO NOTHING
        RETURNING chat_id, rev
    ), counted AS (
        UPDATE chat SET rev = taken.rev, active_at = %s::timestamp
        FROM (SELECT chat_id, max(rev) AS rev FROM stored GROUP BY chat_id) AS taken
        WHERE chat.id = taken.chat_id
    )
    SELECT count(*) FROM stored
"""  # noqa: S608  # constants of this module
READ_REV = "SELECT rev FROM chat WHERE id = %s FOR NO KEY UPDATE"
NEXT_ID = "SELECT nextval('message_id_seq')"
THERE = """
    SELECT chat_id, user_id, client_id FROM message
    JOIN json_to_recordset(%s::json) AS given(chat_id bigint, user_id bigint, client_id text)
    USING (chat_id, user_id, client_id)
"""

Key = tuple[int, int, str]  # a person says the same in a room once


class NotAllNewError(Exception):
    """Of messages that were stored together, which `rows` has as JSON, some are there already; or, without
    rows, one has to be undone by itself.
    """

    def __init__(self, rows: str = "") -> None:
        super().__init__()
        self.rows = rows


class PostgresAppending(Appending):
    """`at_once`: each message is stored when it is appended, within a savepoint of whoever calls."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.at_once = False
        self._rows: list[Mapping[str, Any]] = []  # appended, and not in the table yet
        self._sent = 0  # of what was appended: so many are
        self._ids: list[int] = []  # for the next messages, the last one first
        self._there: set[Key] = set()  # what need not be stored: it is, or it was appended before

    @property
    def connection(self) -> Connection:
        self.write_revs()
        return self._connection

    def begin(self, events: list[Event]) -> None:
        super().begin(events)
        self.start_anew()

    def start_anew(self) -> None:
        """Nothing is appended, and which numbers come next is not known."""
        self._appended.clear()
        self._rows.clear()
        self._sent = 0
        self._ids.clear()
        self._there.clear()
        self.forget_revs()

    def expect(self, revs: Mapping[int, int], ids: Iterable[int]) -> None:
        """The rows of these rooms are locked, with these numbers, and these ids are nobody else's."""
        self._begin()  # to get there may have taken a while
        self._revs.update(revs)
        self._ids = sorted(ids, reverse=True)

    def find(self, rows: str) -> bool:
        """Whether some of these messages are stored; it is remembered which."""
        self._there.update(self._cursor.execute(THERE, (rows,)).fetchall())
        return bool(self._there)

    def undo(self, mark: tuple[int, int]) -> None:
        """Raises NotAllNewError when some of it is in the table already."""
        appended, events = mark
        if self._sent > appended:
            raise NotAllNewError
        for chat_id, _ in self._appended[appended:]:
            self._revs[chat_id] -= 1
        for row in self._rows[appended - self._sent :]:
            self._there.discard((row["chat_id"], row["user_id"], row["client_id"]))
        del self._rows[appended - self._sent :]
        del self._appended[appended:]
        del self.events[events:]

    def write_revs(self) -> None:
        """Store what was appended, and the numbers of its rooms. Raises NotAllNewError when some of it was
        there already.
        """
        if self._rows:
            count, rows = len(self._rows), self._encoded()
            if self._send(rows) != count:
                raise NotAllNewError(rows)
            self._sent = len(self._appended)

    def _store(self, message: dict[str, Any], more: Mapping[str, Any] | None) -> bool:
        key = message["chat_id"], message["user_id"], message["client_id"]
        if key in self._there:
            return False
        message["id"] = self._ids.pop() if self._ids else self._number(NEXT_ID)
        self._rows.append({**message, **more} if more else message.copy())
        if self.at_once:
            return self._send(self._encoded()) == 1
        self._there.add(key)
        return True

    def _encoded(self) -> str:
        """The messages that wait, which then wait no more."""
        rows = msgspec.json.encode(self._rows).decode()
        self._rows.clear()
        return rows

    def _send(self, rows: str) -> int:
        """How many of them were new, and are in the table now."""
        return self._number(STORE, rows, self._now_stored)

    def _read_head(self, chat_id: int) -> int:
        return self._number(READ_REV, chat_id)

    def _number(self, statement: str, *values: object) -> int:
        ((number,),) = self._cursor.execute(statement, values).fetchall()
        assert isinstance(number, int)
        return number
