"""Epochs: the key of an encrypted chat for a time, sealed for devices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import NEVER_REUSED, Base
from porch.models.clock import UTCDateTime, utc_now


class Epoch(Base):
    """`record` is the epoch as it was signed, in JSON, with its key sealed for each device that there was;
    `began_seq` the chat's rev when it began: what has a higher seq was written since.
    """

    __tablename__ = "epoch"
    __table_args__ = (UniqueConstraint("chat_id", "number"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(43))
    record: Mapped[str] = mapped_column(Text)
    began_seq: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)


class EpochShare(Base):
    """The key of an epoch, sealed by another device of the same account for one that came later."""

    __tablename__ = "epoch_share"

    epoch_id: Mapped[int] = mapped_column(ForeignKey("epoch.id", ondelete="CASCADE"), primary_key=True)
    dev: Mapped[str] = mapped_column(
        ForeignKey("device.dev", ondelete="CASCADE"), primary_key=True, index=True
    )
    enc: Mapped[str] = mapped_column(String(43))
    ct: Mapped[str] = mapped_column(String(64))


EPOCH_COLUMNS = tuple(Epoch.__table__.columns)
NEWEST = (
    select(*EPOCH_COLUMNS).where(Epoch.chat_id == bindparam("chat")).order_by(Epoch.number.desc()).limit(1)
)
