"""The library's WebSocket transport for threads, mended: every frame is sent whole, none is compressed, large
ones are refused.

simple-websocket ignores how much `send` has sent; a slow reader then gets a torn stream.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

import simple_websocket

LARGEST_MESSAGE = 256 * 1024  # bytes
# Where a server puts its handler into the WSGI environment, for whoever takes the connection over.
CONNECTION = "porch.connection"


class WholeSends:
    """A socket whose `send` sends everything before the next begins: answers to pings come from another
    thread than messages.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._sending = threading.Lock()

    def send(self, data: bytes) -> int:
        with self._sending:
            self._sock.sendall(data)
        return len(data)

    def shutdown(self, how: int) -> None:
        # As for a plain socket: under TLS its own way would let go of the encryption, with a reader and
        # senders still at work.
        socket.socket.shutdown(self._sock, how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _Server(simple_websocket.Server):
    sock: Any

    def handshake(self) -> None:
        self.sock = WholeSends(self.sock)
        super().handshake()


def transport(library: type) -> type:
    """The transport class of an engineio driver, with this module's server in place of its own."""

    class WebSocketTransport(library):  # type: ignore[misc]  # chosen at run time
        def close(self) -> None:
            with suppress(OSError):  # gone already
                super().close()
            with suppress(OSError):  # the library only says goodbye; who does not answer would stay
                self.ws.sock.shutdown(socket.SHUT_RDWR)

        def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
            # Permessage-deflate costs memory for each connection, and lets a small frame grow large.
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            self.ws = _Server(environ, max_message_size=LARGEST_MESSAGE, **self.server_args)
            result = self.app(self)
            if self.ws.mode == "werkzeug":
                raise ConnectionError  # tells Werkzeug that the connection is used up
            return result

    return WebSocketTransport
