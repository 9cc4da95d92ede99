"""Makes images that come from outside fit to be served: each is written anew, in several widths, by a worker
process with bounds on its pixels, bytes, memory and time. What was made is kept in a folder.

    images = Images(folder)
    picture = images.prepare(content)                 # bytes; or a Path; raises Invalid, TooLarge, RetryLater
    images.known(picture.key)                         # the same again, without any work, or None
    picture.fallback.name, images.file(picture.key, name)

Nothing of the original is served: what comes out are pixels alone, in WebP and in a format that every
browser knows, without metadata, upright, in sRGB, and of an animation its first frame.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import msgspec

from porch.errors import Invalid, NotFound, RetryLater, TooLarge
from porch.texts import lazy_gettext

log = logging.getLogger(__name__)

WIDTHS = (320, 640, 960, 1440, 1920)
LARGEST = 25 * 1024 * 1024  # bytes of what comes in
MOST_PIXELS = 50_000_000  # a camera of 50 megapixels
MEMORY = 1024 * 1024 * 1024  # bytes of addresses of one worker; such a picture with transparency takes half
SECONDS = 20  # of its processor time
PATIENCE = 60.0  # seconds until a worker is given up, however little it did
AT_ONCE = 1  # workers; each may keep a core busy
MOST_WAITING = 16

# What the worker's environment has: what Windows starts nothing without, and fewer reserves of addresses on
# machines with many cores, where they alone would reach the limit.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"} | {
    name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ
}
WORKER = Path(__file__).with_name("image_worker.py")
KEY = re.compile(r"[0-9a-f]{32}")
NAME = re.compile(r"\d{1,4}\.(?:webp|jpg|png)")
TYPES = {"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}
RECORD = "picture.json"
WORK = ".work-"  # begins the names of folders in which something is being made
PIECE = 1024 * 1024  # bytes read at once
KEPT_IN_MEMORY = 1024  # records

TOO_LARGE = lazy_gettext("This file is too large. At most %(most)s MB are taken.", most=LARGEST // 1024**2)
# What the worker answers, in words.
WORDS = {
    "no_image": lazy_gettext(
        "This is not an image that is known here. Known are JPEG, PNG, WebP, GIF and AVIF."
    ),
    "unreadable": lazy_gettext("This image is damaged, and could not be read to its end."),
    "too_large": lazy_gettext(
        "This image has too many pixels. At most %(most)s million are taken.", most=MOST_PIXELS // 1_000_000
    ),
    "too_much": lazy_gettext(
        "Reading this image takes more than is allowed for one. A smaller copy of it will do."
    ),
}


class File(msgspec.Struct, frozen=True):
    """One of the files that were made; `name` is `<width>.<format>`."""

    name: str
    width: int
    height: int
    bytes: int

    @property
    def type(self) -> str:
        return TYPES[self.name.rpartition(".")[2]]


class Picture(msgspec.Struct, frozen=True):
    """What was made of an image. `width` and `height` are those of its largest files."""

    key: str
    width: int
    height: int
    files: tuple[File, ...]

    @property
    def webp(self) -> list[File]:
        """In WebP, the narrowest first."""
        return [file for file in self.files if file.name.endswith(".webp")]

    @property
    def plain(self) -> list[File]:
        """In JPEG, or in PNG where there is transparency; the narrowest first."""
        return [file for file in self.files if not file.name.endswith(".webp")]


@dataclass(frozen=True, slots=True)
class _Job:
    """What the worker is asked for, and the key under which its answer is kept."""

    key: str
    options: Mapping[str, Any]


class Images:
    """`folder` holds what was made, one folder a picture; it is made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._free = threading.Semaphore(AT_ONCE)
        self._counting = threading.Lock()
        self._under_way = 0
        self._record = lru_cache(KEPT_IN_MEMORY)(self._read_record)

    def prepare(self, source: bytes | Path, widths: tuple[int, ...] = WIDTHS) -> Picture:
        """The picture in these widths (1 to 4096 pixels, never more than it has).

        Takes up to PATIENCE seconds when it is new. Raises Invalid for what is no image or a broken one,
        TooLarge, and RetryLater when too many wait or the disk is full.
        """
        key = self.key(source, widths)
        if found := self.known(key):
            return found
        job = _Job(key, {"widths": list(widths), "pixels": MOST_PIXELS})
        if isinstance(source, Path):
            with source.open("rb") as file:
                return self._run(job, file)
        try:
            with tempfile.TemporaryFile() as file:
                file.write(source)
                file.seek(0)
                return self._run(job, file)
        except OSError as error:
            raise RetryLater(cause=f"room for an image: {error}") from None

    @contextmanager
    def passing(self, source: Path, widths: tuple[int, ...]) -> Iterator[tuple[Picture, Path]]:
        """The picture in these widths, in WebP alone, and the folder with its files, which goes with the
        block: for whoever keeps them elsewhere. Raises as `prepare` does.
        """
        job = _Job("", {"widths": list(widths), "pixels": MOST_PIXELS, "fallback": False})
        with self._place(), self._work_folder() as work:
            with self._free, source.open("rb") as file:
                picture = msgspec.convert(_work(job, file, work) | {"key": job.key}, Picture)
            yield picture, work

    def key(self, source: bytes | Path, widths: tuple[int, ...] = WIDTHS) -> str:
        """What a picture is kept under: the same bytes in the same widths have the same. Raises TooLarge."""
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        if size > LARGEST:
            raise TooLarge(TOO_LARGE)
        digest = hashlib.sha256(repr(widths).encode())
        with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                time.sleep(0)  # others have their turn
        return digest.hexdigest()[:32]

    def card(self, card: Mapping[str, str]) -> Picture:
        """A picture of a name and a line, 1200 by 630 pixels, to be shown where an address is shared."""
        key = self.card_key(card)
        return self.known(key) or self._run(_Job(key, {"card": dict(card)}), None)

    def card_key(self, card: Mapping[str, str]) -> str:
        return hashlib.sha256(b"card" + json.dumps(dict(card), sort_keys=True).encode()).hexdigest()[:32]

    def known(self, key: str) -> Picture | None:
        """What was made under this key, or None."""
        return self._record(key)

    def file(self, key: str, name: str) -> Path:
        """Where a file of a picture is. Raises NotFound."""
        path = self._folder / key / name
        if not (KEY.fullmatch(key) and NAME.fullmatch(name) and path.is_file()):
            raise NotFound
        return path

    def keep_only(self, keys: Collection[str]) -> None:
        """Remove all other pictures, and what a process that was ended has left half made."""
        with suppress(OSError):
            for place in self._folder.iterdir():
                is_left = place.name.startswith(WORK) and time.time() - place.stat().st_mtime > 2 * PATIENCE
                if is_left or (KEY.fullmatch(place.name) and place.name not in keys):
                    shutil.rmtree(place, ignore_errors=True)
        self._record.cache_clear()

    def _read_record(self, key: str) -> Picture | None:
        try:
            return msgspec.json.decode((self._folder / key / RECORD).read_bytes(), type=Picture)
        except (OSError, msgspec.DecodeError):
            return None

    def _run(self, job: _Job, source: IO[bytes] | None) -> Picture:
        try:
            with self._place(), self._free:
                self._record.cache_clear()
                return self.known(job.key) or self._make(job, source)
        except OSError as error:
            raise RetryLater(cause=f"the folder of images: {error}") from None

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Among those that wait."""
        with self._counting:
            if self._under_way >= AT_ONCE + MOST_WAITING:
                raise RetryLater(cause=f"{MOST_WAITING} images are waiting")
            self._under_way += 1
        try:
            yield
        finally:
            with self._counting:
                self._under_way -= 1

    @contextmanager
    def _work_folder(self) -> Iterator[Path]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=WORK, dir=self._folder))
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _make(self, job: _Job, source: IO[bytes] | None) -> Picture:
        with self._work_folder() as work:
            made = _work(job, source, work)
            picture = msgspec.convert(made | {"key": job.key}, Picture)
            (work / RECORD).write_bytes(msgspec.json.encode(picture))
            place = self._folder / job.key
            if self._read_record(job.key) is None:  # else another process was quicker
                shutil.rmtree(place, ignore_errors=True)  # of a version that kept something else there
                work.rename(place)  # in one step: what is there, is there whole
        self._record.cache_clear()
        return picture


def _work(job: _Job, source: IO[bytes] | None, folder: Path) -> dict[str, Any]:
    options = json.dumps({**job.options, "memory": MEMORY, "seconds": SECONDS})
    try:
        # -I: neither this process's environment nor the folder says what is imported.
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(WORKER), options],
            stdin=source or subprocess.DEVNULL,
            capture_output=True,
            cwd=folder,
            env=ENVIRONMENT,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Invalid(WORDS["too_much"]) from None
    if done.returncode != 0:  # ended by the kernel
        log.warning("image worker: %s: %s", done.returncode, done.stderr.decode(errors="replace")[-500:])
        raise Invalid(WORDS["too_much"])
    made: dict[str, Any] = json.loads(done.stdout)
    if word := made.get("refused"):
        if word == "too_large":
            raise TooLarge(WORDS[word])
        raise Invalid(WORDS[word])
    return made
