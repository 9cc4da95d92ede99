"""Keeps the lobbies that are open up to date: gathers which chats have changed, and tells once a second."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from porch.engines.live.rooms import LOBBY, Sockets, lobby_of, lobby_room
from porch.events import Event

# Chats looked up at once; what is over waits for the next turn.
MOST_CHANGED = 500


Pairs = Collection[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Changes:
    """What has become of some chats: `listed` as everybody sees them; by person, the rows of theirs and the
    ids of those that are gone.
    """

    listed: list[dict[str, Any]]
    rows: dict[int, list[dict[str, Any]]]
    gone: dict[int, list[int]]


class LobbyNews:
    """`read` looks up what has become of chats, for the people whose lobby is open; and of some chats for one
    person alone, who has read there: pairs of chat and person.
    """

    def __init__(
        self, sockets: Sockets, read: Callable[[Sequence[int], Collection[int], Pairs], Changes]
    ) -> None:
        self._sockets = sockets
        self._read = read
        self._lock = threading.Lock()
        self._changed: dict[int, None] = {}
        self._own: set[tuple[int, int]] = set()
        self._gone: set[int] = set()
        self._gone_for: dict[int, set[int]] = {}

    def changed(self, chat_id: int) -> None:
        """A chat's name, last activity or people are not what they were."""
        with self._lock:
            self._changed[chat_id] = None

    def observe(self, event: Event) -> None:
        chat_id = event.payload.get("chat_id", event.chat_id)
        match event.name:
            case "message" | "chat" | "room_deleted" | "added":
                self.changed(chat_id)
            case "read" | "level" if event.user_id is not None:
                with self._lock:
                    self._own.add((chat_id, event.user_id))
            case "unlisted":
                with self._lock:
                    self._gone.add(chat_id)
            case "removed" if event.user_id is not None:
                with self._lock:
                    self._gone_for.setdefault(event.user_id, set()).add(chat_id)
                self.changed(chat_id)  # a listed room stays in sight

    def tick(self) -> None:
        """Tell what has changed since the last time."""
        rooms = set(self._sockets.rooms())
        with self._lock:
            chats = list(self._changed)[:MOST_CHANGED]
            for chat_id in chats:
                del self._changed[chat_id]
            gone, self._gone = self._gone, set()
            gone_for, self._gone_for = self._gone_for, {}
            own, self._own = self._own, set()
        if LOBBY not in rooms or not (chats or gone or gone_for or own):
            return
        watching = {user_id for room in rooms if (user_id := lobby_of(room)) is not None}
        own = {pair for pair in own if pair[1] in watching}
        try:
            changes = self._read(chats, watching, own)
        except Exception:
            with self._lock:  # the next time may go well
                self._own |= own
                self._changed = dict.fromkeys(chats) | self._changed
                self._gone |= gone
                for user_id, rooms_gone in gone_for.items():
                    self._gone_for.setdefault(user_id, set()).update(rooms_gone)
            raise
        for user_id, ids in changes.gone.items():
            gone_for.setdefault(user_id, set()).update(ids)
        if gone:
            self._tell(LOBBY, [], gone)
        for user_id in gone_for.keys() & watching:
            self._tell(lobby_room(user_id), [], gone_for[user_id])
        if changes.listed:
            self._tell(LOBBY, changes.listed, ())
        for user_id, rows in changes.rows.items():
            self._tell(lobby_room(user_id), rows, ())

    def _tell(self, room: str, rows: list[dict[str, Any]], gone: Collection[int]) -> None:
        self._sockets.emit("lobby", {"chats": rows, "gone": sorted(gone)}, room)
