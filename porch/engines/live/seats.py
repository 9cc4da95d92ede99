"""The seats of people in rooms, found by room, by session and by person. Who may have which is for `presence`
to say.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

# Seats kept of people who are not in their room now, left behind or silent; the oldest go first. Of one
# session, seats of every sort.
MOST_EMPTY = 20_000
MOST_OF_ONE = 32

Turn = tuple[int, str]  # a number that only grows, about the time, and the process that gave it
Key = tuple[int, int]  # session id, chat id


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who enters: one session of one user. Nobody sees who is `unseen`."""

    session_id: int
    user_id: int
    username: str
    guest: bool
    unseen: bool = False


@dataclass(slots=True)
class Seat:
    """One session in one room. `until` is a monotonic time up to which it counts without a socket;
    `moved_to` is the room that the person left this one for; `turn` orders who entered last, and `elsewhere`
    are other processes that have a socket of it.
    """

    person: Person
    chat: dict[str, Any]
    turn: Turn
    sockets: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    polls: bool = False
    until: float = 0.0
    moved_to: dict[str, Any] | None = None
    told_until: float = 0.0  # up to when other processes were told last

    @property
    def chat_id(self) -> int:
        id_: int = self.chat["id"]
        return id_

    @property
    def has_sockets(self) -> bool:
        return bool(self.sockets or self.elsewhere)

    def is_taken(self, now: float) -> bool:
        return self.moved_to is None and (self.has_sockets or self.until > now)

    def leave_for(self, chat: dict[str, Any]) -> None:
        """The person is in this chat now."""
        self.moved_to, self.polls, self.until = chat, False, 0.0
        self.sockets.clear()
        self.elsewhere.clear()


class Seats:
    """All of them. Whoever calls holds a lock; lists are copies, so that seats may be removed meanwhile."""

    def __init__(self) -> None:
        self._in: defaultdict[int, dict[int, Seat]] = defaultdict(dict)  # by chat, then by session
        self._of: defaultdict[int, dict[int, Seat]] = defaultdict(dict)  # by session, the latest last
        self._sessions_of: defaultdict[int, set[int]] = defaultdict(set)  # by user
        self._timed: dict[Key, Seat] = {}  # those without a socket that are still taken
        self._empty: OrderedDict[Key, Seat] = OrderedDict()  # those that are not taken

    def __iter__(self) -> Iterator[Seat]:
        return iter([seat for seats in self._in.values() for seat in seats.values()])

    def get(self, session_id: int, chat_id: int) -> Seat | None:
        return self._in.get(chat_id, {}).get(session_id)

    def count_in(self, chat_id: int) -> int:
        return len(self._in.get(chat_id, ()))

    def in_chat(self, chat_id: int) -> list[Seat]:
        """Those of a room, the first to come first."""
        return list(self._in.get(chat_id, {}).values())

    def of_session(self, session_id: int) -> list[Seat]:
        return list(self._of.get(session_id, {}).values())

    def of_user(self, user_id: int) -> list[Seat]:
        return [seat for id_ in self._sessions_of.get(user_id, ()) for seat in self.of_session(id_)]

    def take(self, person: Person, chat: dict[str, Any], turn: Turn) -> Seat:
        """The seat of a session in a chat, found or made; the latest of the session's."""
        seat = self._in[chat["id"]].setdefault(person.session_id, Seat(person, chat, turn))
        self._of[person.session_id].pop(chat["id"], None)
        self._of[person.session_id][chat["id"]] = seat
        self._sessions_of[person.user_id].add(person.session_id)
        seat.person, seat.chat, seat.turn = person, chat, turn
        return seat

    def file(self, seat: Seat) -> None:
        """Keep in view which seats will be free by themselves, and which are, the latest last."""
        key = self._unfile(seat)
        if not seat.has_sockets:
            (self._timed if seat.until else self._empty)[key] = seat

    def _unfile(self, seat: Seat) -> Key:
        key = seat.person.session_id, seat.chat_id
        self._timed.pop(key, None)
        self._empty.pop(key, None)
        return key

    def remove(self, seat: Seat) -> None:
        session_id, chat_id = self._unfile(seat)
        user_id = seat.person.user_id
        del self._in[chat_id][session_id]
        if not self._in[chat_id]:
            del self._in[chat_id]
        del self._of[session_id][chat_id]
        if not self._of[session_id]:
            del self._of[session_id]
            self._sessions_of[user_id].discard(session_id)
            if not self._sessions_of[user_id]:
                del self._sessions_of[user_id]

    def run_out(self, now: float) -> list[Seat]:
        """Those that were taken, without a socket, up to now."""
        return [seat for seat in self._timed.values() if seat.until <= now]

    def surplus(self) -> list[Seat]:
        """Of those that are not taken the oldest, if there are too many."""
        return list(self._empty.values())[: max(0, len(self._empty) - MOST_EMPTY)]

    def surplus_of(self, session_id: int, chat_id: int) -> Seat | None:
        """What a session that has been everywhere gives up for a seat in another chat: where it was first."""
        seats = self._of.get(session_id, {})
        if chat_id in seats or len(seats) < MOST_OF_ONE:
            return None
        free = [seat for chat, seat in seats.items() if (session_id, chat) in self._empty]
        return next(iter(free or seats.values()))
