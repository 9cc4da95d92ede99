"""People who write, and people who watch, through whatever happens: each a thread that goes on after a broken
connection as a good client does, and keeps its part of the history.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

from tests.faults.history import DELETED, History, Sight
from tests.faults.lines import BROKEN, Api, Door, Line
from tests.faults.place import Over, Place
from tests.support.people import Json, Refused

GRACE = 60.0  # seconds that a client has to finish in
PAUSE = 0.02  # seconds between two attempts
# What says: the same again, later.
LATER = ("retry_later", "too_fast")


@contextmanager
def coming_again() -> Iterator[None]:
    """Who is put off inside comes again later."""
    try:
        yield
    except Refused as error:
        if error.code not in LATER:
            raise


OpenDoor = Callable[[str], Door]


class Client(ABC):
    def __init__(self, name: str) -> None:
        self.name = name
        self._error: BaseException | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ask it to finish what it is about."""
        self._stopping.set()

    def confirm(self) -> None:
        """Raise what went wrong in it so far."""
        if self._error is not None:
            raise self._error

    def join(self, within: float = GRACE) -> None:
        """Wait until it has come to its end; raises what went wrong in it."""
        self._thread.join(within)
        self.confirm()
        assert not self._thread.is_alive(), f"{self.name} did not come to an end"

    def _run(self) -> None:
        try:
            self.work()
        except Over:
            pass
        except BaseException as error:  # noqa: BLE001  # told by join()
            self._error = error

    @abstractmethod
    def work(self) -> None: ...


class Sender(Client):
    """Says one thing after another, each until it is acknowledged, with a pause of so many seconds before it.
    Each is `size` characters longer than it need be. With the chance `changes`, something that was said
    before is edited or deleted.
    """

    def __init__(
        self,
        name: str,
        place: Place,
        open_door: OpenDoor,
        history: History,
        *,
        pause: float = 0.0,
        size: float = 0.0,
        changes: float = 0.0,
    ) -> None:
        super().__init__(name)
        self._place = place
        self._open_door = open_door
        self._history = history
        self._pause = pause
        self._padding = "…" * int(size)
        self._changes = changes
        self._door: Door | None = None
        self._random = random.Random(name)
        self._said: dict[str, int] = {}  # seqs of messages that may still be changed
        self.acknowledged = 0
        self.unknown = 0  # attempts that were not answered
        self.later = 0  # attempts that were put off
        self.slowest = 0.0  # seconds from the first attempt to the acknowledgement

    def work(self) -> None:
        try:
            for number in itertools.count(1):
                if self._stopping.wait(self._pause):
                    return
                self._say(f"{self.name} says {number}{self._padding}")
                if self._random.random() < self._changes:
                    self._change(f"{self.name} mends {number}")
        finally:
            self._hang_up()

    def _say(self, content: str) -> None:
        client_id = str(uuid.uuid4())
        self._history.send(self.name, client_id, content)
        message = self._until_acknowledged(lambda door: door.send(content, client_id))
        assert (message["client_id"], message["content"]) == (client_id, content), "another's acknowledgement"
        self._history.acknowledge(client_id, message["seq"])
        self._said[client_id] = message["seq"]

    def _change(self, content: str) -> None:
        client_id, seq = self._random.choice(list(self._said.items()))
        if self._random.random() < 0.5:
            del self._said[client_id]
            content = DELETED
        self._history.change(client_id, content)
        message = self._until_acknowledged(
            lambda door: door.delete(seq) if content == DELETED else door.edit(seq, content)
        )
        assert (message["client_id"], message["content"]) == (client_id, content), "another's acknowledgement"
        self._history.acknowledge_change(client_id)

    def _until_acknowledged(self, attempt: Callable[[Door], Json]) -> Json:
        began = time.monotonic()
        while True:
            door = self._connect()
            try:
                message = attempt(door)
            except BROKEN:
                self.unknown += 1
                self._hang_up()
                time.sleep(PAUSE)
            except Refused as error:
                if error.code not in LATER:
                    raise
                self.later += 1
                time.sleep(PAUSE)
            else:
                self.acknowledged += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
                return message

    def _connect(self) -> Door:
        while self._door is None:
            url = self._place.find()
            with suppress(*BROKEN), coming_again():
                self._door = self._open_door(url)
            if self._door is None:
                time.sleep(PAUSE)
        return self._door

    def _hang_up(self) -> None:
        if self._door is not None:
            self._door.close()
        self._door = None


class Watcher(Client):
    """Follows the log of a room by its cursor. `view` is what it shows: new messages only come to its end."""

    def __init__(self, name: str, place: Place, token: str, chat_id: int, *, timeout: float) -> None:
        super().__init__(name)
        self._place = place
        self._token = token
        self._chat_id = chat_id
        self._timeout = timeout
        self._index: dict[int, int] = {}
        self._target: int | None = None
        self.cursor = 0
        self.view: list[Sight] = []

    def finish(self, head: int) -> None:
        """Stop when the log is seen up to there."""
        self._target = head
        self.stop()

    def work(self) -> None:
        while not self._has_finished():
            url = self._place.find()
            with suppress(*BROKEN), coming_again():
                self.watch(url)
            time.sleep(PAUSE)

    @abstractmethod
    def watch(self, url: str) -> None:
        """Follow the log until it is finished, or the connection breaks."""

    def _has_finished(self) -> bool:
        return self._target is not None and self.cursor >= self._target

    def _api(self, url: str) -> Api:
        return Api(url, self._token, timeout=self._timeout)

    def _drain(self, api: Api, **parameters: object) -> None:
        """Read to the head, collect, and only then show: what was changed comes in the order of changes."""
        try:
            page = self._page(api, self.cursor, **parameters)
        except Refused as error:
            if error.code not in LATER:
                raise
            time.sleep(PAUSE)
            return
        collected = page["messages"]
        while page["more"]:
            page = self._page(api, page["rev"])
            collected += page["messages"]
        self._show(collected, page["rev"])

    def _page(self, api: Api, after: int, **parameters: object) -> Json:
        return api.get(f"/chats/{self._chat_id}/messages", after=after, limit=200, **parameters)

    def _show(self, messages: list[Json], rev: int) -> None:
        for message in sorted(messages, key=lambda one: (one["seq"], one["rev"])):
            sight = Sight(message["seq"], message["client_id"], message["content"])
            if sight.seq in self._index:
                self.view[self._index[sight.seq]] = sight
            else:
                self._index[sight.seq] = len(self.view)
                self.view.append(sight)
        self.cursor = rev


class Poller(Watcher):
    def watch(self, url: str) -> None:
        with self._api(url) as api:
            while not self._has_finished():
                self._drain(api)
                time.sleep(0.05)


class LongPoller(Watcher):
    def watch(self, url: str) -> None:
        with self._api(url) as api:
            while not self._has_finished():
                self._drain(api, wait=2)


class Listener(Watcher):
    """By socket; an event that leaves a hole is answered by fetching what is missing. `pushed` is how many
    messages were shown as they were pushed.
    """

    pushed = 0
    receive_buffer: int | None = None

    def watch(self, url: str) -> None:
        buffer = self.receive_buffer
        with (
            Line(url, self._token, timeout=self._timeout, receive_buffer=buffer) as line,
            self._api(url) as api,
        ):
            self._enter(line, api)
            while not self._has_finished():
                name, data = line.next_event()
                self._hear(name, data, api)

    def _enter(self, line: Line, api: Api) -> None:
        page = line.call("enter", {"chat_id": self._chat_id, "after": self.cursor})
        self._drain(api) if page["more"] else self._show(page["messages"], page["rev"])

    def _hear(self, name: str, data: Json, api: Api) -> None:
        if name == "message" and data["rev"] == self.cursor + 1:
            self._show([data], data["rev"])
            self.pushed += 1
        elif name in ("message", "head") and data["rev"] > self.cursor:
            self._drain(api)
