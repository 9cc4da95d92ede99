"""`porch run` with three events more, which need no storage: `join` and `say` for a room that is not written
down, and `ask`, which is acknowledged as an event of Porch is; and one address at which nothing is done.
Everything else is as it always is.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Iterable  # noqa: E402
from pathlib import Path  # noqa: E402
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from porch.access import Actor  # noqa: E402
from porch.app import create_app  # noqa: E402
from porch.config import settings_from  # noqa: E402
from porch.extensions import socketio  # noqa: E402
from porch.server import serve  # noqa: E402

ROOM = "bench"
BARE = "/bare"
EMPTY = b'{"messages":[],"chat":null,"rev":1000,"head":1000,"more":false}'


def join(sid: str, _: object) -> None:
    socketio.server.enter_room(sid, ROOM)


def say(_: str, data: object) -> None:
    socketio.server.emit("message", data, room=ROOM)


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
    settings = settings_from(os.environ)
    app = create_app("gevent", settings)
    app.wsgi_app = Bare(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way
    socketio.server.on("join", join)
    socketio.server.on("say", say)
    app.extensions["porch_connections"].on("ask", ask)
    # Beside six other servers with as many connections, a pong may come late.
    socketio.server.eio.ping_timeout = 60
    serve(app, settings)


if __name__ == "__main__":
    main()
