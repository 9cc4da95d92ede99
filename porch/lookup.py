"""What the doors ask again and again: from memory, or else from the database and then kept.

Whether somebody may have it is for `access` to say. Needs an application context.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import Connection, Dialect, Row, Select, and_, bindparam, select

from porch import names
from porch.engines.reading.live_rooms import LiveRoom
from porch.engines.reading.memory import KnownSession, Look, Memory, Standing
from porch.engines.reading.snapshots import snapshot
from porch.engines.reading.statements import as_fields
from porch.models import Chat, Membership, NameKey, Session, User
from porch.models.chat import CHAT_COLUMNS
from porch.models.ids import id_or_zero, key_or_empty

# In the order of KnownSession.
SESSION_COLUMNS = tuple(
    table.__table__.c[name]
    for table, name in (
        (Session, "id"),
        (Session, "token"),
        (Session, "user_id"),
        (User, "username"),
        (User, "guest"),
        (User, "role"),
        (Session, "created_at"),
        (Session, "last_used_at"),
    )
)
SESSIONS = select(*SESSION_COLUMNS).join(User, User.id == Session.user_id).where(User.disabled_at.is_(None))
BY_TOKEN = SESSIONS.where(Session.token == bindparam("key"))
BY_ID = SESSIONS.where(Session.id == bindparam("key"))
# In the order of Standing.
STANDING_COLUMNS = tuple(Membership.__table__.c[name] for name in Standing._fields)
# Each with what somebody is in it, if anything.
ROOMS = select(*CHAT_COLUMNS, *STANDING_COLUMNS).outerjoin(
    Membership, and_(Membership.chat_id == Chat.id, Membership.user_id == bindparam("user"))
)
ROOM_BY_ID = ROOMS.where(Chat.id == bindparam("key"))
ROOM_BY_LINK = ROOMS.where(Chat.hash_key == bindparam("key"))


class Found(NamedTuple):
    """A room, None when there is none, and what somebody is in it."""

    room: LiveRoom | None
    standing: Standing

    @property
    def state(self) -> str:
        return self.standing.state


def memory() -> Memory:
    found: Memory = current_app.extensions["porch_memory"]
    return found


def session_of_token(token: str) -> KnownSession | None:
    """The session with this hash, unless its user is disabled."""
    look = memory().look()
    found = remembered_session(look, token)
    if found is None:
        found = _read_session(look, BY_TOKEN, token)
        if found is not None:
            look.keep(memory().tokens, token, found.session_id)
    return found


def remembered_session(look: Look, token: str) -> KnownSession | None:
    """The same from memory alone, without an application context; None when memory does not have it."""
    session_id = look.get(look.memory.tokens, token)
    return None if session_id is None else look.get(look.memory.sessions, session_id)


def session_of_id(session_id: int) -> KnownSession | None:
    """The session with this id, unless its user is disabled."""
    look = memory().look()
    return look.get(memory().sessions, session_id) or _read_session(look, BY_ID, session_id)


def person_named(connection: Connection, name: str) -> Row[*tuple[Any, ...]] | None:
    """Whoever has exactly this enforced name now, in any case; a look-alike of it is not."""
    row = connection.execute(
        select(User.id, User.username, User.guest, User.password, User.disabled_at)
        .join(NameKey, NameKey.user_id == User.id)
        .where(NameKey.key == names.comparison_form(name), NameKey.kept_until.is_(None))
    ).first()
    return row if row is not None and names.same(row.username, name) else None


def room_for(chat_id: int, user_id: int) -> Found:
    """A room and what somebody is in it, as both were at one moment."""
    look = memory().look()
    found = remembered(look, chat_id, user_id)
    if found is None:
        found = _read_room(look, ROOM_BY_ID, id_or_zero(chat_id), user_id)
    return found


def room_of_link(hash_key: str, user_id: int | None) -> Found:
    """The room that a link leads to, and what somebody is in it."""
    look = memory().look()
    chat_id = look.get(memory().links, hash_key)
    found = None if chat_id is None else remembered(look, chat_id, user_id)
    if found is None or found.room is None or found.room.fields["hash_key"] != hash_key:
        found = _read_room(look, ROOM_BY_LINK, key_or_empty(hash_key), user_id)
        if found.room is not None:
            look.keep(memory().links, hash_key, found.room.fields["id"])
    return found


def remembered(look: Look, chat_id: int, user_id: int | None) -> Found | None:
    """The same from memory alone, without an application context; None when memory does not have both.
    Membership is looked up last: nobody gets what came after they had to go.
    """
    return _with_standing(look, look.get(look.memory.rooms, chat_id), chat_id, user_id)


def known_room(chat_id: int, user_id: int) -> Found:
    """`room_for`, but perhaps without what was last said there: for whoever asks only whether they may."""
    look = memory().look()
    known = _with_standing(look, look.peek(look.memory.rooms, chat_id), chat_id, user_id)
    return known or room_for(chat_id, user_id)


def outlined_room(chat_id: int, user_id: int) -> Found:
    """`room_for`, but perhaps without what is said there: for whoever asks how far its log has come."""
    look = memory().look()
    known = _with_standing(look, look.outline(chat_id), chat_id, user_id)
    return known or room_for(chat_id, user_id)


def keep_member(look: Look, chat_id: int, user_id: int, standing: Standing) -> None:
    """Keep what was just read: what a member is."""
    look.keep(memory().memberships, (chat_id, user_id), standing)


def keep_longer(look: Look, room: LiveRoom) -> None:
    """Keep a room that was just read, if memory holds less of it."""
    rooms, chat_id = memory().rooms, room.fields["id"]
    held = look.peek(rooms, chat_id)
    if held is None or (rooms.holds_messages and room.floor < held.floor):
        look.keep(rooms, chat_id, room)


def standing_of(row: Sequence[Any], dialect: Dialect) -> Standing:
    """What somebody is in a room, from the end of a row that the driver gave of STANDING_COLUMNS."""
    values = as_fields(STANDING_COLUMNS, row[-len(STANDING_COLUMNS) :], dialect)
    return Standing(**values) if values["state"] else Standing()


def _with_standing(look: Look, room: LiveRoom | None, chat_id: int, user_id: int | None) -> Found | None:
    standing = Standing() if user_id is None else look.get(look.memory.memberships, (chat_id, user_id))
    return None if room is None or standing is None else Found(room, standing)


def _read_room(look: Look, statement: Select[Any], key: int | str, user_id: int | None) -> Found:
    with snapshot(of_one=True) as found:
        row = found.first(statement, {"key": key, "user": user_id})
        fields = row and as_fields(CHAT_COLUMNS, row, found.dialect)
    if not row or not fields:
        return Found(None, Standing())
    room, standing = LiveRoom.of(fields), standing_of(row, found.dialect)
    if user_id is not None:
        look.keep(memory().memberships, (fields["id"], user_id), standing)
    keep_longer(look, room)
    return Found(room, standing)


def _read_session(look: Look, statement: Select[Any], key: int | str) -> KnownSession | None:
    with snapshot(of_one=True) as found:
        row = found.first(statement, {"key": key})
        fields = row and as_fields(SESSION_COLUMNS, row, found.dialect)
    if not fields:
        return None
    session = KnownSession(*fields.values())
    look.keep(memory().sessions, session.session_id, session)
    return session
