"""A part of a chat's log as a page shows it: without what was deleted, with the way on in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from porch.access.actors import Actor
from porch.access.chats import member_room
from porch.access.messages import NO_SUCH_MESSAGE
from porch.actions.reading.log import DEFAULT_MESSAGES, LARGEST_PAGE, live_room, weight
from porch.actions.rooms.chats import own_chat_dict
from porch.engines.reading.live_rooms import LiveRoom
from porch.engines.reading.snapshots import Snapshot, snapshot
from porch.errors import NotFound
from porch.models import Message
from porch.models.message import MESSAGES, stored_message

# At the end of the log so many stand in the page, which is sent as it is, uncompressed: they fill a tall
# screen, and scripts fetch what is older before anybody comes there.
AT_END = 36
# Of the numbers after the place that a permalink names, so many are covered; what is older fills the page.
NEWER = 25

# What stands, that is: without tombstones.
STANDS = (Message.chat_id == bindparam("chat"), Message.deleted.is_(False))
UP_TO = (
    MESSAGES.where(*STANDS, Message.seq <= bindparam("seq"))
    .order_by(Message.seq.desc())
    .limit(DEFAULT_MESSAGES + 1)
)
NEXT = select(Message.seq).where(*STANDS, Message.seq > bindparam("seq")).order_by(Message.seq).limit(1)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Messages of a chat, oldest first, read in one snapshot with the chat, whose rev is the cursor.

    `older` and `newer` are the places of the nearest messages on either side that it does not hold.
    """

    chat: dict[str, Any]
    messages: list[dict[str, Any]]
    older: int | None
    newer: int | None

    def nearest(self, seq: int) -> int | None:
        """Where the message stands that is at this place, or else before it, or else after it."""
        places = [message["seq"] for message in self.messages]
        return max((place for place in places if place <= seq), default=places[0] if places else None)


def newest_excerpt(actor: Actor, chat_id: int) -> Excerpt:
    """The end of a chat's log. Raises NotFound, RoomDeleted."""
    room = live_room(actor, chat_id)
    known = room.newest(AT_END, tombstones=False)
    if known is not None:
        encoded, older = known
        messages = [msgspec.json.decode(message) for message in encoded]
        return Excerpt(own_chat_dict(room.seen(), actor), messages, older, None)
    with snapshot() as found:
        room = member_room(found, actor, chat_id)
        return _excerpt(found, actor, room, up_to=room.head, down_from=room.head, most=AT_END)


def excerpt_around(actor: Actor, chat_id: int, seq: int) -> Excerpt:
    """The log around a place, whether or not a message stands there by now.

    Raises NotFound, also for a place that the log has not come to, and RoomDeleted.
    """
    with snapshot() as found:
        room = member_room(found, actor, chat_id)
        if not 1 <= seq <= room.head:
            raise NotFound(NO_SUCH_MESSAGE)
        return _excerpt(found, actor, room, up_to=min(seq + NEWER, room.head), down_from=seq)


def _excerpt(
    found: Snapshot,
    actor: Actor,
    room: LiveRoom,
    *,
    up_to: int,
    down_from: int,
    most: int = DEFAULT_MESSAGES,
) -> Excerpt:
    """The messages at places up to `up_to`, at most so many. Their size is counted from the place `down_from`
    downwards, so that it has room however much stands after it.
    """
    place = {"chat": room.fields["id"], "seq": up_to}
    messages: list[dict[str, Any]] = []
    older, size = None, 0
    for row in found.rows(UP_TO, place):
        message = stored_message(row)
        if message["seq"] <= down_from:
            size += weight(message)
        if len(messages) == most or (messages and size > LARGEST_PAGE):
            older = message["seq"]
            break
        messages.append(message)
    newer = found.first(NEXT, place)
    return Excerpt(own_chat_dict(room.seen(), actor), messages[::-1], older, newer[0] if newer else None)
