"""The WebSocket handshake (RFC 6455 4.2), after which a connection leaves the HTTP server."""

from __future__ import annotations

import base64
import binascii
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from gevent import monkey
from gevent.ssl import SSLSocket
from wsproto.utilities import generate_accept_token

from porch.realtime.websocket import CONNECTION
from porch.realtime.wire import Stream

_NativeSocket = monkey.get_original("socket", "socket")


class BadHandshake(Exception):
    """What was asked for is no WebSocket of version 13."""


def connection_options(environ: Mapping[str, Any]) -> list[str]:
    """What `Connection` lists, in lower case."""
    return [option.strip() for option in environ.get("HTTP_CONNECTION", "").lower().split(",")]


def handshake_answer(environ: dict[str, Any]) -> bytes:
    """The answer to a good handshake. Raises BadHandshake."""
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    try:
        is_key = len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        is_key = False
    if not (
        is_key
        and "upgrade" in connection_options(environ)
        and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and environ.get("SERVER_PROTOCOL") == "HTTP/1.1"
        and environ.get("CONTENT_LENGTH") in (None, "", "0")
        and "HTTP_TRANSFER_ENCODING" not in environ
        and CONNECTION in environ
    ):
        raise BadHandshake
    # No extension is agreed to: compression costs memory for each client, and lets a small frame grow large.
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + generate_accept_token(key.encode()) + b"\r\n\r\n"
    )


def take_over(environ: dict[str, Any]) -> tuple[Stream, bytes]:
    """The connection of a request, and what came after the request already.

    The HTTP server's handler ends with the request, sends nothing, and leaves the connection open.
    """
    handler = environ.pop(CONNECTION)
    connection = handler.socket
    connection.settimeout(0)
    early = b""
    with suppress(ssl.SSLWantReadError):
        early = handler.rfile.peek()
    stream: Stream
    if isinstance(connection, SSLSocket):
        stream = _TlsStream(connection)
    else:
        stream = _NativeSocket(fileno=connection.detach())
    handler.socket = None
    handler.close_connection = True
    return stream, early


class _TlsStream:
    """The server closes its socket when the handler has ended, which takes effect when nobody has a file of
    it any more.
    """

    def __init__(self, connection: SSLSocket) -> None:
        self._file = connection.makefile("rb", buffering=0)
        self.fileno = connection.fileno
        self.send = connection.send
        self.recv = connection.recv

    def close(self) -> None:
        self._file.close()
