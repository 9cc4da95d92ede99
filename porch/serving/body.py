"""The body of a request, which has to come in time, and whose rest nobody waits for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gevent.pywsgi import Input

from porch.serving.connections import PATIENCE, SLOWEST, Connection


class Body(Input):
    """gevent's, with a bound on the time from its first byte that is asked for to its last.

    `held_back` is the socket of a client that waits to be told to send it.
    """

    def __init__(
        self, rfile: Any, length: int | None, held_back: Any, is_chunked: bool, connection: Connection
    ) -> None:
        super().__init__(rfile, length, held_back, is_chunked)
        self._connection = connection
        self._seconds = PATIENCE + (length or 0) / SLOWEST
        self._until: float | None = None

    @property
    def is_held_back(self) -> bool:
        """Whether the client still waits to be told to send it (`Expect: 100-continue`)."""
        return self.socket is not None

    def read(self, length: int | None = None) -> bytes:
        with self._in_time():
            return super().read(length)

    def readline(self, size: int | None = None) -> bytes:
        with self._in_time():
            return super().readline(size)

    def _discard(self) -> None:
        """Called by gevent when the answer is sent. What the application did not want to read is read
        nevertheless for a while: closed before, a connection would lose the answer on its way.
        """
        if self.is_held_back:
            return
        self._until = time.monotonic() + PATIENCE
        super()._discard()  # type: ignore[misc]  # not in the stubs

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        now = time.monotonic()
        if self._until is None:
            self._until = now + self._seconds
        self._connection.moves(self._until - now)
        try:
            yield
        finally:
            self._connection.works()
