"""A connection whose WebSocket handshake is over, driven by gevent's event loop.

It is read when there is something to read, and written without waiting; what finds no room in the kernel
is kept and written when there is. Nobody waits for it: it has no greenlet.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import gevent

from porch.engines.watching import READABLE, WRITABLE
from porch.realtime.backlog import Backlog

log = logging.getLogger(__name__)

# Bytes read at once. No less than a TLS record: what lies in the TLS layer does not make a socket readable.
READ = 16 * 1024
# Seconds that a client may take to read what is left, and to say goodbye.
FAREWELL = 2.0
LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
BROKEN = (OSError, ValueError)  # what TLS raises when it was taken down is no OSError


class Stream(Protocol):
    """A socket that never waits: `send` and `recv` raise one of LATER instead, or `send` returns 0."""

    def fileno(self) -> int: ...
    def send(self, data: bytes | memoryview, /) -> int: ...
    def recv(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class Wire:
    """`heard` is called on the event loop with the bytes that came, with none at the end of the connection;
    `overflowed` when too much is kept. Neither may wait.

    `push` is the socket's own `send` while nothing is kept, else it takes nothing. What it has not taken is
    given to `keep`.
    """

    __slots__ = (
        "_backlog", "_deadline", "_lingers", "_reader", "_stream", "_writer",
        "heard", "is_closing", "overflowed", "push",
    )  # fmt: skip

    def __init__(
        self, stream: Stream, *, heard: Callable[[bytes], None], overflowed: Callable[[], None]
    ) -> None:
        self.push: Callable[[bytes], int] = stream.send
        self.is_closing = False  # from here on nothing is sent any more but what is kept
        self._stream: Stream | None = stream  # until it is closed
        self.heard = heard
        self.overflowed = overflowed
        self._backlog: Backlog | None = None  # these two exist while something is kept
        self._writer: Any = None
        self._lingers = False
        self._deadline: Any = None
        self._reader: Any = gevent.get_hub().loop.io(stream.fileno(), READABLE)
        self._reader.start(self._on_readable)

    def write(self, frame: bytes, events: int = 1) -> None:
        """Send a frame with so many events in it, after all that was sent before."""
        if self.is_closing:
            return
        try:
            sent = self.push(frame)
        except LATER:
            sent = 0
        except BROKEN:
            sent = -1
        if sent != len(frame):
            self.keep(frame, sent, events)

    def keep(self, frame: bytes, sent: int, events: int) -> None:
        """Send the rest of a frame, of which `push` took `sent` bytes; -1 when it raised one of BROKEN."""
        if self.is_closing or self._stream is None:
            return
        if sent < 0:
            self._end()
            return
        if self._backlog is None:
            self._backlog = Backlog()
            self._writer = gevent.get_hub().loop.io(self._stream.fileno(), WRITABLE)
            self._writer.start(self._on_writable)
            self.push = _nothing
        self._backlog.put(frame, events, sent=sent)
        if self._backlog.is_full:
            self.overflowed()

    @property
    def kept(self) -> int:
        """Bytes that the client has not taken yet."""
        return self._backlog.size if self._backlog is not None else 0

    def pause(self) -> None:
        """Read nothing: whoever sends on will notice that it gets nowhere."""
        if self._reader is not None and not self.is_closing:
            self._reader.stop()

    def resume(self) -> None:
        if self._reader is not None and not self._reader.active:
            self._reader.start(self._on_readable)

    def close(self, farewell: bytes, *, lingers: bool, forgets: bool = False) -> None:
        """Send this last and close, within FAREWELL; if it `lingers`, after the client has closed.

        `forgets` leaves out what is kept.
        """
        if self.is_closing or self._stream is None:
            return
        if forgets and self._backlog is not None:
            self._backlog.forget()
        self.write(farewell, events=0)
        self.resume()
        self.is_closing = True
        self.push = _nothing  # after a close frame nothing may follow
        self._lingers = lingers
        if self._stream is None or (self._backlog is None and not lingers):
            self.destroy()
            return
        self._deadline = gevent.get_hub().loop.timer(FAREWELL)
        self._deadline.start(self.destroy)

    def destroy(self) -> None:
        """Close now."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        self.is_closing = True
        self.push = _nothing
        self._backlog = None
        for watcher in (self._reader, self._writer, self._deadline):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        self._reader = self._writer = self._deadline = None
        with suppress(*BROKEN):
            stream.recv(READ)  # what is left unread would cut off what is on its way
        stream.close()

    def _on_readable(self) -> None:
        try:
            data = self._stream.recv(READ) if self._stream is not None else b""
        except LATER:
            return
        except BROKEN:
            data = b""
        if not data:
            self._end()
            return
        try:
            self.heard(data)
        except Exception:  # the event loop has everybody else to serve
            log.exception("what came on a WebSocket was not heard")
            self._end()

    def _on_writable(self) -> None:
        backlog = self._backlog
        assert backlog is not None
        assert self._stream is not None
        try:
            while backlog:
                sent = self._stream.send(backlog.head())
                if not sent:
                    return
                backlog.gone(sent)
        except LATER:
            return
        except BROKEN:
            self._end()
            return
        self._backlog = None
        self._writer.stop()
        self._writer.close()
        self._writer = None
        if not self.is_closing:
            self.push = self._stream.send
        elif not self._lingers:
            self.destroy()

    def _end(self) -> None:
        """The client has gone. It is told once; who closes knows already."""
        told = self.is_closing
        self.destroy()
        if not told:
            self.heard(b"")


def _nothing(frame: bytes) -> int:
    return 0


class _NoWire(Wire):
    """Of a client that has no WebSocket: it takes nothing."""

    __slots__ = ()

    def __init__(self) -> None:
        self.push = _nothing
        self.is_closing = True
        self._stream = self._reader = self._backlog = None

    def write(self, frame: bytes, events: int = 1) -> None:
        raise AssertionError("a client without a WebSocket is written to its mailbox")


no_wire = _NoWire()
