"""Changing a message that is stored, whatever it is that changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import RowMapping, delete, update

from porch import events
from porch.access.actors import Actor
from porch.access.chats import confirm_reader
from porch.actions.notifications.mentions import keep_mentions
from porch.actions.upkeep.indexing import forget_now, note_changed
from porch.actions.uploads import forget_uploads
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.models import Mention, Message, Reaction, Upload
from porch.models.chat import TAKE_REVS
from porch.models.message import MESSAGE_COLUMNS, message_dict

# What is left of a deleted message is its place.
TOMBSTONE = {
    "content": "",
    "edited_at": None,
    "deleted": True,
    **dict.fromkeys(("reply_to", "mentions", "files", "reactions", "pinned_at", "preview", "envelope")),
}


def write_as_member(
    engines: Engines, actor: Actor, chat_id: int, run: Callable[[Transaction], dict[str, Any]]
) -> dict[str, Any]:
    """Hand a change of a message to the writer, for somebody who may be in the room and is not too fast."""
    room = confirm_reader(actor, chat_id)
    engines.limiter.take("message", (actor.user_id, chat_id))  # everybody in the room hears of it

    def run_and_tell(transaction: Transaction) -> dict[str, Any]:
        message = run(transaction)
        if room["kind"] == "direct":
            transaction.announce(events.direct_changed(chat_id))
        return message

    changed = engines.writer.write(run_and_tell, tells_all=True)
    forget_now(engines)
    return changed


def store_change(transaction: Transaction, stored: RowMapping, **values: Any) -> dict[str, Any]:
    """Inside a write: change a message under the room's next rev. It keeps its place, and the room the time
    at which something was last said there.
    """
    connection = transaction.connection
    if values.get("deleted"):
        clear_beside(transaction, [stored["id"]])
    elif "content" in values:
        note_changed(connection, Message.id == stored["id"])
    rev = connection.execute(TAKE_REVS, {"chat": stored["chat_id"], "count": 1}).scalar_one()
    row = (
        connection.execute(
            update(Message)
            .where(Message.id == stored["id"])
            .values(rev=rev, **values)
            .returning(*MESSAGE_COLUMNS)
        )
        .mappings()
        .one()
    )
    message = message_dict(row)
    if "mentions" in values:
        keep_mentions(connection, message)
    transaction.announce(events.message(message))
    return message


def clear_beside(transaction: Transaction, message_ids: Sequence[int]) -> None:
    """Inside a write, before messages become tombstones: what stands in other tables goes with them."""
    note_changed(transaction.connection, Message.id.in_(message_ids))
    forget_uploads(transaction, Upload.message_id.in_(message_ids))
    for beside in (Reaction, Mention):
        transaction.connection.execute(delete(beside).where(beside.message_id.in_(message_ids)))
