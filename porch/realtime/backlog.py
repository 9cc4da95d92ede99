"""What one client has not taken yet, in order and within bounds."""

from __future__ import annotations

from collections import deque

# What is kept for a client that reads slower than others write. Beyond, it is cut off: it catches up by its
# cursor when it comes back, which is cheaper for everybody.
MOST_BYTES = 1024 * 1024
MOST_EVENTS = 1000
# Bytes of several frames that are tried together.
TOGETHER = 64 * 1024


class Backlog:
    """Frames are shared by all who wait for the same, so keeping one costs little."""

    __slots__ = ("_begun", "_bytes", "_events", "_frames", "_offset")

    def __init__(self) -> None:
        self._frames: deque[tuple[bytes, int]] = deque()  # with the number of events in each
        self._offset = 0  # of the first that is there, in it
        self._begun = False  # whether the first has been tried
        self._bytes = self._events = 0

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: bytes, events: int, *, sent: int = 0) -> None:
        """Add a frame with so many events in it; of the first one, `sent` bytes may be gone already."""
        if not self._frames:
            self._offset, self._begun = sent, True
        self._frames.append((frame, events))
        self._bytes += len(frame) - sent
        self._events += events

    @property
    def size(self) -> int:
        """Bytes."""
        return self._bytes

    @property
    def is_full(self) -> bool:
        return self._bytes > MOST_BYTES or self._events > MOST_EVENTS

    def head(self) -> memoryview:
        """What to try next. Until it is gone it stays the same: TLS insists on that."""
        if not self._begun:
            self._join()
        return memoryview(self._frames[0][0])[self._offset :]

    def gone(self, size: int) -> None:
        """So many bytes of the head have been sent."""
        frame, events = self._frames[0]
        self._offset += size
        self._bytes -= size
        if self._offset == len(frame):
            self._frames.popleft()
            self._events -= events
            self._offset, self._begun = 0, False

    def forget(self) -> None:
        """Leave out all that has not begun to go out: the rest of a frame has to follow its beginning."""
        while len(self._frames) > self._begun:
            frame, events = self._frames.pop()
            self._bytes -= len(frame)
            self._events -= events

    def _join(self) -> None:
        frames: list[bytes] = []
        size = events = 0
        while self._frames and (not frames or size + len(self._frames[0][0]) <= TOGETHER):
            frame, count = self._frames.popleft()
            frames.append(frame)
            size += len(frame)
            events += count
        self._frames.appendleft((frames[0] if len(frames) == 1 else b"".join(frames), events))
        self._begun = True
