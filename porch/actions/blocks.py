"""Whom one wants nothing from, and from whom one takes direct messages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from porch import events
from porch.access import Actor, confirm_session
from porch.engines import Engines
from porch.engines.writer import Transaction
from porch.errors import Conflict, Invalid, NotFound
from porch.extensions import reading
from porch.models import Block, Direct, User
from porch.models.user import DIRECT_FROM
from porch.peers import DELETED_ACCOUNT, NOBODY, chat_of_two, share_a_room

MOST_BLOCKED = 1000  # people, by one person
NO_SUCH_PERSON = "There is nobody like that among the people you know here."


def block(engines: Engines, actor: Actor, user_id: int) -> None:
    """Take nothing from somebody any more, and be unseen by them in the direct chat. They are not told.

    Somebody one may block is one whom one shares a room or a direct chat with. Blocking twice is blocking.
    Raises Invalid for oneself, NotFound, Conflict for more than a thousand.
    """
    if user_id == actor.user_id:
        raise Invalid("That is you.", fields={"user_id": "Somebody else."})
    if not 0 < user_id < 2**63:
        raise NotFound(NO_SUCH_PERSON)

    def run(transaction: Transaction) -> int | None:
        connection = transaction.connection
        confirm_session(connection, actor)
        known = share_a_room(actor.user_id, user_id) | chat_of_two(actor.user_id, user_id).exists()
        if connection.execute(select(User.id).where(User.id == user_id, known)).first() is None:
            raise NotFound(NO_SUCH_PERSON)
        blocked = connection.execute(select(Block.blocked_id).where(Block.user_id == actor.user_id)).all()
        if len(blocked) >= MOST_BLOCKED:
            raise Conflict("You have blocked a thousand people already.")
        connection.execute(
            upsert(Block).values(user_id=actor.user_id, blocked_id=user_id).on_conflict_do_nothing()
        )
        return _announce(transaction, actor, user_id)

    chat_id = engines.writer.write(run, tells_all=True)
    if chat_id is not None:
        engines.presence.hide(chat_id, actor.user_id, unseen=True)


def unblock(engines: Engines, actor: Actor, user_id: int) -> None:
    """Take things from somebody again. Unblocking twice is unblocking."""
    if not 0 < user_id < 2**63:
        return

    def run(transaction: Transaction) -> int | None:
        confirm_session(transaction.connection, actor)
        transaction.connection.execute(
            delete(Block).where(Block.user_id == actor.user_id, Block.blocked_id == user_id)
        )
        return _announce(transaction, actor, user_id)

    chat_id = engines.writer.write(run, tells_all=True)
    if chat_id is not None:
        engines.presence.hide(chat_id, actor.user_id, unseen=False)


def blocked_by(actor: Actor) -> list[dict[str, Any]]:
    """`[{user_id, username}]`: whom somebody has blocked, the last one first."""
    with reading() as session:
        rows = session.execute(
            select(User.id, User.username, User.former_name, User.closed_at)
            .join(Block, Block.blocked_id == User.id)
            .where(Block.user_id == actor.user_id)
            .order_by(Block.created_at.desc(), User.id)
        ).all()
    return [
        {
            "user_id": row.id,
            "username": row.username or (DELETED_ACCOUNT if row.closed_at else row.former_name or NOBODY),
        }
        for row in rows
    ]


def direct_from(actor: Actor) -> str:
    """From whom somebody takes direct messages: `everyone`, `shared` or `nobody`."""
    with reading() as session:
        return session.execute(select(User.direct_from).where(User.id == actor.user_id)).scalar_one()


def take_direct_from(engines: Engines, actor: Actor, whom: str) -> None:
    """Choose from whom to take direct messages. Raises Invalid."""
    if whom not in DIRECT_FROM:
        raise Invalid(
            "There is no such choice.", fields={"direct_from": f"One of: {', '.join(DIRECT_FROM)}."}
        )

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        transaction.connection.execute(update(User).where(User.id == actor.user_id).values(direct_from=whom))

    engines.writer.write(run, tells_all=True)


def _announce(transaction: Transaction, actor: Actor, user_id: int) -> int | None:
    """The direct chat with this person, if there is one: one's own list changes."""
    chat_id = transaction.connection.execute(
        select(Direct.chat_id).where(Direct.user_id == actor.user_id, Direct.peer_id == user_id)
    ).scalar()
    if chat_id is not None:
        transaction.announce(events.direct_changed(chat_id, only_for=actor.user_id))
    return chat_id
