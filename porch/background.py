"""What runs beside the requests of a serving process."""

from __future__ import annotations

import logging

from flask import Flask

from porch import cli
from porch.engines import Engines
from porch.extensions import socketio

log = logging.getLogger(__name__)


def start_background(app: Flask) -> None:
    """Bring the database up to date, start the writer and the heartbeat. Once for each application."""
    with app.app_context():
        cli.upgrade()
    engines: Engines = app.extensions["porch_engines"]
    engines.writer.start()

    def beat() -> None:
        while True:
            socketio.sleep(engines.settings.heartbeat)
            try:
                engines.delivery.announce_heads()
            except Exception:  # the next beat tries again
                log.exception("heads were not announced")

    socketio.start_background_task(beat)
