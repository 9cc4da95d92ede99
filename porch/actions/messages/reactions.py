"""Reactions: putting an emoji under a message, taking it back, and who did."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from porch import events
from porch.access.actors import Actor
from porch.access.authors import confirm_taken
from porch.access.chats import confirm_reader, member_chat
from porch.access.messages import confirm_message, message_of
from porch.actions.bounds import confirm_limit
from porch.actions.messages.changing import store_change
from porch.actions.upkeep.tallies import recounted, told_of
from porch.emoji import enforce_emoji
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict
from porch.extensions import reading
from porch.models import Reaction, User
from porch.models.message import as_json, message_dict
from porch.models.upserts import upsert
from porch.peers import shown_name
from porch.texts import lazy_gettext

MOST_EMOJI = 20  # different ones of one message
MOST_REACTIONS = 200  # of one page
DEFAULT_REACTIONS = 50


def react(engines: Engines, actor: Actor, chat_id: int, seq: int, emoji: str, *, on: bool) -> dict[str, Any]:
    """Put an emoji under a message, or take one's own back; returns the message as it is then.

    What is so already changes nothing and is announced to nobody. Raises Invalid, NotFound, RoomDeleted,
    Conflict for a deleted message or one with twenty other emoji, Forbidden where the other person of a
    direct chat takes no messages, Unauthenticated, NameTaken, TooFast, RetryLater.
    """
    emoji = enforce_emoji(emoji)
    is_direct = confirm_reader(actor, chat_id)["kind"] == "direct"
    engines.limiter.take("message", (actor.user_id, chat_id))  # everybody in the room hears of it

    def run(transaction: Transaction) -> dict[str, Any]:
        connection = transaction.connection
        stored = confirm_message(connection, actor, chat_id, seq)
        if on:
            confirm_taken(connection, actor, chat_id)
            if stored["deleted"]:
                raise Conflict(lazy_gettext("This message was deleted."))
            _confirm_room_for(told_of(stored["reactions"]), emoji)
            changed = connection.execute(
                upsert(Reaction)
                .values(message_id=stored["id"], emoji=emoji, user_id=actor.user_id)
                .on_conflict_do_nothing()
                .returning(Reaction.id)
            )
        else:
            changed = connection.execute(
                delete(Reaction)
                .where(
                    Reaction.message_id == stored["id"],
                    Reaction.emoji == emoji,
                    Reaction.user_id == actor.user_id,
                )
                .returning(Reaction.id)
            )
        if changed.first() is None:
            return message_dict(stored)
        told = recounted(connection, stored["id"], told_of(stored["reactions"]), emoji)
        if is_direct:
            transaction.announce(events.direct_changed(chat_id))
        return store_change(transaction, stored, reactions=as_json(told))

    return engines.writer.write(run, tells_all=True)


def reactions_to(
    actor: Actor, chat_id: int, seq: int, *, after: int = 0, limit: int = DEFAULT_REACTIONS
) -> dict[str, Any]:
    """`{reactions: [{id, emoji, user_id, username}], more}`: who reacted, in that order, from the one after
    the id `after`, 1 to 200 of them.

    Raises Invalid, NotFound, RoomDeleted.
    """
    confirm_limit(limit, MOST_REACTIONS)
    with reading() as session:
        member_chat(session, actor, chat_id)
        message = message_of(session, chat_id, seq)
        rows = session.execute(
            select(Reaction.id, Reaction.emoji, User.id, User.username, User.former_name, User.closed_at)
            .join(User, User.id == Reaction.user_id)
            .where(Reaction.message_id == message["id"], Reaction.id > after)
            .order_by(Reaction.id)
            .limit(limit + 1)
        ).all()
    reactions = [
        {
            "id": id_,
            "emoji": emoji,
            "user_id": user_id,
            "username": shown_name(username, former_name, is_closed=closed_at is not None),
        }
        for id_, emoji, user_id, username, former_name, closed_at in rows[:limit]
    ]
    return {"reactions": reactions, "more": len(rows) > limit}


def _confirm_room_for(told: list[dict[str, Any]], emoji: str) -> None:
    if len(told) >= MOST_EMOJI and all(one["emoji"] != emoji for one in told):
        raise Conflict(lazy_gettext("A message has at most %(most)s different reactions.", most=MOST_EMOJI))
