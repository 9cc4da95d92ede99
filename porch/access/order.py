"""Who decides about a room, and who keeps order in it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Row

from porch import lookup
from porch.access.actors import Actor
from porch.access.chats import confirm_known, known_chat
from porch.engines.reading.memory import Standing
from porch.errors import Forbidden
from porch.models import Chat
from porch.ranks import MEMBER, rank
from porch.texts import lazy_gettext

NOT_YOURS = lazy_gettext("Only whoever opened this room may do that.")
NOT_MODERATING = lazy_gettext("Only the moderators of this room may do that.")
OUTRANKED = lazy_gettext("You cannot do this to somebody who has as much to say here as you, or more.")


def managed_chat(actor: Actor, chat_id: int) -> Chat:
    """A known chat whose name, kind and people the actor decides about: its creator, or the host.

    Raises NotFound, RoomDeleted, or Forbidden for other members.
    """
    chat = known_chat(actor, chat_id)
    if not may_manage(chat, actor):
        raise Forbidden(NOT_YOURS)
    return chat


def moderated_chat(actor: Actor, chat_id: int) -> Chat:
    """A known chat in which the actor keeps order: a moderator, its creator, or the host.

    Raises NotFound, RoomDeleted, or Forbidden for other members.
    """
    chat = known_chat(actor, chat_id)
    if not may_moderate(chat, actor, lookup.known_room(chat_id, actor.user_id).standing):
        raise Forbidden(NOT_MODERATING)
    return chat


def may_moderate(chat: Chat | Row[Any] | SimpleNamespace, actor: Actor, standing: Standing) -> bool:
    """Whether somebody, who is this in a room, keeps order there. Nobody does in a chat of two people."""
    if chat.kind == "direct":
        return False
    is_moderator = standing.state == "member" and standing.role == "moderator"
    return is_moderator or may_manage(chat, actor)


def may_manage(chat: Chat | Row[Any] | SimpleNamespace, actor: Actor) -> bool:
    """Nobody decides about a chat of two people, the host neither."""
    if chat.kind == "direct":
        return False
    return chat.creator_id == actor.user_id or actor.role == "admin"


def confirm_manager(connection: Connection, actor: Actor, chat_id: int) -> None:
    """Inside a write: the session is there, the room too, and the actor still decides about it.

    Raises Unauthenticated, NotFound, RoomDeleted, Forbidden.
    """
    actor, chat = confirm_known(connection, actor, chat_id)
    if not may_manage(chat, actor):
        raise Forbidden(NOT_YOURS)


def confirm_moderator(
    connection: Connection, actor: Actor, chat_id: int, *, over: int | None = None
) -> Row[Any]:
    """Inside a write: the session is there, the room too, and the actor still keeps order in it; `over` is a
    user who has less to say there than the actor. Returns the room.

    Raises Unauthenticated, NotFound, RoomDeleted, Forbidden.
    """
    actor, chat = confirm_known(connection, actor, chat_id)
    confirm_rank(connection, actor, chat, over)
    return chat


def confirm_rank(connection: Connection, actor: Actor, chat: Chat | Row[Any], over: int | None) -> None:
    """The actor keeps order in the room, and, with `over`, has more to say there than this user.

    Raises Forbidden.
    """
    own = rank(connection, chat, actor.user_id)
    if chat.kind == "direct" or own == MEMBER:
        raise Forbidden(NOT_MODERATING)
    if over is not None and rank(connection, chat, over) >= own:
        raise Forbidden(OUTRANKED)
