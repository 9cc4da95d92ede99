"""How much somebody has to say in a room, and what may keep them from writing there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, exists, or_, select

from porch.errors import Forbidden
from porch.models import Chat, Membership, User
from porch.models.clock import utc_now
from porch.models.membership import UNTIL_LIFTED
from porch.texts import day_and_time, gettext, lazily, lazy_gettext

MEMBER, MODERATOR, CREATOR, HOST = range(4)

CLOSED = lazy_gettext("This room is closed: everybody reads, and only those who keep order in it write.")

# Whether a user, joined with a room and their membership, has more to say there than a member.
KEEPS_ORDER = or_(
    User.role == "admin",
    and_(Chat.creator_id.is_not(None), Chat.creator_id == User.id),
    Membership.role == "moderator",
)
IS_SHUT = and_(Chat.closed, ~KEEPS_ORDER)


def rank_in(chat: Chat | Row[Any] | type[Chat], user: type[User] = User) -> ColumnElement[int]:
    """MEMBER, also for who is none, MODERATOR, CREATOR or HOST."""
    moderates = exists().where(
        Membership.chat_id == chat.id,
        Membership.user_id == user.id,
        Membership.state == "member",
        Membership.role == "moderator",
    )
    return case(
        (user.role == "admin", HOST),
        (user.id == chat.creator_id, CREATOR),
        (moderates, MODERATOR),
        else_=MEMBER,
    )


def rank(connection: Connection, chat: Chat | Row[Any], user_id: int) -> int:
    """`rank_in` of one user, MEMBER for one that is gone."""
    return connection.execute(select(rank_in(chat)).where(User.id == user_id)).scalar() or MEMBER


def refuse_restrained(muted_until: datetime | None, *, is_shut: bool) -> None:
    """Raise Forbidden to somebody who is muted, or for whom the room is closed."""
    if muted_until is not None and muted_until > utc_now():
        raise Forbidden(_muted(muted_until))
    if is_shut:
        raise Forbidden(CLOSED)


def until(moment: datetime) -> str:
    """When a mute ends, in words; in UTC, which is the same for everybody."""
    if moment >= UNTIL_LIFTED:
        return gettext("until a moderator lifts it")
    return gettext("until %(moment)s", moment=day_and_time(moment))


def _muted(until: datetime) -> str:
    if until >= UNTIL_LIFTED:
        return lazy_gettext(
            "You cannot write in this room at the moment: you are muted until a moderator lifts it."
        )
    return lazy_gettext(
        "You cannot write in this room at the moment: you are muted until %(moment)s.",
        moment=lazily(day_and_time, until),
    )
