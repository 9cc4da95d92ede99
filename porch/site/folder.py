"""The owner's folder: what is in it, read anew when it has changed, and the last version that could be read.

Nothing outside the folder is read: links in it are left alone, and so is everything that is not a plain file.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from porch.site.content import Front
from porch.site.problems import ContentError, Problem
from porch.site.reading import LARGEST, NAMED, Files, read_site
from porch.site.whole import Site
from porch.texts import in_english, lazy_gettext

log = logging.getLogger(__name__)

SAMPLE = Path(__file__).with_name("sample")
FOLDERS = ("", "projects", "interests", "media")
MEDIA = re.compile(r"[a-z0-9][a-z0-9_.\-]{0,79}\.(?:jpe?g|png|webp|gif|avif)", re.IGNORECASE)
MOST_FILES = 1000  # of each folder; more are not looked at
LOOK = 0.5  # seconds between two looks at the folder
LAST_GOOD = "last_good"
# What editors and systems leave lying about.
LITTER = re.compile(
    r"\..*|.*~|#.*#|.*\.(?:swp|swx|tmp|bak|orig)|Thumbs\.db|desktop\.ini|README\.md|README\.txt"
)

Stamp = tuple[int, int, int]  # when it changed in nanoseconds, its size, its number on the disk


@dataclass(frozen=True)
class Look:
    """What is in the folder, without reading it. `notes` say what is there and not used."""

    files: Mapping[str, Stamp]
    media: Mapping[str, Stamp]
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class State:
    """What is served. `error` says why it is not what is in the folder now."""

    site: Site
    files: Files
    media: Mapping[str, Stamp]
    version: str
    origin: Literal["folder", "sample", "kept", "bare"]
    error: ContentError | None = None
    notes: tuple[Problem, ...] = field(default=(), compare=False)


def begun(folder: Path) -> tuple[Path, Look]:
    """What is shown of this folder: itself, or the sample while no site's file is there. Raises OSError."""
    look = look_at(folder)
    if look is not None and look.files:
        return folder, look
    sample = look_at(SAMPLE)
    assert sample is not None, "the sample is part of the package"
    return SAMPLE, sample


def look_at(folder: Path) -> Look | None:
    """None when there is no such folder."""
    if not folder.is_dir():
        return None
    files: dict[str, Stamp] = {}
    media: dict[str, Stamp] = {}
    notes: list[Problem] = []
    for path, status in _entries(folder, notes):
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        name = path.removeprefix("media/")
        if path.startswith("media/"):
            if MEDIA.fullmatch(name):
                media[name] = stamp
            else:
                notes.append(
                    Problem(
                        path, lazy_gettext("is not used: its name is not that of an image (docs/site.md)")
                    )
                )
        elif NAMED.fullmatch(path) or path.endswith((".md", ".html")):
            files[path] = stamp
        else:
            notes.append(Problem(path, lazy_gettext("is not used")))
    return Look(files, media, tuple(notes))


def _entries(folder: Path, notes: list[Problem]) -> Iterator[tuple[str, os.stat_result]]:
    for part in FOLDERS:
        place = folder / part
        if part and (place.is_symlink() or not place.is_dir()):
            continue
        with os.scandir(place) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found[:MOST_FILES]:
            path = f"{part}/{entry.name}".lstrip("/")
            if LITTER.fullmatch(entry.name) or path in FOLDERS:
                continue
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                yield path, status
            else:
                notes.append(Problem(path, lazy_gettext("is not used: it is not a plain file")))


def load(folder: Path, look: Look) -> tuple[dict[str, bytes], dict[str, datetime]]:
    """The files' bytes, and when they changed. Of one that is too large, a little more than is allowed."""
    files, changed = {}, {}
    for path, (when, _, _) in look.files.items():
        # A link that has taken the file's place since is not followed.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with open(os.open(folder / path, flags), "rb") as file:  # noqa: PTH123
            files[path] = file.read(LARGEST + 1)
        changed[path] = datetime.fromtimestamp(when // 10**9, UTC)
    return files, changed


def read_folder(folder: Path) -> State:
    """The site of a folder, or the sample where none is begun. Raises ContentError, OSError."""
    folder, look = begun(folder)
    origin: Literal["folder", "sample"] = "sample" if folder is SAMPLE else "folder"
    files, changed = load(folder, look)
    site = read_site(files, look.media.keys(), changed)
    return State(site, files, look.media, _version(files, look.media), origin, None, look.notes)


class SiteFolder:
    """The site as it is now. `kept` is a folder of ours for the last version that could be read.

    `state` looks at the folder at most twice a second; several threads may ask.
    """

    def __init__(self, folder: Path, kept: Path, *, name: str = "") -> None:
        self.folder = folder
        self.kept = kept
        self._name = name
        self._reading = threading.Lock()
        self.writing = threading.Lock()  # held by whoever changes the folder
        self._look: Look | None = None
        self._next = 0.0
        self._state: State | None = None

    @property
    def name(self) -> str:
        """Of the site: as the settings have it, else as its content has it."""
        return self.name_with(self.state().site)

    def name_with(self, site: Site) -> str:
        """The name, if this were the content."""
        return self._name or site.name

    def state(self) -> State:
        now = time.monotonic()
        state = self._state
        if state is not None and now < self._next:
            return state
        if not self._reading.acquire(blocking=state is None):
            assert state is not None
            return state  # somebody else is reading it
        try:
            self._next = now + LOOK
            self._state = self._newest(self._state)
            return self._state
        finally:
            self._reading.release()

    def forget(self) -> None:
        """Look again at once: something has been written."""
        self._next = 0.0

    def _newest(self, before: State | None) -> State:
        look: Look | None = None
        try:
            look = look_at(self.folder)
            if before is not None and look == self._look:
                return before
            self._look = None  # until it has been read
            state = read_folder(self.folder)
            self._look = look
        except ContentError as error:
            self._look = look
            return self._last_good(before, error)
        except OSError as error:
            problem = Problem(
                Path(str(error.filename or self.folder)).name,
                error.strerror or lazy_gettext("cannot be read"),
            )
            return self._last_good(before, ContentError([problem]))
        if state.origin == "folder" and (before is None or before.files != state.files):
            self._keep(state)
        return state

    def _last_good(self, before: State | None, error: ContentError) -> State:
        if before is None or str(before.error) != str(error):
            log.error("The site has a mistake; its last good version is shown.\n%s", in_english(error))
        if before is not None and before.origin != "sample":
            return _with_error(before, error)
        return self._read_kept(error)

    def _read_kept(self, error: ContentError) -> State:
        try:
            files = msgspec.msgpack.decode((self.kept / LAST_GOOD).read_bytes(), type=dict[str, bytes])
            site = read_site(files)
        except (OSError, msgspec.DecodeError, ContentError):
            site = Site(Front(name="Porch"))
            return State(site, {}, {}, "bare", "bare", error)
        media = self._media()
        return State(site, files, media, _version(files, media), "kept", error)

    def _media(self) -> Mapping[str, Stamp]:
        try:
            look = look_at(self.folder)
        except OSError:
            return {}
        return look.media if look else {}

    def _keep(self, state: State) -> None:
        try:
            self.kept.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary = self.kept / f".{LAST_GOOD}-{os.getpid()}"
            temporary.write_bytes(msgspec.msgpack.encode(dict(state.files)))
            temporary.replace(self.kept / LAST_GOOD)
        except OSError as error:
            log.warning("the last good version of the site could not be kept: %s", error)


def _with_error(state: State, error: ContentError) -> State:
    return State(state.site, state.files, state.media, state.version, state.origin, error, state.notes)


def _version(files: Files, media: Mapping[str, Stamp]) -> str:
    digest = hashlib.sha256(msgspec.msgpack.encode([sorted(files.items()), sorted(media.items())]))
    return digest.hexdigest()[:16]
