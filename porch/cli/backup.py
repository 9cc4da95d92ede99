"""`porch backup`: all that a site is in one file, written while it runs."""

from __future__ import annotations

import io
import os
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

import click
import msgspec
from flask.cli import with_appcontext

from porch.claim import FILE as CLAIM
from porch.cli.archive import DATA, DATABASE, MANIFEST, SITE, UPLOADS, Manifest, confirm_sqlite, sha256_of
from porch.config import Settings
from porch.engines.files.uploads import WORK
from porch.web.identity import engines

# What of the data folder is not taken along: the live database, what is under way, and the link that makes
# somebody the host.
LEFT_OUT = {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal", f"{UPLOADS}/{WORK}", CLAIM}


class Part(NamedTuple):
    name: str  # in the backup
    path: Path


@click.command("backup")
@with_appcontext
@click.argument("target", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    """Write all that the site is into one file, while it runs.

    TARGET is that file, or the folder to put it in. If it is not there it is a file where its name has an
    ending, else a folder, which is made. What is written is the database, the uploads, the keys and the
    owner's site. Whoever has the file can read what people said: keep it where nobody else can. `porch
    restore` takes it.
    """
    settings = engines().settings
    confirm_sqlite(settings)
    database = settings.database
    if not database.is_file():
        raise click.ClickException(f"There is no database in {settings.data}, so there is nothing to keep.")
    into_folder = target.is_dir() or not (target.suffix or target.exists())
    file = target / f"porch-{datetime.now(UTC):%Y-%m-%d-%H%M%S}.tar.gz" if into_folder else target
    if file.exists():
        raise click.ClickException(f"{file} is there already. It was not touched.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        gone = _write(settings, database, file)
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(f"Nothing was kept: {error}") from None
    if gone:
        click.echo(f"{gone} files were deleted meanwhile, with their messages.")
    click.echo(f"Wrote {file}, {_size(file.stat().st_size)}.")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} KB"


def _write(settings: Settings, database: Path, file: Path) -> int:
    """How many files went while it was written. The file is there when all of it is, and on the disk."""
    with tempfile.TemporaryDirectory(prefix=f".{file.name}-", dir=file.parent) as work:
        copy, draft = Path(work) / DATABASE, Path(work) / "draft"
        revision = _copy(database, copy)
        parts = [Part(DATABASE, copy), *_parts(settings.data, DATA)]
        has_site = settings.site.is_dir()
        if has_site:
            parts += _parts(settings.site, SITE)
        manifest = Manifest(
            "porch-backup-1", datetime.now(UTC).isoformat(), revision, sha256_of(copy), has_site
        )
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
            gone = _pack(output, manifest, parts)
            output.flush()
            os.fsync(output.fileno())
        draft.rename(file)
    return gone


def _copy(database: Path, copy: Path) -> str:
    """Copy the database as it is at one moment, whoever writes to it; returns its revision."""
    with (
        closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=10)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # so that one file is all of it
        (revision,) = target.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(revision)


def _parts(folder: Path, name: str) -> Iterator[Part]:
    """The files of a folder, in an order that stays; drafts, whose names begin with a dot, are left out."""
    for path in sorted(folder.iterdir()):
        place = f"{name}/{path.name}"
        left_out = name.partition("/")[0] == DATA and place.removeprefix(f"{DATA}/") in LEFT_OUT
        if left_out or path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            yield from _parts(path, place)
        elif path.is_file():
            yield Part(place, path)


def _pack(output: IO[bytes], manifest: Manifest, parts: list[Part]) -> int:
    gone = 0
    told = msgspec.json.encode(manifest)
    with tarfile.open(fileobj=output, mode="w:gz", compresslevel=6, format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_member(MANIFEST, len(told), time.time()), io.BytesIO(told))
        with click.progressbar(parts, label="Writing") as bar:
            for name, path in bar:
                try:
                    with path.open("rb") as content:
                        found = os.fstat(content.fileno())
                        tar.addfile(_member(name, found.st_size, found.st_mtime), content)
                except FileNotFoundError:
                    gone += 1
    return gone


def _member(name: str, size: int, changed: float) -> tarfile.TarInfo:
    """Of whoever restores it: the owner's name here is nobody's business there."""
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, changed, 0o600
    return member
