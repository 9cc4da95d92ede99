"""The vocabulary of what can be announced: one function per event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, array_like=True):
    """`chat_id`, `user_id` or `session_id` says who hears it: those in that chat, that person wherever
    they are, or that session alone; more than one: those whom all of them name.

    `last` ends what is heard: nobody stays in the chat, or the session's sockets are closed.
    """

    name: str
    payload: Mapping[str, Any] = {}
    chat_id: int | None = None
    user_id: int | None = None
    session_id: int | None = None
    last: bool = False

    @property
    def is_new_message(self) -> bool:
        """Whether a message has come, not one that was there has changed."""
        said = self.payload
        return self.name == "message" and not said["deleted"] and said["seq"] == said["rev"]


def message(message: dict[str, Any]) -> Event:
    """A message is new or has changed."""
    return Event("message", message, message["chat_id"])


def link_changed(message: dict[str, Any]) -> Event:
    """An edit has given a message another first link, or none. Said to no chat: they hear of the message."""
    return Event("link_changed", message)


def chat(chat: dict[str, Any]) -> Event:
    """The room itself has changed: its name, its kind, or all its messages are gone (`reset_rev`)."""
    return Event("chat", chat, chat_id=chat["id"])


def head(chat_id: int, rev: int) -> Event:
    """The room's log has come to `rev`; whoever is behind should fetch."""
    return Event("head", {"chat_id": chat_id, "rev": rev}, chat_id=chat_id)


def room_deleted(chat_id: int) -> Event:
    """The room is gone."""
    return Event("room_deleted", {"chat_id": chat_id}, chat_id=chat_id, last=True)


def unlisted(chat_id: int) -> Event:
    """The room stands in the lobby of strangers no more. Said to no chat: those in it know better."""
    return Event("unlisted", {"chat_id": chat_id})


def added(chat_id: int, user_id: int) -> Event:
    """The person has become a member: the room is in their lobby."""
    return Event("added", {"chat_id": chat_id}, user_id=user_id)


def removed(chat_id: int, user_id: int) -> Event:
    """The person is no member of the room any more."""
    return Event("removed", {"chat_id": chat_id}, chat_id=chat_id, user_id=user_id, last=True)


def let_back(chat_id: int, user_id: int) -> Event:
    """Somebody who was put out may come in again by the link. Said to nobody: they are not there."""
    return Event("let_back", {"chat_id": chat_id, "user_id": user_id})


def standing(chat_id: int, user_id: int, *, may_moderate: bool, muted_until: str | None) -> Event:
    """A person may do more in a room than before, or less. `muted_until` is RFC 3339."""
    return Event(
        "standing",
        {"chat_id": chat_id, "may_moderate": may_moderate, "muted_until": muted_until},
        user_id=user_id,
    )


def user(user_id: int, username: str, *, guest: bool, role: str) -> Event:
    """A person has another name, or is a guest no more."""
    return Event(
        "user",
        {"user_id": user_id, "username": username, "guest": guest, "role": role},
        user_id=user_id,
    )


def nameless(user_id: int) -> Event:
    """A person has no name any more. Said to nobody: those who talked with them are told by their lists."""
    return Event("nameless", {"user_id": user_id})


def direct_changed(chat_id: int, *, only_for: int | None = None) -> Event:
    """A direct chat was opened, something was said there, or it is another to one of the two (`only_for`), of
    which the other hears nothing. Said to no chat: their lists tell each of them what they may know.
    """
    return Event("direct_changed", {"chat_id": chat_id, "only_for": only_for})


def shown(chat_id: int, user_id: int, *, unseen: bool) -> Event:
    """Somebody is seen in a direct chat by the other, or is not. Said to nobody: presence shows it."""
    return Event("shown", {"chat_id": chat_id, "user_id": user_id, "unseen": unseen})


def read(chat_id: int, user_id: int, seq: int) -> Event:
    """A person has read a chat up to this place, or marked unread what comes after it; their other devices
    know.
    """
    return Event("read", {"chat_id": chat_id, "seq": seq}, user_id=user_id)


def level(chat_id: int, user_id: int, level: str) -> Event:
    """A person wants to be told something else of a chat."""
    return Event("level", {"chat_id": chat_id, "level": level}, user_id=user_id)


def keys(user_id: int, of: int, n: int | None) -> Event:
    """The devices of the person `of` have changed: `n` is the newest entry of their chain, None when they
    have begun anew. Said to one person who has to do with it.
    """
    return Event("keys", {"user_id": of, "n": n}, user_id=user_id)


def key_request(user_id: int, dev: str) -> Event:
    """A new browser of a person's wants to be one of their devices."""
    return Event("key_request", {"dev": dev}, user_id=user_id)


def epoch(chat_id: int, number: int) -> Event:
    """An encrypted chat has another key from now on."""
    return Event("epoch", {"chat_id": chat_id, "epoch": number}, chat_id=chat_id)


def session_ended(session_id: int) -> Event:
    """The session was ended; its sockets are closed right after."""
    return Event("session_ended", session_id=session_id, last=True)


def typing(chat_id: int, user_id: int, username: str) -> Event:
    """Somebody in the room is writing."""
    return Event("typing", {"chat_id": chat_id, "user_id": user_id, "username": username}, chat_id=chat_id)


def files_gone(digests: list[str]) -> Event:
    """Rows do not refer to these files any more. Said to nobody: the store removes what no row refers to."""
    return Event("files_gone", {"digests": digests})
