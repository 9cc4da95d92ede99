"""Direct chats: who talks with whom, and who does not want to hear from whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import Base
from porch.models.clock import UTCDateTime, utc_now


class Direct(Base):
    """One person's side of the chat that two people have; the other person has a row the other way round.

    `state` is `asked` until the person has answered, `open` for whoever wants this chat, and `ignored` for
    whoever does not want to hear of it.
    """

    __tablename__ = "direct"
    __table_args__ = (
        CheckConstraint("user_id != peer_id", name="two_people"),
        CheckConstraint("state in ('asked', 'open', 'ignored')", name="state_known"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    peer_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(8), default="open")


class Block(Base):
    """`user_id` wants nothing from `blocked_id`."""

    __tablename__ = "block"
    __table_args__ = (CheckConstraint("user_id != blocked_id", name="two_people"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    blocked_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
