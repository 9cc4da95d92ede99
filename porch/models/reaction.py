"""Reactions: an emoji by one person to one message."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import Base


class Reaction(Base):
    """`emoji` is fully qualified (`porch.emoji`), so that one look is one row. The ids are in the order in
    which the reactions came. `Message.reactions` is what readers see of these rows.
    """

    __tablename__ = "reaction"
    __table_args__ = (
        UniqueConstraint("message_id", "emoji", "user_id"),
        Index("ix_reaction_in_order", "message_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    emoji: Mapped[str] = mapped_column(String(16))
