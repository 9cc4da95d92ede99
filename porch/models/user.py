"""People and the names that are theirs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base
from porch.models.clock import UTCDateTime, utc_now


class User(Base):
    """A person. A guest is one without a credential.

    `username` is null while the person has no name: after a guest's log-out, or when the lease of the
    name ran out and somebody else took it.
    """

    __tablename__ = "user"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str | None] = mapped_column(String(32))
    guest: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)


class NameKey(Base):
    """A form of a name that nobody else may have. One name may reserve several keys."""

    __tablename__ = "name_key"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
