"""Who may reach which row: each function answers for one person, or raises.

Forbidden and absent look alike to a stranger (NotFound). All reads need an application context.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, RowMapping, Select, bindparam, or_, select
from sqlalchemy.orm import Session as ReadSession

from porch import lookup
from porch.config import Settings
from porch.engines.appending import Appending, Author
from porch.engines.live_rooms import LiveRoom
from porch.engines.memory import KnownSession
from porch.engines.snapshots import Snapshot
from porch.engines.statements import as_fields
from porch.errors import Forbidden, NameTaken, NotFound, RoomDeleted, Unauthenticated
from porch.extensions import reading
from porch.lookup import Found
from porch.models import Chat, Direct, Invitation, Membership, Message, Session, User
from porch.models.chat import CHAT_COLUMNS, OPEN_KINDS
from porch.models.clock import utc_now
from porch.models.message import MESSAGES
from porch.peers import WRITABLE

# Longer than any token that is given out; a longer one is not worth hashing.
LONGEST_TOKEN = 128

SESSION_ENDED = "Your session has ended. Sign in again."
NO_SUCH_ROOM = "There is no such room, or it is not yours to enter."
NAME_GONE = "Your name went to somebody else. Choose another."
NO_SUCH_MESSAGE = "There is no such message in this room."
NO_SUCH_LINK = (
    "This link does not lead to a room that you may enter. If the room is private, log in, or ask for an "
    "invitation; or a letter got lost when the link was copied."
)
NOT_YOURS = "Only whoever opened this room may do that."
NOT_TAKING = "This person is not taking messages."
BLOCKED_BY_YOU = "You have blocked this person. Unblock them to write."
USED_UP = "This invitation has been used or is too old. Ask for another one."

# A room for one of its members.
MEMBER_ROOM = (
    select(*CHAT_COLUMNS)
    .join(Membership, Membership.chat_id == Chat.id)
    .where(
        Chat.id == bindparam("chat"), Membership.user_id == bindparam("user"), Membership.state == "member"
    )
)
# Who writes in a room by a session, if they may.
AUTHOR = (
    select(User.username, User.guest, Chat.kind)
    .join(Session, Session.user_id == User.id)
    .join(Membership, Membership.user_id == User.id)
    .join(Chat, Chat.id == Membership.chat_id)
    .where(
        Session.id == bindparam("session"),
        User.disabled_at.is_(None),
        Chat.id == bindparam("chat"),
        Chat.deleted_at.is_(None),
        Membership.state == "member",
    )
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: one session of one user. `username` is None when the person's name has passed on;
    `role` is `member`, or `admin` for the host.
    """

    session_id: int
    user_id: int
    username: str | None
    guest: bool
    role: str
    last_used_at: datetime


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def actor_for_token(settings: Settings, token: str) -> Actor | None:
    """Whose token this is; None when it is nobody's, or its session is over."""
    if not token or len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    return _actor(settings, lookup.session_of_token(token_hash(token)))


def actor_for_session(settings: Settings, session_id: int) -> Actor:
    """The actor behind a session that was accepted before. Raises Unauthenticated when it is over."""
    actor = _actor(settings, lookup.session_of_id(session_id))
    if actor is None:
        raise Unauthenticated(SESSION_ENDED)
    return actor


def live_sessions(settings: Settings, session_ids: Sequence[int]) -> set[int]:
    """Those of the sessions that are not over."""
    with reading() as session:
        return {
            found
            for start in range(0, len(session_ids), 500)
            for found in session.scalars(
                select(Session.id)
                .join(User, User.id == Session.user_id)
                .where(Session.id.in_(session_ids[start : start + 500]), *_live(settings))
            )
        }


def chat_for(actor: Actor, chat_id: int) -> Chat:
    """A chat that the actor is a member of. Raises NotFound, RoomDeleted."""
    return room_for(actor, chat_id).chat()


def room_for(actor: Actor, chat_id: int) -> LiveRoom:
    """The same as a room."""
    return _confirm_reader(lookup.room_for(chat_id, actor.user_id))


def confirm_reader(actor: Actor, chat_id: int) -> Mapping[str, Any]:
    """The same for whoever asks whether they may: its columns, perhaps from before what was last said."""
    return _confirm_reader(lookup.known_room(chat_id, actor.user_id)).fields


def member_chat(session: ReadSession, actor: Actor, chat_id: int) -> Chat:
    """`chat_for` within a snapshot that goes on being read."""
    chat = session.scalar(_membership(chat_id, actor.user_id)) if 0 < chat_id < 2**63 else None
    if chat is None:
        raise NotFound(NO_SUCH_ROOM)
    if chat.deleted_at is not None:
        raise RoomDeleted(chat.name)
    return chat


def member_room(snapshot: Snapshot, actor: Actor, chat_id: int) -> LiveRoom:
    """The same as a room, without its messages."""
    known = chat_id if 0 < chat_id < 2**63 else 0  # which no room has
    row = snapshot.first(MEMBER_ROOM, {"chat": known, "user": actor.user_id})
    if row is None:
        raise NotFound(NO_SUCH_ROOM)
    room = LiveRoom.of(as_fields(CHAT_COLUMNS, row, snapshot.dialect))
    _confirm_there(room)
    return room


def known_chat(actor: Actor, chat_id: int) -> Chat:
    """A chat that the actor is a member of; for the host also one that stands in the lobby.

    Raises NotFound, RoomDeleted.
    """
    with reading() as session:
        if actor.role == "admin" and 0 < chat_id < 2**63:
            chat = session.get(Chat, chat_id)
            if chat is not None and chat.kind == "listed" and chat.deleted_at is None:
                return chat
        return member_chat(session, actor, chat_id)


def managed_chat(actor: Actor, chat_id: int) -> Chat:
    """A known chat whose name, kind and people the actor decides about: its creator, or the host.

    Raises NotFound, RoomDeleted, or Forbidden for other members.
    """
    chat = known_chat(actor, chat_id)
    if not may_manage(chat, actor):
        raise Forbidden(NOT_YOURS)
    return chat


def may_manage(chat: Chat | Row[Any], actor: Actor) -> bool:
    """Nobody decides about a chat of two people, the host neither."""
    if chat.kind == "direct":
        return False
    return chat.creator_id == actor.user_id or actor.role == "admin"


def chat_by_link(hash_key: str, actor: Actor | None = None) -> Chat:
    """The chat that a link opens. The link itself is the proof, but for private rooms and direct chats, and
    for somebody who was put out. Raises NotFound, and RoomDeleted to those who were members.
    """
    room, state = lookup.room_of_link(hash_key, actor.user_id if actor else None)
    is_gone = room is None or room.fields["deleted_at"] is not None
    is_open = not is_gone and state == "left" and room is not None and room.fields["kind"] in OPEN_KINDS
    if room is None or not (state == "member" or is_open):
        raise NotFound(NO_SUCH_LINK)
    _confirm_there(room)
    return room.chat()


def chat_by_invitation(token: str, actor: Actor | None = None) -> Chat:
    """The chat that a one-time link lets somebody into, or has let this person into. Raises NotFound."""
    with reading() as session:
        chat = session.scalar(invited(token, actor))
    if chat is None:
        raise NotFound(USED_UP)
    return chat


def invited(token: str, actor: Actor | None = None) -> Select[Chat]:
    """The chat of a one-time link that nobody has used, or only this person. Raises NotFound for what cannot
    be a token.
    """
    if not token.isascii() or len(token) > LONGEST_TOKEN:
        raise NotFound(USED_UP)
    return (
        select(Chat)
        .join(Invitation, Invitation.chat_id == Chat.id)
        .where(
            Invitation.token == token_hash(token),
            Invitation.expires_at > utc_now(),
            or_(Invitation.used_by.is_(None), Invitation.used_by == (actor.user_id if actor else None)),
            Chat.deleted_at.is_(None),
        )
    )


def is_member(actor: Actor, chat_id: int) -> bool:
    return lookup.known_room(chat_id, actor.user_id).state == "member"


def own_message(actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """A message that the actor wrote, or its tombstone. Raises NotFound, RoomDeleted, Forbidden."""
    with reading() as session:
        member_chat(session, actor, chat_id)
        row = session.execute(_message(chat_id, seq)).mappings().first()
    return _confirm_own(row, actor)


def peer_of(actor: Actor, chat_id: int) -> int:
    """The id of the other person of a direct chat. Raises NotFound for chats of another kind too."""
    with reading() as session:
        peer_id = session.scalar(
            select(Direct.peer_id).where(Direct.chat_id == chat_id, Direct.user_id == actor.user_id)
        )
    if peer_id is None:
        raise NotFound(NO_SUCH_ROOM)
    return peer_id


def confirm_session(connection: Connection, actor: Actor) -> Actor:
    """Inside a write: the session is still there; the actor as they are by now. Raises Unauthenticated."""
    row = connection.execute(
        select(User.username, User.guest, User.role)
        .join(Session, Session.user_id == User.id)
        .where(Session.id == actor.session_id, User.disabled_at.is_(None))
    ).first()
    if row is None:
        raise Unauthenticated(SESSION_ENDED)
    return replace(actor, username=row.username, guest=row.guest, role=row.role)


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


def confirm_own_message(connection: Connection, actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """Inside a write: session, name and membership are still there, and the message is the actor's; its row.

    Raises Unauthenticated, NameTaken, NotFound, RoomDeleted, Forbidden.
    """
    if confirm_member(connection, actor, chat_id).username is None:
        raise NameTaken(NAME_GONE, suggestions=[])
    return _confirm_own(connection.execute(_message(chat_id, seq)).mappings().first(), actor)


def confirm_author(appending: Appending, actor: Actor, chat_id: int) -> Author:
    """`confirm_member` for new messages: what was confirmed is remembered until something changes it.

    Raises Forbidden too, for a direct chat whose other person does not take messages.
    """
    author = appending.author(chat_id, actor.session_id)
    if author is None:
        row = appending.first(AUTHOR, {"session": actor.session_id, "chat": chat_id})
        if row is None:
            confirm_member(appending.connection, actor, chat_id)  # which knows what is wrong
            raise NotFound(NO_SUCH_ROOM)
        author = Author(row[0], bool(row[1]))
        if row[2] == "direct":  # what the other one wants can change in too many ways to remember it
            refuse_unwanted(*appending.first(WRITABLE, {"user": actor.user_id, "chat": chat_id}))
        else:
            appending.remember(chat_id, actor.session_id, author)
    return author


def confirm_taken(connection: Connection, actor: Actor, chat_id: int) -> None:
    """Inside a write: whoever is in a direct chat may write to the other. Other chats take everything.

    Raises Forbidden.
    """
    row = connection.execute(WRITABLE, {"user": actor.user_id, "chat": chat_id}).first()
    if row is not None:
        refuse_unwanted(*row)


def refuse_unwanted(blocks: bool, takes: bool) -> None:
    """Raise Forbidden to somebody who blocks the other, or whose messages the other does not take."""
    if blocks:
        raise Forbidden(BLOCKED_BY_YOU)
    if not takes:
        raise Forbidden(NOT_TAKING)


def confirm_manager(connection: Connection, actor: Actor, chat_id: int) -> None:
    """Inside a write: the session is there, the room too, and the actor still decides about it.

    Raises Unauthenticated, NotFound, RoomDeleted, Forbidden.
    """
    actor = confirm_session(connection, actor)
    chat = connection.execute(select(Chat.__table__).where(Chat.id == chat_id)).first()
    member = connection.execute(_membership(chat_id, actor.user_id)).first() is not None
    if chat is None or not (member or (actor.role == "admin" and chat.kind == "listed")):
        raise NotFound(NO_SUCH_ROOM)
    if chat.deleted_at is not None:
        raise RoomDeleted(chat.name)
    if not may_manage(chat, actor):
        raise Forbidden(NOT_YOURS)


def _membership(chat_id: int, user_id: int) -> Select[Chat]:
    return (
        select(Chat)
        .join(Membership, Membership.chat_id == Chat.id)
        .where(Chat.id == chat_id, Membership.user_id == user_id, Membership.state == "member")
    )


def _message(chat_id: int, seq: int) -> Select[Any]:
    known = seq if 0 < seq < 2**63 else 0  # a place that no message has
    return MESSAGES.where(Message.chat_id == chat_id, Message.seq == known)


def _confirm_own(row: RowMapping | None, actor: Actor) -> RowMapping:
    if row is None:
        raise NotFound(NO_SUCH_MESSAGE)
    if row["user_id"] != actor.user_id:
        raise Forbidden("Only whoever wrote this message may do that.")
    return row


def _live(settings: Settings) -> tuple[ColumnElement[bool], ...]:
    """Which sessions, joined with their users, are not over."""
    now = utc_now()
    return (
        User.disabled_at.is_(None),
        Session.created_at > now - timedelta(days=settings.session_max_days),
        Session.last_used_at > now - timedelta(days=settings.session_idle_days),
        or_(
            User.role != "admin",
            Session.last_used_at > now - timedelta(hours=settings.admin_idle_hours),
        ),
    )


def _actor(settings: Settings, session: KnownSession | None) -> Actor | None:
    """Who acts by a session, unless it is too old: as `_live` has it, but for one."""
    if session is None:
        return None
    now = utc_now()
    idle = timedelta(days=settings.session_idle_days)
    if session.role == "admin":
        idle = min(idle, timedelta(hours=settings.admin_idle_hours))
    if session.created_at <= now - timedelta(days=settings.session_max_days):
        return None
    if session.last_used_at <= now - idle:
        return None
    return Actor(
        session.session_id,
        session.user_id,
        session.username,
        session.guest,
        session.role,
        session.last_used_at,
    )


def _confirm_reader(found: Found) -> LiveRoom:
    room, state = found
    if room is None or state != "member":
        raise NotFound(NO_SUCH_ROOM)
    _confirm_there(room)
    return room


def _confirm_there(room: LiveRoom) -> None:
    if room.fields["deleted_at"] is not None:
        raise RoomDeleted(room.fields["name"])
