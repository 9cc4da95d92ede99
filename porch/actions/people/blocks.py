"""Whom one wants nothing from, and from whom one takes direct messages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select, update

from porch.access.actors import Actor, confirm_session
from porch.actions.rooms.directs import announce_side
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, Invalid, NotFound
from porch.extensions import reading
from porch.models import Block, User
from porch.models.ids import is_id
from porch.models.user import DIRECT_FROM
from porch.peers import called, chat_of_two, share_a_room
from porch.texts import lazy_gettext

MOST_BLOCKED = 1000  # people, by one person
NO_SUCH_PERSON = lazy_gettext("There is nobody like that among the people you know here.")


def block(engines: Engines, actor: Actor, user_id: int) -> None:
    """Take nothing from somebody any more, and be unseen by them in the direct chat. They are not told.

    Somebody one may block is one whom one shares a room or a direct chat with. Blocking twice is blocking.
    Raises Invalid for oneself, NotFound, Conflict for more than a thousand, TooFast.
    """
    if user_id == actor.user_id:
        raise Invalid(lazy_gettext("That is you."), fields={"user_id": lazy_gettext("Somebody else.")})
    if not is_id(user_id):
        raise NotFound(NO_SUCH_PERSON)
    engines.limiter.take("visit", actor.user_id)

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        confirm_session(connection, actor)
        known = share_a_room(actor.user_id, user_id) | chat_of_two(actor.user_id, user_id).exists()
        if connection.execute(select(User.id).where(User.id == user_id, known)).first() is None:
            raise NotFound(NO_SUCH_PERSON)
        theirs = select(Block.blocked_id).where(Block.user_id == actor.user_id)
        blocked = set(connection.execute(theirs).scalars())
        if user_id in blocked:
            return
        if len(blocked) >= MOST_BLOCKED:
            raise Conflict(lazy_gettext("You have blocked a thousand people already."))
        connection.execute(insert(Block).values(user_id=actor.user_id, blocked_id=user_id))
        _announce(transaction, actor, user_id)

    engines.writer.write(run, tells_all=True)


def unblock(engines: Engines, actor: Actor, user_id: int) -> None:
    """Take things from somebody again. Unblocking twice is unblocking. Raises TooFast."""
    if not is_id(user_id):
        return
    engines.limiter.take("visit", actor.user_id)

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        ended = transaction.connection.execute(
            delete(Block).where(Block.user_id == actor.user_id, Block.blocked_id == user_id)
        )
        if ended.rowcount:
            _announce(transaction, actor, user_id)

    engines.writer.write(run, tells_all=True)


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
            "username": called(row),
        }
        for row in rows
    ]


def direct_from(actor: Actor) -> str:
    """From whom somebody takes direct messages: `everyone`, `shared` or `nobody`."""
    with reading() as session:
        return session.execute(select(User.direct_from).where(User.id == actor.user_id)).scalar_one()


def enforce_direct_from(whom: str) -> None:
    """Raises Invalid for what is none of the three choices."""
    if whom not in DIRECT_FROM:
        raise Invalid(
            lazy_gettext("There is no such choice."),
            fields={"direct_from": lazy_gettext("One of: %(choices)s.", choices=", ".join(DIRECT_FROM))},
        )


def take_direct_from(engines: Engines, actor: Actor, whom: str) -> None:
    """Choose from whom to take direct messages. Raises Invalid, TooFast."""
    enforce_direct_from(whom)
    engines.limiter.take("visit", actor.user_id)

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        transaction.connection.execute(update(User).where(User.id == actor.user_id).values(direct_from=whom))

    engines.writer.write(run, tells_all=True)


def _announce(transaction: Transaction, actor: Actor, user_id: int) -> None:
    """The direct chat with this person, if there is one, is another to oneself."""
    chat = transaction.connection.execute(chat_of_two(actor.user_id, user_id)).first()
    if chat is not None:
        announce_side(transaction, actor.user_id, chat.chat_id)
