"""Sockets that are refused, and sockets without a library between the test and the wire."""

from __future__ import annotations

import json
import random
import socket
from contextlib import closing, suppress
from typing import Any, Self

import pytest
import socketio
import websocket

from tests.support.people import TIMEOUT, Json, Socket

SOON = 5.0  # seconds


def refusal(url: str, **options: Any) -> Json:
    """The error with which a stock client is refused at this address."""
    client = socketio.Client(reconnection=False)
    errors: list[Json] = []

    connections: list[websocket.WebSocket] = []

    def keep(error: Json) -> None:
        errors.append(error)
        if client.eio.ws is not None:  # its close() would wait for the server's, and for a while
            client.eio.ws.close = client.eio.ws.abort
            connections.append(client.eio.ws)

    client.on("connect_error", keep)
    options.setdefault("transports", ["websocket"])
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(url, wait_timeout=TIMEOUT, **options)
    for connection in connections:
        connection.shutdown()  # type: ignore[no-untyped-call]
    error: Json = errors[0]["data"]
    return error


def hang_up(socket: Socket) -> None:
    """Close the connection under a stock client, as when a browser is closed."""
    connection = socket.client.eio.ws
    connection.abort()  # ends its reading thread's wait
    connection.shutdown()


class RawSocket:
    """Socket.IO spoken by hand over a WebSocket; reads from the network only when it is asked to.

    `receive_buffer` is the size of the kernel's buffer: a small one makes a reader that pauses a burden
    to the server at once. Without a token it is connected and has not signed in.
    """

    def __init__(self, url: str, token: str | None, *, receive_buffer: int | None = None) -> None:
        address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)] if receive_buffer else []
        self.connection = websocket.create_connection(address, timeout=TIMEOUT, sockopt=options)
        assert self.receive().startswith("0{")
        if token is not None:
            self.connection.send("40" + json.dumps({"token": token}))
            assert self.receive().startswith("40{")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.shutdown()  # type: ignore[no-untyped-call]

    def enter(self, chat: Json) -> None:
        self.connection.send("421" + json.dumps(["enter", {"chat_id": chat["id"], "after": 0}]))
        self.answer(1)

    def answer(self, number: int) -> str:
        """The acknowledgement of the event with this number; events before it are skipped."""
        while not (packet := self.receive()).startswith(f"43{number}["):
            assert packet.startswith("42["), f"a torn or foreign packet: {packet[:80]!r}"
        return packet

    def receive(self) -> str:
        """The next packet that is not a ping; pings are answered."""
        while True:
            packet = self.connection.recv()
            assert isinstance(packet, str)
            if packet != "2":
                return packet
            self.connection.send("3")

    def is_closed(self, within: float = SOON) -> bool:
        """Whether the server ends this connection in so many seconds; packets before the end are skipped."""
        self.connection.settimeout(within)
        try:
            while True:
                opcode, _ = self.connection.recv_data(control_frame=True)
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    return True
        except websocket.WebSocketTimeoutException:
            return False
        except (websocket.WebSocketException, OSError):
            pass
        return True

    @property
    def wire(self) -> socket.socket:
        """The connection itself, for what is no WebSocket frame."""
        assert self.connection.sock is not None
        return self.connection.sock

    def rest(self) -> bytes:
        """What still comes from the network, until the end of the connection or a second of silence."""
        connection = self.wire
        connection.settimeout(1)
        found = b""
        try:
            while data := connection.recv(4096):
                found += data
        except OSError:
            pass
        return found

    def next_event(self, name: str) -> Json:
        """The data of the next event of this name; others are skipped."""
        while True:
            packet = self.receive()
            assert packet.startswith("42["), f"a torn or foreign packet: {packet[:80]!r}"
            event, data = json.loads(packet[2:])
            if event == name:
                return dict(data)


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def lasting_port() -> int:
    """A free port that stays free while its server is away: the system gives none so low to callers, who
    could otherwise meet themselves.
    """
    for port in random.sample(range(12_000, 30_000), 100):
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")
