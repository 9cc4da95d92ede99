"""Fan-out within one process: to the sockets in a chat and to the long polls that wait on it. Where there are
other processes, they hear what is announced here, and what they announce comes in beside.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from porch.engines.live.rooms import Sockets, chat_of, chat_room, session_room, user_room
from porch.events import Event, head
from porch.slices import slices

log = logging.getLogger(__name__)

# Long polls of one person that may wait at once, in all browsers, so that nobody takes everybody's places.
MOST_OF_ONE = 20


class Others(Protocol):
    """The other processes of the site."""

    def publish(self, events: Sequence[Event]) -> None:
        """Tell them what was announced here."""

    def listen(self, chat_id: int) -> None:
        """Hear what they announce in a chat."""


class Delivery:
    """`heads` reads the current rev of each of the chats it is given from the database."""

    def __init__(
        self,
        sockets: Sockets,
        *,
        heads: Callable[[Sequence[int]], dict[int, int]],
        max_waiting: int,
    ) -> None:
        self._sockets = sockets
        self._heads = heads
        self._max_waiting = max_waiting
        self._waiting = 0
        self._waiting_of: Counter[int] = Counter()  # by user
        self._waiters: defaultdict[str, set[threading.Event]] = defaultdict(set)
        self._lock = threading.Lock()
        self._observers: list[Callable[[Event], None]] = []
        self._observers_of_all: list[Callable[[Event], None]] = []
        self._others: Others | None = None
        self.stopped = False

    @property
    def waiting(self) -> int:
        """How many long polls wait."""
        return self._waiting

    def observed_by(self, observer: Callable[[Event], None], *, also_others: bool = False) -> None:
        """Call this with every event of this process, or of all, after it has gone out, and those that were
        announced with it.
        """
        self._observers.append(observer)
        if also_others:
            self._observers_of_all.append(observer)

    def joined_by(self, others: Others) -> None:
        """There are other processes."""
        self._others = others

    def listen(self, chat_id: int) -> None:
        """Somebody is in this chat, or asks for it: what is announced there is to be heard here."""
        if self._others is not None:
            self._others.listen(chat_id)

    def announce(self, events: Sequence[Event]) -> None:
        """Hand stored events on, in their order: first to other processes, which serve theirs meanwhile."""
        if self._others is not None:
            try:
                self._others.publish(events)
            except Exception:  # they find out by the heads, which are asked for again and again
                log.exception("other processes were not told")
        self._hand_on(events, self._observers)

    def hear(self, events: Sequence[Event]) -> None:
        """Hand on what another process has announced."""
        self._hand_on(events, self._observers_of_all)

    def relay(self, chat_id: int, told: Sequence[tuple[str, str]]) -> None:
        """Hand on what another process has announced in a chat to those who are there: names of events, and
        their payloads as JSON.
        """
        room = chat_room(chat_id)
        self.wake(room)
        self._sockets.relay(told, room)

    def _hand_on(self, events: Sequence[Event], observers: Sequence[Callable[[Event], None]]) -> None:
        """All go out before anybody looks closer, who might wait: what others answer comes after them."""
        for hand_on in (self._announce, *observers):
            for event in events:
                try:
                    hand_on(event)
                except Exception:  # the next is somebody else's; who missed this catches up by cursor
                    log.exception("%s was not announced", event.name)

    def _announce(self, event: Event) -> None:
        rooms = [
            name(number)
            for name, number in (
                (chat_room, event.chat_id),
                (user_room, event.user_id),
                (session_room, event.session_id),
            )
            if number is not None
        ]
        for room in rooms:
            self.wake(room)
        if len(rooms) == 1:
            self._sockets.emit(event.name, event.payload, rooms[0])
        else:
            for sid in self._in_all(rooms):
                self._sockets.emit(event.name, event.payload, sid)
        if event.last and event.session_id is not None:
            self._sockets.close_room(session_room(event.session_id))
        elif event.last and event.chat_id is not None:
            for sid in self._in_all(rooms):
                self._sockets.leave(sid, chat_room(event.chat_id))

    def _in_all(self, rooms: Sequence[str]) -> set[str]:
        """The sockets that are in each of the rooms; none for no room."""
        return set.intersection(*(set(self._sockets.sockets(room)) for room in rooms)) if rooms else set()

    def announce_heads(self) -> None:
        """Tell every chat that has sockets here where its log stands: closes the last gap of a lost push."""
        for chat_id, rev in self.heads_of(_chats_of(self._sockets.rooms())):
            event = head(chat_id, rev)
            self._sockets.emit(event.name, event.payload, chat_room(chat_id))

    def heads_of(self, chats: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Where the log of each of these chats stands, by the database."""
        for some in slices(chats, 500):
            yield from self._heads(some).items()

    def chats(self) -> set[int]:
        """The chats that somebody is in here, or waits on."""
        with self._lock:
            waited = list(self._waiters)
        return {*_chats_of(self._sockets.rooms()), *_chats_of(waited)}

    def stop(self) -> None:
        """Let no long poll wait any more: whoever asks is answered with what there is."""
        self.stopped = True
        self._wake_all()

    def outside_write(self) -> None:
        """Another program has written: anything may have changed."""
        self.announce_heads()
        self._wake_all()

    @contextmanager
    def waiter(self, chat_id: int, session_id: int, user_id: int) -> Iterator[threading.Event | None]:
        """An event that is set when something is announced in the chat, or the session ends; None when too
        many wait already, or nobody shall.

        Take it before reading, wait after: so nothing falls between the two.
        """
        event = threading.Event()
        rooms = (chat_room(chat_id), session_room(session_id))
        with self._lock:
            has_place = self._waiting < self._max_waiting and self._waiting_of[user_id] < MOST_OF_ONE
            admitted = has_place and not self.stopped
            if admitted:
                self._waiting += 1
                self._waiting_of[user_id] += 1
                for room in rooms:
                    self._waiters[room].add(event)
        try:
            yield event if admitted else None
        finally:
            if admitted:
                with self._lock:
                    self._waiting -= 1
                    self._waiting_of[user_id] -= 1
                    if not self._waiting_of[user_id]:
                        del self._waiting_of[user_id]
                    for room in rooms:
                        self._waiters[room].discard(event)
                        if not self._waiters[room]:
                            del self._waiters[room]

    def wake(self, room: str) -> None:
        """Let the long polls in a room look again."""
        if room not in self._waiters:
            return
        with self._lock:
            waiters = tuple(self._waiters.get(room, ()))
        for event in waiters:
            event.set()

    def _wake_all(self) -> None:
        with self._lock:
            rooms = list(self._waiters)
        for room in rooms:
            self.wake(room)


def _chats_of(rooms: Iterable[str]) -> list[int]:
    return [chat_id for room in rooms if (chat_id := chat_of(room)) is not None]
