"""What engines ask of the sockets of this process, and how the rooms of sockets are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

LOBBY = "lobby"


class Sockets(Protocol):
    """A room is a set of sockets with a name; each socket is also a room of its own, named by its id."""

    def emit(self, event: str, payload: object, room: str) -> None: ...
    def relay(self, told: Sequence[tuple[str, str]], room: str) -> None:
        """Like `emit`, of several events, one after another, the payloads of which are JSON already."""

    def leave(self, sid: str, room: str) -> None: ...
    def sockets(self, room: str) -> Iterable[str]:
        """The ids of the sockets in the room."""

    def close_room(self, room: str) -> None:
        """Disconnect every socket in the room."""

    def rooms(self) -> Iterable[str]:
        """The names of all rooms that hold a socket."""


def chat_room(chat_id: int) -> str:
    return f"chat:{chat_id}"


def chat_of(room: str) -> int | None:
    """The chat whose room this is."""
    return _number(room, "chat:")


def session_room(session_id: int) -> str:
    return f"session:{session_id}"


def user_room(user_id: int) -> str:
    return f"user:{user_id}"


def people_of(rooms: Iterable[str]) -> set[int]:
    """The people whose rooms are among these."""
    return {user_id for room in rooms if (user_id := _number(room, "user:")) is not None}


def lobby_room(user_id: int) -> str:
    """The sockets of one person that have the lobby open; they are in LOBBY, too."""
    return f"lobby:{user_id}"


def lobby_of(room: str) -> int | None:
    """The person whose open lobby this is."""
    return _number(room, "lobby:")


def _number(room: str, prefix: str) -> int | None:
    return int(room.removeprefix(prefix)) if room.startswith(prefix) else None
