"""What the protocols' own test suites expect to talk to, on the transport of `porch run`.

Started by `tests/conformance/run.py`; nothing of Porch's own answers here.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402
from typing import Any  # noqa: E402

import engineio  # noqa: E402
import socketio  # noqa: E402
from gevent.pywsgi import WSGIHandler, WSGIServer  # noqa: E402

from porch.realtime.engine import EngineServer  # noqa: E402
from porch.realtime.guarded import GuardedPacket  # noqa: E402
from porch.realtime.server import SocketServer  # noqa: E402
from porch.realtime.websocket import CONNECTION  # noqa: E402

# The suites send bytes, which Porch refuses, and name these figures.
OPTIONS: dict[str, Any] = {
    "binary": True,
    "ping_interval": 1,
    "ping_timeout": 1,
    "max_http_buffer_size": 1_000_000,
}


class Handler(WSGIHandler):
    def get_environ(self) -> dict[str, Any]:
        return super().get_environ() | {CONNECTION: self}

    def log_request(self) -> None:
        """Nothing."""


class WithBinary(GuardedPacket):
    """Porch's packet, with the binary ones as the library reads them."""

    def decode(self, encoded_packet: str) -> int:
        if encoded_packet[:1] in ("5", "6"):
            count: int = super(GuardedPacket, self).decode(encoded_packet)
            return count
        return super().decode(encoded_packet)


def engine_application() -> engineio.WSGIApp:
    server = EngineServer(async_mode="gevent", **OPTIONS)
    server.on("connect", lambda sid, environ: None)
    server.on("message", server.send)
    return engineio.WSGIApp(server)


def socket_application() -> socketio.WSGIApp:
    # What is sent from within a connect handler goes out after the connect packet only when asked for.
    server = SocketServer(serializer=WithBinary, namespaces=["/", "/custom"], always_connect=True, **OPTIONS)

    def register(namespace: str) -> None:
        def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
            server.emit("auth", auth or {}, to=sid, namespace=namespace)

        def message(sid: str, *data: Any) -> None:
            server.emit("message-back", data, to=sid, namespace=namespace)

        server.on("connect", connect, namespace=namespace)
        server.on("message", message, namespace=namespace)
        server.on("message-with-ack", lambda sid, *data: data, namespace=namespace)

    for namespace in server.namespaces:
        register(namespace)
    return socketio.WSGIApp(server)


if __name__ == "__main__":
    application = {"engine.io": engine_application, "socket.io": socket_application}[sys.argv[1]]()
    WSGIServer(("127.0.0.1", 3000), application, log=None, handler_class=Handler).serve_forever()
