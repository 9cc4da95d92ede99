"""Where the bytes of uploads are: a folder, in which each content stands once, under its SHA-256.

    stored = store.put(path)              # durable, and held until `release`
    store.open(stored.digest)             # raises NotFound
    store.remove(digests, referred)       # but for what is held, or what `referred` finds that rows refer to

Rows of the database refer to what is here; what none refers to is a stray, and a sweep removes it.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, TypeVar

from porch.engines.files.locks import LetGo, locked
from porch.engines.limits.pools import Pool
from porch.errors import NotFound
from porch.slices import slices

T = TypeVar("T")

PIECE = 64 * 1024  # bytes read or written at once
DIGEST = re.compile(r"[0-9a-f]{64}")
# Seconds for which nobody touches what nothing refers to: another process may be about to.
GRACE = 3600.0
AT_ONCE = 100  # files that are looked up and removed in one go, all of them open meanwhile

# Which of these digests some row refers to, as of now.
Referred = Callable[[Collection[str]], set[str]]


class Stored(NamedTuple):
    digest: str
    size: int  # bytes


class Store(Protocol):
    """What another kind of place has to be able to do."""

    @property
    def used(self) -> int:
        """Bytes that are taken."""

    def put(self, source: Path) -> Stored:
        """Take a file over. It is durable when this returns, and is not removed until `release`."""

    def release(self, digests: Iterable[str]) -> None:
        """A row refers to it by now, or none ever will."""

    def open(self, digest: str) -> BinaryIO:
        """Read it; the file can seek. Raises NotFound."""

    def remove(self, digests: Collection[str], referred: Referred) -> None:
        """Remove those that are not held and that no row refers to."""

    def sweep(self, referred: Referred) -> None:
        """Remove all that no row refers to and that has been there for a while."""


class FolderStore:
    """`folder` is made when it is first needed. What takes a disk's time is done in `pool`.

    Other processes may have the same folder: what is held is locked as well, and removed is what can be had
    alone.
    """

    def __init__(self, folder: Path, pool: Pool) -> None:
        self._folder = folder
        self._pool = pool
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._locks: dict[str, LetGo] = {}  # of what is held
        self._used: int | None = None

    @property
    def used(self) -> int:
        if self._used is None:
            self._used = sum(size for _, size, _ in self._run(self._listed))
        return self._used

    def put(self, source: Path) -> Stored:
        stored = self._run(lambda: _flushed(source))
        with self._lock:
            self._held[stored.digest] += 1
        try:
            place, used = self._place(stored.digest), self.used
            # Whoever removes it looks first whether it is held: what is there now stays.
            let_go, is_new = self._run(lambda: _moved(source, place))
            self._keep(stored.digest, let_go)
            if is_new:
                self._used = used + stored.size
        except BaseException:
            self.release([stored.digest])
            raise
        return stored

    def release(self, digests: Iterable[str]) -> None:
        with self._lock:
            self._held.subtract(digests)
            self._held = +self._held
            for digest in self._locks.keys() - self._held.keys():
                self._locks.pop(digest)()

    def open(self, digest: str) -> BinaryIO:
        try:
            return self._place(digest).open("rb")
        except FileNotFoundError:
            raise NotFound from None

    def remove(self, digests: Collection[str], referred: Referred) -> None:
        # Whoever is about to refer to one holds it: seen here, or after this, when it is found to be gone.
        # What another process holds is left: should nothing refer to it in the end, a sweep finds it.
        with self._lock, ExitStack() as locks:
            free = set()
            for digest in digests:
                if digest not in self._held and (let_go := locked(self._place(digest), alone=True)):
                    locks.callback(let_go)
                    free.add(digest)
            for digest in free - referred(free):
                self._unlink(self._place(digest))

    def sweep(self, referred: Referred) -> None:
        found = self._run(self._listed)
        self._used = sum(size for _, size, _ in found)
        old = [digest for digest, _, since in found if since < time.time() - GRACE]
        for some in slices(old, AT_ONCE):
            self.remove(some, referred)
            time.sleep(0)  # others have their turn

    def _keep(self, digest: str, let_go: LetGo) -> None:
        """Its lock, for as long as it is held."""
        with self._lock:
            if digest in self._locks:
                let_go()
            else:
                self._locks[digest] = let_go

    def _place(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise NotFound
        return self._folder / digest[:2] / digest[2:4] / digest

    def _unlink(self, place: Path) -> None:
        with suppress(FileNotFoundError):
            size = place.stat().st_size
            place.unlink()
            self._used = max(0, (self._used or 0) - size)

    def _listed(self) -> list[tuple[str, int, float]]:
        return list(_files(self._folder))

    def _run(self, work: Callable[[], T]) -> T:
        """In the pool, from which nothing may escape that is expected."""

        def safely() -> tuple[T, None] | tuple[None, OSError]:
            try:
                return work(), None
            except OSError as error:
                return None, error

        result, error = self._pool.run(safely)
        if error is not None:
            raise error
        return result  # type: ignore[return-value]  # there is one where there is no error


def _flushed(source: Path) -> Stored:
    """Its hash and size, once the disk has it."""
    digest = hashlib.sha256()
    with source.open("rb+") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
        size = file.tell()
        os.fsync(file.fileno())
    return Stored(digest.hexdigest(), size)


def _moved(source: Path, place: Path) -> tuple[LetGo, bool]:
    """In one step, with the folders that lead there on the disk before it is answered, unless the same is
    there already: (what lets it go, which is locked until then; whether it is new).
    """
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    while (let_go := locked(place)) is None:
        let_go = locked(source)  # which goes along
        assert let_go is not None, "it is nobody else's"
        try:
            _rename(source, place)
            _flush_folders(place.parent)
        except FileExistsError:
            let_go()
        except BaseException:
            let_go()
            raise
        else:
            return let_go, True
    source.unlink()
    return let_go, False


def _rename(source: Path, place: Path) -> None:
    """Raises FileExistsError when another was first."""
    try:
        os.link(source, place)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        source.replace(place)
    else:
        source.unlink()


def _flush_folders(parent: Path) -> None:
    if os.name == "posix":  # Windows opens no folders
        for folder in (parent, parent.parent, parent.parent.parent):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _files(folder: Path) -> Iterator[tuple[str, int, float]]:
    """The digest, the size and the time of each file; one that goes meanwhile is left out."""
    for place in folder.glob("??/??/*"):
        if DIGEST.fullmatch(place.name):
            with suppress(FileNotFoundError):
                found = place.stat()
                yield place.name, found.st_size, found.st_mtime
