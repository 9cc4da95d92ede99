"""Accounts with keys, as a client has them that signs what it has to and seals nothing: nobody can tell.

Written from docs/encryption.md, apart from what the server checks with.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.support.people import Guest, Json
from tests.support.sealed import an_envelope, sealed, text_of

NO_HASH = "A" * 43


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def labelled(label: str, values: list[Any]) -> bytes:
    return label.encode() + b"\0" + json.dumps(values, separators=(",", ":")).encode()


def hash_of(label: str, values: list[Any], sig: str = "") -> str:
    signature = base64.urlsafe_b64decode(sig + "==") if sig else b""
    return base64url(hashlib.sha256(labelled(label, values) + signature).digest())


def a_backup(padded: int = 128) -> Json:
    return {"v": 1, "kdf": "HKDF-SHA256", "iv": text_of(12), "ct": text_of(padded + 16)}


@dataclass
class Device:
    """One browser, or the recovery key."""

    user_id: int
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    sealing: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    told_as: str = ""  # another public key to seal for than it has

    @property
    def public(self) -> Json:
        dsk_pub = base64url(self.signing.public_key().public_bytes_raw())
        dhk_pub = self.told_as or base64url(self.sealing.public_key().public_bytes_raw())
        dev = hash_of("porch/v1/dev", [self.user_id, dsk_pub, dhk_pub])
        return {"dev": dev, "dsk_pub": dsk_pub, "dhk_pub": dhk_pub}

    @property
    def dev(self) -> str:
        return str(self.public["dev"])

    def sign(self, label: str, values: list[Any]) -> str:
        return base64url(self.signing.sign(labelled(label, values)))


class Keys:
    """What one account has signed: `entries` are those of its chain, whether or not the server knows them."""

    def __init__(self, person: Guest) -> None:
        self.person = person
        self.identity_key = Ed25519PrivateKey.generate()
        self.identity = base64url(self.identity_key.public_key().public_bytes_raw())
        self.browser, self.recovery = Device(person.user_id), Device(person.user_id)
        self.entries: list[Json] = []
        self.revoked: set[str] = set()

    def publish(self) -> Json:
        return self.person.post("/keys", self.first())

    def first(self) -> Json:
        """The body that gives an account its keys."""
        entries = [self.sign("add", self.browser), self.sign("add", self.recovery)]
        return {"identity": self.identity, "entries": entries, "backup": a_backup()}

    def sign(self, act: str, device: Device, signer: Device | None = None, **changes: object) -> Json:
        """The next entry, signed by a device or by the identity key, and kept as the newest."""
        entry = self.signed(act, device, signer, **changes)
        self.entries.append(entry)
        if act == "revoke":
            self.revoked.add(device.dev)
        return entry

    def signed(self, act: str, device: Device, signer: Device | None = None, **changes: object) -> Json:
        """The same, kept nowhere; `changes` are made before it is signed."""
        head: Json = {
            "v": 1,
            "act": act,
            "user": self.person.user_id,
            **device.public,
            "created": 1_700_000_000_000,
            "n": len(self.entries),
            "prev_hash": self.end,
            "by": signer.dev if signer else "identity",
        } | changes
        values = list(head.values())
        key = signer.signing if signer else self.identity_key
        sig = base64url(key.sign(labelled("porch/v1/device", values)))
        return head | {"sig": sig}

    @property
    def end(self) -> str:
        if not self.entries:
            return NO_HASH
        *head, sig = self.entries[-1].values()
        return hash_of("porch/v1/device-hash", head, sig)

    def add(self, device: Device, by: Device | None = None, **more: object) -> Json:
        return self.person.post("/keys/entries", {"entry": self.sign("add", device, by)} | more)

    def revoke(self, device: Device, by: Device | None = None) -> Json:
        return self.person.post("/keys/entries", {"entry": self.sign("revoke", device, by)})

    @property
    def devices(self) -> list[str]:
        """The names of those that are active, in order."""
        added = {entry["dev"] for entry in self.entries if entry["act"] == "add"}
        return sorted(added - self.revoked)


def an_epoch(
    chat: Json, members: list[Keys], by: Device, before: Json | None = None, /, **changes: object
) -> Json:
    """The epoch after `before`, signed; `changes` are made before it is."""
    ordered = sorted(members, key=lambda keys: keys.person.user_id)
    told = [{"user": keys.person.user_id, "identity": keys.identity, "end": keys.end} for keys in ordered]
    devices = sorted(dev for keys in members for dev in keys.devices)
    record: Json = {
        "v": 1,
        "chat": chat["id"],
        "epoch": before["epoch"] + 1 if before else 0,
        "by_dev": by.dev,
        "members": told,
        "prev_epoch_hash": epoch_hash(before) if before else NO_HASH,
        "key_hash": text_of(32),
        "wraps": [{"dev": dev, "enc": text_of(32), "ct": text_of(48)} for dev in devices],
    } | changes
    return record | {"sig_dsk": by.sign("porch/v1/epoch", signed_of(record))}


def signed_of(record: Json) -> list[Any]:
    values = [record[name] for name in EPOCH_FIELDS]
    return [[list(part.values()) for part in value] if isinstance(value, list) else value for value in values]


def epoch_hash(record: Json) -> str:
    return hash_of("porch/v1/epoch-hash", signed_of(record), record["sig_dsk"])


EPOCH_FIELDS = (
    "v",
    "chat",
    "epoch",
    "by_dev",
    "members",
    "prev_epoch_hash",
    "key_hash",
    "wraps",
)


def begin(person: Guest, chat: Json, record: Json) -> Json:
    return person.post(f"/chats/{chat['id']}/epochs", record)


def locked(chat: Json, epoch: Json, device: Device, client_id: str | None = None) -> Json:
    """The body that sends a message of this epoch by this device."""
    return sealed(an_envelope(chat, client_id, epoch=epoch["epoch"], dev=device.dev))


@dataclass
class Pair:
    """Two accounts with keys, and their chat, which is encrypted."""

    ann: Keys
    bob: Keys
    chat: Json
    epoch: Json

    @property
    def both(self) -> list[Keys]:
        return [self.ann, self.bob]

    @classmethod
    def meet(cls, url: str) -> Pair:
        ann, bob = Keys(Guest(url).sign_up()), Keys(Guest(url).sign_up())
        for keys in (ann, bob):
            keys.publish()
        chat = ann.person.open_direct(bob.person)
        epoch = an_epoch(chat, [ann, bob], ann.browser)
        begin(ann.person, chat, epoch)
        return cls(ann, bob, chat, epoch)

    def send(self, body: Json | None = None) -> Json:
        body = body or locked(self.chat, self.epoch, self.ann.browser)
        return self.ann.person.post(f"/chats/{self.chat['id']}/messages", body)
