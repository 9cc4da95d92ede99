"""Being in a room: entering and leaving it, who is there, who is writing."""

from __future__ import annotations

from typing import Any

from porch import events
from porch.access.actors import Actor
from porch.access.chats import chat_for, confirm_reader
from porch.actions.rooms.chats import own_chat_dict
from porch.actions.rooms.standings import is_restrained, own_standing
from porch.engines import Engines
from porch.engines.live.seats import Person
from porch.models import Chat


def enter_chat(engines: Engines, actor: Actor, chat_id: int, *, sid: str | None = None) -> Chat:
    """Be in a room, by the socket `sid` or else by polling; who was in another is there no more.

    Raises NotFound, RoomDeleted, TooFast.
    """
    engines.limiter.take("visit", actor.user_id)
    chat = chat_for(actor, chat_id)
    engines.delivery.listen(chat.id)
    assert actor.username is not None, "doors let only people with a name act"
    room = own_chat_dict(chat, actor)
    person = Person(actor.session_id, actor.user_id, actor.username, actor.guest, _is_unseen(room))
    engines.presence.enter(person, {key: room[key] for key in ("id", "name", "url")}, sid=sid)
    if chat.kind == "direct":  # which they may have answered, or blocked, while they sat down
        engines.presence.hide(chat.id, actor.user_id, _is_unseen(own_chat_dict(chat, actor)))
    return chat


def _is_unseen(room: dict[str, Any]) -> bool:
    """Whether somebody does not show themselves: to whom they block, or have not answered that they want to
    talk. To look at a request is no answer.
    """
    return bool(room.get("blocked")) or room.get("state", "open") != "open"


def leave_chat(engines: Engines, actor: Actor, chat_id: int, *, sid: str | None = None) -> None:
    """Be in the room no more; a member stays one. Leaving twice is leaving."""
    engines.presence.leave(actor.session_id, chat_id, sid=sid)


def present_in(engines: Engines, actor: Actor, chat_id: int) -> dict[str, Any]:
    """`{present, count, typing, standing}` of a room; the last is what this person may do there, which has no
    place in the log. Raises NotFound, RoomDeleted, Moved.
    """
    keep_present(engines, actor, chat_id)
    chat = chat_for(actor, chat_id)
    return engines.presence.present_in(chat.id) | {"standing": own_standing(chat, actor)}


def keep_present(engines: Engines, actor: Actor, chat_id: int, *, wait: float = 0.0) -> None:
    """A read of the room by somebody who polls: they are still there, for `wait` seconds longer while the
    read waits. Raises Moved.
    """
    engines.presence.keep(actor.session_id, chat_id, wait=wait)
    engines.delivery.listen(chat_id)


def start_typing(engines: Engines, actor: Actor, chat_id: int) -> None:
    """Tell the others in the room that somebody writes, unless they may not, or nobody would take it.

    Raises NotFound, RoomDeleted, TooFast.
    """
    room = confirm_reader(actor, chat_id)
    assert actor.username is not None, "doors let only people with a name act"
    engines.limiter.take("typing", (actor.user_id, chat_id))
    if room["kind"] == "direct":
        direct = own_chat_dict(chat_for(actor, chat_id), actor)
        if _is_unseen(direct) or not direct["may_write"]:
            return
    elif is_restrained(room, actor):
        return
    if engines.presence.typing(chat_id, actor.user_id, actor.username):
        engines.delivery.announce([events.typing(chat_id, actor.user_id, actor.username)])
