"""What is known of sessions, memberships and rooms without asking the database.

A connection of its own is asked for SQLite's `data_version`, which is another after any commit, by whomever;
after each commit of its own the writer brings what is held up to date and says for which version that is
right. At any other version nothing held is used, and nothing read is kept. So what was read before a write is
never taken for what is true after it. What this process has written takes effect before it is answered; what
another program has, within LATELY.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from porch.engines import native
from porch.engines.reading.live_rooms import LiveRoom
from porch.events import Event

K = TypeVar("K")
V = TypeVar("V")

# How many of each are held; those that were not used for longest go first.
MOST_SESSIONS = 20_000
MOST_MEMBERSHIPS = 50_000
MOST_ROOMS = 1_000
# Messages of a room that wait for somebody to look, and characters of one that does not wait.
MOST_NEWS = 32
LONG = 1_000
# When more messages than these have been put into a room since anybody looked, it holds none any more.
MOST_UNSEEN = MOST_NEWS
# Seconds for which SQLite's answer is good for those who read: to ask costs more than the rest of a look.
LATELY = 0.005


class KnownSession(NamedTuple):
    """A session and its user. `token` is the hash. Whether it is over by its age is for the reader to say."""

    session_id: int
    token: str
    user_id: int
    username: str | None
    guest: bool
    role: str
    created_at: datetime
    last_used_at: datetime


class Standing(NamedTuple):
    """What somebody is in a room, of their membership: `left` also for who never was there."""

    state: str = "left"
    role: str = "member"
    muted_until: datetime | None = None


class Table(Generic[K, V]):
    """At most `most` values; the one that was not used for longest gives way."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        value = self._values.pop(key, None)
        if value is not None:
            self._values[key] = value
        return value

    def peek(self, key: K) -> V | None:
        """Like `get`, but it does not count as use. A room may come without what was last said there: ask
        it only for what does not depend on that.
        """
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._most:
            self.drop(next(iter(self._values)))

    def drop(self, key: K) -> None:
        self._values.pop(key, None)

    def clear(self) -> None:
        self._values.clear()


class Rooms(Table[int, LiveRoom]):
    """What is said in a room is put into it when somebody looks, or much has come together; and when more has
    come since anybody looked, none of its messages is held. Rooms that people have open are told by push, and
    nobody reads them again.
    """

    holds_messages = True

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._news: dict[int, list[tuple[Mapping[str, Any], datetime]]] = {}
        self._unseen: dict[int, int] = {}  # messages put into a room since anybody looked

    def get(self, key: int) -> LiveRoom | None:
        self._unseen.pop(key, None)
        if key in self._news:
            self._catch_up(key)
        return super().get(key)

    def outline(self, key: int) -> LiveRoom | None:
        """The room as it is now, without what was said there: nothing is made ready for that."""
        room, news = self._values.get(key), self._news.get(key)
        return room.with_messages(news, hold=False) if room and news else room

    def put(self, key: int, value: LiveRoom) -> None:
        self._news.pop(key, None)
        self._unseen.pop(key, None)
        super().put(key, value)

    def drop(self, key: int) -> None:
        self._news.pop(key, None)
        self._unseen.pop(key, None)
        super().drop(key)

    def clear(self) -> None:
        self._news.clear()
        self._unseen.clear()
        super().clear()

    def hear(self, chat_id: int, message: Mapping[str, Any], at: datetime) -> None:
        """A message has come or changed."""
        if chat_id in self._values:
            news = self._news.setdefault(chat_id, [])
            news.append((message, at))
            sealed = message.get("envelope")
            size = len(sealed["ct"]) if sealed else len(message["content"])
            if len(news) == MOST_NEWS or size > LONG:
                self._unseen[chat_id] = self._unseen.get(chat_id, 0) + len(news)
                self._catch_up(chat_id)

    def _catch_up(self, chat_id: int) -> None:
        hold = self._unseen.get(chat_id, 0) <= MOST_UNSEEN
        room = self._values[chat_id].with_messages(self._news.pop(chat_id), hold=hold)
        if room is not None:
            self._values[chat_id] = room
        else:
            self.drop(chat_id)


class RoomsAlone(Rooms):
    """Rooms without what is said there, of which nobody here is told all."""

    holds_messages = False

    def get(self, key: int) -> LiveRoom | None:
        return None

    def outline(self, key: int) -> LiveRoom | None:
        return None

    def put(self, key: int, value: LiveRoom) -> None:
        super().put(key, LiveRoom.of(value.fields))

    def hear(self, chat_id: int, message: Mapping[str, Any], at: datetime) -> None:
        """It makes no difference."""


class Versions(Protocol):
    """Where it is known which version of the database there is."""

    def version(self) -> int | None:
        """The version now, which is another after each write; None when that cannot be known."""

    def lately(self) -> int | None:
        """The same, but the answer may be old: by LATELY at most."""

    def close(self) -> None: ...


class DataVersion:
    """SQLite's own, asked for on a connection that waits for no lock. `lately` answers with what is at most
    `good_for` seconds old.
    """

    def __init__(
        self, database: Path, good_for: float = LATELY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._good_for = good_for
        self._clock = clock
        self._driver = sqlite3.connect(database, timeout=0, isolation_level=None, check_same_thread=False)
        self._known: int | None = None
        self._until = 0.0

    def version(self) -> int | None:
        self._until = self._clock() + self._good_for
        try:
            self._known = self._driver.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:  # locked against readers, or failing
            self._known = None
        return self._known

    def lately(self) -> int | None:
        return self._known if self._clock() < self._until else self.version()

    def close(self) -> None:
        self._driver.close()


class Memory:
    """Tables of what is known. Ids and links that lead to something in another table may lead nowhere."""

    def __init__(self, *, hears_messages: bool = True) -> None:
        self.sessions: Table[int, KnownSession] = Table(MOST_SESSIONS)
        self.tokens: Table[str, int] = Table(MOST_SESSIONS)  # the session's id by the hash
        self.memberships: Table[tuple[int, int], Standing] = Table(MOST_MEMBERSHIPS)  # by chat and user
        self.rooms = (Rooms if hears_messages else RoomsAlone)(MOST_ROOMS)
        self.links: Table[str, int] = Table(MOST_ROOMS)  # the chat's id by its hash_key
        # Direct chats, by user: new, asked. Who hears of no message knows of nothing new.
        self.waiting: Table[int, tuple[int, int]] = Table(MOST_SESSIONS if hears_messages else 0)
        # For greenlets and for the writer's thread; never held while anything waits.
        self._lock = native.make_lock()
        self._versions: Versions | None = None
        self._right_at: int | None = None
        self._asked = False  # since the writer said last that what is held is right

    def look(self) -> Look:
        """What is known now."""
        with self._lock:
            self._asked = True
            version = None if self._versions is None else self._versions.lately()
            return Look(self, version if version == self._right_at else None)

    # For the writer, on its thread.

    def open(self, versions: Versions) -> None:
        """Begin to know."""
        with self._lock:
            self._versions = versions

    def close(self) -> None:
        with self._lock:
            self._right_at = None
            if self._versions is not None:
                self._versions.close()
                self._versions = None

    def version(self) -> int | None:
        """The version of the database now, for `is_right`; None when it cannot be asked."""
        with self._lock:
            return self._version()

    def is_asked(self) -> bool:
        """Whether anybody has looked since `is_right` was called last. If not, it need not be called."""
        return self._asked

    def is_right(self, version: int | None) -> None:
        """What is held, is so at this version."""
        with self._lock:
            self._right_at = version
            self._asked = False

    def forget(self) -> None:
        """Anything may have changed."""
        with self._lock:
            for table in (
                self.sessions,
                self.tokens,
                self.memberships,
                self.rooms,
                self.links,
                self.waiting,
            ):
                table.clear()

    def drop(self, session_ids: Iterable[int], chat_ids: Iterable[int]) -> None:
        """These sessions and rooms are not what they were."""
        with self._lock:
            for session_id in session_ids:
                self.sessions.drop(session_id)
            for chat_id in chat_ids:
                self.rooms.drop(chat_id)

    def hear(self, events: Iterable[Event], *, at: datetime) -> None:
        """Bring what is held up to date with events that were committed, in their order. `at` is when."""
        with self._lock:
            for event in events:
                if event.name == "message":
                    self.rooms.hear(event.payload["chat_id"], event.payload, at)
                else:
                    self._hear(event)

    def _hear(self, event: Event) -> None:
        match event.name:
            case "session_ended" if event.session_id is not None:
                self.sessions.drop(event.session_id)
            case "user":
                self.sessions.clear()
            case "direct_changed":
                self.waiting.clear()
            case "added" | "removed" | "standing" if event.user_id is not None:
                self.memberships.drop((event.payload["chat_id"], event.user_id))
            case "let_back":
                self.memberships.drop((event.payload["chat_id"], event.payload["user_id"]))
            case "chat":
                self.rooms.drop(event.payload["id"])
            case "head" | "room_deleted" | "unlisted":
                self.rooms.drop(event.payload["chat_id"])

    def _version(self) -> int | None:
        return None if self._versions is None else self._versions.version()


class Look:
    """What is known at one moment, and a place to keep what is read from the database after it."""

    __slots__ = ("_version", "memory")

    def __init__(self, memory: Memory, version: int | None) -> None:
        self.memory = memory
        self._version = version

    def get(self, table: Table[K, V], key: K) -> V | None:
        if self._version is None:
            return None
        with self.memory._lock:
            return table.get(key)

    def peek(self, table: Table[K, V], key: K) -> V | None:
        if self._version is None:
            return None
        with self.memory._lock:
            return table.peek(key)

    def outline(self, chat_id: int) -> LiveRoom | None:
        if self._version is None:
            return None
        with self.memory._lock:
            return self.memory.rooms.outline(chat_id)

    def keep(self, table: Table[K, V], key: K, value: V) -> None:
        """Keep what was read since the look, unless the database has changed meanwhile."""
        memory = self.memory
        if self._version is None:
            return
        with memory._lock:
            if memory._right_at == self._version == memory._version():
                table.put(key, value)
