"""Writes the owner's folder: each file whole or not at all, and nowhere else. For actions and commands."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from porch.site.folder import MEDIA, SAMPLE, begun
from porch.site.reading import NAMED


def write_sample(folder: Path) -> None:
    """Write what Porch comes with into a folder with no file of a site in it; what else is there stays.

    Raises FileExistsError.
    """
    if begun(folder)[0] is folder:
        raise FileExistsError(f"{folder} is there already, and not empty.")
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("", "projects", "interests", "media"):
        (folder / part).mkdir(exist_ok=True)
    for file in SAMPLE.rglob("*.*"):
        _write(folder / file.relative_to(SAMPLE), file.read_bytes())


def write_files(folder: Path, changes: Mapping[str, bytes | None]) -> None:
    """Write these files, and take away those that are None. Raises OSError, ValueError for a wrong name."""
    for path in changes:
        if not NAMED.fullmatch(path):
            raise ValueError(f"{path!r} is no file of a site")
    for path, content in changes.items():
        place = _place(folder, path)
        if content is None:
            with suppress(FileNotFoundError):
                place.unlink()
        else:
            _write(place, content)


def write_image(folder: Path, name: str, content: bytes) -> Path:
    """Put an image into media/, under another name than any that is there. Raises OSError, ValueError."""
    if not MEDIA.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an image")
    stem, _, ending = name.rpartition(".")
    number = 1
    place = _place(folder, f"media/{name}")
    while place.exists() or place.is_symlink():
        number += 1
        place = _place(folder, f"media/{stem}-{number}.{ending}")
    _write(place, content)
    return place


def remove_image(folder: Path, name: str) -> None:
    """Raises OSError, ValueError."""
    if not MEDIA.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an image")
    _place(folder, f"media/{name}").unlink(missing_ok=True)


def _place(folder: Path, path: str) -> Path:
    """Where a file goes; the folder it goes into is made, and is not somewhere else."""
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.parent != folder and place.parent.is_symlink():
        raise OSError(f"{place.parent} is a link to somewhere else")
    return place


def _write(place: Path, content: bytes) -> None:
    """Whoever reads sees the old file or the new one, also after the power has gone."""
    temporary = place.with_name(f".{place.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)
