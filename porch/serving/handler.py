"""HTTP as gevent speaks it, with bounds, heads that are read strictly, answers that leave in one piece."""

from __future__ import annotations

import errno
import logging
import ssl
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from gevent.pywsgi import Input, WSGIHandler, WSGIServer

from porch.realtime.websocket import CONNECTION
from porch.serving.body import Body
from porch.serving.connections import PATIENCE, SLOWEST, Connection
from porch.serving.head import HeadTooLarge, read_head
from porch.serving.repeats import Holds, Repeats, date

log = logging.getLogger(__name__)

CLOSED = "HTTP/1.1 {} \r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
# Bytes of an answer that leave together with its head: more than that is not copied.
TOGETHER = 64 * 1024


class Handler(WSGIHandler):
    """Of one connection; gevent calls what is named as in its class."""

    # Whoever leaves in the middle of an answer is no error; TLS has words of its own for that, a connection
    # that was cut off has another.
    ignored_socket_errors = (*WSGIHandler.ignored_socket_errors, ssl.SSL_ERROR_EOF, errno.EBADF)

    # The stubs have other types here than gevent.
    content_length: int | None  # type: ignore[assignment]
    status: bytes | None  # type: ignore[assignment]
    response_headers: list[tuple[bytes, bytes]]  # type: ignore[assignment]

    def __init__(self, connection: Connection, address: Any, server: WSGIServer) -> None:
        super().__init__(connection.socket, address, server)
        self._connection = connection
        self._repeats = Repeats(connection, self.rfile)
        self._is_first = True
        self._holds: Holds | None = None

    def read_requestline(self) -> str:
        if not self._is_first:
            self._repeats.wait()
            self._connection.begins()
        self._is_first = False
        line: str = super().read_requestline()
        return line

    def read_request(self, raw_requestline: str) -> Any:
        """Raises ValueError for a request that cannot be read, or in two ways; OSError for one that ends
        in the middle.
        """
        self._head = head = read_head(raw_requestline, self.rfile)
        self.command, self.path, self.request_version = head.method, head.target, head.version
        self.content_length = head.length
        self.close_connection = head.is_last
        self._connection.works()
        return True

    def repeats_while(self, holds: Holds) -> None:
        """Called by the application before it answers: so every request in these words is answered while this
        says so.
        """
        self._holds = holds

    def get_environ(self) -> dict[str, Any]:
        head = self._head
        path, _, query = head.target.partition("?")
        self._holds = None
        self.wsgi_input = self._body()
        environ: dict[str, Any] = self.server.get_environ()
        environ.update(head.fields)
        environ |= {
            "REQUEST_METHOD": head.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": head.version,
            "wsgi.input": self.wsgi_input,
            "wsgi.input_terminated": True,
            CONNECTION: self,
        }
        if isinstance(self.client_address, tuple):
            environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = map(str, self.client_address[:2])
        return environ

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if isinstance(self.wsgi_input, Body) and not self.wsgi_input.has_clear_end:
            self.close_connection = True

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """Raises ValueError for a line break within a header, TypeError for what is no text."""
        if exc_info and self.headers_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        lines = "\r\n".join((status, *map(": ".join, headers)))
        if lines.count("\r") != len(headers) or lines.count("\n") != len(headers):
            raise ValueError("a line break in a header")
        given = {name.lower(): value for name, value in headers}
        self._lines = lines.encode("latin-1")
        self.status, self.code = status.encode("latin-1"), int(status.split(" ", 1)[0])
        self.provided_date = given.get("date")
        self.provided_content_length = given.get("content-length")
        self.response_headers = []  # those that follow
        if given.get("connection") == "close":
            self.close_connection = True
        elif self.request_version == "HTTP/1.0" and "connection" not in given:
            option = b"close" if self.close_connection else b"keep-alive"
            self.response_headers.append((b"Connection", option))
        return self.write

    def finalize_headers(self) -> None:
        if self._connection.is_last:
            self.close_connection = True
            self.response_headers.append((b"Connection", b"close"))
        if self.provided_date is None:
            self.provided_date = ""
            self.response_headers.append((b"Date", date(int(time.time()))))
        super().finalize_headers()

    def log_request(self) -> None:
        """Nothing: addresses hold the secret part of a room's link."""

    def _write_with_headers(self, data: bytes) -> None:
        self.headers_sent = True
        self.finalize_headers()
        more = b"".join([b"\r\n%b: %b" % header for header in self.response_headers])
        head = b"HTTP/1.1 %b%b\r\n\r\n" % (self._lines, more)
        if self._holds is not None:
            self._learn(self._holds, data)
        if self.response_use_chunked or len(data) > TOGETHER:
            self._sendall(head)
            self._write(data)  # type: ignore[attr-defined]  # not in the stubs
        else:
            self._sendall(head + data)

    def _learn(self, holds: Holds, data: bytes) -> None:
        has_body = self._head.length or self._head.is_chunked
        if not has_body and [name for name, _ in self.response_headers] == [b"Date"]:
            self._repeats.learn(b"HTTP/1.1 %b\r\nDate: " % self._lines, b"\r\n\r\n" + data, holds)

    def _sendall(self, data: bytes) -> None:
        self._connection.moves(PATIENCE + len(data) / SLOWEST)
        sent = self.socket.send(data)
        if sent < len(data):
            self.socket.sendall(memoryview(data)[sent:])
        self.response_length += len(data)
        self._connection.works()

    def _body(self) -> Input:
        head = self._head
        if not head.length and not head.is_chunked:
            return Input(self.rfile, head.length)
        is_held_back = head.fields.get("HTTP_EXPECT", "").lower() == "100-continue"
        return Body(
            self.rfile, head.length, self.socket if is_held_back else None, head.is_chunked, self._connection
        )

    def _handle_client_error(self, error: Exception) -> tuple[str, bytes] | None:
        if isinstance(error, OSError):
            return None  # gone in the middle of its request: nobody is left to answer
        status = (
            "431 Request Header Fields Too Large" if isinstance(error, HeadTooLarge) else "400 Bad Request"
        )
        # Not what it says: an address holds the secret part of a room's link.
        log.warning("a request from %s was refused: %s", self.client_address[0], status)
        return status, CLOSED.format(status).encode()
