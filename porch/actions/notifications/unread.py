"""What somebody has not read yet. Counted when it is asked for, never written down for each reader.

Each count is read from an index alone and ends at a hundred a room. Where a room has at most two hundred new
entries, all of them are looked at; where it has more, the look ends with the hundredth that counts.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session as ReadSession
from sqlalchemy.orm import aliased

from porch.access.actors import Actor
from porch.access.chats import confirm_reader
from porch.engines.reading.snapshots import Snapshot, snapshot
from porch.extensions import reading
from porch.models import Chat, Direct, Membership, Mention, Message
from porch.models.chat import KINDS
from porch.models.membership import default_level
from porch.peers import blocks

MOST_UNREAD = 100  # counted in one chat; so many may be more
# Entries of a log that are all looked at: entry for entry that takes half as long as stopping at a hundred.
SHORT = 2 * MOST_UNREAD


# A mention that a `Membership` has not read.
CALLS = (
    Mention.seq > Membership.read_seq,
    Mention.author_id != Membership.user_id,
    ~blocks(Membership.user_id, Mention.author_id),
)


def _new_to_member(message: type[Message]) -> tuple[ColumnElement[bool], ...]:
    """That a `Membership` has not read it."""
    return (
        message.rev > Membership.read_seq,  # which is never below seq, and leads the index
        message.seq > Membership.read_seq,
        message.user_id != Membership.user_id,
        message.deleted.is_(False),
    )


def unread() -> ColumnElement[int]:
    """How many messages of others a `Membership` of a `Chat` has not read; from a hundred on, or more."""
    new = aliased(Message)
    return _counted(new.chat_id == Membership.chat_id, *_new_to_member(new))


def mentioned() -> ColumnElement[int]:
    """By how many of those a `Membership` is called, by name or as one of everyone; in the same way."""
    return _mentions(Mention.user_id == Membership.user_id) + _mentions(Mention.user_id.is_(None))


def _mentions(whom: ColumnElement[bool]) -> ColumnElement[int]:
    return _counted(whom, Mention.chat_id == Membership.chat_id, *CALLS)


def _counted(*new: ColumnElement[bool]) -> ColumnElement[int]:
    """How many there are, and without a look where nothing has happened."""
    entries = Chat.rev - Membership.read_seq
    all_of_them = select(func.count()).where(*new).correlate(Membership, Chat).scalar_subquery()
    some = select(literal(1)).where(*new).limit(MOST_UNREAD).correlate(Membership, Chat).subquery()
    enough = select(func.count()).select_from(some).scalar_subquery()
    return case((entries <= 0, 0), (entries <= SHORT, all_of_them), else_=enough)


def _told(level: str | None, kind: str, unread: int, mentioned: int) -> dict[str, Any]:
    """What somebody is told of a room they are in."""
    return {
        "level": level or default_level(kind),
        "unread": unread if unread < MOST_UNREAD else MOST_UNREAD,
        "mentioned": mentioned if mentioned < MOST_UNREAD else MOST_UNREAD,
    }


ATTENTIONS = select(
    Membership.chat_id,
    Membership.read_seq,
    Membership.level,
    Chat.kind,
    unread(),
    mentioned(),
).join(Chat, Chat.id == Membership.chat_id)
OWN = ATTENTIONS.where(Membership.user_id == bindparam("user"), Membership.state == "member")
OWN_ROOMS = OWN.where(Membership.direct.is_(False))
ONE = OWN.where(Membership.chat_id == bindparam("chat"))
# The first of what one has not read, wherever the page that shows it begins.
FIRST = (
    select(Message.seq)
    .where(
        Message.chat_id == bindparam("chat"),
        Message.seq > bindparam("read"),
        Message.user_id != bindparam("user"),
        Message.deleted.is_(False),
    )
    .order_by(Message.seq)
    .limit(1)
)
# Chats in which something has happened since; the others are not looked at.
HAS_NEWS = (Chat.deleted_at.is_(None), Chat.rev > Membership.read_seq)
LISTENS = (Membership.user_id == bindparam("user"), Membership.state == "member", *HAS_NEWS)


def _has_level(level: str) -> ColumnElement[bool]:
    """What somebody has chosen of a `Chat`, or what its kind suggests."""
    kinds = [Chat.kind == kind for kind in (*KINDS, "direct") if default_level(kind) == level]
    return (Membership.level == level) | (Membership.level.is_(None) & or_(*kinds))


IS_LOUD = _has_level("everything")
IS_CALLED_IN = _has_level("mentions")


def _waiting(things: type[Message | Mention], of: tuple[Any, ...]) -> Any:
    """How many of these wait for somebody, at most a hundred: whoever has missed thousands costs no more."""
    some = (
        select(literal(1))
        .select_from(Membership)
        .join(Chat, Chat.id == Membership.chat_id)
        .join(things, things.chat_id == Membership.chat_id)
        .where(*LISTENS, *of)
        .limit(MOST_UNREAD)
    )
    return select(func.count()).select_from(some.subquery())


IS_FOR_ME = (Mention.user_id == Membership.user_id) | Mention.user_id.is_(None)
HEARS_OF_IT = exists().where(
    Direct.chat_id == Membership.chat_id,
    Direct.user_id == Membership.user_id,
    Direct.state != "ignored",
    ~blocks(Direct.user_id, Direct.peer_id),
)
WAITING = (
    _waiting(Message, (Membership.direct.is_(False), IS_LOUD, *_new_to_member(Message))),
    _waiting(Mention, (Membership.direct.is_(False), IS_CALLED_IN, IS_FOR_ME, *CALLS)),
    _waiting(Message, (Membership.direct, IS_LOUD, HEARS_OF_IT, *_new_to_member(Message))),
)


def attentions(session: ReadSession, user_id: int) -> dict[int, dict[str, Any]]:
    """Of all rooms that somebody is in: `{level, unread, mentioned}`, by chat."""
    connection = session.connection()
    found = Snapshot(connection.connection.cursor(), connection.dialect)
    rows = found.rows(OWN_ROOMS, {"user": user_id})
    return {chat_id: _told(level, kind, new, called) for chat_id, _, level, kind, new, called in rows}


def attentions_of(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], dict[str, Any]]:
    """The same of pairs of chat and person, one probe of an index each."""
    with snapshot() as found:
        known = {}
        for chat_id, user_id in pairs:
            row = found.first(ONE, {"chat": chat_id, "user": user_id})
            if row is not None:
                known[chat_id, user_id] = _told(*row[2:])
    return known


def attention_to(actor: Actor, chat_id: int) -> dict[str, Any]:
    """The same of one chat, with `read_seq`, how far one has read there, and `first_unread`, the place of the
    first message of others after it, or null. Raises NotFound, RoomDeleted.
    """
    confirm_reader(actor, chat_id)
    with reading() as session:
        row = session.execute(ONE, {"chat": chat_id, "user": actor.user_id}).one()
        _, read_seq, level, kind, new, called = row
        told = _told(level, kind, new, called)
        place = {"chat": chat_id, "read": read_seq, "user": actor.user_id}
        first = session.scalar(FIRST, place) if told["unread"] else None
    return told | {"read_seq": read_seq, "first_unread": first}


def attention(actor: Actor) -> int:
    """How much waits for somebody that they want to be told of: what their levels count, in rooms and direct
    chats; at most a hundred, so many may be more.
    """
    with snapshot() as found:
        counts = [found.first(query, {"user": actor.user_id}) for query in WAITING]
    total: int = sum(count[0] for count in counts if count)
    return min(total, MOST_UNREAD)
