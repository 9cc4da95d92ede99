"""Work that follows a write and is too much for one: it is done in pieces, so that nobody else's write
waits for thousands of rows. Whatever a stopped process left is taken up by the next look.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from sqlalchemy import bindparam, delete, exists, select, update

from porch import events
from porch.engines import Engines
from porch.engines.writer import Transaction
from porch.errors import RetryLater
from porch.extensions import reading
from porch.models import Chat, Membership, Message, User
from porch.models.chat import TAKE_REVS
from porch.peers import DELETED_ACCOUNT

PIECE = 500  # rows changed in one write
AT_ONCE = 100  # rooms looked at in one go
WHILE_ONE_WAITS = 20  # pieces that are done before somebody gets their answer


def remove_leftovers(engines: Engines, *, most: int | None = None) -> None:
    """Delete the messages of deleted rooms, and take the name from those of closed accounts.

    `most` pieces are done, the rest is left to the next look; None does all.
    """
    left = itertools.count() if most is None else iter(range(most))
    for chat_id in _deleted_chats():
        _repeat(engines, partial(_empty, chat_id=chat_id), left)
    for chat_id, user_id in _memberships_of_the_closed():
        _repeat(engines, partial(_unname, chat_id=chat_id, user_id=user_id), left)


def begin_leftovers(engines: Engines) -> None:
    """Do some of it while somebody waits. What they asked for is done already, so this cannot fail for them:
    the next look does what this one could not.
    """
    with suppress(RetryLater):
        remove_leftovers(engines, most=WHILE_ONE_WAITS)


def _repeat(engines: Engines, piece: Callable[[Transaction], bool], left: Iterator[int]) -> None:
    for _ in left:
        if not engines.writer.write(piece, tells_all=True):
            return


def _deleted_chats() -> list[int]:
    with reading() as session:
        return list(
            session.scalars(
                select(Chat.id)
                .where(Chat.deleted_at.is_not(None), exists().where(Message.chat_id == Chat.id))
                .limit(AT_ONCE)
            )
        )


def _memberships_of_the_closed() -> list[tuple[int, int]]:
    with reading() as session:
        rows = session.execute(
            select(Membership.chat_id, Membership.user_id)
            .join(User, User.id == Membership.user_id)
            .where(User.closed_at.is_not(None))
            .limit(AT_ONCE)
        )
        return [(row.chat_id, row.user_id) for row in rows]


def _empty(transaction: Transaction, chat_id: int) -> bool:
    """Delete some messages of a room; True when there may be more."""
    some = select(Message.id).where(Message.chat_id == chat_id).limit(PIECE)
    return transaction.connection.execute(delete(Message).where(Message.id.in_(some))).rowcount == PIECE


def _unname(transaction: Transaction, chat_id: int, user_id: int) -> bool:
    """Take the name from some messages; True when there may be more. The membership goes last: while it is
    there, there is something to do.
    """
    connection = transaction.connection
    ids = (
        connection.execute(
            select(Message.id)
            .where(
                Message.chat_id == chat_id, Message.user_id == user_id, Message.username != DELETED_ACCOUNT
            )
            .order_by(Message.seq)
            .limit(PIECE)
        )
        .scalars()
        .all()
    )
    if not ids:
        connection.execute(
            delete(Membership).where(Membership.chat_id == chat_id, Membership.user_id == user_id)
        )
        return False
    rev = connection.execute(TAKE_REVS, {"chat": chat_id, "count": len(ids)}).scalar_one()
    connection.execute(
        update(Message)
        .where(Message.id == bindparam("message"))
        .values(username=DELETED_ACCOUNT, guest=False, rev=bindparam("number")),
        [{"message": id_, "number": rev - len(ids) + place} for place, id_ in enumerate(ids, 1)],
    )
    transaction.announce(events.head(chat_id, rev))
    return True
