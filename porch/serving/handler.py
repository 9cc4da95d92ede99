"""HTTP as gevent speaks it, with the bounds that it lacks."""

from __future__ import annotations

import errno
import http.client
import logging
import ssl
from io import BufferedIOBase
from typing import Any, cast

from gevent.pywsgi import WSGIHandler, WSGIServer

from porch.realtime.websocket import CONNECTION
from porch.serving.body import Body
from porch.serving.connections import PATIENCE, SLOWEST, Connection

log = logging.getLogger(__name__)

LARGEST_HEADERS = 32 * 1024  # bytes of all of a request's
CLOSED = "HTTP/1.1 {} \r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class HeadersTooLarge(ValueError):
    """More than LARGEST_HEADERS."""


class Handler(WSGIHandler):
    """Of one connection; gevent calls what is named as in its class."""

    # Whoever leaves in the middle of an answer is no error; TLS has words of its own for that, a connection
    # that was cut off has another.
    ignored_socket_errors = (*WSGIHandler.ignored_socket_errors, ssl.SSL_ERROR_EOF, errno.EBADF)

    def __init__(self, connection: Connection, address: Any, server: WSGIServer) -> None:
        super().__init__(connection.socket, address, server)
        self._connection = connection
        self._is_first = True

    def read_requestline(self) -> str:
        if not self._is_first:
            self._connection.waits()
            self.rfile.peek(1)
            self._connection.begins()
        self._is_first = False
        line: str = super().read_requestline()
        return line

    def read_request(self, raw_requestline: str) -> Any:
        """Raises ValueError for a request that cannot be read, or in two ways; OSError for one that ends
        in the middle.
        """
        if not raw_requestline.endswith("\n"):
            raise ConnectionAbortedError
        super().read_request(raw_requestline)
        if self.request_version == "HTTP/0.9":
            raise ValueError(self.request_version)
        self._confirm_one_length()
        self._connection.works()
        return True

    def MessageClass(self, rfile: Any, *more: Any) -> Any:  # noqa: N802  # gevent's name
        return super().MessageClass(cast(BufferedIOBase, _HeaderLines(rfile)), *more)

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ[CONNECTION] = self
        found = self.wsgi_input
        if environ["wsgi.input"] is found and (found.content_length or found.chunked_input):
            environ["wsgi.input"] = self.wsgi_input = Body(found, self._connection)
        return environ

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if isinstance(self.wsgi_input, Body) and self.wsgi_input.is_held_back:
            self.close_connection = True  # what comes next may be the body after all

    def finalize_headers(self) -> None:
        if self._connection.is_last:
            self.close_connection = True
            # The stubs have strings here, and None.
            cast(list[tuple[bytes, bytes]], self.response_headers).append((b"Connection", b"close"))
        super().finalize_headers()

    def log_request(self) -> None:
        """Nothing: addresses hold the secret part of a room's link."""

    def _sendall(self, data: bytes) -> None:
        self._connection.moves(PATIENCE + len(data) / SLOWEST)
        super()._sendall(data)  # type: ignore[misc]  # not in the stubs
        self._connection.works()

    def _handle_client_error(self, error: Exception) -> tuple[str, bytes] | None:
        if isinstance(error, OSError):
            return None  # gone in the middle of its request: nobody is left to answer
        too_large = isinstance(error, HeadersTooLarge | http.client.HTTPException)
        status = "431 Request Header Fields Too Large" if too_large else "400 Bad Request"
        # Not what it says: an address holds the secret part of a room's link.
        log.warning("a request from %s was refused: %s", self.client_address[0], status)
        return status, CLOSED.format(status).encode()

    def _confirm_one_length(self) -> None:
        """What another server on the way might take for two requests, or for none."""
        lengths = self.headers.get_all("content-length", [])
        codings = [coding.lower() for coding in self.headers.get_all("transfer-encoding", [])]
        if codings not in ([], ["chunked"]) or len(lengths) > 1:
            raise ValueError("no clear end")
        if lengths and not (lengths[0].isascii() and lengths[0].isdigit()):
            raise ValueError("no clear length")


class _HeaderLines:
    """The header lines of one request, as a file to read from."""

    def __init__(self, rfile: Any) -> None:
        self._rfile = rfile
        self._left = LARGEST_HEADERS

    def readline(self, limit: int) -> bytes:
        line: bytes = self._rfile.readline(min(limit, self._left + 1))
        self._left -= len(line)
        if self._left < 0:
            raise HeadersTooLarge
        if not line:  # the end of the connection, not of the headers
            raise ConnectionAbortedError
        return line
