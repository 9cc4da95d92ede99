"""The token of the link that makes whoever opens it the host: made on first start, kept in the data folder
until it is used.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from porch.secret_key import kept_secret

FILE = "claim"


def claim_token(data: Path) -> str:
    """The token, which is made if there is none."""
    return kept_secret(data / FILE, lambda: secrets.token_urlsafe(24).encode()).decode()


def is_claim(data: Path, token: str) -> bool:
    """Whether this is the token, in a time that does not tell how much of it is right."""
    try:
        kept = (data / FILE).read_bytes()
    except FileNotFoundError:
        return False
    return secrets.compare_digest(kept, token.encode("utf-8", "replace"))


def forget_claim(data: Path) -> None:
    """The link has been used."""
    (data / FILE).unlink(missing_ok=True)
