"""The numbers of all workers of a supervisor, whichever of them is asked: each tells its own on a socket in a
folder that they share.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent.socket
from gevent.server import StreamServer

from porch.metrics import Metrics

PATIENCE = 2.0  # seconds for another worker, which may be busy
PIECE = 65536  # bytes


class Siblings:
    """`folder` is nobody else's. A worker is called by its process's number; that one has ended is found by
    the next that asks.
    """

    def __init__(self, folder: Path, metrics: Metrics, name: str = "") -> None:
        self.name = name or str(os.getpid())
        self._folder = folder
        self._metrics = metrics
        self._server: Any = None

    def start(self) -> None:
        listener = gevent.socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._folder / self.name))
        listener.listen(16)
        self._server = StreamServer(listener, self._tell)
        self._server.start()
        self._metrics.siblings = self

    def stop(self) -> None:
        self._metrics.siblings = None
        self._server.stop()

    def others(self) -> Iterator[tuple[str, str]]:
        """The name of each other worker, and its numbers."""
        for place in sorted(self._folder.iterdir()):
            if place.name != self.name and (told := _asked(place)):
                yield place.name, told

    def _tell(self, line: Any, _address: object) -> None:
        with line:
            line.sendall(self._metrics.own())


def _asked(place: Path) -> str:
    """What a worker tells; nothing when it has ended, or is too busy."""
    told = b""
    with gevent.socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(PATIENCE)
        try:
            line.connect(str(place))
            while piece := line.recv(PIECE):
                told += piece
        except ConnectionRefusedError:
            with suppress(FileNotFoundError):  # another worker has found it, too
                place.unlink()
        except OSError:
            return ""
    return told.decode()
