"""The HTTP connections of this process: how many there may be, and how long each may take over what it does.

A WebSocket is one of them until it is open; from then on it takes as long as it likes.
"""

from __future__ import annotations

import socket
import sys
import time
from contextlib import suppress
from typing import Any

import gevent

if sys.platform != "win32":
    import resource

# Seconds until a request's headers have to be here: from the connection, or a later request's first byte.
HEADERS = 10.0
# Seconds that a connection is kept for a next request.
IDLE = 75.0
# What is sent or received may take so many seconds, and the time that this pace (bytes a second) asks for.
PATIENCE = 30.0
SLOWEST = 16 * 1024
# Seconds between two looks at who has taken too long.
SWEEP = 1.0

# Open files that are aimed at, where the system lets a process have so many.
WANTED = 65_536
# How many of them are never a visitor's: the database's, the site's, those of work beside the requests.
KEPT_BACK = 256


class Connection:
    """`socket` is what is spoken over: the client's own, or the encryption around it."""

    __slots__ = ("_all", "_state", "socket")

    def __init__(self, all_: Connections, client: Any) -> None:
        self._all = all_
        self._state: dict[Connection, float] = {}
        self.socket = client

    @property
    def is_last(self) -> bool:
        """Whether no other request is waited for after this one."""
        return self._all.draining

    def begins(self) -> None:
        """Headers are expected."""
        self._is(self._all.beginning, HEADERS)

    def waits(self) -> None:
        """Everything was answered; perhaps there comes another request."""
        self._is(self._all.idle, IDLE)

    def works(self) -> None:
        """A request is being worked on, for which there is no bound here."""
        self._state.pop(self, None)

    def moves(self, seconds: float) -> None:
        """Something of a request, or of its answer, is on the wire."""
        self._is(self._all.moving, seconds)

    def _is(self, state: dict[Connection, float], seconds: float) -> None:
        self._state.pop(self, None)
        if self in self._all.open:
            self._state = state
            state[self] = time.monotonic() + seconds

    def cut(self) -> None:
        """Whoever reads or writes it finds it at its end."""
        self._all.forget(self)
        with suppress(OSError):  # gone already
            # As for a plain socket: under TLS its own way would go on in the clear.
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)

    def gone(self) -> None:
        self._state.pop(self, None)


class Connections:
    """The dicts say until when, the first to come first. `most` is the highest descriptor that a visitor may
    have: systems give the lowest that is free, so it counts everything that is open, whoever opened it.
    """

    def __init__(self, most: int) -> None:
        self.open: set[Connection] = set()
        self.beginning: dict[Connection, float] = {}
        self.idle: dict[Connection, float] = {}
        self.moving: dict[Connection, float] = {}
        self.draining = False  # from then on no connection is kept for another request
        self._most = most
        self._most_beginning = max(most // 2, 1)

    def watch(self) -> Any:
        """Begin to look at the time; what is returned has to be held."""
        timer = gevent.get_hub().loop.timer(SWEEP, SWEEP)
        timer.start(self.sweep)
        return timer

    def admit(self, client: Any) -> Connection | None:
        """The connection of a client that has just come, or None when all others are busy: where nothing is
        being worked on, a connection gives way.
        """
        if client.fileno() > self._most and not self._make_room():
            return None
        if len(self.beginning) >= self._most_beginning:
            next(iter(self.beginning)).cut()
        connection = Connection(self, client)
        self.open.add(connection)
        connection.begins()
        return connection

    def forget(self, connection: Connection) -> None:
        self.open.discard(connection)
        connection.gone()

    def sweep(self) -> None:
        """Cut off whoever has taken too long."""
        now = time.monotonic()
        for state in (self.beginning, self.idle, self.moving):
            for connection in [one for one, until in state.items() if until <= now]:
                connection.cut()

    @property
    def busy(self) -> int:
        """How many have a request that is not answered yet."""
        return len(self.open) - len(self.beginning) - len(self.idle)

    def cut(self) -> None:
        """Cut all off."""
        for connection in list(self.open):
            connection.cut()

    def _make_room(self) -> bool:
        for state in (self.idle, self.beginning):
            for connection in state:
                connection.cut()
                return True
        return False


def most_descriptors() -> int:
    """The highest descriptor for a visitor. The process gets as many files as it may have, up to WANTED."""
    if sys.platform == "win32":  # where descriptors do not count anything, and there is no such limit
        return sys.maxsize
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # macOS has a limit below its limit
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    limit = WANTED if soft == resource.RLIM_INFINITY else soft
    return limit - min(KEPT_BACK, limit // 2)
