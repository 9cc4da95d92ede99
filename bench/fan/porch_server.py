"""`porch run` with five events more, which need no storage: `join` and `say` for a room that is not written
down, `sit` and `tell` for one whose events go by delivery, to other processes as well, and `ask`, which is
acknowledged as an event of Porch is; and one address at which nothing is done. Everything else is as always.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Iterable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from porch import background  # noqa: E402
from porch.access.actors import Actor  # noqa: E402
from porch.app import create_app  # noqa: E402
from porch.config import settings_from  # noqa: E402
from porch.engines.live.delivery import Delivery  # noqa: E402
from porch.engines.live.rooms import chat_room  # noqa: E402
from porch.events import Event  # noqa: E402
from porch.extensions import socketio  # noqa: E402
from porch.server import serve  # noqa: E402

ROOM = "bench"
CHAT = 7  # of the messages that are said
BARE = "/bare"
EMPTY = b'{"messages":[],"chat":null,"rev":1000,"head":1000,"more":false}'


def join(sid: str, _: object) -> None:
    socketio.server.enter_room(sid, ROOM)


def say(_: str, data: object) -> None:
    socketio.server.emit("message", data, room=ROOM)


class Delivered:
    """A chat that is not written down: what is said there is announced like a message."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def sit(self, sid: str, _: object) -> None:
        socketio.server.enter_room(sid, chat_room(CHAT))
        self._delivery.listen(CHAT)

    def tell(self, _: str, data: dict[str, Any]) -> None:
        self._delivery.announce([Event("message", data, CHAT)])


def ask(_actor: Actor, _sid: str, _data: object) -> dict[str, object]:
    return {}


class Bare:
    """WSGI middleware: answers one address with as much as an empty poll, and with nothing to do for it."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != BARE:
            return self._app(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(EMPTY)))])
        return [EMPTY]


def main() -> None:
    # Who sits is a member of nothing, and would be put out.
    background.CHECK = background.CHECK_CLUSTER = 3600.0
    settings = settings_from(os.environ)
    app = create_app("gevent", settings)
    app.wsgi_app = Bare(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way
    socketio.server.on("join", join)
    socketio.server.on("say", say)
    delivered = Delivered(app.extensions["porch_engines"].delivery)
    socketio.server.on("sit", delivered.sit)
    socketio.server.on("tell", delivered.tell)
    app.extensions["porch_connections"].on("ask", ask)
    # Beside six other servers with as many connections, a pong may come late.
    socketio.server.eio.ping_timeout = 60
    serve(app, settings)


if __name__ == "__main__":
    main()
