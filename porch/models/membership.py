"""Who may read a chat, and the one-time links that make somebody a member."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import Base
from porch.models.clock import UTCDateTime, utc_now

# What somebody wants to be told of what is said in a chat.
LEVELS = ("everything", "mentions", "nothing")
CHOSEN = text("level is not null")
TO_ERASE = text("erase_to is not null")
# Until when somebody is muted who is muted until it is lifted.
UNTIL_LIFTED = datetime(9999, 12, 31, tzinfo=UTC)


class Membership(Base):
    """`state` is `member`; `left` for somebody who went, and may come back by the link; `removed` for
    somebody who was put out at `removed_at`, and may not. So all who ever wrote in a room have a row.

    `read_seq` is the place up to which the person has read. `level` is what of the room they want to be told,
    null for what its kind suggests (`default_level`). `direct` says that it is of a direct chat, of
    which some people have thousands: their rooms are found without going through these.

    A `moderator` keeps order in the room. Until `muted_until` somebody reads and does not write, also after
    they went and came back. What they said up to the place `erase_to` is being taken back, piece by piece.
    """

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("state in ('member', 'left', 'removed')", name="state_known"),
        CheckConstraint("level in ('everything', 'mentions', 'nothing')", name="level_known"),
        # Of thousands who are in a room, those who want more or less than most.
        Index("ix_membership_level", "chat_id", "level", sqlite_where=CHOSEN, postgresql_where=CHOSEN),
        CheckConstraint("role in ('member', 'moderator')", name="role_known"),
        Index("ix_membership_user_id", "user_id", "direct"),
        Index(
            "ix_membership_erase_to", "chat_id", "user_id", sqlite_where=TO_ERASE, postgresql_where=TO_ERASE
        ),
    )

    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    state: Mapped[str] = mapped_column(String(8), default="member", server_default="member")
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    read_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    level: Mapped[str | None] = mapped_column(String(10))
    direct: Mapped[bool] = mapped_column(default=False, server_default=false())
    role: Mapped[str] = mapped_column(String(9), default="member", server_default="member")
    muted_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    erase_to: Mapped[int | None]


def default_level(kind: str) -> str:
    """What somebody is told of a chat of this kind who has not chosen: rooms for anybody are loud."""
    return "mentions" if kind == "listed" else "everything"


class Invitation(Base):
    """A link that lets one person in, once; `used_by` is who it was. `token` is the SHA-256 of the token."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
