"""Who may read a chat, and the one-time links that make somebody a member."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import Base
from porch.models.clock import UTCDateTime, utc_now


class Membership(Base):
    """`state` is `member`; `left` for somebody who went, and may come back by the link; `removed` for
    somebody who was put out at `removed_at`, and may not. So all who ever wrote in a room have a row.

    `read_seq` is the place up to which the person has read. `direct` says that it is of a direct chat, of
    which some people have thousands: their rooms are found without going through these.
    """

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("state in ('member', 'left', 'removed')", name="state_known"),
        Index("ix_membership_user_id", "user_id", "direct"),
    )

    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    state: Mapped[str] = mapped_column(String(8), default="member", server_default="member")
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    read_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    direct: Mapped[bool] = mapped_column(default=False, server_default=false())


class Invitation(Base):
    """A link that lets one person in, once; `used_by` is who it was. `token` is the SHA-256 of the token."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
