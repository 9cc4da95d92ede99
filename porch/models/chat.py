"""Chats: named, numbered logs of messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Row, String, bindparam, text, update
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base
from porch.models.clock import UTCDateTime, rfc3339, utc_now

KINDS = ("listed", "link", "private")  # of rooms; a `direct` chat is none: two people have it
OPEN_KINDS = ("listed", "link")  # whoever has the link may come in
# The condition of an index: a query that says the same, without parameters, finds its rows by it.
LISTED = text("chat.kind = 'listed' and chat.deleted_at is null")

DELETED = text("deleted_at is not null")


class Chat(Base):
    """`rev` counts every visible change to the room; `changed_rev` is the rev of the last change of the
    room itself, `reset_rev` that of the last time all its messages were deleted (0: never).

    A `direct` chat has no name: each of the two people sees the other's.
    `creator_id` is null while nobody has claimed the room, after its creator's account is gone, and
    for direct chats.
    `search_name` is the name as it is searched, `active_at` when something was last written, or the room
    was opened. A room with `deleted_at` is kept without its messages, so that those who were in it can be
    told.
    """

    __tablename__ = "chat"
    __table_args__ = (
        CheckConstraint("rev >= 0 and changed_rev <= rev and reset_rev <= changed_rev", name="revs_in_order"),
        CheckConstraint("kind in ('listed', 'link', 'private', 'direct')", name="kind_known"),
        CheckConstraint("encryption in ('none')", name="encryption_known"),
        Index("ix_chat_listed", "active_at", sqlite_where=LISTED, postgresql_where=LISTED),
        Index("ix_chat_deleted", "id", sqlite_where=DELETED, postgresql_where=DELETED),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    search_name: Mapped[str] = mapped_column(String(400))
    hash_key: Mapped[str] = mapped_column(String(22), unique=True)
    kind: Mapped[str] = mapped_column(String(8), default="link")
    encryption: Mapped[str] = mapped_column(String(8), default="none")
    rev: Mapped[int] = mapped_column(default=0)
    changed_rev: Mapped[int] = mapped_column(default=0)
    reset_rev: Mapped[int] = mapped_column(default=0)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    active_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


CHAT_COLUMNS = tuple(Chat.__table__.columns)


def chat_dict(chat: Chat | Row[Any]) -> dict[str, Any]:
    """The room as everybody in it sees it. What differs from person to person is added by the reader: for a
    direct chat also the name.
    """
    return {
        "id": chat.id,
        **({} if chat.kind == "direct" else {"name": chat.name}),
        "kind": chat.kind,
        "hash_key": chat.hash_key,
        "url": f"/chatrooms/{chat.hash_key}/",
        "rev": chat.rev,
        "reset_rev": chat.reset_rev,
        "created_at": rfc3339(chat.created_at),
    }


# Run in the transaction of the write that it numbers, so that the order of numbers is the order of commits.
TAKE_REVS = (
    update(Chat)
    .where(Chat.id == bindparam("chat"))
    .values(rev=Chat.rev + bindparam("count"))
    .returning(Chat.rev)
    .execution_options(synchronize_session=False)
)
