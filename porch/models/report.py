"""Reports: what a member showed to those who keep order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base
from porch.models.clock import UTCDateTime, utc_now

# What can come of a report.
RESOLUTIONS = ("dismissed", "taken_back", "removed")
OPEN = text("state = 'open'")


class Report(Base):
    """`reporter_id` finds that the message of `user_id` at `seq` should not stand; `content` is a copy of
    what it said then. `state` is `open`, or what came of it.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("chat_id", "seq", "reporter_id"),
        CheckConstraint("state in ('open', 'dismissed', 'taken_back', 'removed')", name="state_known"),
        Index("ix_report_open", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"))
    seq: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    content: Mapped[str] = mapped_column(Text)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    state: Mapped[str] = mapped_column(String(10), default="open", server_default="open")


# All reports about a message are dealt with together.
SETTLE_REPORTS = (
    update(Report)
    .where(Report.chat_id == bindparam("chat"), Report.seq == bindparam("place"), Report.state == "open")
    .values(state=bindparam("outcome"))
    .execution_options(synchronize_session=False)
)
