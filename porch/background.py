"""What runs beside the requests of a serving process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from flask import Flask

from porch import cli
from porch.actions.leftovers import remove_leftovers
from porch.actions.sessions import TOUCH_EVERY, touch_listening
from porch.engines import Engines
from porch.extensions import socketio
from porch.sockets.connections import Connections

log = logging.getLogger(__name__)

# Seconds between two looks at connections that have not signed in.
SWEEP = 1.0
# Seconds between two looks at who has come to a room or gone, at what has changed in the lobby, and in lists
# of direct chats.
PRESENCE = 0.25
LOBBY = 1.0
DIRECTS = 0.25
# Seconds between two looks for sessions that are too old.
CHECK = 60.0
# Seconds between two looks for what a stopped process has left undone.
LEFTOVERS = 60.0


def start_background(app: Flask) -> None:
    """Bring the database up to date, start the writer and what repeats. Once for each application."""
    with app.app_context():
        cli.upgrade()
    engines: Engines = app.extensions["porch_engines"]
    connections: Connections = app.extensions["porch_connections"]
    engines.writer.start()
    engines.pictures.begin(engines.site.state())  # and what is wrong with the site is said at the start

    def touch() -> None:
        if sessions := connections.sessions():
            touch_listening(engines, sessions)

    _repeat(engines.settings.heartbeat, engines.delivery.announce_heads)
    _repeat(SWEEP, lambda: connections.sweep(time.monotonic()))

    def tidy() -> None:
        with app.app_context():
            remove_leftovers(engines)

    _repeat(CHECK, connections.check)
    _repeat(PRESENCE, engines.presence.tick)
    lobby, directs = app.extensions["porch_news"]
    _repeat(LOBBY, lobby.tick)
    _repeat(DIRECTS, directs.tick)
    _repeat(LEFTOVERS, tidy)
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
