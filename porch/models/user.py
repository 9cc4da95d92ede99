"""People and the names that are theirs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base, by_bytes
from porch.models.clock import UTCDateTime, utc_now

CLOSED = text("closed_at is not null")
ROLES = ("member", "admin")
# From whom somebody takes direct messages; `shared`: from people they share a room with.
DIRECT_FROM = ("everyone", "shared", "nobody")


class User(Base):
    """A person. A guest is one without a credential; the host is an `admin`.

    `username` is null while the person has no name: after a guest's log-out, when the lease of the name
    ran out and somebody else took it, or when the account was deleted; `former_name` is then what a guest
    was called last. `search_name` is the last name as it is searched. `password` is a hash in the
    notation of argon2 (PHC), null for guests. Somebody with `disabled_at` cannot sign in;
    `closed_at` is when the account was deleted: the row stays for what was written.
    """

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("role in ('member', 'admin')", name="role_known"),
        CheckConstraint("direct_from in ('everyone', 'shared', 'nobody')", name="direct_from_known"),
        Index("ix_user_closed", "id", sqlite_where=CLOSED, postgresql_where=CLOSED),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str | None] = mapped_column(String(32))
    former_name: Mapped[str | None] = mapped_column(String(32))
    search_name: Mapped[str | None] = mapped_column(by_bytes(256), index=True)
    guest: Mapped[bool] = mapped_column(default=True)
    password: Mapped[str | None] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(8), default="member", server_default="member")
    direct_from: Mapped[str] = mapped_column(String(8), default="everyone", server_default="everyone")
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)


class NameKey(Base):
    """A form of a name that nobody else may have. One name reserves several keys.

    `kept_until` is null for the name somebody has, and set for one that an account gave up: until then
    it is kept from others, so that nobody speaks under a name that was just somebody else's.
    """

    __tablename__ = "name_key"

    key: Mapped[str] = mapped_column(String(256), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    kept_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
