"""Flask-SocketIO on gevent as it is shipped: a room, and an event that goes to everybody in it."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import socket  # noqa: E402

from flask import Flask, request  # noqa: E402
from flask_socketio import SocketIO, join_room  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent")


@socketio.on("join")  # type: ignore[untyped-decorator]
def join(_: object) -> None:
    join_room("room", request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO's


@socketio.on("say")  # type: ignore[untyped-decorator]
def say(data: object) -> None:
    socketio.emit("message", data, to="room")


@socketio.on("ask")  # type: ignore[untyped-decorator]
def ask(_: object) -> dict[str, bool]:
    return {"ok": True}


if __name__ == "__main__":
    # What `socketio.run` does, but that many may knock at once and the port is told.
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(f"Running on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    WSGIServer(listener, app, log=None).serve_forever()
