"""`porch restore`: a site out of what `porch backup` has written, into an empty data folder."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO

import click
import msgspec
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from flask.cli import with_appcontext

from porch.cli.archive import (
    DATA,
    DATABASE,
    MANIFEST,
    PIECE,
    SITE,
    Manifest,
    confirm_sqlite,
    is_upload,
    safe_parts,
    sha256_of,
)
from porch.config import Settings
from porch.secret_key import FILE as SECRET_KEY
from porch.web.identity import engines

LARGEST_MANIFEST = 64 * 1024  # bytes
DAMAGED = "This file is damaged, or no backup of Porch"


@click.command("restore")
@with_appcontext
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--without-site", is_flag=True, help="Leave the owner's site as it is here.")
def restore(file: Path, *, without_site: bool) -> None:
    """Put a backup into a data folder that has no database yet.

    FILE is what `porch backup` has written. All of it is checked before anything is put into its place,
    and what cannot be put there is taken away again; the next start brings an older database up to date.
    """
    settings = engines().settings
    confirm_sqlite(settings)
    if settings.database.exists():
        raise click.ClickException(
            f"There is a database in {settings.data}. Move it away, or name another folder in PORCH_DATA."
        )
    try:
        with _work_folder(settings.data) as work, ExitStack() as undo:
            if current_app.extensions["porch_is_first_start"]:
                undo.callback((settings.data / SECRET_KEY).unlink)
            manifest = _unpack(file, work, settings.site, without_site=without_site)
            _check(work, manifest)
            if (work / SITE).exists():
                _place_site(work / SITE, settings.site, undo)
            _place_data(work, settings, undo)
            undo.pop_all()
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError, sqlite3.Error) as error:
        raise click.ClickException(f"{DAMAGED}: {error}. Nothing was changed.") from None
    except OSError as error:
        raise click.ClickException(f"It could not be written: {error}. Nothing was changed.") from None
    click.echo(
        f"Restored into {settings.data} what was kept on {manifest.made_at[:16].replace('T', ' ')} UTC."
    )


@contextmanager
def _work_folder(data: Path) -> Iterator[Path]:
    work = Path(tempfile.mkdtemp(prefix=".restore-", dir=data))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _unpack(file: Path, work: Path, site: Path, *, without_site: bool) -> Manifest:
    """Write the parts into the folder `work`. Raises ValueError for what no backup holds, ClickException."""
    with file.open("rb") as source, gzip.open(source) as content, tarfile.open(fileobj=content) as tar:
        first = tar.next()
        if first is None or first.name != MANIFEST or first.size > LARGEST_MANIFEST:
            raise ValueError("it does not begin with a manifest")
        manifest = _manifest(_content(tar, first).read())
        if manifest.site and not without_site and _is_there(site):
            raise click.ClickException(
                f"There is a site in {site}. Move it away, or add --without-site to leave it as it is."
            )
        with click.progressbar(length=file.stat().st_size, label="Reading") as bar:
            for member in tar:
                if member is first:
                    continue
                top, *_ = parts = safe_parts(member.name)
                if (
                    not member.isreg()
                    or top not in (DATABASE, DATA, SITE)
                    or (len(parts) == 1) != (top == DATABASE)
                ):
                    raise ValueError(f"{member.name!r} is no part of a backup")
                if top != SITE or not without_site:
                    _write(_content(tar, member), work.joinpath(*parts))
                bar.update(source.tell() - bar.pos)
        while content.read(PIECE):  # to the very end, where the sum of all of it stands
            pass
    return manifest


def _is_there(site: Path) -> bool:
    return site.exists() and any(site.iterdir())


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise ValueError(f"{member.name!r} has no content")
    return content


def _manifest(text: bytes) -> Manifest:
    manifest = msgspec.json.decode(text, type=Manifest)
    scripts = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    try:
        scripts.get_revision(manifest.revision)
    except CommandError:
        raise click.ClickException(
            f"This backup was made by a newer version of Porch (its database is at {manifest.revision})."
        ) from None
    return manifest


def _write(content: IO[bytes], place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        shutil.copyfileobj(content, output, PIECE)
        output.flush()
        os.fsync(output.fileno())


def _check(work: Path, manifest: Manifest) -> None:
    """Raises ValueError for what is not as it was kept."""
    database = work / DATABASE
    if not database.exists() or sha256_of(database) != manifest.database_sha256:
        raise ValueError("the database is not the one that was kept")
    with closing(sqlite3.connect(database)) as connection:
        ((found,), *_) = connection.execute("PRAGMA quick_check").fetchall()
    if found != "ok":
        raise ValueError(f"the database is broken: {found}")
    for path in (work / DATA).rglob("*"):
        if path.is_file() and is_upload(path.relative_to(work / DATA)) and sha256_of(path) != path.name:
            raise ValueError(f"the upload {path.name} is not the one that was kept")


# What is put into its place leaves with `undo` how it is taken away again.


def _place_site(kept: Path, site: Path, undo: ExitStack) -> None:
    for path in (kept, *kept.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # editors and other servers read it
    undo.callback(_clear, site, and_itself=not site.exists())
    shutil.copytree(kept, site, dirs_exist_ok=True)


def _clear(folder: Path, *, and_itself: bool) -> None:
    """It was empty, or not there. It may be where another disk begins, so it is not made anew."""
    if not folder.exists():  # it could not even be made
        return
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    if and_itself:
        folder.rmdir()


def _place_data(work: Path, settings: Settings, undo: ExitStack) -> None:
    """The database goes last: where there is none, whatever stopped this can be done again."""
    for path in (work / DATA).rglob("*"):
        if path.is_file():
            _place(path, settings.data / path.relative_to(work / DATA), work, undo)
    _place(work / DATABASE, settings.database, work, undo)


def _place(path: Path, place: Path, work: Path, undo: ExitStack) -> None:
    _make_folder(place.parent, undo)
    if place.exists():
        before = Path(tempfile.mkdtemp(dir=work)) / place.name
        place.replace(before)
        undo.callback(before.replace, place)
    path.replace(place)
    undo.callback(place.unlink)


def _make_folder(folder: Path, undo: ExitStack) -> None:
    if not folder.exists():
        _make_folder(folder.parent, undo)
        folder.mkdir(mode=0o700)
        undo.callback(folder.rmdir)
