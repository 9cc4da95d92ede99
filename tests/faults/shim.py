"""The test's side of shim.c: builds it, turns its knobs, reads its record of writes, flushes and answers."""

from __future__ import annotations

import mmap
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
CONTROL = struct.Struct("=iiq")
RECORD = struct.Struct("=IIq")
LOG_WRITTEN, SYNC_BEGUN, SYNC_DONE, SENT = 1, 2, 3, 4
# https://sqlite.org/fileformat2.html#walformat
LOG_HEADER, FRAME_HEADER = 32, 24
UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def missing() -> str | None:
    """Why the shim cannot be used on this machine."""
    if sys.platform != "linux":
        return "the shim in front of the C library is for Linux"
    if shutil.which("cc") is None:
        return "there is no C compiler for the shim: apt install gcc libc6-dev"
    return None


def build(folder: Path) -> Path:
    library = folder / "shim.so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-o", library, SOURCE, "-ldl"], check=True
    )
    return library


class Shim:
    """Give `environ` to the server. `recording` keeps all it writes and answers: for a short while only."""

    def __init__(self, library: Path, folder: Path, *, recording: bool = False) -> None:
        control = folder / "control"
        control.write_bytes(bytes(CONTROL.size))
        with control.open("r+b") as file:
            self._control = mmap.mmap(file.fileno(), CONTROL.size)
        self._log = folder / "log"
        self.environ = {"LD_PRELOAD": str(library), "FAULTS_CONTROL": str(control)}
        if recording:
            self.environ["FAULTS_LOG"] = str(self._log)

    def fail_flushes(self, *, log: int = 0, database: int = 0) -> None:
        """From now on flushing the write-ahead log or the database fails with this errno; 0: it does not."""
        self._control[:8] = struct.pack("=ii", log, database)

    def shift_clock(self, seconds: int) -> None:
        """Put the wall clock this far off the true time."""
        self._control[8:] = struct.pack("=q", seconds)

    def flush_order(self, client_ids: Collection[str]) -> FlushOrder:
        order = FlushOrder({client_id.encode() for client_id in client_ids})
        for kind, place, data in self._records():
            order.follow(kind, place, data)
        return order

    def _records(self) -> Iterator[tuple[int, int, bytes]]:
        with self._log.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as log:
            at = 0
            while at < len(log):
                kind, length, place = RECORD.unpack_from(log, at)
                at += RECORD.size
                yield kind, place, log[at : at + length]
                at += length


@dataclass
class FlushOrder:
    """Which of the messages with these client ids left the server, and which of them `early`: before a flush
    of the write-ahead log was over that had begun when their transaction was written whole.
    """

    client_ids: set[bytes]
    answered: set[bytes] = field(default_factory=set)
    early: set[bytes] = field(default_factory=set)
    flushes: int = 0
    _page: int = 0
    _ends_transaction: bool = False
    _written: set[bytes] = field(default_factory=set)  # by the transaction that is being written
    _whole: set[bytes] = field(default_factory=set)
    _covered: dict[int, set[bytes]] = field(default_factory=dict)  # by the flush that a thread is in
    _durable: set[bytes] = field(default_factory=set)

    def follow(self, kind: int, place: int, data: bytes) -> None:
        if kind == LOG_WRITTEN:
            self._follow_write(place, data)
        elif kind == SYNC_BEGUN:
            self._covered[place] = set(self._whole)
        elif kind == SYNC_DONE:
            self._durable |= self._covered.pop(place)
            self.flushes += 1
        elif kind == SENT:
            answered = self._client_ids_in(data)
            self.answered |= answered
            self.early |= answered - self._durable

    def _follow_write(self, offset: int, data: bytes) -> None:
        if offset == 0:
            self._page = int.from_bytes(data[8:12], "big")
            return
        place = (offset - LOG_HEADER) % (FRAME_HEADER + self._page)
        if (place, len(data)) == (0, FRAME_HEADER):
            self._ends_transaction = any(data[4:8])
            return
        assert (place, len(data)) == (FRAME_HEADER, self._page), "SQLite writes its log in some other way"
        self._written |= self._client_ids_in(data) - self._whole - self._durable
        if self._ends_transaction:
            self._whole |= self._written
            self._written = set()

    def _client_ids_in(self, data: bytes) -> set[bytes]:
        return self.client_ids.intersection(UUID.findall(data))
