"""The secret that signs cookies: made on first start, kept in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from porch.config import SettingError

BYTES = 32


def secret_key(data: Path) -> bytes:
    """Read the secret, or make it; two processes that start at once agree on one.

    Deleting the file costs nobody their session, only the claim to rooms opened before signing in.
    """
    path = data / "secret_key"
    if not path.exists():
        draft = data / f".secret_key.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_bytes(BYTES))
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
    secret = path.read_bytes()
    if len(secret) < BYTES:
        raise SettingError(f"{path} is damaged. Delete it; a new one is made at the next start.")
    return secret
