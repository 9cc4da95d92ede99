"""Readers of one room, each in a thread and by a way of its own; `seen` is what each would show."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

from tests.support.people import Guest, Json, Socket

LIMIT = 30.0  # seconds until a reader gives up


class Reader(ABC):
    """Reads until it has `total` messages. `seen` only ever grows at its end."""

    def __init__(self, guest: Guest, chat: Json, total: int) -> None:
        self.guest = guest
        self.chat = chat
        self.total = total
        self.seen: list[Json] = []
        self.error: BaseException | None = None
        self._deadline = time.monotonic() + LIMIT
        self._thread = threading.Thread(target=self._run)

    def start(self) -> Self:
        self._thread.start()
        return self

    def finish(self) -> list[Json]:
        self._thread.join()
        if self.error is not None:
            raise self.error
        return self.seen

    @property
    def cursor(self) -> int:
        return self.seen[-1]["rev"] if self.seen else 0

    @abstractmethod
    def read(self) -> None:
        """Take what is there."""

    def drain(self, **parameters: object) -> None:
        while True:
            page = self.guest.after(self.chat, self.cursor, **parameters)
            assert not page["more"] or page["messages"], "more is promised and nothing comes"
            self.seen += page["messages"]
            if not page["more"]:
                return

    def _run(self) -> None:
        try:
            while len(self.seen) < self.total and time.monotonic() < self._deadline:
                self.read()
        except BaseException as error:  # noqa: BLE001  # told by finish()
            self.error = error


class Poller(Reader):
    def read(self) -> None:
        self.drain(limit=7)
        time.sleep(0.05)


class LongPoller(Reader):
    def read(self) -> None:
        self.drain(wait=2)


class Listener(Reader):
    """By socket; an event that leaves a hole is answered by fetching what is missing."""

    def __init__(self, guest: Guest, chat: Json, total: int, socket: Socket) -> None:
        super().__init__(guest, chat, total)
        self._socket = socket
        self._taken = 0

    def read(self) -> None:
        events: Sequence[tuple[str, Json]] = self._socket.heard[self._taken :]
        self._taken += len(events)
        for name, data in events:
            if name == "message" and data["rev"] == self.cursor + 1:
                self.seen.append(data)
            elif name in ("message", "head") and data["rev"] > self.cursor:
                self.drain(limit=200)
        time.sleep(0.005)


def whole_history(guest: Guest, chat: Json) -> list[Json]:
    """All messages of a room by paging back from its end, as somebody who joins late reads them."""
    page = guest.get(f"/chats/{chat['id']}/")
    messages: list[Json] = page["messages"]
    more = page["more"]
    while more:
        page = guest.before(chat, messages[0]["seq"], limit=33)
        assert page["messages"][-1]["seq"] < messages[0]["seq"], "paging back goes in circles"
        messages, more = page["messages"] + messages, page["more"]
    return messages
