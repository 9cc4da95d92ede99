"""Chats: named, numbered logs of messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Row, String, bindparam, false, text, update
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base, by_bytes
from porch.models.clock import UTCDateTime, rfc3339, utc_now

ENCRYPTIONS = ("none", "sealed")  # of rooms; sealed: what is said can be read by the room's link alone
KINDS = ("listed", "link", "private")  # of rooms; a `direct` chat is none: two people have it
SLOW_MODES = (0, 10, 30, 60, 300)  # seconds between two messages of one person; 0: as many as one likes
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
    was opened. In a `closed` room only those who keep order write; `slow_mode` are the seconds that the
    others wait between two messages. A room with `deleted_at` is kept without its messages, so that those who
    were in it can be told.

    What is said in a `sealed` room is locked by a key that stands in its link behind the `#`, and never comes
    here. `join_hash` is the SHA-256, in hex, of the token by which whoever has that key comes in. A direct
    chat is `e2e` from its first epoch on, for ever: what is said is locked for the devices of the two people.
    """

    __tablename__ = "chat"
    __table_args__ = (
        CheckConstraint("rev >= 0 and changed_rev <= rev and reset_rev <= changed_rev", name="revs_in_order"),
        CheckConstraint("kind in ('listed', 'link', 'private', 'direct')", name="kind_known"),
        CheckConstraint("encryption in ('none', 'sealed', 'e2e')", name="encryption_known"),
        CheckConstraint("(encryption = 'sealed') = (join_hash is not null)", name="sealed_by_token"),
        CheckConstraint(
            "encryption = 'none' or (encryption = 'sealed' and kind = 'link')"
            " or (encryption = 'e2e' and kind = 'direct')",
            name="encryption_of_kind",
        ),
        CheckConstraint("slow_mode in (0, 10, 30, 60, 300)", name="slow_mode_known"),
        Index("ix_chat_listed", "active_at", sqlite_where=LISTED, postgresql_where=LISTED),
        Index("ix_chat_deleted", "id", sqlite_where=DELETED, postgresql_where=DELETED),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    search_name: Mapped[str] = mapped_column(by_bytes(400))
    hash_key: Mapped[str] = mapped_column(String(22), unique=True)
    kind: Mapped[str] = mapped_column(String(8), default="link")
    encryption: Mapped[str] = mapped_column(String(8), default="none")
    join_hash: Mapped[str | None] = mapped_column(String(64))
    rev: Mapped[int] = mapped_column(default=0)
    changed_rev: Mapped[int] = mapped_column(default=0)
    reset_rev: Mapped[int] = mapped_column(default=0)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    active_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed: Mapped[bool] = mapped_column(default=False, server_default=false())
    slow_mode: Mapped[int] = mapped_column(default=0, server_default="0")


CHAT_COLUMNS = tuple(Chat.__table__.columns)


def chat_dict(chat: Chat | Row[Any]) -> dict[str, Any]:
    """The room as everybody in it sees it. What differs from person to person is added by the reader: for a
    direct chat also the name.
    """
    return {
        "id": chat.id,
        **({} if chat.kind == "direct" else {"name": chat.name}),
        "kind": chat.kind,
        **({} if chat.encryption == "none" else {"encryption": chat.encryption}),
        "hash_key": chat.hash_key,
        "url": f"/chatrooms/{chat.hash_key}/",
        "rev": chat.rev,
        "reset_rev": chat.reset_rev,
        "closed": chat.closed,
        "slow_mode": chat.slow_mode,
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
