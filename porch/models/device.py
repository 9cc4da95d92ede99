"""Devices: the browsers of an account, and its recovery key; the chain that says which there are; and who
asks to be one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from porch.extensions import Base, by_bytes
from porch.models.clock import UTCDateTime, utc_now

DEVICE_KINDS = ("browser", "recovery")


class Device(Base):
    """What the chain has made of a device. `dev`, its name, is a hash of whose it is and of its keys: Ed25519
    (`dsk_pub`) and X25519 (`dhk_pub`). `label` is what the browser said that it was, in words.
    """

    __tablename__ = "device"
    __table_args__ = (CheckConstraint("kind in ('browser', 'recovery')", name="kind_known"),)

    dev: Mapped[str] = mapped_column(by_bytes(43), primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    dsk_pub: Mapped[str] = mapped_column(String(43))
    dhk_pub: Mapped[str] = mapped_column(String(43))
    kind: Mapped[str] = mapped_column(String(8))
    label: Mapped[str] = mapped_column(String(80))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class DeviceEntry(Base):
    """An entry of a device chain, `record` as it was signed, in JSON; entries are never changed."""

    __tablename__ = "device_entry"

    identity_id: Mapped[int] = mapped_column(
        ForeignKey("identity.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(43))
    record: Mapped[str] = mapped_column(Text)


class DeviceRequest(Base):
    """A browser whose account has keys asks one of its devices to sign it in among them."""

    __tablename__ = "device_request"

    dev: Mapped[str] = mapped_column(by_bytes(43), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    dsk_pub: Mapped[str] = mapped_column(String(43))
    dhk_pub: Mapped[str] = mapped_column(String(43))
    label: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
