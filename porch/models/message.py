"""Messages: entries of one chat's log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ForeignKey,
    Index,
    RowMapping,
    String,
    Text,
    UniqueConstraint,
    false,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base
from porch.models.clock import UTCDateTime, rfc3339, stored_as_rfc3339, utc_now

# The condition of an index; a query that says the same finds its rows by it.
PINNED = text("message.pinned_at is not null")


class Message(Base):
    """`seq` is the chat's rev when the message was created, its place for ever; `rev` that of its last
    change. `username` and `guest` are the author's when the message was written.

    `reply_to` is the seq of the message that this one answers. `mentions`, `files` and `reactions` are JSON
    as all are told of them (`more_of`), null for none: a copy, for readers, of what has tables of its own.
    So is `preview`, of the page that its first link leads to, which stands nowhere else. `envelope` is what a
    message of a sealed room says: its `content` is empty.
    A `deleted` message is a tombstone; `removed` says that not its author took it back.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("chat_id", "seq"),
        UniqueConstraint("chat_id", "user_id", "client_id"),
        # With all that counting needs: what is unread is counted without looking at messages.
        Index("ix_message_chat_id_rev", "chat_id", "rev", "seq", "user_id", "deleted"),
        Index("ix_message_pinned", "chat_id", "pinned_at", sqlite_where=PINNED, postgresql_where=PINNED),
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
    reply_to: Mapped[int | None]
    mentions: Mapped[str | None] = mapped_column(Text)
    files: Mapped[str | None] = mapped_column(Text)
    reactions: Mapped[str | None] = mapped_column(Text)
    pinned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed: Mapped[bool] = mapped_column(server_default=false())
    preview: Mapped[str | None] = mapped_column(Text)
    envelope: Mapped[str | None] = mapped_column(Text)


MESSAGE_COLUMNS = tuple(Message.__table__.columns)
MESSAGES = select(*MESSAGE_COLUMNS)
# What most messages carry beside their text, as the driver has it.
PLAIN = [None, None, None, None, None, 0, None, None]


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
        **more_of(
            row["reply_to"],
            row["mentions"],
            row["files"],
            row["reactions"],
            row["pinned_at"],
            row["removed"],
            row["preview"],
            row["envelope"],
        ),
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
        *more,
    ) = row
    message = {
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
    return message if more == PLAIN else message | more_of(*more)


# The keys that few messages have.
MORE = ("reply_to", "mentions", "files", "reactions", "pinned", "removed", "preview", "envelope")


def more_of(
    reply_to: int | None,
    mentions: str | None,
    files: str | None,
    reactions: str | None,
    pinned_at: Any,
    removed: Any,
    preview: str | None,
    envelope: str | None,
) -> dict[str, Any]:
    """What few messages carry; keys are there only where they say something."""
    more: dict[str, Any] = {}
    if reply_to is not None:
        more["reply_to"] = reply_to
    for name, told in (("mentions", mentions), ("files", files), ("reactions", reactions)):
        if told is not None:
            more[name] = msgspec.json.decode(told)
    if pinned_at is not None:
        more["pinned"] = True
    if removed:
        more["removed"] = True
    if preview is not None:
        more["preview"] = msgspec.json.decode(preview)
    if envelope is not None:
        more["envelope"] = msgspec.json.decode(envelope)
    return more


def stored_more(more: Mapping[str, Any]) -> dict[str, Any]:
    """What a new message carries, as its columns keep it: the other way round of `more_of`."""
    return {
        "reply_to": more.get("reply_to"),
        "mentions": as_json(more.get("mentions")),
        "files": as_json(more.get("files")),
        "envelope": as_json(more.get("envelope")),
    }


def as_json(told: Any) -> str | None:
    """How the columns keep what is told; nothing is null."""
    return msgspec.json.encode(told).decode() if told else None
