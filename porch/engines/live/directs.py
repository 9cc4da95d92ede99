"""Keeps lists of direct chats up to date: gathers which have changed, and tells the two people of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from porch.engines.live.rooms import Sockets, people_of, user_room
from porch.events import Event

# Chats, and people, looked up at once; what is over waits for the next turn.
MOST_CHANGED = 500
BOTH = 0  # stands for the two people of a chat; nobody's id

V = TypeVar("V")
Rows = list[tuple[int, dict[str, Any]]]


class DirectNews:
    """`read` looks up the rows of those of some chats that are direct, and of all direct chats with some
    people, for the people who listen: whose list, and the row.
    """

    def __init__(
        self,
        sockets: Sockets,
        read: Callable[[Collection[int], Collection[int], Collection[int]], Rows],
    ) -> None:
        self._sockets = sockets
        self._read = read
        self._lock = threading.Lock()
        self._chats: dict[int, set[int]] = {}  # for whom, BOTH among them
        self._people: dict[int, None] = {}

    def changed(self, chat_id: int, *, only_for: int = BOTH) -> None:
        """What is said, or who is there, is not what it was."""
        with self._lock:
            self._chats.setdefault(chat_id, set()).add(only_for)

    def observe(self, event: Event) -> None:
        match event.name:
            case "direct_changed":
                self.changed(event.payload["chat_id"], only_for=event.payload["only_for"] or BOTH)
            case "user" | "nameless":
                with self._lock:
                    self._people[event.payload["user_id"]] = None

    def tick(self) -> None:
        """Tell what has changed since the last time."""
        with self._lock:
            chats = _some(self._chats)
            people = _some(self._people)
        if not (chats or people):
            return
        watching = people_of(self._sockets.rooms())
        if not watching:
            return
        try:
            rows = self._read(chats, people, watching)
        except Exception:
            with self._lock:  # the next time may go well
                for chat_id, whom in chats.items():
                    self._chats.setdefault(chat_id, set()).update(whom)
                self._people = people | self._people
            raise
        for user_id, row in rows:
            whom = chats.get(row["id"], set())
            is_told = user_id in whom or (
                row["state"] != "ignored" and (BOTH in whom or row["with"]["user_id"] in people)
            )
            if not is_told:
                continue
            # Said when somebody asks, not when the other one chooses: its moment would tell of a block.
            told = {key: value for key, value in row.items() if key != "may_write"}
            self._sockets.emit("direct", told, user_room(user_id))


def _some(changed: dict[int, V]) -> dict[int, V]:
    """Takes the first of them out."""
    return {one: changed.pop(one) for one in list(changed)[:MOST_CHANGED]}
