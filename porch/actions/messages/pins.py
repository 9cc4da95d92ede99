"""Pins: the messages of a chat that are kept at hand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, select

from porch.access.actors import Actor
from porch.access.authors import confirm_taken
from porch.access.chats import member_room
from porch.access.messages import confirm_pinner
from porch.actions.messages.changing import store_change, write_as_member
from porch.engines import Engines
from porch.engines.reading.snapshots import snapshot
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict
from porch.models import Message
from porch.models.clock import utc_now
from porch.models.message import MESSAGES, PINNED, message_dict, stored_message
from porch.texts import lazy_gettext

MOST_PINS = 50  # of one chat

OF_CHAT = (Message.chat_id == bindparam("chat"), PINNED)
NEWEST_FIRST = MESSAGES.where(*OF_CHAT).order_by(Message.pinned_at.desc(), Message.seq.desc())
COUNT = select(func.count()).select_from(Message).where(*OF_CHAT)


def pin(engines: Engines, actor: Actor, chat_id: int, seq: int, *, on: bool) -> dict[str, Any]:
    """Pin a message, or take its pin away; returns the message as it is then.

    What is so already changes nothing and is announced to nobody. Raises NotFound, RoomDeleted, Forbidden for
    who may not, Conflict for a deleted message and where fifty are pinned, Unauthenticated, TooFast,
    RetryLater.
    """

    def run(transaction: Transaction) -> dict[str, Any]:
        connection = transaction.connection
        stored = confirm_pinner(connection, actor, chat_id, seq)
        if on and stored["deleted"]:
            raise Conflict(lazy_gettext("This message was deleted; it cannot be pinned any more."))
        if on == (stored["pinned_at"] is not None):
            return message_dict(stored)
        confirm_taken(connection, actor, chat_id)
        if on and connection.execute(COUNT, {"chat": chat_id}).scalar_one() >= MOST_PINS:
            raise Conflict(
                lazy_gettext("%(most)s messages are pinned here already. Unpin one first.", most=MOST_PINS)
            )
        return store_change(transaction, stored, pinned_at=utc_now() if on else None)

    return write_as_member(engines, actor, chat_id, run)


def pins_of(actor: Actor, chat_id: int) -> list[dict[str, Any]]:
    """The pinned messages of a chat, the one that was pinned last first. Raises NotFound, RoomDeleted."""
    with snapshot() as found:
        member_room(found, actor, chat_id)
        return [stored_message(row) for row in found.rows(NEWEST_FIRST, {"chat": chat_id})]
