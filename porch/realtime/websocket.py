"""The library's WebSocket transport, mended: every frame is sent whole, none is compressed, large ones
are refused.

simple-websocket ignores how much `send` has sent; on gevent a slow reader then gets a torn stream.
"""

from __future__ import annotations

from typing import Any

import simple_websocket

LARGEST_MESSAGE = 256 * 1024  # bytes


class _WholeSends:
    """A socket whose `send` sends everything."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def send(self, data: bytes) -> int:
        self._sock.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _Server(simple_websocket.Server):
    sock: Any

    def handshake(self) -> None:
        self.sock = _WholeSends(self.sock)
        super().handshake()


def transport(library: type) -> type:
    """The transport class of an engineio driver, with this module's server in place of its own."""

    class WebSocketTransport(library):  # type: ignore[misc]  # chosen at run time
        def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
            # Permessage-deflate costs memory for each connection, and lets a small frame grow large.
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            self.ws = _Server(environ, max_message_size=LARGEST_MESSAGE, **self.server_args)
            result = self.app(self)
            if self.ws.mode == "werkzeug":
                raise ConnectionError  # tells Werkzeug that the connection is used up
            return result

    return WebSocketTransport
