"""Where a browser is reached that is not open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base
from porch.models.clock import UTCDateTime, utc_now


class PushSubscription(Base):
    """A browser's address at its push service, and the keys that only it can read by (RFC 8291).

    It belongs to the session: whoever logs out there, or is logged out, is told nothing there any more.
    """

    __tablename__ = "push_subscription"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    endpoint: Mapped[str] = mapped_column(String(2048), unique=True)
    p256dh: Mapped[str] = mapped_column(String(88))
    auth: Mapped[str] = mapped_column(String(24))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
