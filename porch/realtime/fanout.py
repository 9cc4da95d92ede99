"""Frames on their way to rooms.

Those of one turn of the event loop for one room leave together, in one `send` for each client; a large room
is served over several turns, so that nobody else waits for it, and what is said there meanwhile leaves
together after it. Where several come together, or have left so just before, more are about to come, from
other clients and other processes, so the turn waits a moment for them, whatever else it is for.

What a client is sent keeps its order all the same: whoever writes to it otherwise asks `claim` first.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

import gevent

from porch.engines.meters import SECONDS, Distribution
from porch.realtime.frames import message_frames
from porch.realtime.wire import BROKEN, LATER, Wire

log = logging.getLogger(__name__)

# Seconds that the event loop is held at once, and clients between two looks at the clock.
SLICE = 0.004
STEP = 32
# Seconds that several events for a room wait for more, and that pass without a turn after they have left; and
# those where so MANY or more are in the room.
PAUSE, LONG_PAUSE = 0.002, 0.004
MANY = 32
# Batches that are looked through for common members, so that an event may join its room's earlier ones.
NEAR = 8
# Characters that leave together: well below what is kept for a client that cannot take them at once.
MOST_TOGETHER = 128 * 1024


class Member(Protocol):
    sid: str
    wire: Wire

    def keep(self, messages: list[str], frames: bytes, sent: int) -> None:
        """Send what `wire.push` has not taken."""


Members = Mapping[str, Member]  # by the sid of each


class _Batch:
    """Events for one room. `left` are those who have not been served; while it is None, events may join."""

    __slots__ = ("_claimed", "_frames", "left", "members", "messages", "room", "since", "size")

    def __init__(self, room: Hashable, members: Members) -> None:
        self.room = room
        self.members = members
        self.messages: list[str] = []
        self.size = 0
        self.since = time.perf_counter()
        self.left: dict[str, Member] | None = None
        self._claimed: dict[str, int] = {}  # how many messages somebody has had before their turn
        self._frames = b""

    def add(self, messages: Sequence[str]) -> None:
        self.messages += messages
        self.size += sum(map(len, messages))

    def seal(self) -> None:
        self.left = dict(self.members)
        for sid, had in list(self._claimed.items()):
            if had == len(self.messages):
                del self.left[sid], self._claimed[sid]
        self._frames = message_frames(self.messages)

    def shares_members(self, members: Members) -> bool:
        return not (self.members if self.left is None else self.left).keys().isdisjoint(members)

    def claim(self, sid: str) -> list[str]:
        """What one of the members has not had yet, and has now."""
        had = self._claimed.pop(sid, 0)
        if self.left is None:  # events may still join
            if sid not in self.members:
                return []
            self._claimed[sid] = len(self.messages)
        elif self.left.pop(sid, None) is None:
            return []
        return self.messages[had:]

    def serve(self, most: int) -> None:
        """Send it to some of those who are left."""
        left = self.left or {}
        for sid in list(self._claimed):
            member, messages = left[sid], self.claim(sid)
            _push([member], messages, message_frames(messages))
        _push((left.popitem()[1] for _ in range(min(most, len(left)))), self.messages, self._frames)


def _push(members: Iterable[Member], messages: list[str], frames: bytes) -> None:
    size = len(frames)
    for member in members:
        try:
            try:
                sent = member.wire.push(frames)
            except LATER:
                sent = 0
            except BROKEN:
                sent = -1
            if sent != size:
                member.keep(messages, frames, sent)
        except Exception:  # whatever it is, the others are served
            log.exception("a client could not be served")


class Fanout:
    """Batches on their way, each for one room, served in the order in which they were begun."""

    def __init__(self) -> None:
        self._loop = gevent.get_hub().loop
        self._batches: deque[_Batch] = deque()  # in the order in which clients get them
        self._open: dict[Hashable, _Batch] = {}  # those that events may join, by room
        self._is_due = False
        self._timer: Any = None
        self._pause = 0.0  # of this turn, in which several events leave as one; 0 where none do
        self._paused_until = 0.0
        self.deliveries = 0  # of one message to one client each
        self.lag = Distribution(SECONDS)  # from an event until its last client was served

    def send(self, room: Hashable, members: Members, *messages: str) -> None:
        """Send messages to all who are members now, after what is on its way already."""
        batch = self._open.get(room)
        if batch is None or not self._may_join(batch):
            self.seal(room)
            batch = self._open[room] = _Batch(room, members)
            self._batches.append(batch)
        batch.add(messages)
        if len(batch.messages) > 1:
            self._pause = max(self._pause, PAUSE if len(members) < MANY else LONG_PAUSE)
        self.deliveries += len(members) * len(messages)
        if not self._is_due:
            self._is_due = True
            pause = self._paused_until - time.perf_counter()
            if pause > 0:
                self._turn_in(pause)
            else:
                self._loop.run_callback(self._begin)

    def seal(self, room: Hashable) -> None:
        """The members of this room are about to change: what is on its way goes to those of now."""
        batch = self._open.pop(room, None)
        if batch is not None:
            batch.seal()

    def claim(self, client: Member) -> list[str]:
        """What is on its way to a client: whoever asks sends it now, because something else follows."""
        if not self._batches:
            return []
        return [message for batch in self._batches for message in batch.claim(client.sid)]

    def _may_join(self, batch: _Batch) -> bool:
        """Whether there is room, and an event that joins would overtake none that a member was sent since."""
        if batch.size > MOST_TOGETHER:
            return False
        for later in islice(reversed(self._batches), NEAR):
            if later is batch:
                return True
            if later.shares_members(batch.members):
                return False
        return False

    def _begin(self) -> None:
        if self._pause:
            self._turn_in(self._pause)
        else:
            self._turn()

    def _turn(self) -> None:
        until = time.perf_counter() + SLICE
        while self._batches:
            batch = self._batches[0]
            try:
                if batch.left is None:
                    self.seal(batch.room)
                batch.serve(STEP)
            except Exception:  # who missed it catches up, and what is said next is delivered
                log.exception("what was said in a room could not be delivered")
                batch.left = {}
            if not batch.left:
                self._batches.popleft()
                self.lag.add(time.perf_counter() - batch.since)
            if time.perf_counter() > until and self._batches:
                # Not a callback, which might run before the loop has looked at the network.
                self._turn_in(0)
                return
        self._is_due = False
        self._paused_until = time.perf_counter() + self._pause
        self._pause = 0.0

    def _turn_in(self, seconds: float) -> None:
        self._timer = self._loop.timer(seconds)
        self._timer.start(self._turn)
