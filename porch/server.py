"""The production server: one gevent process, from the settings to the printed link. It may be one of several
that a supervisor has started.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import signal
import socket
import sys
import time
from pathlib import Path
from typing import NamedTuple, Self

import click
import gevent
import segno
from flask import Flask
from gevent.event import Event

from porch.actions.people.hosting import has_host
from porch.addresses import origins
from porch.background import start_background
from porch.cli.claim import claim_link
from porch.config import Settings
from porch.engines import Engines
from porch.pages.trust import AUTHORITY, STEPS
from porch.serving.connections import Connections, most_descriptors
from porch.serving.http_server import HttpServer
from porch.serving.local_tls import LocalTls
from porch.serving.siblings import Siblings
from porch.serving.tls import tls_context
from porch.web.headers import OWN_AUTHORITY
from porch.web.logs import begin_log

log = logging.getLogger(__name__)

# How long open requests may take to end when the server stops, in seconds.
FAREWELL = 5.0


class Handed(NamedTuple):
    """What a supervisor hands to a worker, as descriptors: the socket to listen on, and one on which it says
    that it serves, and whose end is the supervisor's. `greets`: it prints where the site is. `folder` is for
    what workers have to do with each other.
    """

    listener: int
    supervisor: int
    greets: bool
    folder: str

    @classmethod
    def read(cls, text: str) -> Self:
        listener, supervisor, greets, folder = text.split(",", 3)
        return cls(int(listener), int(supervisor), greets == "1", folder)

    def __str__(self) -> str:
        return f"{self.listener},{self.supervisor},{int(self.greets)},{self.folder}"


def serve(app: Flask, settings: Settings, handed: Handed | None = None) -> None:
    """Serve until SIGINT or SIGTERM; what was accepted is written before it returns. A second signal ends the
    process at once.

    Raises SettingError for a certificate or key that cannot be used.
    """
    local = LocalTls(settings) if settings.tls else None
    begin_log(settings.log_format)
    connections = Connections(most_descriptors())
    app.extensions["porch_metrics"].http = connections
    start_background(app)
    listener = socket.socket(fileno=handed.listener) if handed else listen(settings)
    port = listener.getsockname()[1]
    server = _server(listener, app, connections, local)
    stopping = _on_signal()
    server.start()
    watch = connections.watch()
    spare_collector()
    if handed is None or handed.greets:
        with app.app_context():
            _greet(settings, port, local)
    if handed is not None:
        Siblings(Path(handed.folder), app.extensions["porch_metrics"]).start()
        _tell(socket.socket(fileno=handed.supervisor), stopping)
    stopping.wait()
    _stop(app, server)
    watch.close()


def _server(
    listener: socket.socket, app: Flask, connections: Connections, local: LocalTls | None
) -> HttpServer:
    if local is not None:
        local.watch()
        return HttpServer(
            listener,
            app,
            connections,
            tls=local.context,
            plain={AUTHORITY.encode(): local.plain_answer},
            environ={OWN_AUTHORITY: True},
        )
    settings: Settings = app.extensions["porch_engines"].settings
    tls = tls_context(settings.cert, settings.key) if settings.cert and settings.key else None
    return HttpServer(listener, app, connections, tls=tls)


def _on_signal() -> Event:
    """What is set by the first signal. The next is the system's affair, whatever this process is doing."""
    stopping = Event()

    def stop() -> None:
        for number, watcher in watchers.items():
            watcher.cancel()
            signal.signal(number, signal.SIG_DFL)
        stopping.set()

    watchers = {number: gevent.signal_handler(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    return stopping


def _tell(supervisor: socket.socket, stopping: Event) -> None:
    """Say that this process serves. Without its supervisor it stops: nobody would start it again."""

    def listen() -> None:
        while supervisor.recv(1):
            pass
        stopping.set()

    supervisor.sendall(b"1")
    gevent.spawn(listen)


def _stop(app: Flask, server: HttpServer) -> None:
    """Let nobody in any more, send everybody away to come back in a while, answer what was asked, store what
    was accepted.
    """
    engines: Engines = app.extensions["porch_engines"]
    engines.readiness.stop()
    server.close()
    server.connections.draining = True
    engines.delivery.stop()
    deadline = time.monotonic() + FAREWELL
    while True:
        app.extensions["porch_connections"].dismiss()  # also who has come by a connection that was kept
        if not server.connections.busy or time.monotonic() > deadline:
            break
        gevent.sleep(0.02)
    server.connections.cut()
    engines.writer.stop()
    engines.cluster.stop()


def spare_collector() -> None:
    """What is here now stays: Python need not look through it again and again for what could be thrown away.
    Nor after every few hundred objects: that many are under way in a moment, and go by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def listen(settings: Settings) -> socket.socket:
    """The socket of the site. Raises ClickException for a port that cannot be had."""
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


def _greet(settings: Settings, port: int, local: LocalTls | None) -> None:
    found = origins(settings, port)
    if settings.log_format == "json":
        _note(found)
        return
    for origin in found:
        click.echo(f" * Running on {origin}")
    if not _is_loopback(settings.host):
        link = settings.url or found[-1]
        click.echo(f"   From a phone: {link}")
        with contextlib.suppress(UnicodeEncodeError):  # a terminal that cannot show it has the link
            segno.make(link).terminal(compact=True)
    if local is not None:
        click.echo(f"   Trust its own authority once on each device: {found[-1]}{STEPS}")
        click.echo(f"   Its certificate: {local.certificate}, or http{found[-1][5:]}{AUTHORITY}")
        click.echo(f"   SHA-256 {local.authority.fingerprint}")
    if not has_host():
        click.echo(f"   Become its host: {claim_link(settings, found[0])}")
    click.echo("   Stop with Ctrl+C.")
    sys.stdout.flush()


def _note(found: list[str]) -> None:
    """The same for a log, which is no place for the link that makes somebody the host."""
    for origin in found:
        log.info("Running on %s", origin)
    if not has_host():
        log.warning("This site has no host yet: the command `porch claim` prints the link")


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
