"""Identities: the key that stands for an account, which signs its first devices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base
from porch.models.clock import UTCDateTime, utc_now

CURRENT = text("identity.ended_at is null")


class Identity(Base):
    """An account has one, and those before it that it gave up (`ended_at`), by which others go on to verify
    what was written then. `public` is the Ed25519 key; its private part is in `backup` alone, sealed with the
    recovery key, as JSON.
    """

    __tablename__ = "identity"
    __table_args__ = (
        Index("uq_identity_current", "user_id", unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    public: Mapped[str] = mapped_column(String(43))
    backup: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
