"""Clients of the Engine.IO server within this process: each end of a socket pair."""

from __future__ import annotations

import socket
from typing import Any

import gevent
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, TextMessage

from porch.realtime.client import Client
from porch.realtime.engine import EngineServer
from porch.realtime.wire import Wire

BUFFER = 4096  # bytes that the kernel keeps, about: a reader that pauses is slow at once


def engine(**options: Any) -> EngineServer:
    """A server without a network; `heard` is what its clients said, `gone` why which of them went."""
    server = EngineServer(async_mode="gevent", **options)
    server.heard, server.gone = [], []
    server.on("connect", lambda sid, environ: None)
    server.on("message", lambda sid, data: server.heard.append((sid, data)))
    server.on("disconnect", lambda sid, reason: server.gone.append((sid, reason)))
    return server


class Peer:
    """A client of a server, and what it has received so far: by polls, and by its WebSocket."""

    def __init__(self, server: EngineServer, sid: str) -> None:
        self.client = server.sockets[sid] = Client(server, sid)
        self.received: list[Any] = []
        self.closed_with: CloseConnection | None = None
        self._parts: list[Any] = []
        self._protocol = Connection(ConnectionType.CLIENT)
        self.connection: socket.socket | None = None

    def poll(self) -> None:
        """Take what waits in the mailbox, if there is one still."""
        if self.client.mailbox is not None:
            self.received += self.client.mailbox.take()

    def upgrade(self) -> None:
        ours, self.connection = socket.socketpair()
        for end in (ours, self.connection):
            end.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        wire = Wire(ours, heard=self.client.hear_wire, overflowed=self.client.overflowed)
        self.client.upgrade(wire)

    def read(self, size: int = 65536) -> bool:
        """Take at most so many bytes off the network; whether there were any."""
        if self.connection is None:
            return False
        try:
            data = self.connection.recv(size)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            return False
        self._protocol.receive_data(data)
        for event in self._protocol.events():
            if isinstance(event, CloseConnection):
                self.closed_with = event
            elif isinstance(event, TextMessage | BytesMessage):
                self._parts.append(event.data)
                if event.message_finished:
                    self.received.append(type(event.data)().join(self._parts))
                    self._parts = []
        return True

    def read_all(self) -> None:
        """Until nothing more comes, and nothing waits to be written to it."""
        for _ in range(10_000):
            gevent.sleep(0)
            if not self.read():
                gevent.sleep(0.001)
                if not self.read() and (self.connection is None or not self.client.wire._backlog):
                    return
        raise AssertionError("it never ends")

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.client.wire.destroy()
