"""Epochs: the key of a chat for a time, sealed for every device of its members; and shares of them for one
more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from msgspec import Meta

from porch.errors import Invalid
from porch.keys.forms import Bytes32, Bytes48, Bytes64, Id, Number, Record
from porch.keys.signed import hash_of, is_signed
from porch.texts import lazy_gettext

MOST_WRAPS = 1000  # and members
MOST_SHARES = 200  # given at once

NOT_HERE = lazy_gettext("This epoch is of another chat.")
OUT_OF_ORDER = lazy_gettext("Each device stands there once, in the order of their names.")


class Named(Record, frozen=True):
    """Somebody for whom an epoch is. `end` is the hash of the newest entry that their chain had."""

    user: Id
    identity: Bytes32
    end: Bytes32


class Wrap(Record, frozen=True):
    """The key as one device can open it."""

    dev: Bytes32
    enc: Bytes32
    ct: Bytes48


class EpochRecord(Record, frozen=True):
    v: Literal[1]
    chat: Id
    epoch: Number
    by_dev: Bytes32
    members: Annotated[list[Named], Meta(min_length=1, max_length=MOST_WRAPS)]
    prev_epoch_hash: Bytes32
    key_hash: Bytes32
    wraps: Annotated[list[Wrap], Meta(min_length=1, max_length=MOST_WRAPS)]
    sig_dsk: Bytes64

    @property
    def hash(self) -> str:
        return hash_of("porch/v1/epoch-hash", self._signed, self.sig_dsk)

    @property
    def devices(self) -> list[str]:
        return [wrap.dev for wrap in self.wraps]

    def is_signed(self, public: str) -> bool:
        return is_signed(public, self.sig_dsk, "porch/v1/epoch", self._signed)

    @property
    def _signed(self) -> list[Any]:
        wraps = [[wrap.dev, wrap.enc, wrap.ct] for wrap in self.wraps]
        members = [[member.user, member.identity, member.end] for member in self.members]
        head = [self.v, self.chat, self.epoch, self.by_dev, members, self.prev_epoch_hash]
        return [*head, self.key_hash, wraps]


class Share(Record, frozen=True):
    """The key of an earlier epoch, for a device that came after it."""

    epoch: Number
    enc: Bytes32
    ct: Bytes48


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a chat as they are now, with the names of their active devices."""

    named: Named
    devices: tuple[str, ...]


def enforce_epoch(epoch: EpochRecord, *, chat_id: int) -> None:
    """Raise Invalid for an epoch of another chat, and for one with a device out of order. The rest is for who
    knows the chat.
    """
    if epoch.chat != chat_id:
        raise Invalid(NOT_HERE, fields={"chat": NOT_HERE})
    if epoch.devices != sorted(set(epoch.devices)):
        raise Invalid(OUT_OF_ORDER, fields={"wraps": OUT_OF_ORDER})


def is_for(epoch: EpochRecord, members: Sequence[Member]) -> bool:
    """Whether an epoch is for exactly these members, given by their numbers, as far as their chains go, and
    for their devices.
    """
    devices = sorted(dev for member in members for dev in member.devices)
    return epoch.devices == devices and epoch.members == [member.named for member in members]
