"""What was said here, told to all processes once a second: their lobbies show it, and they tell people who
are not in the chat. Those in the chat have heard it long since.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from porch.engines.cluster.bus import Bus
from porch.engines.live.notices import MOST_CHATS, MOST_OF_ONE
from porch.events import Event, message

MOST_KEPT = 50_000  # messages between two tellings; of more the first are not told


class Said(msgspec.Struct, frozen=True):
    chats: list[int]  # that have changed
    new: list[dict[str, Any]]  # messages, the last ones of each chat


class Tidings:
    """`changed` is told of chats of others that have changed, `said` of what is new there."""

    def __init__(self, bus: Bus, *, changed: Callable[[int], None], said: Callable[[Event], None]) -> None:
        self._bus = bus
        self._changed = changed
        self._said = said
        self._observed: deque[Event] = deque(maxlen=MOST_KEPT)
        bus.on("said", lambda _process, payload: self._hear(msgspec.convert(payload, Said)))

    def observe(self, event: Event) -> None:
        if event.name == "message":
            self._observed.append(event)

    def tick(self) -> None:
        """Tell what has come since the last time."""
        chats: dict[int, deque[Mapping[str, Any]]] = {}
        for _ in range(len(self._observed)):
            event = self._observed.popleft()
            latest = chats.setdefault(event.payload["chat_id"], deque(maxlen=MOST_OF_ONE))
            if event.is_new_message:
                latest.append(event.payload)
        if chats:
            told = list(chats.values())[:MOST_CHATS]
            new = [said for of_one in told for said in of_one]
            self._bus.tell("said", {"chats": list(chats), "new": new})

    def _hear(self, told: Said) -> None:
        for chat_id in told.chats:
            self._changed(chat_id)
        for new in told.new:
            self._said(message(new))
