"""What the search index knows of the messages: how far it has come, and what it has to do over again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import Base
from porch.models.clock import UTCDateTime

# Messages of one row of SearchSpan: those whose ids are the same but for so many bits.
SPAN_BITS = 10
CLEAN, BEGIN_CLEANING, CLEANING = 0, 1, 2


class SearchProgress(Base):
    """The one row: all messages with ids up to `message_id` are in the index as they are, but for those of
    SearchChange. 0: nothing is, and what the index holds is thrown away. `cleaning` is whether words were
    taken out of it that are still in the file, and whether it is being rewritten without them.
    """

    __tablename__ = "search_progress"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(default=0, server_default="0")
    cleaning: Mapped[int] = mapped_column(default=CLEAN, server_default="0")


class SearchChange(Base):
    """A message that was changed or deleted since it was indexed, as it is in the index. Its text is here
    until the index has forgotten it, a second or so.
    """

    __tablename__ = "search_change"

    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chat_id: Mapped[int]
    user_id: Mapped[int]
    content: Mapped[str] = mapped_column(Text)


class SearchSpan(Base):
    """From when to when the messages of one stretch of ids are: times need not be in the order of ids."""

    __tablename__ = "search_span"

    span: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    oldest: Mapped[datetime] = mapped_column(UTCDateTime)
    newest: Mapped[datetime] = mapped_column(UTCDateTime)
