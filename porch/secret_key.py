"""Secrets that are made once and kept in the data folder; the one that signs cookies among them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from porch.config import SettingError

BYTES = 32
FILE = "secret_key"


def secret_key(data: Path) -> bytes:
    """The secret that signs cookies, which is made on first start.

    Deleting the file costs nobody their session, only the claim to rooms opened before signing in.
    """
    path = data / FILE
    secret = kept_secret(path, lambda: secrets.token_bytes(BYTES))
    if len(secret) < BYTES:
        raise SettingError(f"{path} is damaged. Delete it; a new one is made at the next start.")
    return secret


def kept_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Read a secret, or make it; two processes that start at once agree on one."""
    if not path.exists():
        # Not by the process's number: in containers that share the folder it is the same in each.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # unlike a rename, fails when another was first
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
    return path.read_bytes()
