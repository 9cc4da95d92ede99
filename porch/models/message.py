"""Messages: entries of one chat's log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, RowMapping, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base
from porch.models.clock import UTCDateTime, rfc3339, stored_as_rfc3339, utc_now


class Message(Base):
    """`seq` is the chat's rev when the message was created, its place for ever; `rev` that of its last
    change. `username` and `guest` are the author's when the message was written.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("chat_id", "seq"),
        UniqueConstraint("chat_id", "user_id", "client_id"),
        Index(None, "chat_id", "rev"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"))
    seq: Mapped[int]
    rev: Mapped[int]
    timestamp: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    username: Mapped[str] = mapped_column(String(32))
    guest: Mapped[bool]
    content: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(String(36))
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted: Mapped[bool] = mapped_column(default=False)


MESSAGE_COLUMNS = tuple(Message.__table__.columns)
MESSAGES = select(*MESSAGE_COLUMNS)


def message_dict(row: RowMapping) -> dict[str, Any]:
    """A row of `MESSAGES` as HTTP answers, acks and events carry it."""
    return {
        "id": row["id"],
        "chat_id": row["chat_id"],
        "seq": row["seq"],
        "rev": row["rev"],
        "timestamp": rfc3339(row["timestamp"]),
        "username": row["username"],
        "user_id": row["user_id"],
        "guest": row["guest"],
        "content": row["content"],
        "client_id": row["client_id"],
        "edited_at": rfc3339(row["edited_at"]),
        "deleted": row["deleted"],
    }


def stored_message(row: Sequence[Any]) -> dict[str, Any]:
    """`message_dict` of a row of `MESSAGES` as the driver gives it."""
    (
        id_,
        chat_id,
        seq,
        rev,
        timestamp,
        user_id,
        username,
        guest,
        content,
        client_id,
        edited_at,
        deleted,
    ) = row
    return {
        "id": id_,
        "chat_id": chat_id,
        "seq": seq,
        "rev": rev,
        "timestamp": stored_as_rfc3339(timestamp),
        "username": username,
        "user_id": user_id,
        "guest": bool(guest),
        "content": content,
        "client_id": client_id,
        "edited_at": None if edited_at is None else stored_as_rfc3339(edited_at),
        "deleted": bool(deleted),
    }
