"""What memory holds of one room: its fields, its head, and its newest messages ready-encoded.

A room is never changed, only replaced, so whoever reads one has a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import msgspec

from porch.models import Chat

# Of one room: messages, and bytes of them. The oldest go first.
MOST_HELD = 128
LARGEST_HELD = 128 * 1024
# So many are read when somebody asks for the newest: a page, one more, and some that were only edited lately.
ENOUGH = 56
_encode = msgspec.json.Encoder().encode


class Held(msgspec.Struct, frozen=True, gc=False):
    """A message. Made by the thousand: a named tuple costs several times as much."""

    seq: int
    rev: int
    deleted: bool
    encoded: bytes  # the JSON of message_dict

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Held:
        return cls(message["seq"], message["rev"], message["deleted"], _encode(message))


@dataclass(frozen=True, slots=True)
class LiveRoom:
    """`held` are, in the order of their revs, all messages of the room whose rev is above `floor`.

    The rev of a message is never below its seq. So no message whose seq is above `floor` is missing either.
    """

    fields: dict[str, Any]  # the columns of the chat
    head: int
    floor: int
    held: tuple[Held, ...] = ()
    size: int = 0  # of what is held, in bytes

    @classmethod
    def of(cls, fields: dict[str, Any], held: Iterable[Held] = (), *, floor: int | None = None) -> LiveRoom:
        """The room of these fields, with all its messages whose rev is above `floor`, in the order of their
        revs; without a floor, none. What is given is read in one snapshot.
        """
        held, head = tuple(held), fields["rev"]
        size = sum(len(one.encoded) for one in held)
        return cls(fields, head, head if floor is None else floor, held, size)._within_bounds()

    def chat(self) -> Chat:
        """The room as a row, which is the caller's own."""
        return Chat(**self.fields | {"rev": self.head})

    def seen(self) -> SimpleNamespace:
        """The same for whoever only reads it: an object of the ORM costs as much as a page of messages."""
        return SimpleNamespace(**self.fields | {"rev": self.head})

    def with_messages(
        self, messages: Sequence[tuple[Mapping[str, Any], datetime]], *, hold: bool = True
    ) -> LiveRoom | None:
        """The room after these messages came or changed, each with the time when, in the order of their revs;
        None when a change is missing between them. It holds them, or none.
        """
        head, active_at = self.head, None
        for message, at in messages:
            head += 1
            if message["rev"] != head:
                return None
            if message["seq"] == head:
                active_at = at
        fields = self.fields | {"active_at": active_at} if active_at else self.fields
        if not hold:
            return LiveRoom(fields, head, head)
        held, size = list(self.held), self.size
        for message, _ in messages:
            if message["seq"] != message["rev"]:
                size -= sum(len(one.encoded) for one in held if one.seq == message["seq"])
                held = [one for one in held if one.seq != message["seq"]]
            held.append(Held.of(message))
            size += len(held[-1].encoded)
        return LiveRoom(fields, head, self.floor, tuple(held), size)._within_bounds()

    def after(self, after: int, limit: int) -> tuple[list[bytes], int, bool] | None:
        """At most `limit` messages that changed since the cursor `after`, by rev; the rev of the last one;
        whether there are more. None when not all of them are held.
        """
        if after == self.head:
            return [], after, False
        if not self.floor <= after < self.head:
            return None
        newer = [one for one in self.held if one.rev > after]
        page = newer[:limit]
        return [one.encoded for one in page], page[-1].rev if page else after, len(newer) > limit

    def newest(self, limit: int, *, tombstones: bool = True) -> tuple[list[bytes], int | None] | None:
        """The newest messages by seq, oldest first, and the seq of the one before them, if there is one; None
        when that is not known.
        """
        there = [one for one in self.held if one.seq > self.floor and (tombstones or not one.deleted)]
        there.sort(key=attrgetter("seq"))
        if len(there) <= limit and self.floor:
            return None
        return [one.encoded for one in there[-limit:]], there[-limit - 1].seq if len(there) > limit else None

    def is_short(self) -> bool:
        """Whether it has room for more of its messages than it holds."""
        return self.floor > 0 and len(self.held) < ENOUGH and self.size < LARGEST_HELD // 2

    def _within_bounds(self) -> LiveRoom:
        size, keep = self.size, len(self.held)
        if keep <= MOST_HELD and size <= LARGEST_HELD:
            return self
        while keep and (keep > MOST_HELD or size > LARGEST_HELD):
            size -= len(self.held[-keep].encoded)
            keep -= 1
        held = self.held[len(self.held) - keep :]
        return replace(self, floor=self.held[len(self.held) - keep - 1].rev, held=held, size=size)
