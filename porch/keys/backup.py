"""Backups: an account's identity key, sealed with its recovery key."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from porch.errors import Invalid
from porch.keys.forms import Bytes12, Record
from porch.keys.signed import from_base64url, to_base64url
from porch.texts import lazy_gettext

# Bytes to which what is in it is padded, by which AES-GCM makes it longer, and how many a server keeps:
# epochs are sealed for the recovery key itself, so nothing but the identity key needs room.
LEAST_PADDED = 64
TAG = 16
MOST_PADDED = 4096

NOT_PADDED = lazy_gettext(
    "A backup is padded to a power of two, of at most %(most)s bytes.", most=MOST_PADDED
)


class Backup(Record, frozen=True):
    v: Literal[1]
    kdf: Literal["HKDF-SHA256"]
    iv: Bytes12
    ct: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,5504}\Z")]


def enforce_backup(backup: Backup) -> None:
    """Raise Invalid for a backup of a size that no padding makes."""
    try:
        content = from_base64url(backup.ct)
    except ValueError:
        content = b""
    padded = len(content) - TAG
    is_padded = LEAST_PADDED <= padded <= MOST_PADDED and padded & (padded - 1) == 0
    if not is_padded or to_base64url(content) != backup.ct:
        raise Invalid(NOT_PADDED, fields={"backup": NOT_PADDED})
