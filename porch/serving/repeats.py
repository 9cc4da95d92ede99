"""Requests that come again word for word on one connection, and the answer that each of them got.

Whoever asks whether there is anything new asks in the same words until there is. As long as the application
says that the answer holds, the event loop gives it: no greenlet is woken, no head is read, and there is no
environment.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from typing import Any, NamedTuple

import gevent

from porch.engines.watching import READABLE
from porch.realtime.wire import BROKEN, LATER
from porch.serving.connections import Connection

log = logging.getLogger(__name__)

END = re.compile(rb"\n\r?\n")
# Bytes of the longest request that is answered here, fewer than are read at once: behind one that fills these
# TLS may hold the next already, for which no socket becomes readable.
LONGEST = 4096

# Does what belongs to a request, and says whether its answer is the same as before. It may not wait.
Holds = Callable[[], bool]


class _Repeat(NamedTuple):
    """`before` and `after` are the answer up to its date, and from there on."""

    request: bytes
    before: bytes
    after: bytes
    holds: Holds


class Repeats:
    """Of one connection, which `stream` reads."""

    __slots__ = ("_came", "_connection", "_repeat", "_stream", "_waiting")

    def __init__(self, connection: Connection, stream: Any) -> None:
        self._connection = connection
        self._stream = stream
        self._came = b""  # of the request that is worked on
        self._repeat: _Repeat | None = None
        self._waiting: Any = None

    def wait(self) -> None:
        """Wait for a request that is no repeat, or for the end of the connection."""
        self._connection.waits()
        self._came = b""
        client = self._connection.socket
        client.settimeout(0)
        try:
            if self._has_come():  # who sends many without a pause is served in turn with the others
                _let_others_go_first()
            elif self._repeat is not None:
                self._watch(client.fileno())
        finally:
            client.settimeout(None)
        if self._repeat is None:
            self._came = self._stream.peek(1)

    def learn(self, before: bytes, after: bytes, holds: Holds) -> None:
        """The request that is worked on, which has no body, gets this answer, and does so while it holds."""
        end = END.search(self._came)
        is_whole = end is not None and end.end() == len(self._came)  # the whole head, and nothing behind it
        if is_whole and len(self._came) <= LONGEST:
            self._repeat = _Repeat(self._came, before, after, holds)

    def _watch(self, number: int) -> None:
        self._waiting = gevent.getcurrent()
        hub = gevent.get_hub()
        watcher = hub.loop.io(number, READABLE)
        watcher.start(self._on_readable)
        try:
            hub.switch()
        finally:
            watcher.stop()
            watcher.close()

    def _on_readable(self) -> None:
        """On the event loop, where nothing waits: what cannot be done here is left to the greenlet."""
        try:
            if self._has_come() and self._is_answered():
                return
        except BROKEN:
            pass
        except Exception:
            log.exception("a request was not answered the short way")
        self._waiting.switch()

    def _has_come(self) -> bool:
        try:
            self._came = self._stream.peek()
        except LATER:
            self._came = b""
        return bool(self._came)

    def _is_answered(self) -> bool:
        repeat, connection = self._repeat, self._connection
        if repeat is None or repeat.request != self._came or connection.is_last or not repeat.holds():
            return False
        self._stream.read(len(self._came))
        answer = repeat.before + date(int(time.time())) + repeat.after
        connection.waits()
        try:
            is_whole = connection.socket.send(answer) == len(answer)
        except (*LATER, *BROKEN):
            is_whole = False
        if not is_whole:  # who asks on and on and does not read
            connection.cut()
        return True


def _let_others_go_first() -> None:
    """One turn of the event loop, which also looks at the network: a callback might run before that."""
    hub = gevent.get_hub()
    hub.wait(hub.loop.timer(0))


@lru_cache(1)
def date(second: int) -> bytes:
    """A time as HTTP writes it."""
    return formatdate(second, usegmt=True).encode()
