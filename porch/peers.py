"""The two people of a direct chat: who the other one is, and whether one may write to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from porch.models import Block, Chat, Direct, Membership, User

# What stands for somebody who has no name any more.
NOBODY = "Somebody who left"
DELETED_ACCOUNT = "Deleted account"

Me = ColumnElement[int] | int
Other = aliased(User, name="other")


def blocks(user_id: Me | Any, blocked_id: Me | Any) -> ColumnElement[bool]:
    # Everything else is of the queries around it, however many lie between.
    return exists().where(Block.user_id == user_id, Block.blocked_id == blocked_id).correlate_except(Block)


def share_a_room(one: Me | Any, other: Me | Any) -> ColumnElement[bool]:
    """Whether two people are members of the same room, direct chats aside."""
    # Aliases, as the query around it may be about chats and members, too.
    first, second, room = aliased(Membership), aliased(Membership), aliased(Chat)
    return (
        exists()
        .where(first.user_id == one, first.direct.is_(False), first.state == "member")
        .where(second.chat_id == first.chat_id, second.user_id == other, second.state == "member")
        .where(room.id == first.chat_id, room.deleted_at.is_(None))
    )


def takes_messages(sender: Me | Any) -> ColumnElement[bool]:
    """Whether `Other` takes messages from somebody. What a block forbids looks like what a person's choice
    forbids.
    """
    return and_(
        Other.username.is_not(None),
        Other.disabled_at.is_(None),
        ~blocks(Other.id, sender),
        or_(
            Other.direct_from == "everyone",
            and_(Other.direct_from == "shared", share_a_room(sender, Other.id)),
        ),
    )


def _has_passed_on() -> ColumnElement[bool]:
    """Whether the name that `Other` had, or one that is searched alike, is somebody else's by now."""
    holder = aliased(User)
    return and_(
        Other.username.is_(None),
        exists().where(holder.search_name == Other.search_name, holder.username.is_not(None)),
    )


def bears_a_former_name(user_id: Me | Any) -> ColumnElement[bool]:
    """Whether somebody whom one talked with, and who has left, was called as `Other` is now."""
    mine, before = aliased(Direct), aliased(User)
    return (
        exists()
        .where(mine.user_id == user_id, mine.peer_id == before.id, before.username.is_(None))
        .where(Other.username.is_not(None), before.search_name == Other.search_name)
    )


def called(row: Any) -> str:
    """`shown_name` of a row, or a user, with what it takes."""
    return shown_name(row.username, row.former_name, is_closed=row.closed_at is not None)


def shown_name(username: str | None, former_name: str | None, *, is_closed: bool) -> str:
    """What somebody is called, or was."""
    return username or (DELETED_ACCOUNT if is_closed else former_name or NOBODY)


# What one sees of the other person of a direct chat, with `Direct` as one's own side.
PEER_COLUMNS = (
    Direct.state,
    Other.id.label("peer_id"),
    Other.username,
    Other.former_name,
    Other.guest,
    Other.closed_at,
    blocks(Direct.user_id, Direct.peer_id).label("blocked"),
    takes_messages(Direct.user_id).label("takes_messages"),
    _has_passed_on().label("passed_on"),
)
SIDE = (
    select(*PEER_COLUMNS)
    .select_from(Direct)
    .join(Other, Other.id == Direct.peer_id)
    .where(Direct.chat_id == bindparam("chat"), Direct.user_id == bindparam("user"))
)
# For the writer: (whether one blocks the other, whether the other takes messages).
WRITABLE = (
    select(blocks(Direct.user_id, Direct.peer_id), takes_messages(Direct.user_id))
    .select_from(Direct)
    .join(Other, Other.id == Direct.peer_id)
    .where(Direct.chat_id == bindparam("chat"), Direct.user_id == bindparam("user"))
)


@dataclass(frozen=True, slots=True)
class Side:
    """A direct chat as one of the two sees it. `state` is that of one's own row, `blocked` whether one blocks
    the other, `may_write` whether what one writes would be taken.
    """

    state: str
    peer_id: int
    username: str | None
    former_name: str | None
    guest: bool
    is_closed: bool
    blocked: bool
    may_write: bool
    passed_on: bool

    @classmethod
    def of(cls, row: Any) -> Side:
        return cls(
            row.state,
            row.peer_id,
            row.username,
            row.former_name,
            row.guest,
            row.closed_at is not None,
            row.blocked,
            row.takes_messages and not row.blocked,
            row.passed_on,
        )

    @property
    def name(self) -> str:
        return shown_name(self.username, self.former_name, is_closed=self.is_closed)

    def as_dict(self) -> dict[str, Any]:
        """What a direct chat's dict has besides that of any chat."""
        return {
            "name": self.name,
            "with": {
                "user_id": self.peer_id,
                "username": self.username,
                "guest": self.guest,
                "passed_on": self.passed_on,
            },
            "state": self.state,
            "blocked": self.blocked,
            "may_write": self.may_write,
        }


def side_of(connection: Connection, chat_id: int, user_id: int) -> Side:
    """The side of somebody who is one of the two."""
    return Side.of(connection.execute(SIDE, {"chat": chat_id, "user": user_id}).one())


def chat_of_two(user_id: int, peer_id: int) -> Select[int, str]:
    """The id of the chat that two people have, and one's own state in it."""
    return select(Direct.chat_id, Direct.state).where(Direct.user_id == user_id, Direct.peer_id == peer_id)
