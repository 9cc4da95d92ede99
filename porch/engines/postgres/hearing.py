"""What other processes have written, as far as memory has to know: PostgreSQL tells it (NOTIFY).

What is told and what is committed are one, so nothing of it is lost with a process that dies in between; and
while this process is not connected, it does not use what it remembers.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec

from porch.engines import native
from porch.engines.postgres.connection import connect, driver_of, is_database_error
from porch.engines.reading.memory import Memory
from porch.engines.writing.writes import Outcome
from porch.events import Event
from porch.models.clock import utc_now

CHANNEL = "porch_writes"
# Seconds until the thread looks whether it has to end, and until it connects again.
LOOK = 0.5
# Bytes that a notice may have; who has more to tell has all forgotten.
LONGEST = 7900
# What of an event's payload memory looks at. All are numbers.
KEYS = ("id", "chat_id", "user_id")


# The name of an event, what is left of its payload, its `user_id` and its `session_id`.
Happened = tuple[str, dict[str, int], int | None, int | None]


class Written(msgspec.Struct, array_like=True):
    """`by` is a process. Without `events` anything may have changed."""

    by: str
    sessions: list[int] = []
    rooms: list[int] = []
    events: list[Happened] | None = None


class Hearing:
    """The versions of the database for memory: another after each write alone, by whomever."""

    def __init__(self, url: str, lock_timeout: int, memory: Memory) -> None:
        self._url = url
        self._lock_timeout = lock_timeout
        self._memory = memory
        self._own = secrets.token_hex(8)
        self._number = 0
        self._hears = False
        self._writes = False  # whether a commit of this process is under way
        self._telling = native.make_lock()  # held while memory is told something
        self._stopping = False
        memory.open(self)
        native.start_thread(self._listen, ())

    def version(self) -> int | None:
        return self._number if self._hears and not self._writes else None

    lately = version

    def close(self) -> None:
        self._stopping = True

    # For the writer.

    def notice(self, outcome: Outcome) -> str | None:
        """What the others are to be told, as a statement of the same transaction; None for nothing."""
        if outcome.tells_all and not (outcome.sessions or outcome.rooms or outcome.events):
            return None
        written = Written(self._own, outcome.sessions, outcome.rooms, _happened(outcome))
        encoded = msgspec.json.encode(written)
        if len(encoded) > LONGEST:
            encoded = msgspec.json.encode(Written(self._own))
        # Numbers, names of events and a hexadecimal number: nothing that would have to be quoted.
        return f"SELECT pg_notify('{CHANNEL}', '{encoded.decode()}')"

    def begin(self) -> None:
        """A commit is under way: until it is known what came of it, nothing held is used."""
        self._writes = True

    def end(self, outcome: Outcome | None, at: datetime) -> None:
        """It is committed; None: or perhaps not."""
        with self._telling:
            if outcome is None or not outcome.tells_all:
                self._memory.forget()
            else:
                self._memory.drop(outcome.sessions, outcome.rooms)
                self._memory.hear(outcome.events, at=at)
            self._number += 1
            self._writes = False
            self._memory.is_right(self.version())

    # Everything below runs on a native thread of its own.

    def _listen(self) -> None:
        while not self._stopping:
            try:
                self._follow()
            except Exception as error:
                if not is_database_error(error):
                    raise
            finally:
                self._hears = False
            native.sleep(LOOK)

    def _follow(self) -> None:
        connection = connect(self._url, self._lock_timeout)
        try:
            driver = driver_of(connection)
            driver.execute(f"LISTEN {CHANNEL}".encode())
            self._hears = True
            self._hear(Written(""))  # whatever happened before
            while not self._stopping:
                for notice in driver.notifies(timeout=LOOK):
                    self._hear_notice(notice.payload)
        finally:
            connection.invalidate()

    def _hear_notice(self, text: str) -> None:
        try:
            self._hear(msgspec.json.decode(text, type=Written))
        except (msgspec.MsgspecError, KeyError):  # told by another version of Porch: it may be anything
            self._hear(Written(""))

    def _hear(self, written: Written) -> None:
        """Before memory is told, the number is another: what was read for the last one is not kept."""
        if written.by == self._own:
            return
        with self._telling:
            self._number += 1
            if written.events is None:
                self._memory.forget()
            else:
                self._memory.drop(written.sessions, written.rooms)
                self._memory.hear(map(_event, written.events), at=utc_now())
            self._memory.is_right(self.version())


def _happened(outcome: Outcome) -> list[Happened] | None:
    if not outcome.tells_all:
        return None
    return [
        (
            event.name,
            {key: event.payload[key] for key in KEYS if isinstance(event.payload.get(key), int)},
            event.user_id,
            event.session_id,
        )
        for event in outcome.events
        if event.name != "message"  # what is said is not held
    ]


def _event(told: Happened) -> Event:
    name, payload, user_id, session_id = told
    return Event(name, payload, user_id=user_id, session_id=session_id)
