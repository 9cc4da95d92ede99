"""Bodies whose length nobody says at first: too large is too large, never cut off."""

from __future__ import annotations

from typing import IO, cast

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import cached_property
from werkzeug.wsgi import LimitedStream


class BoundedRequest(Request):
    """What is sent in chunks is read as far as it may be, and refused with 413 when there is more.

    Werkzeug ends such a stream at the limit, and what was read of it looks whole.
    """

    @cached_property
    def stream(self) -> IO[bytes]:
        found = super().stream
        if self.content_length is None and isinstance(found, LimitedStream):
            return cast(IO[bytes], _Bounded(self.environ["wsgi.input"], found.limit, is_max=True))
        return found


class _Bounded(LimitedStream):
    def on_exhausted(self) -> None:
        if self._stream.read(1):
            raise RequestEntityTooLarge

    def readall(self) -> bytes:
        found = super().readall()
        if self.is_exhausted:
            self.on_exhausted()
        return found
