"""The production server: one gevent process, from the settings to the printed link."""

from __future__ import annotations

import contextlib
import gc
import logging
import signal
import socket
import ssl
import sys
from typing import Any

import click
import gevent
import segno
from flask import Flask
from gevent.pywsgi import WSGIHandler, WSGIServer

from porch.actions.hosting import has_host
from porch.addresses import origins
from porch.background import start_background
from porch.cli.claim import claim_link
from porch.config import Settings
from porch.realtime.websocket import CONNECTION
from porch.web.tls import TlsServer, tls_context

log = logging.getLogger(__name__)

# How long open requests may take to end when the server stops, in seconds.
FAREWELL = 3


def serve(app: Flask, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; what was accepted is written before it returns.

    Raises SettingError for a certificate or key that cannot be used.
    """
    tls = tls_context(settings.cert, settings.key) if settings.cert and settings.key else None
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    start_background(app)
    listener = _listen(settings)
    port = listener.getsockname()[1]
    server = _server(listener, app, tls)
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, server.stop, FAREWELL)
    server.start()
    spare_collector()
    with app.app_context():
        _greet(settings, port)
    server.serve_forever()
    app.extensions["porch_engines"].writer.stop()


def spare_collector() -> None:
    """What is here now stays: Python need not look through it again and again for what could be thrown away.
    Nor after every few hundred objects: that many are under way in a moment, and go by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def _server(listener: socket.socket, app: Flask, tls: ssl.SSLContext | None) -> WSGIServer:
    options: dict[str, Any] = {
        "log": None,
        "error_log": logging.getLogger("gevent"),
        "handler_class": _Handler,
    }
    if tls is None:
        return WSGIServer(listener, app, **options)
    return TlsServer(listener, app, tls=tls, **options)


class _Handler(WSGIHandler):
    # A visitor who leaves in the middle of an answer is no error; this is how TLS says it.
    ignored_socket_errors = (*WSGIHandler.ignored_socket_errors, ssl.SSL_ERROR_EOF)

    def get_environ(self) -> dict[str, Any]:
        return super().get_environ() | {CONNECTION: self}

    def log_request(self) -> None:
        """Nothing: addresses hold the secret part of a room's link."""

    def _handle_client_error(self, error: Exception) -> tuple[str, bytes] | None:
        if isinstance(error, OSError):
            return None  # gone in the middle of its request: nobody is left to answer
        answer: tuple[str, bytes] = super()._handle_client_error(error)  # type: ignore[misc]  # not in the stubs
        return answer


def _listen(settings: Settings) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Without this a keep-alive answer waits 40 ms for the client's delayed acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(1024)
    except OSError as error:
        raise click.ClickException(
            f"Cannot listen on {settings.host} port {settings.port}: {error.strerror or error}. "
            "Choose another with --port or PORCH_PORT."
        ) from None
    return listener


def _greet(settings: Settings, port: int) -> None:
    found = origins(settings, port)
    for origin in found:
        click.echo(f" * Running on {origin}")
    if not _is_loopback(settings.host):
        link = settings.url or found[-1]
        click.echo(f"   From a phone: {link}")
        with contextlib.suppress(UnicodeEncodeError):  # a terminal that cannot show it has the link
            segno.make(link).terminal(compact=True)
    if not has_host():
        click.echo(f"   Become its host: {claim_link(settings, found[0])}")
    click.echo("   Stop with Ctrl+C.")
    sys.stdout.flush()


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
