"""What runs beside the requests of a serving process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from flask import Flask

from porch import cli
from porch.actions.order.removals import erase
from porch.actions.people.sessions import TOUCH_EVERY, touch_listening
from porch.actions.upkeep.audit import forget_old
from porch.actions.upkeep.indexing import index_anew, index_messages
from porch.actions.upkeep.leftovers import remove_leftovers
from porch.actions.uploads import referred_files, remove_stray_uploads
from porch.engines import Engines
from porch.engines.outside.previews import FETCHERS
from porch.engines.outside.push_news import WORKERS, PushNews
from porch.engines.rounds import Rounds
from porch.engines.search.index import NO_SEARCH
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
# Seconds between two looks whom new messages are to be told.
NOTICES = 1.0
# Seconds between two looks at what is to be pushed.
PUSH = 1.0
# Seconds between two looks at which chats other processes are to be heard of, and what they are to be told.
CLUSTER = 1.0
# Seconds between two looks for sessions that are too old; or, where nobody says that another program has
# written, that it has ended.
CHECK = 60.0
CHECK_CLUSTER = 5.0
# Seconds between two looks for what a stopped process has left undone.
LEFTOVERS = 60.0
# Seconds between two looks for what was said since, to index it.
INDEX = 1.0
# Seconds between two rounds of removing files that no message carries any more, and between two looks for
# those that were never sent or were left behind.
FILES = 1.0
STRAYS = 3600.0


def start_background(app: Flask) -> None:
    """Bring the database up to date, start the writer and what repeats. Once for each application."""
    with app.app_context():
        cli.upgrade()
    engines: Engines = app.extensions["porch_engines"]
    connections: Connections = app.extensions["porch_connections"]
    engines.writer.start()
    engines.cluster.start()
    engines.pictures.begin(engines.site.state())  # and what is wrong with the site is said at the start

    def inside(what: Callable[[], object], *, for_all: bool = False) -> Callable[[], None]:
        """In a context; `for_all`: in one process alone, where there are several."""

        def run() -> None:
            if not for_all or engines.cluster.works_for_all():
                with app.app_context():
                    what()

        return run

    def touch() -> None:
        if sessions := connections.sessions():
            touch_listening(engines, sessions)

    def tidy() -> None:
        remove_leftovers(engines)
        erase(engines)
        forget_old(engines)

    _repeat(engines.settings.heartbeat, engines.delivery.announce_heads)
    _repeat(CLUSTER, engines.cluster.tick)
    _repeat(SWEEP, lambda: connections.sweep(time.monotonic()))
    if engines.search.is_there:
        _repeat(INDEX, inside(lambda: index_messages(engines), for_all=True))
    else:
        log.warning("%s Everything else works.", NO_SEARCH)
        index_anew(engines)
    _repeat(FILES, inside(lambda: engines.uploads.tick(referred_files)))
    _repeat(STRAYS, inside(lambda: remove_stray_uploads(engines), for_all=True), at_once=True)
    _repeat(CHECK if engines.cluster.is_alone else CHECK_CLUSTER, connections.check)
    _repeat(PRESENCE, engines.presence.tick)
    lobby, directs, notices = app.extensions["porch_news"]
    _repeat(LOBBY, lobby.tick)
    _repeat(DIRECTS, directs.tick)
    _repeat(NOTICES, notices.tick)
    _init_push(app.extensions["porch_push_news"])
    if previews := app.extensions["porch_previews"]:
        for _ in range(FETCHERS):
            socketio.start_background_task(previews.work)
    _repeat(LEFTOVERS, inside(tidy, for_all=True))
    _repeat(TOUCH_EVERY.total_seconds(), touch)


def _init_push(news: PushNews) -> None:
    _repeat(PUSH, news.tick)
    for _ in range(WORKERS):
        socketio.start_background_task(news.work)


def _repeat(seconds: float, what: Callable[[], None], *, at_once: bool = False) -> None:
    rounds = Rounds(log, "something that repeats failed")

    def run() -> None:
        socketio.sleep(0 if at_once else seconds)
        while True:
            rounds.run(what)
            socketio.sleep(seconds)

    socketio.start_background_task(run)
