"""Editing and deleting messages: one's own, those of others in a room that one keeps in order, and all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, RowMapping, delete, exists, select

from porch import events, names
from porch.access.actors import Actor
from porch.access.authors import confirm_taken
from porch.access.chats import confirm_reader
from porch.access.messages import confirm_deletable_message, confirm_own_message, message_row
from porch.actions.encryption.envelopes import (
    LOCK,
    enforce_envelope,
    enforce_known_kind,
    enforce_lock,
    lock_keys,
)
from porch.actions.messages.changing import TOMBSTONE, store_change, write_as_member
from porch.actions.messages.contents import enforce_content
from porch.actions.notifications.mentions import resolve_mentions
from porch.actions.rooms.chats import store_chat_change
from porch.actions.upkeep.audit import note
from porch.actions.upkeep.indexing import begin_anew, note_changed
from porch.actions.uploads import forget_uploads
from porch.engines import Engines
from porch.engines.outside.links import first_link
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict
from porch.models import Chat, Message, Upload
from porch.models.clock import utc_now
from porch.models.message import as_json, message_dict
from porch.models.report import SETTLE_REPORTS
from porch.texts import lazy_gettext

# What could be read of a message that was written before its chat was encrypted, once it is edited.
CLEARED = dict.fromkeys(("reply_to", "mentions", "preview"))


def edit_message(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    seq: int,
    *,
    content: str,
    envelope: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Give one's own message another text, in a sealed room another envelope, and announce it; returns the
    message.

    The text that it has changes nothing. Raises Invalid, NotFound, RoomDeleted, Forbidden for somebody else's
    message, or where a new one would not be taken, Conflict for a deleted one,
    Unauthenticated, TooFast, RetryLater.
    """
    content = enforce_content(content, may_be_empty=envelope is not None)
    room = confirm_reader(actor, chat_id)
    is_direct = room["kind"] == "direct"
    enforce_known_kind(room, content, envelope)
    called = [] if is_direct else names.called(content)
    link = first_link(content)

    def run(transaction: Transaction) -> dict[str, Any]:
        stored = confirm_own_message(transaction.connection, actor, chat_id, seq)
        if stored["deleted"]:
            raise Conflict(lazy_gettext("This message was deleted; it cannot be edited any more."))
        told = envelope and enforce_envelope(envelope, chat_id=chat_id, client_id=stored["client_id"])
        if is_direct:
            lock = transaction.connection.execute(LOCK, lock_keys(actor.user_id, chat_id, told)).one()
            enforce_lock(lock, content, told)
        if stored["content"] == content and stored["envelope"] == as_json(told):
            return message_dict(stored)
        confirm_taken(transaction.connection, actor, chat_id)
        values: dict[str, Any] = {"content": content, "edited_at": utc_now()}
        if told:
            return store_change(transaction, stored, **values, **CLEARED, envelope=as_json(told))
        values["mentions"] = as_json(resolve_mentions(transaction.connection, actor, chat_id, called))
        if link == first_link(stored["content"]):
            return store_change(transaction, stored, **values)
        message = store_change(transaction, stored, **values, preview=None)
        transaction.announce(events.link_changed(message))
        return message

    return write_as_member(engines, actor, chat_id, run)


def delete_message(engines: Engines, actor: Actor, chat_id: int, seq: int) -> dict[str, Any]:
    """Erase the text of one's own message and announce it; returns the tombstone, which keeps its place. Who
    keeps order in the room takes back those of others, too, which their tombstones say (`removed`).

    Deleting it again changes nothing. Raises NotFound, RoomDeleted, Forbidden for somebody else's message,
    Unauthenticated, TooFast, RetryLater.
    """

    def run(transaction: Transaction) -> dict[str, Any]:
        stored = confirm_deletable_message(transaction.connection, actor, chat_id, seq)
        if stored["deleted"]:
            return message_dict(stored)
        if stored["user_id"] != actor.user_id:
            return _take_back(transaction, actor, stored)
        return store_change(transaction, stored, **TOMBSTONE)

    return write_as_member(engines, actor, chat_id, run)


def take_back(transaction: Transaction, actor: Actor, chat: Row[Any], seq: int) -> None:
    """Inside a write, by somebody who may: erase somebody else's message, if it still stands."""
    stored = message_row(transaction.connection, chat.id, seq)
    if stored is not None and not stored["deleted"]:
        _take_back(transaction, actor, stored)
        if chat.kind == "direct":
            transaction.announce(events.direct_changed(chat.id))


def _take_back(transaction: Transaction, actor: Actor, stored: RowMapping) -> dict[str, Any]:
    """With it goes what was reported about it."""
    chat_id, seq = stored["chat_id"], stored["seq"]
    transaction.connection.execute(SETTLE_REPORTS, {"chat": chat_id, "place": seq, "outcome": "taken_back"})
    note(
        transaction,
        "take_back",
        actor_id=actor.user_id,
        chat_id=chat_id,
        user_id=stored["user_id"],
        seq=seq,
    )
    return store_change(transaction, stored, removed=True, **TOMBSTONE)


def delete_all_messages(engines: Engines, chat_id: int | None = None) -> int:
    """Delete every message, of one chat or of all; returns how many. Only the host's commands call this.

    Each chat's log goes on from a new rev (`reset_rev`), below which no cursor is good any more.
    """

    def run(transaction: Transaction) -> int:
        connection = transaction.connection
        wanted = select(Chat.id).where(exists().where(Message.chat_id == Chat.id))
        if chat_id is not None:
            wanted = wanted.where(Chat.id == chat_id)
            note_changed(connection, Message.chat_id == chat_id)
        else:
            begin_anew(connection)
        deleted = 0
        for chat in connection.execute(wanted).scalars().all():
            forget_uploads(transaction, Upload.chat_id == chat, Upload.message_id.is_not(None))
            deleted += connection.execute(delete(Message).where(Message.chat_id == chat)).rowcount
            changed = store_chat_change(transaction, chat, reset_rev=Chat.rev)
            if changed.kind == "direct":
                transaction.announce(events.direct_changed(chat))
        return deleted

    return engines.writer.write(run)
