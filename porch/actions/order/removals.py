"""Putting somebody out of a room, for a while or for good, with what they said there or without; whom a room
keeps out, and letting them back.
"""

from __future__ import annotations

import itertools
from contextlib import suppress
from functools import partial
from typing import Any

from sqlalchemy import bindparam, select, update

from porch import events
from porch.access.actors import Actor
from porch.access.order import confirm_moderator, may_manage, moderated_chat
from porch.actions.bounds import confirm_limit
from porch.actions.messages.changing import TOMBSTONE, clear_beside
from porch.actions.rooms.memberships import delete_abandoned
from porch.actions.rooms.standings import NOT_IN_THE_ROOM
from porch.actions.upkeep.audit import note
from porch.actions.upkeep.indexing import forget_now
from porch.actions.upkeep.leftovers import AT_ONCE, PIECE, WHILE_ONE_WAITS, repeat
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, NotFound, RetryLater
from porch.extensions import reading
from porch.models import Chat, Membership, Message, User
from porch.models.chat import TAKE_REVS
from porch.models.clock import rfc3339, utc_now
from porch.models.ids import id_or_zero, is_id
from porch.peers import called
from porch.texts import lazy_gettext

MOST_BANS = 200  # of one page
DEFAULT_BANS = 50


def put_out(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    user_id: int,
    *,
    ban: bool = True,
    take_back: bool = False,
) -> None:
    """Put somebody out: with `ban` the room's link does not let them back in; with `take_back` all that they
    said here is taken back, which goes on after this has answered. Either is also done to somebody who has
    left: nobody gets around it by going first.

    Raises NotFound, RoomDeleted, Forbidden, TooFast, and Conflict for the creator.
    """
    engines.limiter.take("visit", actor.user_id)
    chat = moderated_chat(actor, chat_id)
    if user_id == chat.creator_id and may_manage(chat, actor):
        raise Conflict(lazy_gettext("Whoever opened the room stays in it. Delete the room instead."))
    if not is_id(user_id):
        raise NotFound(NOT_IN_THE_ROOM)

    def run(transaction: Transaction) -> None:
        confirm_moderator(transaction.connection, actor, chat_id, over=user_id)
        if not remove(transaction, actor, chat_id, user_id, ban=ban, take_back=take_back):
            raise NotFound(NOT_IN_THE_ROOM)

    engines.writer.write(run, tells_all=True)
    if take_back:
        begin_erasing(engines)


def remove(
    transaction: Transaction, actor: Actor, chat_id: int, user_id: int, *, ban: bool, take_back: bool
) -> bool:
    """Inside a write, by somebody who may: put out a member, or who was one, as `put_out` does; False for who
    is none, or was put out already.
    """
    connection = transaction.connection
    states = ("member", "left") if ban or take_back else ("member",)
    head = select(Chat.rev).where(Chat.id == chat_id).scalar_subquery()
    done = connection.execute(
        update(Membership)
        .where(Membership.chat_id == chat_id, Membership.user_id == user_id, Membership.state.in_(states))
        .values(
            state="removed" if ban else "left",
            removed_at=utc_now() if ban else None,
            role="member",
            **({"erase_to": head} if take_back else {}),
        )
    )
    if done.rowcount == 0:
        return False
    note(
        transaction,
        "remove",
        actor_id=actor.user_id,
        chat_id=chat_id,
        user_id=user_id,
        detail="banned" if ban else "may come back",
    )
    if take_back:
        note(transaction, "take_back_all", actor_id=actor.user_id, chat_id=chat_id, user_id=user_id)
    transaction.announce(events.removed(chat_id, user_id))
    delete_abandoned(transaction, user_id)
    return True


def removable(actor: Actor, chat_id: int, user_id: int) -> dict[str, Any] | None:
    """`{user_id, username, left}` of a member, or of somebody who was one and was not put out; None for
    others. Raises NotFound, RoomDeleted, Forbidden.
    """
    moderated_chat(actor, chat_id)
    wanted = (
        select(User.username, User.former_name, User.closed_at, Membership.state)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.chat_id == chat_id, User.id == id_or_zero(user_id))
        .where(Membership.state.in_(("member", "left")))
    )
    with reading() as session:
        row = session.execute(wanted).first()
    if row is None:
        return None
    return {"user_id": user_id, "username": called(row), "left": row.state == "left"}


def banned_from(actor: Actor, chat_id: int, *, after: int = 0, limit: int = DEFAULT_BANS) -> dict[str, Any]:
    """`{bans, more}`: whom the room's link does not let in, by user id, from the one after the id `after`, 1
    to 200 of them. Raises Invalid, NotFound, RoomDeleted, Forbidden.
    """
    confirm_limit(limit, MOST_BANS)
    moderated_chat(actor, chat_id)
    with reading() as session:
        rows = session.execute(
            select(
                User.id, User.username, User.former_name, User.closed_at, User.guest, Membership.removed_at
            )
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.chat_id == chat_id, Membership.state == "removed", User.id > after)
            .order_by(User.id)
            .limit(limit + 1)
        ).all()
    bans = [
        {
            "user_id": row.id,
            "username": called(row),
            "guest": row.guest,
            "removed_at": rfc3339(row.removed_at),
        }
        for row in rows[:limit]
    ]
    return {"bans": bans, "more": len(rows) > limit}


def let_back(engines: Engines, actor: Actor, chat_id: int, user_id: int) -> None:
    """Lift a ban: the room's link lets this person in again. Lifting it twice is lifting it.

    Raises NotFound, RoomDeleted, Forbidden, TooFast.
    """
    moderated_chat(actor, chat_id)
    engines.limiter.take("visit", actor.user_id)
    if not is_id(user_id):
        return

    def run(transaction: Transaction) -> None:
        confirm_moderator(transaction.connection, actor, chat_id, over=user_id)
        lifted = transaction.connection.execute(
            update(Membership)
            .where(Membership.chat_id == chat_id, Membership.user_id == user_id)
            .where(Membership.state == "removed")
            .values(state="left", removed_at=None)
        )
        if lifted.rowcount:
            note(transaction, "let_back", actor_id=actor.user_id, chat_id=chat_id, user_id=user_id)
            transaction.announce(events.let_back(chat_id, user_id))

    engines.writer.write(run, tells_all=True)


def erase(engines: Engines, *, most: int | None = None) -> None:
    """Take back what is to be taken back, in pieces, as `leftovers` does its own; `most` of them."""
    left = itertools.count() if most is None else iter(range(most))
    for chat_id, user_id in _to_erase():
        repeat(engines, partial(_erase, chat_id=chat_id, user_id=user_id), left)
        forget_now(engines)


def begin_erasing(engines: Engines) -> None:
    """Do some of it while somebody waits; the next look does the rest."""
    with suppress(RetryLater):
        erase(engines, most=WHILE_ONE_WAITS)


def _to_erase() -> list[tuple[int, int]]:
    with reading() as session:
        wanted = select(Membership.chat_id, Membership.user_id).where(Membership.erase_to.is_not(None))
        return [(row.chat_id, row.user_id) for row in session.execute(wanted.limit(AT_ONCE))]


def _erase(transaction: Transaction, chat_id: int, user_id: int) -> bool:
    """Take back some messages; True when there may be more. The mark goes last."""
    connection = transaction.connection
    theirs = (Membership.chat_id == chat_id, Membership.user_id == user_id)
    erase_to = select(Membership.erase_to).where(*theirs).scalar_subquery()
    ids = (
        connection.execute(
            select(Message.id)
            .where(Message.chat_id == chat_id, Message.user_id == user_id)
            .where(~Message.deleted, Message.seq <= erase_to)
            .order_by(Message.seq)
            .limit(PIECE)
        )
        .scalars()
        .all()
    )
    if not ids:
        connection.execute(update(Membership).where(*theirs).values(erase_to=None))
        return False
    clear_beside(transaction, ids)
    rev = connection.execute(TAKE_REVS, {"chat": chat_id, "count": len(ids)}).scalar_one()
    connection.execute(
        update(Message)
        .where(Message.id == bindparam("message"))
        .values(rev=bindparam("number"), removed=True, **TOMBSTONE),
        [{"message": id_, "number": rev - len(ids) + place} for place, id_ in enumerate(ids, 1)],
    )
    transaction.announce(events.head(chat_id, rev))
    return True
