"""The entries of a device chain: each adds a device to an account, or takes one away for ever."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from porch.errors import Invalid
from porch.keys.forms import Bytes32, Bytes64, Id, Number, Record
from porch.keys.signed import hash_of, is_signed, takes_secrets
from porch.texts import lazy_gettext

IDENTITY = "identity"  # stands in `by` for the account's identity key
MOST_ENTRIES = 1000  # of one chain

NOT_YOURS = lazy_gettext("This entry is of somebody else’s chain.")
NOT_NAMED_SO = lazy_gettext("The name of a device follows from its keys.")
UNUSABLE = lazy_gettext("Nothing can be sealed for this key.")
NOT_SIGNED = lazy_gettext("The signature is not that of the key that it names.")


# The name of a device, or IDENTITY.
Signer = Annotated[str, Meta(pattern=r"\A(?:identity|[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])\Z")]


class PublicDevice(Record, frozen=True):
    """A device as others know it: what verifies its signatures, and what is sealed for."""

    dev: Bytes32
    dsk_pub: Bytes32
    dhk_pub: Bytes32


class Entry(Record, frozen=True):
    v: Literal[1]
    act: Literal["add", "revoke"]
    user: Id
    dev: Bytes32
    dsk_pub: Bytes32
    dhk_pub: Bytes32
    created: Number
    n: Annotated[int, Meta(ge=0, lt=MOST_ENTRIES)]
    prev_hash: Bytes32
    by: Signer
    sig: Bytes64

    @property
    def hash(self) -> str:
        return hash_of("porch/v1/device-hash", self._signed, self.sig)

    @property
    def _signed(self) -> tuple[Any, ...]:
        return msgspec.structs.astuple(self)[:-1]

    def enforce_signature(self, public: str) -> None:
        """Raise Invalid unless this Ed25519 key has signed the entry."""
        if not is_signed(public, self.sig, "porch/v1/device", self._signed):
            raise Invalid(NOT_SIGNED, fields={"entry": NOT_SIGNED})


def enforce_entry(entry: Entry, *, user_id: int, field: str) -> None:
    """Raise Invalid for an entry that is not of this person's chain, or whose device is none. Its place and
    its signature are for who knows the chain.
    """
    if entry.user != user_id:
        raise Invalid(NOT_YOURS, fields={field: NOT_YOURS})
    enforce_device(PublicDevice(entry.dev, entry.dsk_pub, entry.dhk_pub), user_id=user_id, field=field)


def enforce_device(device: PublicDevice, *, user_id: int, field: str) -> None:
    """Raise Invalid for a device of another name than its keys give it in this account, and for one that
    nothing can be sealed for: it would make every epoch impossible.
    """
    if device.dev != hash_of("porch/v1/dev", [user_id, device.dsk_pub, device.dhk_pub]):
        raise Invalid(NOT_NAMED_SO, fields={field: NOT_NAMED_SO})
    if not takes_secrets(device.dhk_pub):
        raise Invalid(UNUSABLE, fields={field: UNUSABLE})
