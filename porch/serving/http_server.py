"""gevent's server, with bounds on its connections, and with TLS that keeps nobody waiting."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from wsgiref.types import WSGIApplication

from gevent.pywsgi import WSGIServer

from porch.realtime.workers import Workers
from porch.serving.connections import Connection, Connections
from porch.serving.handler import Handler
from porch.serving.tls import begin_tls

BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class HttpServer(WSGIServer):
    """`environ` is what every request's environment begins with, `plain` what is answered where TLS is spoken
    and somebody asks in the clear: see begin_tls.
    """

    # At one go: those who make room for them do that in the next turn of the loop. Fewer than are kept back.
    max_accept = 32

    def __init__(
        self,
        listener: socket.socket,
        application: WSGIApplication,
        connections: Connections,
        *,
        tls: ssl.SSLContext | None = None,
        plain: Mapping[bytes, bytes] | None = None,
        environ: dict[str, Any] | None = None,
    ) -> None:
        scheme = {"wsgi.url_scheme": "http" if tls is None else "https"}
        super().__init__(
            listener,
            application,
            log=None,
            error_log=logging.getLogger("gevent"),
            environ=scheme | (environ or {}),
        )
        self.connections = connections
        self._tls = tls
        self._plain = plain or {}
        self._workers = Workers()

    def do_handle(self, client: Any, address: Any) -> None:
        """Called by gevent on the hub, where nothing may wait, for each connection."""
        connection = self.connections.admit(client)
        if connection is not None:
            self._workers.start(partial(self._serve, connection, address))
            return
        with suppress(OSError), client:
            if self._tls is None:
                client.settimeout(0)
                client.send(BUSY)

    def _serve(self, connection: Connection, address: Any) -> None:
        try:
            if self._tls is None or self._is_encrypted(connection, self._tls):
                Handler(connection, address, self).handle()
        finally:
            self.connections.forget(connection)
            connection.socket.close()

    def _is_encrypted(self, connection: Connection, tls: ssl.SSLContext) -> bool:
        """Shake hands. Whoever does not manage that is let go in silence."""
        try:
            encrypted = begin_tls(connection.socket, tls, self._plain)
            if encrypted is None:
                return False
            connection.socket = encrypted
            encrypted.do_handshake()
        except OSError:
            return False
        connection.begins()
        return True
