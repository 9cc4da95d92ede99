"""A network between clients and server that breaks in the ways in which networks break.

One thread moves the bytes of all connections, so that a connection can be reset while nobody is inside it.
"""

from __future__ import annotations

import enum
import queue
import random
import selectors
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.people import TIMEOUT

RESET = struct.pack(
    "ii", 1, 0
)  # SO_LINGER: what is not sent is thrown away, and the other side hears a reset


class Fault(enum.Enum):
    CUT = "both sides hear a reset"
    LOST_ANSWER = "what the server says next is thrown away, then both sides hear a reset"
    HALF_OPEN = "the server hears a reset, the client hears nothing any more"
    STRANDED = "the client hears a reset, the server hears nothing any more"
    BLACK_HOLE = "both sides hear nothing any more"


@dataclass(eq=False)
class Link:
    """One connection; a side is None once it is closed."""

    client: socket.socket | None
    server: socket.socket | None
    is_mute: bool = False
    loses_answer: bool = False


class Proxy:
    """`url` is the server's address for clients. A link that a fault has met is not met again."""

    def __init__(self, url: str, *, seed: int = 1) -> None:
        address = urlsplit(url)
        self._target = (address.hostname, address.port)
        self._random = random.Random(seed)
        self._links: list[Link] = []
        self._is_black_hole = False
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._wake, self._woken = socket.socketpair()
        self._is_over = False
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._woken, selectors.EVENT_READ, self._answer_calls)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._end)
        self._thread.join(TIMEOUT)

    def hit(self, fault: Fault, share: float = 1.0) -> int:
        """Let the fault meet this share of the sound links, at least one; returns how many."""
        met: int = self._call(partial(self._hit, fault, share))
        return met

    def swallow_all(self, yes: bool) -> None:
        """Whether new connections, which are accepted, lead nowhere; those made meanwhile stay so."""

        def change() -> None:
            self._is_black_hole = yes

        self._call(change)

    def _call(self, action: Callable[[], Any]) -> Any:
        done: Future[Any] = Future()
        self._calls.put(lambda: done.set_result(action()))
        self._wake.send(b"!")
        return done.result(TIMEOUT)

    # Everything below runs on the proxy's thread.

    def _run(self) -> None:
        while not self._is_over:
            for key, _ in self._selector.select():
                if isinstance(key.fileobj, socket.socket) and key.fileobj.fileno() >= 0:
                    key.data()  # unless what came before it has closed it

    def _answer_calls(self) -> None:
        self._woken.recv(1)
        self._calls.get()()

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        link = Link(client, None, is_mute=self._is_black_hole)
        try:
            link.server = socket.create_connection(self._target, TIMEOUT)
        except OSError:
            _reset(client)
            return
        self._links.append(link)
        for side in (client, link.server):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(side, selectors.EVENT_READ, partial(self._move, link, side))

    def _move(self, link: Link, source: socket.socket) -> None:
        try:
            data = source.recv(1 << 16)
        except OSError:
            data = b""
        if link.is_mute:
            if not data:
                self._close(link, source)
            return
        sink = link.server if source is link.client else link.client
        if not data or sink is None or (link.loses_answer and source is link.server):
            self._close(link)
            return
        try:
            sink.sendall(data)
        except OSError:
            self._close(link)

    def _hit(self, fault: Fault, share: float) -> int:
        sound = [link for link in self._links if not link.is_mute and not link.loses_answer]
        met = self._random.sample(sound, min(len(sound), max(1, round(share * len(sound)))))
        for link in met:
            match fault:
                case Fault.CUT:
                    self._close(link)
                case Fault.LOST_ANSWER:
                    link.loses_answer = True
                case Fault.HALF_OPEN:
                    link.is_mute = True
                    self._close(link, link.server)
                case Fault.STRANDED:
                    link.is_mute = True
                    self._close(link, link.client)
                case Fault.BLACK_HOLE:
                    link.is_mute = True
        return len(met)

    def _close(self, link: Link, side: socket.socket | None = None) -> None:
        """Reset one side, or both."""
        for one in (link.client, link.server):
            if one is not None and side in (None, one):
                self._selector.unregister(one)
                _reset(one)
        link.client = None if side in (None, link.client) else link.client
        link.server = None if side in (None, link.server) else link.server
        if link.client is link.server is None:
            self._links.remove(link)

    def _end(self) -> None:
        for link in list(self._links):
            self._close(link)
        self._selector.close()
        for mine in (self._listener, self._wake, self._woken):
            mine.close()
        self._is_over = True


def _reset(side: socket.socket) -> None:
    with suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    side.close()
