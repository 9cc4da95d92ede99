"""Processes of one site that share a Redis: each is one object here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from porch.engines.cluster.bus import Bus
from porch.engines.cluster.line import Line
from porch.engines.cluster.relay import Relay
from porch.engines.live.delivery import Delivery
from porch.engines.writing.bridge import ThreadBridge
from porch.events import Event
from tests.support.noted_sockets import NotedSockets
from tests.support.redis import Redis
from tests.support.waiting import eventually


class Turns(ThreadBridge):
    """What is to be done soon is done when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.due: list[Callable[[], None]] = []
        self.held = False

    def soon(self, callback: Callable[[], None]) -> None:
        if self.held:
            self.due.append(callback)
        else:
            callback()

    @contextmanager
    def turn(self) -> Iterator[None]:
        self.held = True
        yield
        self.held = False
        while self.due:
            self.due.pop(0)()


class Process:
    """One process, as far as it has to do with others."""

    def __init__(
        self, url: str, *others: Callable[[Process], None], bridge: ThreadBridge | None = None
    ) -> None:
        self.line = Line(url, bridge or ThreadBridge())
        self.bus = Bus(url, self.line)
        self.sockets = NotedSockets()
        self.rooms: dict[int, int] = {}  # the heads of chats in the database
        self.delivery = Delivery(self.sockets, heads=self._heads, max_waiting=10)
        self.observed: list[Event] = []
        self.relay = Relay(self.bus, self.delivery, wants=lambda chat_id: False, observe=self.observed.append)
        self.delivery.joined_by(self.relay)
        for prepare in others:
            prepare(self)

    def _heads(self, chat_ids: Any) -> dict[int, int]:
        return {chat_id: self.rooms[chat_id] for chat_id in chat_ids if chat_id in self.rooms}

    def emits_after_a_look(self) -> bool:
        self.relay.heads.look()
        return bool(self.sockets.emitted)

    def __enter__(self) -> Process:
        self.line.start()
        self.bus.start()
        eventually(lambda: self.bus.healthy)
        return self

    def __exit__(self, *_: object) -> None:
        self.bus.stop()
        self.line.stop()


def is_heard(teller: Process, listener: Process, chat_id: int) -> bool:
    """Whether what is told to a chat arrives already."""
    teller.bus.tell_chat(chat_id, b"head 0 {}")
    return any(room == f"chat:{chat_id}" for _, _, room in listener.sockets.relayed)


def a_message(chat_id: int, seq: int) -> dict[str, Any]:
    return {"chat_id": chat_id, "seq": seq, "rev": seq, "deleted": False, "user_id": 1}


def starting(redis: Redis) -> Iterator[Callable[..., Process]]:
    """What starts processes of one site, which end with it."""
    url = redis.site()
    with ExitStack() as stack:
        yield lambda *others: stack.enter_context(Process(url, *others))
