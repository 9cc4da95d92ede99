"""What runs beside the requests of a serving process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from flask import Flask

from porch import cli
from porch.actions.sessions import TOUCH_EVERY, touch_sessions
from porch.engines import Engines
from porch.extensions import socketio
from porch.sockets.connections import Connections

log = logging.getLogger(__name__)

# Seconds between two looks at connections that have not signed in.
SWEEP = 1.0


def start_background(app: Flask) -> None:
    """Bring the database up to date, start the writer and what repeats. Once for each application."""
    with app.app_context():
        cli.upgrade()
    engines: Engines = app.extensions["porch_engines"]
    connections: Connections = app.extensions["porch_connections"]
    engines.writer.start()

    def touch() -> None:
        if sessions := connections.sessions():
            touch_sessions(engines, sessions)

    _repeat(engines.settings.heartbeat, engines.delivery.announce_heads)
    _repeat(SWEEP, lambda: connections.sweep(time.monotonic()))
    _repeat(TOUCH_EVERY.total_seconds(), touch)


def _repeat(seconds: float, what: Callable[[], None]) -> None:
    def run() -> None:
        while True:
            socketio.sleep(seconds)
            try:
                what()
            except Exception:  # the next time may go well
                log.exception("something that repeats failed")

    socketio.start_background_task(run)
