"""Who is called by name in a message: a row for each name, or one for everyone, never for each reader."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base


class Mention(Base):
    """`user_id` is null where everyone in the room is called. `author_id` is whose message it is; ids are in
    the order in which people were called, which by edits is not that of the places.
    """

    __tablename__ = "mention"
    __table_args__ = (
        Index("ix_mention_place", "user_id", "chat_id", "seq"),
        Index("ix_mention_newest", "user_id", "id"),
        Index("ix_mention_chat", "chat_id", "user_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"))
    seq: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
