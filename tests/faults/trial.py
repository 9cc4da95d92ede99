"""One room, people who write and people who watch while something goes wrong, and the check of it all."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self

from tests.faults.clients import (
    Client,
    Listener,
    LongPoller,
    OpenDoor,
    Poller,
    Sender,
    Watcher,
    coming_again,
)
from tests.faults.history import History, Sight, violations
from tests.faults.lines import HttpDoor, SocketDoor
from tests.faults.place import Place
from tests.support.people import Guest, Json
from tests.support.readers import whole_history
from tests.support.waiting import eventually

TIMEOUT = 20.0  # seconds
# Those who watch hear something within 2 s: a head, or the end of a long poll.
PATIENCE = 3.0


class Trial:
    """`place` is where clients look for the server, `url` where the trial itself reaches it, past any proxy.
    Senders give a connection up after `timeout` seconds of silence, those who watch PATIENCE later.
    """

    def __init__(self, url: str, place: Place | None = None, *, timeout: float = TIMEOUT) -> None:
        self.place = place or Place(url)
        self.url = url
        self.history = History()
        self.senders: list[Sender] = []
        self.watchers: list[Watcher] = []
        self._timeout = timeout
        self.reader = Guest.sign_in(url)
        self.chat: Json = self.reader.open_chat()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.place.close()
        for client in self._clients:
            client.stop()

    def moved(self, url: str) -> None:
        """The server is there now."""
        self.url = self.reader.url = url
        self.place.move(url)

    def somebody(self) -> Guest:
        """A new member of the room."""
        guest = Guest.sign_in(self.url)
        joined: list[Json] = []

        def join() -> list[Json]:
            with coming_again():  # where many write already
                joined.append(guest.join(self.chat))
            return joined

        eventually(join)
        return guest

    def write(self, *, sockets: int = 0, http: int = 0, place: Place | None = None, **manner: float) -> None:
        """Let so many people write by each door, in this `manner`: see Sender. `place` is where they look for
        the server, if they have one of their own.
        """
        for door in [SocketDoor] * sockets + [HttpDoor] * http:
            guest = self.somebody()
            assert guest.token is not None
            open_door: OpenDoor = partial(
                door, token=guest.token, chat_id=self.chat["id"], timeout=self._timeout
            )
            sender = Sender(guest.username, place or self.place, open_door, self.history, **manner)
            self.senders.append(sender)
            sender.start()

    def watch(self, *kinds: type[Watcher], place: Place | None = None) -> None:
        """Let somebody follow the room in each of these ways; in every way, if none is named. `place` as for
        `write`.
        """
        for kind in kinds or (Poller, LongPoller, Listener):
            guest = self.somebody()
            assert guest.token is not None
            name = f"{kind.__name__} {len(self.watchers)}"
            where, timeout = place or self.place, self._timeout + PATIENCE
            watcher = kind(name, where, guest.token, self.chat["id"], timeout=timeout)
            self.watchers.append(watcher)
            watcher.start()

    @property
    def acknowledged(self) -> int:
        return sum(sender.acknowledged for sender in self.senders)

    @property
    def unknown(self) -> int:
        return sum(sender.unknown for sender in self.senders)

    @property
    def later(self) -> int:
        return sum(sender.later for sender in self.senders)

    @property
    def pushed(self) -> int:
        return sum(watcher.pushed for watcher in self.watchers if isinstance(watcher, Listener))

    def until_acknowledged(self, count: int, *, within: float = 60.0) -> None:
        """Wait for so many more acknowledgements."""
        wanted = self.acknowledged + count

        self._until(lambda: self.acknowledged >= wanted, within)

    def _until(self, condition: Callable[[], bool], within: float) -> None:
        deadline = time.monotonic() + within
        while not condition():
            for client in self._clients:
                client.confirm()
            assert time.monotonic() < deadline, "the clients do not get on"
            time.sleep(0.002)

    def let_writers_finish(self) -> None:
        """Each has its last message acknowledged, and goes."""
        for sender in self.senders:
            sender.stop()
        for sender in self.senders:
            sender.join()

    def end(self) -> Counter[str]:
        """Let everybody finish and see everything; returns what the checker finds."""
        self.let_writers_finish()
        messages, head = self.read(), self.head()
        for watcher in self.watchers:
            watcher.finish(head)
        for watcher in self.watchers:
            watcher.join()
            self.history.views[watcher.name] = watcher.view
        self.history.views["a newcomer, backwards"] = _sights(messages)
        gapless = all(len(versions) == 1 for versions in self.history.versions.values())
        return violations(self.history, gapless=gapless)

    def read(self) -> list[Json]:
        """The whole log, as a newcomer reads it who pages back from its end."""
        return whole_history(self.reader, self.chat)

    def head(self) -> int:
        rev: int = self.reader.get(f"/chats/{self.chat['id']}/")["rev"]
        return rev

    @property
    def _clients(self) -> list[Client]:
        return [*self.senders, *self.watchers]


def _sights(messages: list[Json]) -> list[Sight]:
    return [Sight(one["seq"], one["client_id"], one["content"]) for one in messages]
