"""A part of a chat's log as a page shows it: without what was deleted, with the way on in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session as ReadSession

from porch.access import NO_SUCH_MESSAGE, Actor, member_chat
from porch.actions.chats import own_chat_dict
from porch.actions.log import DEFAULT_MESSAGES, LARGEST_PAGE, live_room
from porch.errors import NotFound
from porch.extensions import reading
from porch.models import Chat, Message
from porch.models.message import MESSAGES, message_dict

# Of the numbers after the place that a permalink names, so many are covered; what is older fills the page.
NEWER = 25


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
    known = room.newest(DEFAULT_MESSAGES, tombstones=False)
    if known is not None:
        encoded, older = known
        messages = [msgspec.json.decode(message) for message in encoded]
        return Excerpt(own_chat_dict(room.chat(), actor), messages, older, None)
    with reading() as session:
        chat = member_chat(session, actor, chat_id)
        return _excerpt(session, actor, chat, up_to=chat.rev, down_from=chat.rev)


def excerpt_around(actor: Actor, chat_id: int, seq: int) -> Excerpt:
    """The log around a place, whether or not a message stands there by now.

    Raises NotFound, also for a place that the log has not come to, and RoomDeleted.
    """
    with reading() as session:
        chat = member_chat(session, actor, chat_id)
        if not 1 <= seq <= chat.rev:
            raise NotFound(NO_SUCH_MESSAGE)
        return _excerpt(session, actor, chat, up_to=min(seq + NEWER, chat.rev), down_from=seq)


def _excerpt(session: ReadSession, actor: Actor, chat: Chat, *, up_to: int, down_from: int) -> Excerpt:
    """The messages at places up to `up_to`. Their size is counted from the place `down_from` downwards, so
    that it has room however much stands after it.
    """
    there = (Message.chat_id == chat.id, Message.deleted.is_(False))
    newest_first = (
        MESSAGES.where(*there, Message.seq <= up_to).order_by(Message.seq.desc()).limit(DEFAULT_MESSAGES + 1)
    )
    messages: list[dict[str, Any]] = []
    older, size = None, 0
    for row in session.execute(newest_first).mappings():
        if row["seq"] <= down_from:
            size += len(row["content"].encode())
        if len(messages) == DEFAULT_MESSAGES or (messages and size > LARGEST_PAGE):
            older = row["seq"]
            break
        messages.append(message_dict(row))
    newer = session.scalar(
        select(Message.seq).where(*there, Message.seq > up_to).order_by(Message.seq).limit(1)
    )
    return Excerpt(own_chat_dict(chat, actor), messages[::-1], older, newer)
