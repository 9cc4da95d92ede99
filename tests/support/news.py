"""News of what a test has written to PostgreSQL by itself, as another program would.

A process knows of it when it has heard, which those of the tests say.
"""

from __future__ import annotations

import json
import socket
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self

from gevent import monkey

from porch.engines.postgres.hearing import CHANNEL, Hearing, Written

# Seconds that a process is waited for which does not say so: it was stopped, or was started the long way.
PATIENCE = 1.0
LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = %s"

_socket: type[socket.socket] = monkey.get_original("socket", "socket")


def say_when_heard() -> None:
    """Have this process say so. To be called before applications are made."""
    hear = Hearing._hear

    def hear_and_say(self: Hearing, written: Written) -> None:
        hear(self, written)
        if written.by.startswith("/"):
            with suppress(OSError), closing(_line()) as line:  # who waited may have gone
                line.sendto(b".", written.by)

    Hearing._hear = hear_and_say  # type: ignore[method-assign]


class News:
    """Told in the transaction of a cursor, that anything may have changed; waited for after its commit."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="porch-")
        self._place = str(Path(self._folder.name) / "heard")
        self._line = _line()
        self._line.bind(self._place)
        self._line.settimeout(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._folder.cleanup()

    def tell(self, cursor: Any) -> None:
        cursor.execute("SELECT nextval('write_number')")
        cursor.execute("SELECT pg_notify(%s, %s)", (CHANNEL, json.dumps([self._place])))
        ((self._listening,),) = cursor.execute(LISTENING, (f"LISTEN {CHANNEL}",)).fetchall()

    def wait(self) -> None:
        with suppress(TimeoutError):
            for _ in range(self._listening):
                self._line.recv(1)


def _line() -> socket.socket:
    return _socket(socket.AF_UNIX, socket.SOCK_DGRAM)
