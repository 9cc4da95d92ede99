"""What gevent's event loop and the kernel take by themselves: whatever comes is sent back as it is, in the
callback that says that it came.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import gevent
from gevent.event import Event

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from porch.engines.watching import READABLE  # the path had to come first
from porch.realtime.wire import READ


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"Running on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            echo(connection)


def echo(connection: socket.socket) -> None:
    """Until the client closes it; one connection at a time."""
    watcher = gevent.get_hub().loop.io(connection.fileno(), READABLE)
    is_over = Event()

    def heard() -> None:
        data = connection.recv(READ)
        if data:
            connection.send(data)
        else:
            is_over.set()

    watcher.start(heard)
    is_over.wait()
    watcher.close()


if __name__ == "__main__":
    main()
