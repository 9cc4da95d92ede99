"""What is handed to the writer, what a write sees while it runs, and what has come of them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection

from porch.engines.writing.bridge import Pending
from porch.events import Event


@dataclass(slots=True)
class Transaction:
    """What a write sees: the connection, and the events that it wants announced after the commit.

    Only plain values may pass between this and the caller's thread, never ORM objects.
    """

    connection: Connection
    events: list[Event] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    rooms: list[int] = field(default_factory=list)

    def announce(self, event: Event) -> None:
        self.events.append(event)

    def changed(self, *, sessions: Sequence[int] = (), rooms: Sequence[int] = ()) -> None:
        """Memory has to forget these, which no event tells. Of no use without `tells_all`."""
        self.sessions += sessions
        self.rooms += rooms


class Write(msgspec.Struct):
    """`appends`: `run` takes an Appending, otherwise a Transaction. `tells_all`: what it announces and calls
    changed is all that memory has to know. `chat_id`: the room that it writes in, where that is known before.
    """

    run: Callable[[Any], Any]
    pending: Pending
    appends: bool = False
    tells_all: bool = False
    chat_id: int | None = None


class Outcome(msgspec.Struct):
    """What a commit has come to; `events` are in the order of the writes."""

    done: list[tuple[Pending, Any]] = []
    refused: list[tuple[Pending, BaseException]] = []
    events: list[Event] = []
    sessions: list[int] = []
    rooms: list[int] = []
    tells_all: bool = True
    problem: Exception | None = None  # that is nobody's who waits: what they asked for is stored

    def store(self, write: Write, transaction: Transaction, result: Any) -> None:
        """A write went well that did more than append."""
        self.done.append((write.pending, result))
        self.events += transaction.events
        self.sessions += transaction.sessions
        self.rooms += transaction.rooms
        self.tells_all &= write.tells_all

    def cut(self, events: int, done: int, refused: int) -> None:
        """Only so many of each are left."""
        del self.events[events:], self.done[done:], self.refused[refused:]

    def refuse(self, write: Write, error: BaseException) -> None:
        self.refused.append((write.pending, error))


class Committer(Protocol):
    """The writer's connection, and what belongs to it; on the writer's thread alone."""

    def commit(self, writes: Sequence[Write]) -> Outcome:
        """Store what goes well, refuse what does not. When the database fails, nothing is stored and its
        error is raised; or nobody knows whether it was, and a repeat ends well.
        """

    def others_wrote(self) -> bool:
        """Whether another program has written since this was asked last."""

    def tidy(self) -> None:
        """What can wait until everybody has their answer."""

    def close(self) -> None:
        """Close memory, too, which it has opened."""
