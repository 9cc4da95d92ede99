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
from porch.actions.upkeep.indexing import note_changed
from porch.actions.upkeep.tallies import Tallies, recounted, told_of
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import RetryLater
from porch.extensions import reading
from porch.models import Chat, Membership, Mention, Message, Reaction, User
from porch.models.chat import TAKE_REVS
from porch.models.message import as_json
from porch.peers import DELETED_ACCOUNT

PIECE = 500  # rows changed in one write
AT_ONCE = 100  # rooms looked at in one go
WHILE_ONE_WAITS = 20  # pieces that are done before somebody gets their answer


def remove_leftovers(engines: Engines, *, most: int | None = None) -> None:
    """Delete the messages of deleted rooms, and the reactions of closed accounts, and take the name from what
    these have written.

    `most` pieces are done, the rest is left to the next look; None does all.
    """
    left = itertools.count() if most is None else iter(range(most))
    for chat_id in _deleted_chats():
        repeat(engines, partial(_empty, chat_id=chat_id), left)
    for user_id in _closed_who_reacted():
        repeat(engines, partial(_withdraw, user_id=user_id), left)
    for chat_id, user_id in _memberships_of_the_closed():
        repeat(engines, partial(_unname, chat_id=chat_id, user_id=user_id), left)


def begin_leftovers(engines: Engines) -> None:
    """Do some of it while somebody waits. What they asked for is done already, so this cannot fail for them:
    the next look does what this one could not.
    """
    with suppress(RetryLater):
        remove_leftovers(engines, most=WHILE_ONE_WAITS)


def repeat(engines: Engines, piece: Callable[[Transaction], bool], left: Iterator[int]) -> None:
    """Do pieces until one is the last, or none are `left`."""
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


def _closed_who_reacted() -> list[int]:
    with reading() as session:
        return list(
            session.scalars(
                select(User.id)
                .where(User.closed_at.is_not(None), exists().where(Reaction.user_id == User.id))
                .limit(AT_ONCE)
            )
        )


def _memberships_of_the_closed() -> list[tuple[int, int]]:
    with reading() as session:
        rows = session.execute(
            select(Membership.chat_id, Membership.user_id)
            .join(User, User.id == Membership.user_id)
            # What is to be taken back is taken back first: with the membership its mark would go.
            .where(User.closed_at.is_not(None), Membership.erase_to.is_(None))
            .limit(AT_ONCE)
        )
        return [(row.chat_id, row.user_id) for row in rows]


def _empty(transaction: Transaction, chat_id: int) -> bool:
    """Delete some messages of a room; True when there may be more."""
    connection = transaction.connection
    some = select(Message.id).where(Message.chat_id == chat_id).limit(PIECE)
    ids = connection.execute(some).scalars().all()
    note_changed(connection, Message.id.in_(ids))
    return connection.execute(delete(Message).where(Message.id.in_(ids))).rowcount == PIECE


def _withdraw(transaction: Transaction, user_id: int) -> bool:
    """Take back some of the reactions of somebody who has gone; True when there may be more."""
    connection = transaction.connection
    rows = connection.execute(
        select(Reaction.id, Reaction.emoji, Message.id.label("message_id"), Message.chat_id)
        .join(Message, Message.id == Reaction.message_id)
        .where(Reaction.user_id == user_id)
        .order_by(Reaction.id)
        .limit(PIECE)
    ).all()
    connection.execute(delete(Reaction).where(Reaction.id.in_([row.id for row in rows])))
    told: dict[tuple[int, int], Tallies] = {}  # by chat and message
    for row in rows:
        known = told.get((row.chat_id, row.message_id))
        if known is None:
            column = select(Message.reactions).where(Message.id == row.message_id)
            known = told_of(connection.execute(column).scalar_one())
        told[row.chat_id, row.message_id] = recounted(connection, row.message_id, known, row.emoji)
    revs: dict[int, int] = {}
    for (chat_id, message_id), left in told.items():
        rev = connection.execute(TAKE_REVS, {"chat": chat_id, "count": 1}).scalar_one()
        connection.execute(
            update(Message).where(Message.id == message_id).values(reactions=as_json(left), rev=rev)
        )
        revs[chat_id] = rev
    for chat_id, rev in revs.items():
        transaction.announce(events.head(chat_id, rev))
    return len(rows) == PIECE


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
        connection.execute(delete(Mention).where(Mention.chat_id == chat_id, Mention.user_id == user_id))
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
