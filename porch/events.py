"""The vocabulary of what can be announced: one function per event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """`chat_id`, or `session_id`, says who hears it: those in that chat, or that session alone."""

    name: str
    payload: dict[str, Any]
    chat_id: int | None = None
    session_id: int | None = None


def message(message: dict[str, Any]) -> Event:
    """A message is new or has changed."""
    return Event("message", message, chat_id=message["chat_id"])


def chat(chat: dict[str, Any]) -> Event:
    """The room itself has changed: its name, or all its messages are gone (`reset_rev`)."""
    return Event("chat", chat, chat_id=chat["id"])


def head(chat_id: int, rev: int) -> Event:
    """The room's log has come to `rev`; whoever is behind should fetch."""
    return Event("head", {"chat_id": chat_id, "rev": rev}, chat_id=chat_id)


def session_ended(session_id: int) -> Event:
    """The session was ended; its sockets are closed right after."""
    return Event("session_ended", {}, session_id=session_id)
