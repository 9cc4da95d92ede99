"""Sockets of a process that only write down what an engine asks of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


class NotedSockets:
    """`there` are the rooms that hold a socket, `inside` has the sockets of some of them."""

    def __init__(self, *there: str) -> None:
        self.there = list(there)
        self.inside: dict[str, list[str]] = {}
        self.emitted: list[tuple[str, Any, str]] = []
        self.relayed: list[tuple[str, str, str]] = []
        self.left: list[tuple[str, str]] = []
        self.done: list[str] = []  # all of it, in words

    def emit(self, event: str, payload: object, room: str) -> None:
        self.emitted.append((event, payload, room))
        self.done.append(f"emit {event} to {room}")

    def relay(self, told: Sequence[tuple[str, str]], room: str) -> None:
        for event, encoded in told:
            self.relayed.append((event, encoded, room))
            self.done.append(f"relay {event} {encoded} to {room}")

    def close_room(self, room: str) -> None:
        self.done.append(f"close {room}")

    def leave(self, sid: str, room: str) -> None:
        self.left.append((sid, room))
        self.done.append(f"{sid} leaves {room}")

    def sockets(self, room: str) -> Iterable[str]:
        return self.inside.get(room, [])

    def rooms(self) -> Iterable[str]:
        return self.there

    def only_emitted(self, event: str) -> list[tuple[Any, str]]:
        """The payloads and rooms of this event; nothing else was done."""
        assert self.done == [f"emit {event} to {room}" for _, _, room in self.emitted]
        return [(payload, room) for _, payload, room in self.emitted]
