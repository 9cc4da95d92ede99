"""Light connections for heavy load: HTTP kept alive, and Socket.IO over a WebSocket spoken by hand.

Both raise OSError or HTTPException when the connection is gone, TimeoutError (which is an OSError) when
nothing came for `timeout` seconds, and Refused for an error that the server answered.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections import deque
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from tests.support.people import Json, Refused

# What a client that goes on after a broken connection has to catch.
BROKEN = (OSError, http.client.HTTPException)
TEXT, CLOSE = 0x81, 0x88  # first byte of a whole frame
MASKED = 0x80


class Api:
    """JSON over one connection that is opened again when it has to be."""

    def __init__(self, url: str, token: str, *, timeout: float) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str, **parameters: object) -> Json:
        return self.request("GET", f"{path}?{urlencode(parameters)}")

    def request(self, method: str, path: str, body: object = None) -> Json:
        data = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, path, data, self._headers)
            response = self._connection.getresponse()
            answer: Json = json.loads(response.read())
        except BaseException:
            self._connection.close()
            raise
        if response.status >= 400:
            raise Refused(answer["error"], response.status)
        return answer


class Line:
    """A signed-in Socket.IO connection. `events` are those that came while something else was waited for.

    `receive_buffer` is the size of the kernel's buffer: with a small one, what is not read soon stays with
    the server.
    """

    def __init__(self, url: str, token: str, *, timeout: float, receive_buffer: int | None = None) -> None:
        address = urlsplit(url)
        self._socket = socket.socket()
        self._socket.settimeout(timeout)
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()
        self._number = 0
        self.events: deque[tuple[str, Json]] = deque()
        try:
            self._socket.connect((address.hostname, address.port))
            self._upgrade(address.netloc)
            self._expect("0{")
            self._send("40" + json.dumps({"token": token}))
            self._expect("40{")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def call(self, event: str, data: object) -> Json:
        """Emit an event and wait for its acknowledgement."""
        self._number += 1
        self._send(f"42{self._number}{json.dumps([event, data])}")
        acknowledgement = f"43{self._number}["
        while not (packet := self._receive()).startswith(acknowledgement):
            self._keep(packet)
        answer: Json = json.loads(packet[len(acknowledgement) - 1 :])[0]
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def next_event(self) -> tuple[str, Json]:
        while not self.events:
            self._keep(self._receive())
        return self.events.popleft()

    def _keep(self, packet: str) -> None:
        if not packet.startswith("42["):
            raise ConnectionError(f"not an event: {packet[:80]!r}")
        name, *data = json.loads(packet[2:])
        self.events.append((name, data[0] if data else {}))

    def _expect(self, beginning: str) -> None:
        packet = self._receive()
        if packet.startswith("44{"):
            raise Refused(json.loads(packet[2:])["data"])
        if not packet.startswith(beginning):
            raise ConnectionError(f"expected {beginning!r}, got {packet[:80]!r}")

    def _upgrade(self, host: str) -> None:
        self._socket.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._read()
        if not self._buffer.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(bytes(self._buffer[:80]))
        del self._buffer[: end + 4]

    def _send(self, packet: str) -> None:
        data = packet.encode()
        assert len(data) < 1 << 16, "what is sent here is short"
        length = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
        # Masked with zeros, which leaves the data as it is.
        self._socket.sendall(bytes([TEXT, length[0] | MASKED]) + length[1:] + bytes(4) + data)

    def _receive(self) -> str:
        """The next packet that is not a ping; pings are answered."""
        while True:
            packet = self._frame()
            if packet != "2":
                return packet
            self._send("3")

    def _frame(self) -> str:
        self._fill(2)
        kind, length, start = self._buffer[0], self._buffer[1], 2
        if length >= 126:
            start += 2 if length == 126 else 8
            self._fill(start)
            length = int.from_bytes(self._buffer[2:start], "big")
        self._fill(start + length)
        data = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        if kind == CLOSE:
            raise ConnectionError("the server said goodbye")
        if kind != TEXT:
            raise ConnectionError(f"a frame of an unexpected kind: {kind:#x}")
        return data.decode()

    def _fill(self, size: int) -> None:
        while len(self._buffer) < size:
            self._read()

    def _read(self) -> None:
        data = self._socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server hung up")
        self._buffer += data


class HttpDoor:
    """Writing to one room by requests."""

    def __init__(self, url: str, token: str, chat_id: int, *, timeout: float) -> None:
        self._api = Api(url, token, timeout=timeout)
        self._path = f"/chats/{chat_id}/messages"

    def close(self) -> None:
        self._api.close()

    def send(self, content: str, client_id: str) -> Json:
        return self._api.request("POST", self._path, {"content": content, "client_id": client_id})

    def edit(self, seq: int, content: str) -> Json:
        return self._api.request("PATCH", f"{self._path}/{seq}", {"content": content})

    def delete(self, seq: int) -> Json:
        return self._api.request("DELETE", f"{self._path}/{seq}")


class SocketDoor:
    """Writing to one room by socket."""

    def __init__(self, url: str, token: str, chat_id: int, *, timeout: float) -> None:
        self._line = Line(url, token, timeout=timeout)
        self._chat_id = chat_id

    def close(self) -> None:
        self._line.close()

    def send(self, content: str, client_id: str) -> Json:
        return self._call("send", content=content, client_id=client_id)

    def edit(self, seq: int, content: str) -> Json:
        return self._call("edit", seq=seq, content=content)

    def delete(self, seq: int) -> Json:
        return self._call("delete", seq=seq)

    def _call(self, event: str, **data: Any) -> Json:
        answer: Json = self._line.call(event, {"chat_id": self._chat_id} | data)["message"]
        return answer


Door = HttpDoor | SocketDoor
