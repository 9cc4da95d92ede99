"""Who may reach which row: each function answers for one person, or raises.

Forbidden and absent look alike to a stranger (NotFound). All reads need an application context.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, RowMapping, Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session as ReadSession

from porch import lookup
from porch.config import Settings
from porch.engines.appending import Appending, Author
from porch.engines.live_rooms import LiveRoom
from porch.engines.memory import KnownSession, Look, Standing
from porch.engines.snapshots import Snapshot
from porch.engines.statements import as_fields
from porch.errors import Forbidden, Invalid, NameTaken, NotFound, RoomDeleted, Unauthenticated
from porch.extensions import reading
from porch.lookup import Found
from porch.models import Chat, Direct, Invitation, Membership, Message, Session, Upload, User
from porch.models.chat import CHAT_COLUMNS, OPEN_KINDS
from porch.models.clock import utc_now
from porch.models.message import MESSAGE_COLUMNS, MESSAGES
from porch.models.upload import UPLOAD_COLUMNS
from porch.peers import WRITABLE
from porch.ranks import IS_SHUT, MEMBER, rank, refuse_restrained
from porch.texts import lazy_gettext

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Longer than any token that is given out; a longer one is not worth hashing.
LONGEST_TOKEN = 128

SESSION_ENDED = lazy_gettext("Your session has ended. Sign in again.")
NO_SUCH_ROOM = lazy_gettext("There is no such room, or it is not yours to enter.")
NAME_GONE = lazy_gettext("Your name went to somebody else. Choose another.")
NO_SUCH_MESSAGE = lazy_gettext("There is no such message in this room.")
NO_SUCH_FILE = lazy_gettext("There is no such file in this room.")
NOT_TO_SEND = lazy_gettext("These files are not there any more. Attach them again.")
NO_SUCH_LINK = lazy_gettext(
    "This link does not lead to a room that you may enter. If the room is private, log in, or ask for an "
    "invitation; or a letter got lost when the link was copied."
)
NOT_YOURS = lazy_gettext("Only whoever opened this room may do that.")
NOT_TAKING = lazy_gettext("This person is not taking messages.")
BLOCKED_BY_YOU = lazy_gettext("You have blocked this person. Unblock them to write.")
USED_UP = lazy_gettext("This invitation has been used or is too old. Ask for another one.")

NOT_MODERATING = lazy_gettext("Only the moderators of this room may do that.")
OUTRANKED = lazy_gettext("You cannot do this to somebody who has as much to say here as you, or more.")
NOT_HOST = lazy_gettext("Only the host may do that.")
NO_ACCOUNT = lazy_gettext("Only accounts have keys to encrypt with. Sign up to have some.")

# A room for one of its members, and what they are in it.
MEMBER_ROOM = (
    select(*CHAT_COLUMNS, *lookup.STANDING_COLUMNS)
    .join(Membership, Membership.chat_id == Chat.id)
    .where(
        Chat.id == bindparam("chat"), Membership.user_id == bindparam("user"), Membership.state == "member"
    )
)
MUTED_UNTIL = (Membership.__table__.c.muted_until,)
READABLE_CHATS = (
    select(Membership.chat_id)
    .join(Chat, Chat.id == Membership.chat_id)
    .where(Membership.user_id == bindparam("user"), Membership.state == "member", Chat.deleted_at.is_(None))
    .limit(bindparam("most"))
)
AT_ONCE = 64  # messages that are asked for by their ids
READABLE_MESSAGES = (
    select(*MESSAGE_COLUMNS, Chat.name, Chat.kind, Chat.hash_key)
    .join(Chat, Chat.id == Message.chat_id)
    .where(Message.id.in_([bindparam(f"id_{place}") for place in range(AT_ONCE)]))
    .where(Message.deleted.is_(False), Chat.deleted_at.is_(None))
    # Not a join: from there SQLite would begin, with all that was ever said in somebody's rooms.
    .where(
        exists().where(
            Membership.chat_id == Message.chat_id,
            Membership.user_id == bindparam("user"),
            Membership.state == "member",
        )
    )
    .order_by(Message.id.desc())
)
# Who writes in a room by a session: what they are called, and what may keep them from it.
AUTHOR = (
    select(
        User.username,
        User.guest,
        Chat.kind,
        Membership.muted_until,
        IS_SHUT,
    )
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


class Actor(msgspec.Struct, frozen=True):
    """Who acts: one session of one user. `username` is None when the person's name has passed on;
    `role` is `member`, or `admin` for the host. Made for each request and event: a dataclass costs twenty
    times as much.
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
    return _actor(settings, lookup.session_of_token(token_hash(token))) if _is_likely(token) else None


def remembered_actor(settings: Settings, look: Look, token: str) -> Actor | None:
    """`actor_for_token` from memory alone, without an application context; None also when memory does not
    know.
    """
    found = lookup.remembered_session(look, token_hash(token)) if _is_likely(token) else None
    return _actor(settings, found)


def actor_for_session(settings: Settings, session_id: int) -> Actor:
    """The actor behind a session that was accepted before. Raises Unauthenticated when it is over."""
    actor = _actor(settings, lookup.session_of_id(session_id))
    if actor is None:
        raise Unauthenticated(SESSION_ENDED)
    return actor


def remembered_actor_for_session(settings: Settings, look: Look, session_id: int) -> Actor | None:
    """The same from memory alone, without an application context; None also when memory does not know."""
    return _actor(settings, look.get(look.memory.sessions, session_id))


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


def confirm_writer(actor: Actor, chat_id: int) -> None:
    """The same for whoever asks whether they may write. Raises Forbidden too, as `confirm_taken` does."""
    if confirm_reader(actor, chat_id)["kind"] == "direct":
        with reading() as session:
            confirm_taken(session.connection(), actor, chat_id)


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
    return member_found(snapshot, actor, chat_id)[0]


def member_found(snapshot: Snapshot, actor: Actor, chat_id: int) -> tuple[LiveRoom, Standing]:
    """The same with what the actor is in it."""
    known = chat_id if 0 < chat_id < 2**63 else 0  # which no room has
    row = snapshot.first(MEMBER_ROOM, {"chat": known, "user": actor.user_id})
    if row is None:
        raise NotFound(NO_SUCH_ROOM)
    room = LiveRoom.of(as_fields(CHAT_COLUMNS, row, snapshot.dialect))
    _confirm_there(room)
    return room, lookup.standing_of(row, snapshot.dialect)


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


def chat_by_link(hash_key: str, actor: Actor | None = None) -> Chat:
    """The chat that a link opens. The link itself is the proof, but for private rooms and direct chats, and
    for somebody who was put out. Raises NotFound, and RoomDeleted to those who were members.
    """
    room, standing = lookup.room_of_link(hash_key, actor.user_id if actor else None)
    state = standing.state
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


def readable_chats(snapshot: Snapshot, actor: Actor, most: int) -> list[int]:
    """The ids of chats that the actor is a member of, direct ones too: at most `most`, whichever they are."""
    return [row[0] for row in snapshot.rows(READABLE_CHATS, {"user": actor.user_id, "most": most})]


def readable_messages(
    snapshot: Snapshot, actor: Actor, ids: Sequence[int]
) -> list[tuple[Sequence[Any], dict[str, Any]]]:
    """Those of at most AT_ONCE messages that the actor may read and that stand, the newest first: (the row of
    `MESSAGES`; its chat, `{id, name, kind, url}`, without the name that a direct chat has to each of two).
    """
    if not ids:
        return []
    keys = {f"id_{place}": id_ for place, id_ in enumerate([*ids, *[0] * (AT_ONCE - len(ids))])}
    messages: list[tuple[Sequence[Any], dict[str, Any]]] = []
    for row in snapshot.rows(READABLE_MESSAGES, keys | {"user": actor.user_id}):
        *message, name, kind, hash_key = row
        chat = {"id": row[1], "name": name, "kind": kind, "url": f"/chatrooms/{hash_key}/"}
        messages.append((message, chat))
    return messages


def is_member(actor: Actor, chat_id: int) -> bool:
    return lookup.known_room(chat_id, actor.user_id).state == "member"


def own_message(actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """A message that the actor wrote, or its tombstone. Raises NotFound, RoomDeleted, Forbidden."""
    with reading() as session:
        member_chat(session, actor, chat_id)
        return _confirm_own(message_of(session, chat_id, seq), actor)


def message_of(session: ReadSession, chat_id: int, seq: int) -> RowMapping:
    """A message of a chat that the reader is known to read, or its tombstone. Raises NotFound."""
    row = session.execute(_message(chat_id, seq)).mappings().first()
    if row is None:
        raise NotFound(NO_SUCH_MESSAGE)
    return row


def message_of_another(actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """A message of somebody else in a room of the actor's, or its tombstone. Raises NotFound, RoomDeleted,
    Forbidden for one's own.
    """
    with reading() as session:
        member_chat(session, actor, chat_id)
        return confirm_of_another(message_of(session, chat_id, seq), actor)


def deletable_message(actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """A message that the actor wrote, or may take back because they keep order in the room; or its tombstone.

    Raises NotFound, RoomDeleted, Forbidden.
    """
    with reading() as session:
        chat = member_chat(session, actor, chat_id)
        row = message_of(session, chat_id, seq)
        return _confirm_deletable(session.connection(), actor, chat, row)


def upload_for(actor: Actor, chat_id: int, upload_id: int) -> RowMapping:
    """A file of a chat that the actor is a member of; one that was not sent yet is its uploader's alone.

    Raises NotFound, RoomDeleted.
    """
    room_for(actor, chat_id)
    known = upload_id if 0 < upload_id < 2**63 else 0
    wanted = select(*UPLOAD_COLUMNS).where(
        Upload.id == known,
        Upload.chat_id == chat_id,
        or_(Upload.message_id.is_not(None), Upload.user_id == actor.user_id),
    )
    with reading() as session:
        row = session.execute(wanted).mappings().first()
    if row is None:
        raise NotFound(NO_SUCH_FILE)
    return row


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
    return msgspec.structs.replace(actor, username=row.username, guest=row.guest, role=row.role)


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


def confirm_deletable_message(connection: Connection, actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """Inside a write: `confirm_own_message`, or the message is somebody's whom the actor keeps in order.

    Raises Unauthenticated, NameTaken, NotFound, RoomDeleted, Forbidden.
    """
    row = confirm_message(connection, actor, chat_id, seq)
    chat = connection.execute(select(Chat.__table__).where(Chat.id == chat_id)).one()
    return _confirm_deletable(connection, actor, chat, row)


def confirm_own_message(connection: Connection, actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """Inside a write: session, name and membership are still there, and the message is the actor's; its row.

    Raises Unauthenticated, NameTaken, NotFound, RoomDeleted, Forbidden.
    """
    return _confirm_own(confirm_message(connection, actor, chat_id, seq), actor)


def confirm_message(connection: Connection, actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """Inside a write: session, name and membership are still there, and the message is in the chat; its row,
    which may be a tombstone.

    Raises Unauthenticated, NameTaken, NotFound, RoomDeleted.
    """
    if confirm_member(connection, actor, chat_id).username is None:
        raise NameTaken(NAME_GONE, suggestions=[])
    row = message_row(connection, chat_id, seq)
    if row is None:
        raise NotFound(NO_SUCH_MESSAGE)
    return row


def confirm_pinner(connection: Connection, actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """`confirm_message`, for whoever chooses what is pinned: those who keep order in a room, both people of a
    direct chat. Raises Forbidden too.
    """
    row = confirm_message(connection, actor, chat_id, seq)
    chat = connection.execute(select(Chat.__table__).where(Chat.id == chat_id)).one()
    if chat.kind != "direct":
        confirm_rank(connection, actor, chat, None)
    return row


def confirm_author(appending: Appending, actor: Actor, chat_id: int) -> Author:
    """`confirm_member` for new messages: what was confirmed is remembered until something changes it.

    Raises Forbidden too, for a direct chat whose other person does not take messages, and for somebody who is
    muted or writes in a closed room.
    """
    author = appending.author(chat_id, actor.session_id)
    if author is None:
        row = appending.first(AUTHOR, {"session": actor.session_id, "chat": chat_id})
        if row is None:
            confirm_member(appending.connection, actor, chat_id)  # which knows what is wrong
            raise NotFound(NO_SUCH_ROOM)
        muted_until = as_fields(MUTED_UNTIL, row[3:4], appending.connection.dialect)["muted_until"]
        refuse_restrained(muted_until, is_shut=bool(row[4]))
        author = Author(row[0], bool(row[1]))
        if row[2] == "direct":  # what the other one wants can change in too many ways to remember it
            refuse_unwanted(*appending.first(WRITABLE, {"user": actor.user_id, "chat": chat_id}))
        else:
            appending.remember(chat_id, actor.session_id, author)
    return author


def confirm_taken(connection: Connection, actor: Actor, chat_id: int) -> None:
    """Inside a write: what a member writes is taken, by the other one of a direct chat, and where it is not a
    new message, too. Raises Forbidden.
    """
    row = connection.execute(WRITABLE, {"user": actor.user_id, "chat": chat_id}).first()
    if row is not None:
        refuse_unwanted(*row)
        return
    restraint = (
        select(Membership.muted_until, IS_SHUT.label("is_shut"))
        .join(Chat, Chat.id == Membership.chat_id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.chat_id == chat_id, Membership.user_id == actor.user_id)
    )
    found = connection.execute(restraint).first()
    if found is not None:
        refuse_restrained(found.muted_until, is_shut=found.is_shut)


def confirm_uploads(
    connection: Connection, actor: Actor, chat_id: int, upload_ids: Sequence[int]
) -> list[RowMapping]:
    """Inside a write: the rows of uploads, in this order: each is the actor's, of this chat, and in no
    message yet. Raises Invalid.
    """
    wanted = select(*UPLOAD_COLUMNS).where(
        Upload.id.in_([id_ for id_ in upload_ids if 0 < id_ < 2**63]),
        Upload.chat_id == chat_id,
        Upload.user_id == actor.user_id,
        Upload.message_id.is_(None),
    )
    found = {row["id"]: row for row in connection.execute(wanted).mappings()}
    if found.keys() != set(upload_ids):
        raise Invalid(NOT_TO_SEND, fields={"files": NOT_TO_SEND})
    return [found[id_] for id_ in upload_ids]


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
    actor, chat = _confirm_known(connection, actor, chat_id)
    if not may_manage(chat, actor):
        raise Forbidden(NOT_YOURS)


def confirm_moderator(
    connection: Connection, actor: Actor, chat_id: int, *, over: int | None = None
) -> Row[Any]:
    """Inside a write: the session is there, the room too, and the actor still keeps order in it; `over` is a
    user who has less to say there than the actor. Returns the room.

    Raises Unauthenticated, NotFound, RoomDeleted, Forbidden.
    """
    actor, chat = _confirm_known(connection, actor, chat_id)
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


def confirm_host(connection: Connection, actor: Actor) -> Actor:
    """Inside a write: the session is still there, and the host's. Raises Unauthenticated, Forbidden."""
    actor = confirm_session(connection, actor)
    require_host(actor)
    return actor


def require_host(actor: Actor) -> None:
    """Raise Forbidden to anybody but the host."""
    if actor.role != "admin":
        raise Forbidden(NOT_HOST)


def require_account(actor: Actor) -> None:
    """Raise Forbidden to a guest."""
    if actor.guest:
        raise Forbidden(NO_ACCOUNT)


def message_row(connection: Connection, chat_id: int, seq: int) -> RowMapping | None:
    """Inside a write: a message, or its tombstone, as `MESSAGES` has it."""
    return connection.execute(_message(chat_id, seq)).mappings().first()


def message_in_clear(session: Connection | ReadSession, chat_id: int, seq: int) -> RowMapping | None:
    """For the server itself: a message that stands, in a chat that stands and whose texts it may read."""
    wanted = _message(chat_id, seq).where(
        Message.deleted.is_(False),
        exists().where(Chat.id == Message.chat_id, Chat.deleted_at.is_(None), Chat.encryption == "none"),
    )
    return session.execute(wanted).mappings().first()


def confirm_of_another(row: RowMapping | None, actor: Actor) -> RowMapping:
    """A message that somebody else wrote. Raises NotFound, Forbidden."""
    if row is None:
        raise NotFound(NO_SUCH_MESSAGE)
    if row["user_id"] == actor.user_id:
        raise Forbidden(lazy_gettext("This is your own message. You can delete it."))
    return row


def _confirm_known(connection: Connection, actor: Actor, chat_id: int) -> tuple[Actor, Row[Any]]:
    """Inside a write: `known_chat`, with the actor as they are by now."""
    actor = confirm_session(connection, actor)
    chat = connection.execute(select(Chat.__table__).where(Chat.id == chat_id)).first()
    member = connection.execute(_membership(chat_id, actor.user_id)).first() is not None
    if chat is None or not (member or (actor.role == "admin" and chat.kind == "listed")):
        raise NotFound(NO_SUCH_ROOM)
    if chat.deleted_at is not None:
        raise RoomDeleted(chat.name)
    return actor, chat


def _membership(chat_id: int, user_id: int) -> Select[Chat]:
    return (
        select(Chat)
        .join(Membership, Membership.chat_id == Chat.id)
        .where(Chat.id == chat_id, Membership.user_id == user_id, Membership.state == "member")
    )


def _message(chat_id: int, seq: int) -> Select[Any]:
    known = seq if 0 < seq < 2**63 else 0  # a place that no message has
    return MESSAGES.where(Message.chat_id == chat_id, Message.seq == known)


def _confirm_deletable(
    connection: Connection, actor: Actor, chat: Chat | Row[Any], row: RowMapping
) -> RowMapping:
    if row["user_id"] == actor.user_id or chat.kind == "direct":
        return _confirm_own(row, actor)
    confirm_rank(connection, actor, chat, row["user_id"])
    return row


def _confirm_own(row: RowMapping, actor: Actor) -> RowMapping:
    if row["user_id"] != actor.user_id:
        raise Forbidden(lazy_gettext("Only whoever wrote this message may do that."))
    return row


def _is_likely(token: str) -> bool:
    return 0 < len(token) <= LONGEST_TOKEN and token.isascii()


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
    idle = DAY * settings.session_idle_days
    if session.role == "admin":
        idle = min(idle, HOUR * settings.admin_idle_hours)
    if now - session.created_at >= DAY * settings.session_max_days or now - session.last_used_at >= idle:
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
    room, standing = found
    if room is None or standing.state != "member":
        raise NotFound(NO_SUCH_ROOM)
    _confirm_there(room)
    return room


def _confirm_there(room: LiveRoom) -> None:
    if room.fields["deleted_at"] is not None:
        raise RoomDeleted(room.fields["name"])
