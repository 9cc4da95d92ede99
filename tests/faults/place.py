"""Where the server is: it goes and comes back elsewhere, and clients follow."""

from __future__ import annotations

import threading


class Over(Exception):
    """The trial has ended while a client waited for the server."""


class Place:
    """Shared by the test, which moves it, and by the clients, which wait for it to be somewhere.

    A server that starts again takes a new port: clients that knock at an old one could meet a stranger, or,
    as the system gives ports to callers too, themselves.
    """

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._over = False
        self._changed = threading.Condition()

    def move(self, url: str | None) -> None:
        """The server is there now; None: it is gone."""
        with self._changed:
            self._url = url
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def find(self) -> str:
        """Where the server is, as soon as it is anywhere. Raises Over."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._url is not None)
            if self._over or self._url is None:
                raise Over
            return self._url
