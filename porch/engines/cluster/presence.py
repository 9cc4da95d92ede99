"""Who is in which room, over all processes: each tells the others of the seats it has to do with, and keeps
all of them.

So whoever asks is answered from memory, as in a single process, also while Redis is away. When somebody
enters two rooms at once by two processes, the later turn wins everywhere: turns are Lamport's clock, which
keeps up with the time of day, with the process to decide between equals.
"""

from __future__ import annotations

from typing import Any

import msgspec

from porch.engines.cluster.bus import Bus
from porch.engines.live.presence import Left, Presence
from porch.engines.live.seats import Person, Seat, Turn
from porch.events import Event
from porch.slices import slices

# People, or sessions, of whom it is known where they went last; the ones that moved longest ago go first.
MOST_PLACES = 50_000
KEEP_TOLD = 5.0  # seconds by which somebody who polls has to stay longer than the others know
AT_ONCE = 200  # seats in one telling


class SeenSeat(msgspec.Struct, frozen=True):
    """A seat, as one process sees it: `sockets` are its own alone. `left` are the seconds that it counts
    without any.
    """

    person: Person
    chat: dict[str, Any]
    turn: Turn
    sockets: bool
    polls: bool
    left: float
    moved_to: dict[str, Any] | None

    @property
    def is_held(self) -> bool:
        return self.sockets or self.polls or self.left > 0


class AllSeats(msgspec.Struct, frozen=True):
    """Seats of one process; with `first` none of those that it told of before counts any more."""

    first: bool
    seats: list[SeenSeat]


class SharedPresence(Presence):
    """`options` are those of Presence."""

    def __init__(self, bus: Bus, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options, process=bus.process)
        self._bus = bus
        self._places: dict[int, tuple[Turn, dict[str, Any]]] = {}  # by whom `one_room` keeps to one room
        bus.on("seat", lambda process, payload: self._apply(process, msgspec.convert(payload, SeenSeat)))
        bus.on("seats", lambda process, payload: self._apply_all(process, msgspec.convert(payload, AllSeats)))
        bus.on("hello", lambda process, _: self._tell_all(to=process))
        bus.when_gone(self._forget)
        bus.when_joined(self._tell_all)
        bus.when_lost(lambda process: bus.tell("hello", None, to=process))

    def enter(self, person: Person, chat: dict[str, Any], *, sid: str | None = None) -> None:
        super().enter(person, chat, sid=sid)
        with self._lock:
            seat = self._known(person.session_id, chat["id"])
            if seat is not None:
                self._place(seat.person, seat.turn, chat)
        self._tell_seat(seat)

    def keep(self, session_id: int, chat_id: int, *, wait: float = 0.0) -> None:
        super().keep(session_id, chat_id, wait=wait)
        seat = self._known(session_id, chat_id)
        if seat is not None and seat.polls and seat.until - seat.told_until >= KEEP_TOLD:
            self._tell_seat(seat)

    def leave(self, session_id: int, chat_id: int, *, sid: str | None = None) -> None:
        seat = self._known(session_id, chat_id)
        super().leave(session_id, chat_id, sid=sid)
        self._tell_seat(seat)

    def closed(self, sid: str, session_id: int) -> None:
        with self._lock:
            seats = [seat for seat in self._seats.of_session(session_id) if sid in seat.sockets]
        super().closed(sid, session_id)
        for seat in seats:
            self._tell_seat(seat)

    def hide(self, chat_id: int, user_id: int, unseen: bool) -> None:
        with self._lock:
            seats = self._seats.in_chat(chat_id)
            changed = [s for s in seats if s.person.user_id == user_id and s.person.unseen != unseen]
        super().hide(chat_id, user_id, unseen)
        for seat in changed:
            self._tell_seat(seat)

    def observe(self, event: Event) -> None:
        super().observe(event)
        if event.name == "typing":
            self.typing(event.payload["chat_id"], event.payload["user_id"], event.payload["username"])

    def _known(self, session_id: int, chat_id: int) -> Seat | None:
        with self._lock:
            return self._seats.get(session_id, chat_id)

    def _tell_seat(self, seat: Seat | None) -> None:
        if seat is not None:
            seat.told_until = seat.until
            self._bus.tell("seat", self._told_of(seat))

    def _told_of(self, seat: Seat) -> SeenSeat:
        return SeenSeat(
            seat.person,
            seat.chat,
            seat.turn,
            sockets=bool(seat.sockets),
            polls=seat.polls,
            left=max(0.0, seat.until - self._clock()),
            moved_to=seat.moved_to,
        )

    def _tell_all(self, *, to: str | None = None) -> None:
        with self._lock:
            own = [self._told_of(seat) for seat in self._seats if self._is_own(seat)]
        self._bus.tell("seats", AllSeats(first=True, seats=own[:AT_ONCE]), to=to)
        for some in slices(own[AT_ONCE:], AT_ONCE):
            self._bus.tell("seats", AllSeats(first=False, seats=list(some)), to=to)

    def _apply_all(self, process: str, told: AllSeats) -> None:
        if told.first:
            self._forget(process)
        for seat in told.seats:
            self._apply(process, seat)

    def _apply(self, process: str, told: SeenSeat) -> None:
        """A seat is so in another process."""
        person, chat_id, here = told.person, told.chat["id"], told.chat
        left: list[Left] = []
        own: list[Seat] = []
        with self._lock:
            seat = self._updated(process, told)
            if told.moved_to is None:
                here = self._place(person, told.turn, told.chat)
                own = self._own(person)
                left = self._leave_others(person, here)
                if not told.is_held or here["id"] == chat_id:
                    own = [seat for seat in own if seat.moved_to is not None]
                # Else those who heard of that first have taken them from here: they are told once more.
            self._file_or_remove(seat)
        self._send_on(left, here)
        for changed in own:
            self._tell_seat(changed)

    def _place(self, person: Person, turn: Turn, chat: dict[str, Any]) -> dict[str, Any]:
        """Where the person is, if they entered this chat with this turn: in it, or where they went later."""
        who = person.user_id if self._one_room == "user" else person.session_id
        known = self._places.pop(who, None)
        latest = max(known, (turn, chat), key=lambda place: place[0]) if known else (turn, chat)
        self._places[who] = latest
        if len(self._places) > MOST_PLACES:
            del self._places[next(iter(self._places))]
        return latest[1]

    def _own(self, person: Person) -> list[Seat]:
        """The seats of somebody that this process speaks for."""
        return [seat for seat in self._rivals(person) if self._is_own(seat)]

    def _is_own(self, seat: Seat) -> bool:
        return bool(seat.sockets) or seat.turn[1] == self._process

    def _updated(self, process: str, told: SeenSeat) -> Seat:
        self._turns = max(self._turns, told.turn[0])
        seat = self._seats.get(told.person.session_id, told.chat["id"])
        if seat is None or told.turn >= seat.turn:
            seat = self._seat_for(told.person, told.chat, told.turn)
            if told.moved_to is not None:
                seat.leave_for(told.moved_to)
            else:  # where the person is decides afterwards whether it counts
                seat.moved_to, seat.polls = None, told.polls
                seat.until = max(seat.until, self._clock() + told.left) if told.left else 0.0
        if seat.moved_to is None:
            (seat.elsewhere.add if told.sockets else seat.elsewhere.discard)(process)
        return seat

    def _file_or_remove(self, seat: Seat) -> None:
        is_held = seat.has_sockets or seat.polls or seat.until > self._clock()
        if is_held or seat.moved_to is not None:
            self._seats.file(seat)
            self._dirty.add(seat.chat_id)
        else:
            self._remove(seat)

    def _forget(self, process: str) -> None:
        """A process has gone, and the sockets that it had."""
        with self._lock:
            for seat in self._seats:
                if process in seat.elsewhere:
                    seat.elsewhere.discard(process)
                    self._file_or_remove(seat)
