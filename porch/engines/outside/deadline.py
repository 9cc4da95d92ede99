"""A connection that ends at a moment, whatever the other side does.

Timeouts of sockets count from the last byte, and one byte every few seconds keeps them from ever coming. Here
each receipt is given no more than what is left, and TLS is spoken over memory, so that it goes by the same.
"""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

PATIENCE = 5.0  # seconds to connect, and for each receipt
PIECE = 16 * 1024  # bytes of one receipt


class Deadline:
    """`left` gives the seconds that are left, at most 5. Raises TimeoutError when there are none."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        left = self._end - self._clock()
        if left <= 0:
            raise TimeoutError
        return min(left, PATIENCE)


class TimedSocket(io.RawIOBase):
    """What `http.client` needs of a socket. Raises TimeoutError at the deadline, and OSError after `most`
    bytes.
    """

    def __init__(self, connected: socket.socket, deadline: Deadline, most: int) -> None:
        self._socket = connected
        self._deadline = deadline
        self._most = most

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """Does nothing: `http.client` closes when it has the headers, and reads on; others own the socket."""

    def readinto(self, buffer: Any) -> int:
        data = self.receive(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def receive(self, most: int) -> bytes:
        self._socket.settimeout(self._deadline.left())
        data = self._socket.recv(min(most, PIECE))
        self._most -= len(data)
        if self._most < 0:
            raise OSError("too much was sent")
        return data

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(data)


class TimedTlsSocket(TimedSocket):
    """The same over TLS, with the certificate checked for `host`. Raises ssl.SSLError."""

    def __init__(
        self, connected: socket.socket, deadline: Deadline, most: int, context: ssl.SSLContext, host: str
    ) -> None:
        super().__init__(connected, deadline, most)
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host)
        self._through(self._tls.do_handshake)

    def readinto(self, buffer: Any) -> int:
        try:
            data: bytes = self._through(lambda: self._tls.read(len(buffer)))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return 0
        buffer[: len(data)] = data
        return len(data)

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._through(partial(self._tls.write, view)) :]

    def _through(self, step: Callable[[], Any]) -> Any:
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                self._flush()
                if data := self.receive(PIECE):
                    self._in.write(data)
                else:
                    self._in.write_eof()
            else:
                self._flush()
                return done

    def _flush(self) -> None:
        if data := self._out.read():
            super().sendall(data)
