"""The last versions of the site's files, kept before each change that is made in the browser."""

from __future__ import annotations

import re
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from porch.site.reading import Files

MOST_KEPT = 30
NAME = re.compile(r"\d{19}-[0-9a-f]{6}")


class Version(msgspec.Struct, frozen=True):
    """The files as they were before `change` was made."""

    name: str
    at: datetime
    change: str
    files: dict[str, bytes]


class History:
    """`folder` is one of ours; it is made when something is first kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, files: Files, change: str) -> str:
        """Keep these files, which a change is about to replace; returns their name. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        now = time.time_ns()
        name = f"{now:019}-{secrets.token_hex(3)}"
        version = Version(name, datetime.fromtimestamp(now / 1e9, UTC), change, dict(files))
        (self._folder / name).write_bytes(msgspec.msgpack.encode(version))
        for old in self._names()[MOST_KEPT:]:
            (self._folder / old).unlink(missing_ok=True)
        return name

    def versions(self) -> list[Version]:
        """The newest first."""
        return [found for name in self._names() if (found := self.version(name)) is not None]

    def version(self, name: str) -> Version | None:
        if not NAME.fullmatch(name):
            return None
        try:
            return msgspec.msgpack.decode((self._folder / name).read_bytes(), type=Version)
        except (OSError, msgspec.DecodeError):
            return None

    def _names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        names = (path.name for path in self._folder.iterdir())
        return sorted(filter(NAME.fullmatch, names), reverse=True)
