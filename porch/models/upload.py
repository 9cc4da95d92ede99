"""Uploads: files that somebody has put into a chat, sent with a message or not yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import ForeignKey, Index, RowMapping, String
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base
from porch.models.clock import UTCDateTime, utc_now


class Upload(Base):
    """`content` and `thumbnail` are SHA-256 hashes, by which the store has the bytes; rows with the same hash
    share them. `message_id` is null until it is sent, and such a row is the uploader's alone.

    A picture has `width` and `height`, in pixels, and was written anew as WebP; `size` and `thumbnail_size`
    are bytes as they are stored. `media_type` of other files is what the sender says: nothing hangs on it.
    """

    __tablename__ = "upload"
    __table_args__ = (Index(None, "user_id", "created_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    name: Mapped[str] = mapped_column(String(200))
    alt: Mapped[str | None] = mapped_column(String(500))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    thumbnail: Mapped[str | None] = mapped_column(String(64), index=True)
    thumbnail_size: Mapped[int] = mapped_column(default=0, server_default="0")
    thumbnail_width: Mapped[int | None]
    thumbnail_height: Mapped[int | None]


UPLOAD_COLUMNS = tuple(Upload.__table__.columns)
# What a picture is written anew as.
PICTURE = "image/webp"


def upload_dict(row: RowMapping, alt: str | None = None) -> dict[str, Any]:
    """A row of `UPLOAD_COLUMNS` as answers and messages tell it. `url` is a path, for members of the chat."""
    told: dict[str, Any] = {
        "id": row["id"],
        "name": row["name"],
        "size": row["size"],
        "media_type": row["media_type"],
        "url": f"/chats/{row['chat_id']}/uploads/{row['id']}/{quote(served_name(row), safe='')}",
    }
    if alt is not None:
        told["alt"] = alt
    if row["width"] is not None:
        told |= {"width": row["width"], "height": row["height"]}
    if row["thumbnail"] is not None:
        told["thumbnail"] = {
            "url": f"/chats/{row['chat_id']}/thumbnails/{row['id']}",
            "width": row["thumbnail_width"],
            "height": row["thumbnail_height"],
        }
    return told


def served_name(row: RowMapping) -> str:
    """What whoever saves it gets: a picture is not of the kind any more that it was uploaded as."""
    name: str = row["name"]
    return name if row["width"] is None else f"{name.rpartition('.')[0] or name}.webp"
