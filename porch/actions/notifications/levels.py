"""What somebody wants to be told of what is said in a chat."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from porch import events
from porch.access.actors import Actor
from porch.access.chats import confirm_member, confirm_reader
from porch.actions.notifications.unread import attention_to
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Invalid
from porch.models import Membership
from porch.models.membership import LEVELS, default_level
from porch.texts import lazy_gettext


def choose_level(engines: Engines, actor: Actor, chat_id: int, level: str) -> dict[str, Any]:
    """Be told of `everything`, `mentions` or `nothing` of a chat; one's other devices know. What its kind
    suggests is not written down: it changes with the kind. Returns how one stands to the chat.

    Raises Invalid, NotFound, RoomDeleted, TooFast.
    """
    room = confirm_reader(actor, chat_id)
    if level not in LEVELS:
        raise Invalid(
            lazy_gettext("There is no such level."),
            fields={"level": lazy_gettext("One of: %(choices)s.", choices=", ".join(LEVELS))},
        )
    engines.limiter.take("visit", actor.user_id)
    chosen = None if level == default_level(room["kind"]) else level

    def run(transaction: Transaction) -> None:
        confirm_member(transaction.connection, actor, chat_id)
        changed = transaction.connection.execute(
            update(Membership)
            .where(Membership.chat_id == chat_id, Membership.user_id == actor.user_id)
            .where(Membership.level.is_distinct_from(chosen))
            .values(level=chosen)
        )
        if changed.rowcount:
            transaction.announce(events.level(chat_id, actor.user_id, level))

    engines.writer.write(run, tells_all=True)
    return attention_to(actor, chat_id)
