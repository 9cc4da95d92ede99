"""Tells people of new messages in chats that they do not look at: gathers them, and tells once a second."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from porch.engines.live.rooms import Sockets, people_of, user_room
from porch.events import Event

# Messages of one chat, the last ones, of which one notice is made, in the page or by push.
MOST_OF_ONE = 5
# Chats that are looked at in one turn. What is over is not told: the counts tell of it.
MOST_CHATS = 200

PersonalNotices = list[tuple[int, dict[str, Any]]]


class Notices:
    """`read` looks up whom new messages are to be told, of the people who listen: who, and what."""

    def __init__(
        self,
        sockets: Sockets,
        read: Callable[[Iterable[Mapping[str, Any]], Collection[int]], PersonalNotices],
    ) -> None:
        self._sockets = sockets
        self._read = read
        self._lock = threading.Lock()
        self._new: dict[int, deque[Mapping[str, Any]]] = {}

    def observe(self, event: Event) -> None:
        if not event.is_new_message:
            return
        message = event.payload
        with self._lock:
            if message["chat_id"] in self._new or len(self._new) < MOST_CHATS:
                self._new.setdefault(message["chat_id"], deque(maxlen=MOST_OF_ONE)).append(message)

    def tick(self) -> None:
        """Tell what has come since the last time."""
        with self._lock:
            new, self._new = self._new, {}
        if not new:
            return
        watching = people_of(self._sockets.rooms())
        if not watching:
            return
        for user_id, notice in self._read(
            [message for of_one in new.values() for message in of_one], watching
        ):
            self._sockets.emit("notice", notice, user_room(user_id))
