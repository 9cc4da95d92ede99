"""Who is in which room now: by an open socket, or by asking again and again.

A person is in one room at a time. Whoever enters another is moved there; the session that was left behind
hears `moved`, and is told so on its next read, until it enters again.

All of it is memory of this process; `cluster/presence.py` keeps that of several in step.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from porch.engines.live.rooms import Sockets, chat_room, session_room
from porch.engines.live.seats import Person, Seat, Seats, Turn
from porch.errors import Moved
from porch.events import Event

AFTER_CLOSE = 2.0  # seconds that somebody stays after their last socket closed: a reload takes less
AFTER_SILENCE = 15.0  # seconds that somebody who polls stays after the last read
TYPING = 6.0  # seconds that a sign of typing is good for
MOST_SHOWN = 50  # people named at once; the number counts all
# People whose writing a room is told of at once. Who is one of many is told to nobody: in a room of
# thousands it would be told to thousands, by hundreds.
MOST_TYPING = 5
# With more than so many in a room nobody's writing is told there: of five it would take a tenth of a core.
CROWD = 5_000
# A room of more than so many hears who is there at most once in so many seconds for each: among 5,000, 5 s.
# Otherwise a thousand who come within a minute would be told to thousands hundreds of times.
LARGE = 250
PAUSE = 0.001

Left = tuple[int, int, list[str]]  # a seat that was left behind: session id, chat id, and its sockets


def wall_clock() -> int:
    """Microseconds. Turns are of this clock, so that the later is the larger one also where two processes
    have not heard of each other yet; who is behind goes on from what is heard.
    """
    return time.time_ns() // 1000


class Presence:
    """`one_room` is `user`, `session` or `off`: who is kept to one room at a time. `changed` is told the
    id of a chat when somebody has come or gone.
    """

    def __init__(
        self,
        sockets: Sockets,
        *,
        one_room: str,
        changed: Callable[[int], None],
        wake: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], int] = wall_clock,
        process: str = "",
    ) -> None:
        self._process = process
        self._wall = wall
        self._turns = 0
        self._sockets = sockets
        self._one_room = one_room
        self._changed = changed
        self._wake = wake
        self._clock = clock
        self._lock = threading.RLock()
        self._seats = Seats()
        self._dirty: set[int] = set()  # rooms to tell of what has changed
        self._told: dict[int, dict[str, Any]] = {}  # what each room was told last
        self._newcomers: dict[str, int] = {}  # sockets that have not been told, and their room
        self._told_at: dict[int, float] = {}  # and when
        self._typing: defaultdict[int, dict[int, tuple[str, float]]] = defaultdict(dict)  # by chat and person

    def enter(self, person: Person, chat: dict[str, Any], *, sid: str | None = None) -> None:
        """Be in a chat (`{id, name, url}`), by the socket `sid` or else by polling, and in no other."""
        now = self._clock()
        with self._lock:
            left = self._leave_others(person, chat)
            self._turns = max(self._turns + 1, self._wall())
            seat = self._seat_for(person, chat, (self._turns, self._process))
            if not seat.is_taken(now):
                self._dirty.add(chat["id"])
            seat.moved_to = None
            if sid is not None:
                seat.sockets.add(sid)
                self._newcomers[sid] = chat["id"]
                seat.polls, seat.until = False, 0.0
            else:
                seat.polls, seat.until = True, now + AFTER_SILENCE
            self._seats.file(seat)
        self._send_on(left, chat)

    def keep(self, session_id: int, chat_id: int, *, wait: float = 0.0) -> None:
        """A session reads in a chat, which may take `wait` seconds: if it polls there, it stays.

        Raises Moved.
        """
        now = self._clock()
        with self._lock:
            seat = self._seats.get(session_id, chat_id)
            if seat is None:
                return
            if seat.moved_to is not None:
                raise Moved(seat.moved_to)
            if seat.polls:
                if not seat.is_taken(now):
                    self._dirty.add(chat_id)
                seat.until = max(seat.until, now + wait + AFTER_SILENCE)
                self._seats.file(seat)

    def leave(self, session_id: int, chat_id: int, *, sid: str | None = None) -> None:
        """Go: with the socket `sid`, or else as one who polls. Other ways in which one is there count on."""
        with self._lock:
            seat = self._seats.get(session_id, chat_id)
            if seat is None:
                return
            if sid is not None:
                seat.sockets.discard(sid)
            else:
                seat.polls, seat.until = False, 0.0
            if not seat.has_sockets and not seat.polls:
                self._remove(seat)
            else:
                self._seats.file(seat)

    def closed(self, sid: str, session_id: int) -> None:
        """A socket has gone; who does not come back soon has gone with it."""
        now = self._clock()
        with self._lock:
            for seat in self._seats.of_session(session_id):
                if sid in seat.sockets:
                    seat.sockets.discard(sid)
                    seat.until = max(seat.until, now + AFTER_CLOSE)
                    self._seats.file(seat)

    def observe(self, event: Event) -> None:
        """Draw the consequences of what was announced."""
        with self._lock:
            match event.name:
                case "session_ended" if event.session_id is not None:
                    self._remove(*self._seats.of_session(event.session_id))
                case "room_deleted" if event.chat_id is not None:
                    self._remove(*self._seats.in_chat(event.chat_id))
                case "removed" if event.chat_id is not None and event.user_id is not None:
                    seats = self._seats.of_user(event.user_id)
                    self._remove(*(seat for seat in seats if seat.chat_id == event.chat_id))
                case "user" if event.user_id is not None:
                    self._rename(event.user_id, event.payload["username"], guest=event.payload["guest"])
                case "shown":
                    self.hide(event.payload["chat_id"], event.payload["user_id"], event.payload["unseen"])
                case "message":
                    self._typing.get(event.payload["chat_id"], {}).pop(event.payload["user_id"], None)

    def is_typed_in(self, chat_id: int) -> bool:
        """Whether anybody was writing here a moment ago."""
        return chat_id in self._typing

    def typing(self, chat_id: int, user_id: int, username: str) -> bool:
        """Somebody is writing; for those who ask rather than listen.

        Returns whether to tell the others, too: not when enough are writing already, nor a crowd.
        """
        now = self._clock()
        with self._lock:
            if self._seats.count_in(chat_id) > CROWD:
                return False
            here = self._typing[chat_id]
            others = sum(until > now for other, (_, until) in here.items() if other != user_id)
            is_told = user_id in here or others < MOST_TYPING
            if is_told:
                here[user_id] = (username, now + TYPING)
            return is_told

    def hide(self, chat_id: int, user_id: int, unseen: bool) -> None:
        """Let somebody be unseen in a chat from now on, or be seen again."""
        with self._lock:
            for seat in self._seats.in_chat(chat_id):
                if seat.person.user_id == user_id and seat.person.unseen != unseen:
                    seat.person = replace(seat.person, unseen=unseen)
                    self._dirty.add(chat_id)

    def present_in(self, chat_id: int) -> dict[str, Any]:
        """`{present, count, typing}`: at most 50 people, the first to come first; how many; who writes."""
        now = self._clock()
        with self._lock:
            people = self._people(chat_id, now)
            typing = [
                {"user_id": user_id, "username": name}
                for user_id, (name, until) in self._typing.get(chat_id, {}).items()
                if until > now
            ]
        return {
            "present": [
                {"user_id": person.user_id, "username": person.username, "guest": person.guest}
                for person in list(people.values())[:MOST_SHOWN]
            ],
            "count": len(people),
            "typing": typing,
        }

    def count(self, chat_id: int) -> int:
        with self._lock:
            return len(self._people(chat_id, self._clock()))

    def user_ids(self, chat_id: int) -> set[int]:
        """The ids of all who are there."""
        with self._lock:
            return set(self._people(chat_id, self._clock()))

    def tick(self) -> None:
        """Let go of those who went without a word, and tell each room that has changed, once."""
        now = self._clock()
        with self._lock:
            for seat in self._seats.run_out(now):
                self._fade(seat)
            self._remove(*self._seats.surplus())
            self._forget_typing(now)
            dirty = {chat_id for chat_id in self._dirty if self._may_tell(chat_id, now)}
            self._dirty -= dirty
            newcomers, self._newcomers = self._newcomers, {}
        told = {chat_id for chat_id in dirty if self._tell(chat_id)}
        missed = {sid: chat_id for sid, chat_id in newcomers.items() if chat_id not in told}
        seen = {chat_id: self._seen(chat_id) for chat_id in set(missed.values())}
        for sid, chat_id in missed.items():  # something may have changed between their page and their socket
            self._sockets.emit("presence", seen[chat_id], sid)

    def _send_on(self, left: Iterable[Left], chat: dict[str, Any]) -> None:
        """Tell those whose seats were left behind where the person is now."""
        for session_id, chat_id, sids in left:
            for sid in sids:
                self._sockets.leave(sid, chat_room(chat_id))
                self._sockets.emit("moved", {"chat_id": chat_id, "to": chat}, sid)
            self._wake(session_room(session_id))

    def _seen(self, chat_id: int) -> dict[str, Any]:
        here = self.present_in(chat_id)
        return {"chat_id": chat_id, "present": here["present"], "count": here["count"]}

    def _tell(self, chat_id: int) -> bool:
        """Tell a room who is there, if that is not what it was told last."""
        told = self._seen(chat_id)
        if self._told.get(chat_id, {"chat_id": chat_id, "present": [], "count": 0}) == told:
            return False  # somebody went and came back meanwhile
        if told["count"]:
            self._told[chat_id] = told
            self._told_at[chat_id] = self._clock()
        else:
            self._told.pop(chat_id, None)
            self._told_at.pop(chat_id, None)
        self._sockets.emit("presence", told, chat_room(chat_id))
        self._changed(chat_id)
        return True

    # What follows is called with the lock held.

    def _may_tell(self, chat_id: int, now: float) -> bool:
        """Whether it is long enough ago that this room heard who is there."""
        seats = self._seats.count_in(chat_id)
        return seats <= LARGE or now - self._told_at.get(chat_id, 0.0) >= PAUSE * seats

    def _forget_typing(self, now: float) -> None:
        for chat_id, people in list(self._typing.items()):
            for user_id in [user_id for user_id, (_, until) in people.items() if until <= now]:
                del people[user_id]
            if not people:
                del self._typing[chat_id]

    def _people(self, chat_id: int, now: float) -> dict[int, Person]:
        return {
            seat.person.user_id: seat.person
            for seat in self._seats.in_chat(chat_id)
            if seat.is_taken(now) and not seat.person.unseen
        }

    def _seat_for(self, person: Person, chat: dict[str, Any], turn: Turn) -> Seat:
        surplus = self._seats.surplus_of(person.session_id, chat["id"])
        if surplus is not None:
            self._remove(surplus)
        return self._seats.take(person, chat, turn)

    def _rivals(self, person: Person) -> list[Seat]:
        """The seats of which the person can have those of one room only, but those that were left behind."""
        match self._one_room:
            case "user":
                seats = self._seats.of_user(person.user_id)
            case "session":
                seats = self._seats.of_session(person.session_id)
            case _:
                seats = []
        return [seat for seat in seats if seat.moved_to is None]

    def _leave_others(self, person: Person, chat: dict[str, Any]) -> list[Left]:
        left = []
        for seat in self._rivals(person):
            if seat.chat_id != chat["id"]:
                left.append((seat.person.session_id, seat.chat_id, list(seat.sockets)))
                seat.leave_for(chat)
                self._seats.file(seat)
                self._dirty.add(seat.chat_id)
        return left

    def _fade(self, seat: Seat) -> None:
        if seat.polls:
            seat.until = 0.0  # a later read brings them back
            self._seats.file(seat)
            self._dirty.add(seat.chat_id)
        else:
            self._remove(seat)

    def _remove(self, *seats: Seat) -> None:
        for seat in seats:
            self._seats.remove(seat)
            self._dirty.add(seat.chat_id)

    def _rename(self, user_id: int, username: str, *, guest: bool) -> None:
        for seat in self._seats.of_user(user_id):
            seat.person = replace(seat.person, username=username, guest=guest)
            self._dirty.add(seat.chat_id)
