"""Signatures and hashes of records: JSON arrays in a fixed order, after a label that says what kind of record
it is.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

NO_HASH = "A" * 43  # what stands for the hash before the first: 32 zero bytes


def hash_of(label: str, values: Sequence[Any], sig: str = "") -> str:
    """SHA-256 in base64url. `values` are whole numbers, plain ASCII and arrays of them, which JSON writes in
    one way; `sig` is base64url of a right form.
    """
    return to_base64url(hashlib.sha256(_labelled(label, values) + from_base64url(sig)).digest())


def is_signed(public: str, sig: str, label: str, values: Sequence[Any]) -> bool:
    """Whether the Ed25519 key `public` has signed these values. Both are base64url of a right form."""
    try:
        key = Ed25519PublicKey.from_public_bytes(from_base64url(public))
        key.verify(from_base64url(sig), _labelled(label, values))
    except (InvalidSignature, ValueError):
        return False
    return True


def takes_secrets(public: str) -> bool:
    """Whether something can be sealed for this X25519 key: with a point of small order everybody could open
    it, and browsers refuse to.
    """
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(from_base64url(public)))
    except ValueError:
        return False
    return True


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _labelled(label: str, values: Sequence[Any]) -> bytes:
    return f"{label}\0".encode() + msgspec.json.encode(values)
