"""The audit log: who did what to whom, where and when, as far as it is about order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base
from porch.models.clock import UTCDateTime, utc_now


class Audit(Base):
    """`actor_id` did `action`, or the host by a command, where it is null; to `user_id`, in `chat_id`, with
    the message at `seq`, each where it has to do with one. `detail` is a word more: a number of seconds, a
    kind of room, its new name. What was said is never in it.
    """

    __tablename__ = "audit"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now, index=True)
    action: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chat.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    seq: Mapped[int | None]
    detail: Mapped[str | None] = mapped_column(String(80))
