"""Takes in what people upload: on to the disk piece by piece, pictures made anew, then into the store.

Nothing of a picture's original is kept. What is no picture that is known here is kept as it is, for download.
"""

from __future__ import annotations

import errno
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from porch.engines.files.images import Images
from porch.engines.files.store import AT_ONCE, GRACE, PIECE, FolderStore, Referred, Store, Stored
from porch.engines.limits.pools import pool_for
from porch.errors import Invalid, NoSpace, RetryLater, TooFast
from porch.events import Event
from porch.texts import lazy_gettext

THUMBNAIL = 640  # pixels wide
WIDEST = 2560
LONGEST = 900.0  # seconds that one upload may take
MOST_OF_ONE = 4  # uploads of one person at once
WORK = "work"  # the folder of what is under way

Read = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A file of a picture. `width` and `height` are pixels."""

    stored: Stored
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken in: a file, or a picture with a thumbnail if that is any smaller."""

    content: Stored
    picture: Drawn | None = None
    thumbnail: Drawn | None = None


class Uploads:
    """`folder` holds all of it; `space` is how many bytes may be there."""

    def __init__(self, folder: Path, mode: Literal["gevent", "threading"], *, space: int) -> None:
        self.store: Store = FolderStore(folder, pool_for(mode))
        self._work = folder / WORK
        self._space = space
        self._images = Images(self._work)
        self._lock = threading.Lock()
        self._under_way: Counter[int] = Counter()  # uploads, by person
        self._expected = 0  # bytes of those
        self._gone: set[str] = set()  # what rows have ceased to refer to

    @contextmanager
    def taken(self, user_id: int, size: int, read: Read, *, as_it_is: bool = False) -> Iterator[Taken]:
        """Take in a body of `size` bytes. What was taken is held for as long as the block lasts, in which a
        row is made to refer to it. `as_it_is`: nobody looks whether it is a picture.

        Raises Invalid for a picture that cannot be read or a body that ends early, TooLarge for too many
        pixels, TooFast, NoSpace, RetryLater.
        """
        held: list[str] = []
        with self._place(user_id, size):
            try:
                with self._received(size, read) as source:
                    taken = Taken(self._put(source, held)) if as_it_is else self._kept(source, held)
                yield taken
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise NoSpace from None
                raise RetryLater(cause=f"an upload: {error}") from None
            finally:
                self.store.release(held)

    def observe(self, event: Event) -> None:
        """Hear what no message carries any more; the next tick removes it."""
        if event.name == "files_gone":
            self._gone.update(event.payload["digests"])

    def tick(self, referred: Referred) -> None:
        """Remove some of what was heard to be gone."""
        some = list(self._gone)[:AT_ONCE]
        if some:
            self._gone.difference_update(some)
            self.store.remove(some, referred)

    def sweep(self, referred: Referred) -> None:
        """Remove what a process that was ended has left."""
        self.store.sweep(referred)
        with suppress(FileNotFoundError):
            for left in self._work.iterdir():
                if left.stat().st_mtime < time.time() - GRACE:
                    shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)

    @contextmanager
    def _place(self, user_id: int, size: int) -> Iterator[None]:
        used = self.store.used
        with self._lock:
            if self._under_way[user_id] >= MOST_OF_ONE:
                raise TooFast(lazy_gettext("Other files of yours are still on their way."), retry_after=2)
            if used + self._expected + size > self._space:
                raise NoSpace
            self._under_way[user_id] += 1
            self._expected += size
        try:
            yield
        finally:
            with self._lock:
                self._under_way[user_id] -= 1
                self._under_way = +self._under_way
                self._expected -= size

    @contextmanager
    def _received(self, size: int, read: Read) -> Iterator[Path]:
        self._work.mkdir(mode=0o700, parents=True, exist_ok=True)
        source = self._work / secrets.token_hex(16)
        until = time.monotonic() + LONGEST
        try:
            with source.open("xb") as file:
                left = size
                while left > 0:
                    piece = read(min(PIECE, left))
                    if not piece or time.monotonic() > until:
                        raise Invalid(lazy_gettext("The file did not arrive whole."))
                    file.write(piece)
                    left -= len(piece)
            yield source
        finally:
            source.unlink(missing_ok=True)

    def _kept(self, source: Path, held: list[str]) -> Taken:
        if not is_picture(source):
            return Taken(self._put(source, held))
        with self._images.passing(source, (THUMBNAIL, WIDEST)) as (picture, folder):
            drawn = [
                Drawn(self._put(folder / file.name, held), file.width, file.height) for file in picture.files
            ]
        return Taken(drawn[-1].stored, drawn[-1], drawn[0] if len(drawn) > 1 else None)

    def _put(self, source: Path, held: list[str]) -> Stored:
        stored = self.store.put(source)
        held.append(stored.digest)
        return stored


def is_picture(source: Path) -> bool:
    """Whether its first bytes are those of an image that is made anew here; names and types are claims."""
    with source.open("rb") as file:
        head = file.read(64)
    if head[4:8] == b"ftyp":
        return b"avif" in head[8:] or b"avis" in head[8:]
    if head[:4] == b"RIFF":
        return head[8:12] == b"WEBP"
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"))
