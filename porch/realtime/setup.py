"""Which Socket.IO server serves: ours in greenlets, the library's in threads."""

from __future__ import annotations

from typing import Literal

import socketio
from flask import Flask
from flask_socketio import SocketIO

from porch.realtime.guarded import GuardedPacket
from porch.realtime.server import SocketServer
from porch.realtime.sockets import ignore_reserved_events
from porch.realtime.websocket import LARGEST_MESSAGE, transport
from porch.values import Rate

OPTIONS = {
    "cors_allowed_origins": [],  # the guard checks origins, with the same rule as for forms
    "http_compression": False,
    "max_http_buffer_size": LARGEST_MESSAGE,
    "ping_interval": 10,
    "ping_timeout": 5,
}


def init_sockets(
    app: Flask, extension: SocketIO, mode: Literal["gevent", "threading"], *, event_rate: Rate | None
) -> None:
    """Put Socket.IO before the application. `event_rate` holds where connections are ours."""
    if mode == "gevent":
        # The extension knows no way to be given a server: this is what its init_app does.
        extension.server = SocketServer(event_rate=event_rate, **OPTIONS)
        extension.async_mode = mode
        app.extensions["socketio"] = extension
        app.wsgi_app = socketio.WSGIApp(extension.server, app.wsgi_app)  # type: ignore[method-assign]
        return
    extension.init_app(
        app,
        async_mode=mode,
        async_handlers=False,  # one client's events keep their order
        serializer=GuardedPacket,
        manage_session=False,
        **OPTIONS,
    )
    ignore_reserved_events(extension.server)
    # The driver's table of parts is private in engineio 4, and the only place to put in another transport.
    driver = extension.server.eio._async
    extension.server.eio._async = driver | {"websocket": transport(driver["websocket"])}


def defer(server: socketio.Server, event: str) -> bool:
    """Let the handler of this event return a Later, if the server knows what that is."""
    if isinstance(server, SocketServer):
        server.deferring.add(event)
        return True
    return False
