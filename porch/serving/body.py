"""The body of a request, which has to come in time, and whose rest nobody waits for."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gevent.pywsgi import Input, _InvalidClientInput  # type: ignore[attr-defined]  # not in the stubs

from porch.serving.connections import PATIENCE, SLOWEST, Connection
from porch.serving.head import read_fields

# Length and extension of a chunk, up to CRLF: who takes a lone LF for the end of it sees another body.
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;[^\x00\r\n]*)?\r\n")
LONGEST_LINE = 1024  # bytes of that


class Body(Input):
    """gevent's, with a bound on the time from the first byte that is asked for: at any moment as much has to
    have come as would have at SLOWEST, but for PATIENCE seconds.

    `held_back` is the socket of a client that waits to be told to send it.
    """

    def __init__(
        self, rfile: Any, length: int | None, held_back: Any, is_chunked: bool, connection: Connection
    ) -> None:
        super().__init__(rfile, length, held_back, is_chunked)
        self._connection = connection
        self._seconds = PATIENCE + (length or 0) / SLOWEST  # for what is read
        self._began: float | None = None  # when its first byte was asked for
        self._came = 0  # bytes since then

    @property
    def is_held_back(self) -> bool:
        """Whether the client still waits to be told to send it (`Expect: 100-continue`)."""
        return self.socket is not None

    @property
    def has_clear_end(self) -> bool:
        """Whether what comes behind it on the connection is the next request, and can be no part of it."""
        return not (self.is_held_back or self._chunked_input_error)

    def read(self, length: int | None = None) -> bytes:
        with self._in_time(length):
            data = super().read(length)
        self._came += len(data)
        return data

    def readline(self, size: int | None = None) -> bytes:
        with self._in_time(size):
            line = super().readline(size)
        self._came += len(line)
        return line

    def _discard(self) -> None:
        """Called by gevent when the answer is sent. What the application did not want to read is read
        nevertheless for a while: closed before, a connection would lose the answer on its way.
        """
        if self.is_held_back:
            return
        self._seconds, self._began, self._came = PATIENCE, None, 0
        super()._discard()  # type: ignore[misc]  # not in the stubs

    def _Input__read_chunk_length(self, rfile: Any) -> int:  # noqa: N802  # gevent's name
        """Called by gevent where a chunk begins. Raises what gevent answers with 400."""
        chunk = CHUNK.fullmatch(rfile.readline(LONGEST_LINE))
        try:
            if chunk is None:
                raise ValueError("no chunk")
            length = int(chunk[1], 16)
            if length == 0:
                read_fields(rfile)
        except (ValueError, ConnectionAbortedError) as error:
            self._chunked_input_error = True
            raise _InvalidClientInput(str(error)) from None
        return length

    @contextmanager
    def _in_time(self, wanted: int | None) -> Iterator[None]:
        """Wait so long for so many bytes; None for all."""
        now = time.monotonic()
        if self._began is None:
            self._began = now
        seconds = self._seconds
        if wanted is not None and wanted >= 0:
            seconds = min(seconds, PATIENCE + (self._came + wanted) / SLOWEST)
        self._connection.moves(self._began + seconds - now)
        try:
            yield
        finally:
            self._connection.works()
