"""Previews: what the page says of itself that a message's first link leads to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.orm import Session as ReadSession

from porch import events
from porch.access.actors import Actor
from porch.access.messages import confirm_own_message, message_in_clear
from porch.actions.messages.changing import store_change, write_as_member
from porch.engines import Engines
from porch.engines.outside.links import first_link
from porch.engines.writing.writer import Transaction
from porch.extensions import reading
from porch.models import Chat
from porch.models.message import as_json, message_dict


def wants_preview(chat_id: int, seq: int, url: str) -> bool:
    """Whether a message stands that the server may read, and this is its first link."""
    with reading() as session:
        return _with_link(session, chat_id, seq, url) is not None


def keep_preview(engines: Engines, chat_id: int, seq: int, told: dict[str, Any]) -> None:
    """Give a message its preview, `{url, title, description, site}`, if it still has this link."""

    def run(transaction: Transaction) -> None:
        stored = _with_link(transaction.connection, chat_id, seq, told["url"])
        if stored is None or stored["preview"] == as_json(told):
            return
        store_change(transaction, stored, preview=as_json(told))
        kind = transaction.connection.execute(select(Chat.kind).where(Chat.id == chat_id)).scalar_one()
        if kind == "direct":
            transaction.announce(events.direct_changed(chat_id))

    engines.writer.write(run, tells_all=True)


def remove_preview(engines: Engines, actor: Actor, chat_id: int, seq: int) -> dict[str, Any]:
    """Take the preview off one's own message; returns the message as it is then. It comes back with another
    link only.

    Where there is none nothing changes. Raises NotFound, RoomDeleted, Forbidden for somebody else's message,
    Unauthenticated, TooFast, RetryLater.
    """

    def run(transaction: Transaction) -> dict[str, Any]:
        stored = confirm_own_message(transaction.connection, actor, chat_id, seq)
        if stored["preview"] is None:
            return message_dict(stored)
        return store_change(transaction, stored, preview=None)

    return write_as_member(engines, actor, chat_id, run)


def _with_link(session: Connection | ReadSession, chat_id: int, seq: int, url: str) -> RowMapping | None:
    stored = message_in_clear(session, chat_id, seq)
    return stored if stored is not None and first_link(stored["content"]) == url else None
