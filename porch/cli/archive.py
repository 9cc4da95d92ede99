"""What a backup is: a gzipped tar file with a manifest, the database, the data folder, the owner's site.

manifest.json       what this is, of which version, and the SHA-256 of the database
chat.db             the database as it was at one moment
data/...            the rest of the data folder: uploads, each named by the hash of its content, and keys
site/...            the owner's site
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import click
import msgspec
from msgspec import Meta

from porch.config import Settings

MANIFEST = "manifest.json"
DATABASE = "chat.db"
DATA = "data"
SITE = "site"
UPLOADS = "uploads"
PIECE = 1024 * 1024  # bytes read at once


class Manifest(msgspec.Struct, forbid_unknown_fields=True):
    """`revision` is the database's migration. `site` says whether the owner's site is there."""

    format: Literal["porch-backup-1"]
    made_at: str
    revision: Annotated[str, Meta(min_length=1, max_length=32)]
    database_sha256: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    site: bool


def confirm_sqlite(settings: Settings) -> None:
    """PostgreSQL has tools of its own for a whole database, and they are better than ours could be."""
    if settings.is_postgres:
        raise click.ClickException(
            "The database is PostgreSQL: keep it with pg_dump, and the data folder with what copies files."
        )


def sha256_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def safe_parts(name: str) -> tuple[str, ...]:
    """The parts of a name within a backup. Raises ValueError for one that leads anywhere else."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or "\\" in name or "\0" in name or {"..", "."} & set(parts):
        raise ValueError(f"{name!r} is no name in a backup")
    return parts


def is_upload(path: Path | PurePosixPath) -> bool:
    """Whether a file of the data folder, by its place in there, is one whose name is its content's hash."""
    return path.parts[0] == UPLOADS and len(path.name) == 64
