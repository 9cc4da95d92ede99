"""Chats that somebody reads, as one of their members; what stands in the lobby also as the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, tuple_
from sqlalchemy.orm import Session as ReadSession

from porch import lookup
from porch.access.actors import Actor, confirm_session
from porch.engines.reading.live_rooms import LiveRoom
from porch.engines.reading.memory import Standing
from porch.engines.reading.snapshots import Snapshot, snapshot
from porch.engines.reading.statements import as_fields
from porch.errors import NotFound, RoomDeleted
from porch.extensions import reading
from porch.lookup import Found
from porch.models import Chat, Direct, Membership
from porch.models.chat import CHAT_COLUMNS
from porch.models.ids import id_or_zero, is_id
from porch.slices import slices
from porch.texts import lazy_gettext

NO_SUCH_ROOM = lazy_gettext("There is no such room, or it is not yours to enter.")

# A room for one of its members, and what they are in it.
MEMBER_ROOM = (
    select(*CHAT_COLUMNS, *lookup.STANDING_COLUMNS)
    .join(Membership, Membership.chat_id == Chat.id)
    .where(
        Chat.id == bindparam("chat"), Membership.user_id == bindparam("user"), Membership.state == "member"
    )
)
MEMBER_HEAD = (
    select(Chat.rev)
    .join(Membership, Membership.chat_id == Chat.id)
    .where(
        Chat.id == bindparam("chat"),
        Chat.deleted_at.is_(None),
        Membership.user_id == bindparam("user"),
        Membership.state == "member",
    )
)
READABLE_CHATS = (
    select(Membership.chat_id)
    .join(Chat, Chat.id == Membership.chat_id)
    .where(Membership.user_id == bindparam("user"), Membership.state == "member", Chat.deleted_at.is_(None))
    .limit(bindparam("most"))
)


# Pairs of a chat and a user that are looked for at once.
PLACES = 250


def chat_for(actor: Actor, chat_id: int) -> Chat:
    """A chat that the actor is a member of. Raises NotFound, RoomDeleted."""
    return room_for(actor, chat_id).chat()


def room_for(actor: Actor, chat_id: int) -> LiveRoom:
    """`chat_for` as a room."""
    return _confirm_reader(lookup.room_for(chat_id, actor.user_id))


def outlined_for(actor: Actor, chat_id: int) -> LiveRoom:
    """`room_for` for whoever asks how far its log has come."""
    return _confirm_reader(lookup.outlined_room(chat_id, actor.user_id))


def confirm_reader(actor: Actor, chat_id: int) -> Mapping[str, Any]:
    """`chat_for` for whoever asks only whether they may: its columns, which may lack what was last said."""
    return _confirm_reader(lookup.known_room(chat_id, actor.user_id)).fields


def is_member(actor: Actor, chat_id: int) -> bool:
    return lookup.known_room(chat_id, actor.user_id).state == "member"


def member_chat(session: ReadSession, actor: Actor, chat_id: int) -> Chat:
    """`chat_for` within a snapshot that goes on being read."""
    chat = session.scalar(_membership(chat_id, actor.user_id)) if is_id(chat_id) else None
    if chat is None:
        raise NotFound(NO_SUCH_ROOM)
    if chat.deleted_at is not None:
        raise RoomDeleted(chat.name)
    return chat


def member_room(found: Snapshot, actor: Actor, chat_id: int) -> LiveRoom:
    """`member_chat` as a room, without its messages."""
    return member_found(found, actor, chat_id)[0]


def member_found(found: Snapshot, actor: Actor, chat_id: int) -> tuple[LiveRoom, Standing]:
    """`member_room`, with what the actor is in it."""
    known = id_or_zero(chat_id)
    row = found.first(MEMBER_ROOM, {"chat": known, "user": actor.user_id})
    if row is None:
        raise NotFound(NO_SUCH_ROOM)
    room = LiveRoom.of(as_fields(CHAT_COLUMNS, row, found.dialect))
    refuse_deleted(room)
    return room, lookup.standing_of(row, found.dialect)


def member_head(actor: Actor, chat_id: int) -> int | None:
    """The rev of a chat that the actor may read, as the database has it now; else None. `chat_id` is one that
    the database can hold.
    """
    with snapshot(of_one=True) as found:
        row = found.first(MEMBER_HEAD, {"chat": chat_id, "user": actor.user_id})
    return None if row is None else row[0]


def readable_chats(found: Snapshot, actor: Actor, most: int) -> list[int]:
    """The ids of chats that the actor is a member of, direct ones too: at most `most`, whichever they are."""
    return [row[0] for row in found.rows(READABLE_CHATS, {"user": actor.user_id, "most": most})]


def members_among(places: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of these pairs of a chat and a user who are members of it, if it is not deleted."""
    pair = tuple_(Membership.chat_id, Membership.user_id)
    members = select(Membership.chat_id, Membership.user_id).join(Chat, Chat.id == Membership.chat_id)
    members = members.where(Membership.state == "member", Chat.deleted_at.is_(None))
    with reading() as session:
        return {
            (chat_id, user_id)
            for some in slices(places, PLACES)
            for chat_id, user_id in session.execute(members.where(pair.in_(some)))
        }


def known_chat(actor: Actor, chat_id: int) -> Chat:
    """A chat that the actor is a member of; for the host also one that stands in the lobby.

    Raises NotFound, RoomDeleted.
    """
    with reading() as session:
        if actor.role == "admin" and is_id(chat_id):
            chat = session.get(Chat, chat_id)
            if chat is not None and chat.kind == "listed" and chat.deleted_at is None:
                return chat
        return member_chat(session, actor, chat_id)


def peer_of(actor: Actor, chat_id: int) -> int:
    """The id of the other person of a direct chat. Raises NotFound for chats of another kind too."""
    with reading() as session:
        peer_id = session.scalar(
            select(Direct.peer_id).where(Direct.chat_id == chat_id, Direct.user_id == actor.user_id)
        )
    if peer_id is None:
        raise NotFound(NO_SUCH_ROOM)
    return peer_id


def confirm_member(connection: Connection, actor: Actor, chat_id: int) -> Actor:
    """Inside a write: session and membership are still there; the actor as they are by now.

    Raises Unauthenticated, NotFound, RoomDeleted.
    """
    actor = confirm_session(connection, actor)
    row = connection.execute(_membership(chat_id, actor.user_id)).first()
    if row is None:
        raise NotFound(NO_SUCH_ROOM)
    if row.deleted_at is not None:
        raise RoomDeleted(row.name)
    return actor


def confirm_known(connection: Connection, actor: Actor, chat_id: int) -> tuple[Actor, Row[Any]]:
    """Inside a write: `known_chat`, with the actor as they are by now."""
    actor = confirm_session(connection, actor)
    chat = connection.execute(select(Chat.__table__).where(Chat.id == chat_id)).first()
    member = connection.execute(_membership(chat_id, actor.user_id)).first() is not None
    if chat is None or not (member or (actor.role == "admin" and chat.kind == "listed")):
        raise NotFound(NO_SUCH_ROOM)
    if chat.deleted_at is not None:
        raise RoomDeleted(chat.name)
    return actor, chat


def refuse_deleted(room: LiveRoom) -> None:
    """Raise RoomDeleted for a room that was deleted."""
    if room.fields["deleted_at"] is not None:
        raise RoomDeleted(room.fields["name"])


def _membership(chat_id: int, user_id: int) -> Select[Chat]:
    return (
        select(Chat)
        .join(Membership, Membership.chat_id == Chat.id)
        .where(Chat.id == chat_id, Membership.user_id == user_id, Membership.state == "member")
    )


def _confirm_reader(found: Found) -> LiveRoom:
    room, standing = found
    if room is None or standing.state != "member":
        raise NotFound(NO_SUCH_ROOM)
    refuse_deleted(room)
    return room
