"""What somebody may do in a room: who is a moderator there, who is muted and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select, update

from porch import events, lookup
from porch.access.actors import Actor
from porch.access.order import confirm_manager, confirm_moderator, managed_chat, may_moderate, moderated_chat
from porch.actions.upkeep.audit import note
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, Invalid, NotFound
from porch.models import Chat, Membership
from porch.models.clock import rfc3339, utc_now
from porch.models.ids import is_id
from porch.models.membership import UNTIL_LIFTED
from porch.ranks import MEMBER, MODERATOR, rank
from porch.texts import lazy_gettext

# For how many seconds somebody can be muted; None: until it is lifted.
MUTES = (600, 3600, 86_400, None)
MOST_MODERATORS = 100  # of one room
NOT_IN_THE_ROOM = lazy_gettext("This person is not in the room.")


def own_standing(chat: Chat | Any, actor: Actor) -> dict[str, Any]:
    """`{may_moderate, muted_until}` of a room, as this person sees it; a mute that is over is null."""
    standing = lookup.known_room(chat.id, actor.user_id).standing
    return {
        "may_moderate": may_moderate(chat, actor, standing),
        "muted_until": told_mute(standing.muted_until),
    }


def keeps_order(room: Mapping[str, Any], actor: Actor) -> bool:
    """Whether somebody keeps order in a room of these columns."""
    standing = lookup.known_room(room["id"], actor.user_id).standing
    return may_moderate(SimpleNamespace(**room), actor, standing)


def is_restrained(room: Mapping[str, Any], actor: Actor) -> bool:
    """Whether somebody may not write in a room of these columns: they are muted, or it is closed to them."""
    standing = lookup.known_room(room["id"], actor.user_id).standing
    is_shut = room["closed"] and not keeps_order(room, actor)
    return is_shut or told_mute(standing.muted_until) is not None


def appoint(engines: Engines, actor: Actor, chat_id: int, user_id: int) -> None:
    """Make a member a moderator. Appointing twice is appointing.

    Raises NotFound, RoomDeleted, Forbidden, TooFast, and Conflict for somebody who has more to say already,
    or when there are a hundred.
    """
    _confirm_id(user_id)
    managed_chat(actor, chat_id)
    engines.limiter.take("visit", actor.user_id)

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        confirm_manager(connection, actor, chat_id)
        chat = connection.execute(select(Chat.__table__).where(Chat.id == chat_id)).one()
        own = rank(connection, chat, user_id)
        if own == MODERATOR:
            return
        if own != MEMBER:
            raise Conflict(
                lazy_gettext("They keep order here already: they opened the room, or are the host.")
            )
        moderators = select(Membership.user_id).where(
            Membership.chat_id == chat_id, Membership.role == "moderator"
        )
        if len(connection.execute(moderators).all()) >= MOST_MODERATORS:
            raise Conflict(lazy_gettext("This room has a hundred moderators already."))
        _set(transaction, chat_id, user_id, role="moderator")
        note(transaction, "appoint", actor_id=actor.user_id, chat_id=chat_id, user_id=user_id)

    engines.writer.write(run, tells_all=True)


def dismiss(engines: Engines, actor: Actor, chat_id: int, user_id: int) -> None:
    """Make a moderator a member like any other; or step back oneself. Dismissing twice is dismissing.

    Raises NotFound, RoomDeleted, Forbidden, TooFast.
    """
    _confirm_id(user_id)
    if user_id == actor.user_id:
        moderated_chat(actor, chat_id)
    else:
        managed_chat(actor, chat_id)
    engines.limiter.take("visit", actor.user_id)

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        if user_id == actor.user_id:
            confirm_moderator(connection, actor, chat_id)
        else:
            confirm_manager(connection, actor, chat_id)
        role = connection.execute(_role(chat_id, user_id)).scalar()
        if role is None:
            raise NotFound(NOT_IN_THE_ROOM)
        if role == "moderator":
            _set(transaction, chat_id, user_id, role="member")
            note(transaction, "dismiss", actor_id=actor.user_id, chat_id=chat_id, user_id=user_id)

    engines.writer.write(run, tells_all=True)


def mute(engines: Engines, actor: Actor, chat_id: int, user_id: int, seconds: int | None) -> dict[str, Any]:
    """Let somebody read and not write for so many seconds, one of MUTES: `{user_id, muted_until}`.

    Raises Invalid, NotFound, RoomDeleted, Forbidden, TooFast.
    """
    if seconds not in MUTES:
        raise Invalid(
            lazy_gettext("There is no such choice."),
            fields={"seconds": lazy_gettext("One of: %(choices)s.", choices="600, 3600, 86400, null")},
        )
    until = UNTIL_LIFTED if seconds is None else utc_now() + timedelta(seconds=seconds)
    detail = "until lifted" if seconds is None else f"{seconds} s"
    _mute(engines, actor, chat_id, user_id, until, "mute", detail)
    return {"user_id": user_id, "muted_until": rfc3339(until)}


def unmute(engines: Engines, actor: Actor, chat_id: int, user_id: int) -> None:
    """Let somebody write again. Raises NotFound, RoomDeleted, Forbidden, TooFast."""
    _mute(engines, actor, chat_id, user_id, None, "unmute", None)


def _mute(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    user_id: int,
    until: datetime | None,
    action: str,
    detail: str | None,
) -> None:
    _confirm_id(user_id)
    moderated_chat(actor, chat_id)
    engines.limiter.take("visit", actor.user_id)

    def run(transaction: Transaction) -> None:
        confirm_moderator(transaction.connection, actor, chat_id, over=user_id)
        _set(transaction, chat_id, user_id, muted_until=until)
        note(transaction, action, actor_id=actor.user_id, chat_id=chat_id, user_id=user_id, detail=detail)

    engines.writer.write(run, tells_all=True)


def _set(transaction: Transaction, chat_id: int, user_id: int, **values: Any) -> None:
    """Change a member's standing and tell them. Raises NotFound for who is no member."""
    connection = transaction.connection
    row = connection.execute(
        update(Membership)
        .where(Membership.chat_id == chat_id, Membership.user_id == user_id, Membership.state == "member")
        .values(**values)
        .returning(Membership.muted_until)
    ).first()
    if row is None:
        raise NotFound(NOT_IN_THE_ROOM)
    chat = connection.execute(select(Chat.__table__).where(Chat.id == chat_id)).one()
    keeps_order = chat.kind != "direct" and rank(connection, chat, user_id) > MEMBER
    transaction.announce(
        events.standing(chat_id, user_id, may_moderate=keeps_order, muted_until=told_mute(row.muted_until))
    )


def told_mute(muted_until: datetime | None) -> str | None:
    """A mute as it is told, RFC 3339: null where there is none, or it is over."""
    return rfc3339(muted_until) if muted_until is not None and muted_until > utc_now() else None


def _role(chat_id: int, user_id: int) -> Any:
    return select(Membership.role).where(
        Membership.chat_id == chat_id, Membership.user_id == user_id, Membership.state == "member"
    )


def _confirm_id(user_id: int) -> None:
    if not is_id(user_id):
        raise NotFound(NOT_IN_THE_ROOM)
