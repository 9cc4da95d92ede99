"""Who is called by name in messages: finding them inside the write, and the list of where one was called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select
from sqlalchemy.orm import aliased

from porch.access.actors import Actor
from porch.actions.bounds import confirm_limit, out_of_range
from porch.engines import Engines
from porch.extensions import reading
from porch.models import Chat, Membership, Mention, Message, NameKey, User
from porch.models.clock import rfc3339
from porch.models.ids import is_id
from porch.peers import blocks
from porch.texts import lazy_gettext

EVERYONE = "everyone"  # which is nobody's name
MOST_MENTIONS = 100  # of one page
DEFAULT_MENTIONS = 50
LONGEST_EXCERPT = 200  # code points of what was said


def resolve_mentions(
    connection: Connection, actor: Actor, chat_id: int, called: Sequence[Sequence[str]]
) -> list[dict[str, Any]]:
    """Inside a write: `[{user_id, username}]`, whom somebody calls in a room by what `names.called` found, in
    the order of the text, each once and never oneself. Who opened the room, or the host, may call everyone,
    whose `user_id` is null.
    """
    wanted = {form for forms in called for form in forms}
    if not wanted:
        return []
    rows = connection.execute(
        select(NameKey.key, User.id, User.username)
        .join(User, User.id == NameKey.user_id)
        .join(Membership, Membership.user_id == User.id)
        .where(NameKey.key.in_(wanted), NameKey.kept_until.is_(None))
        .where(Membership.chat_id == chat_id, Membership.state == "member")
    )
    known: dict[str, tuple[int | None, str]] = {row.key: (row.id, row.username) for row in rows}
    if EVERYONE in wanted and _may_call_everyone(connection, actor, chat_id):
        known[EVERYONE] = (None, EVERYONE)
    meant = (next((known[form] for form in forms if form in known), None) for forms in called)
    unique = {one[0]: one[1] for one in meant if one is not None and one[0] != actor.user_id}
    return [{"user_id": user_id, "username": username} for user_id, username in unique.items()]


def keep_mentions(connection: Connection, message: Mapping[str, Any]) -> None:
    """Inside a write: make the rows say whom a message calls as it is now. Who was called before keeps the
    row, so that an edit does not call twice. Where everyone is called no name has a row beside that.
    """
    called = [one["user_id"] for one in message.get("mentions", ())]
    wanted = [None] if None in called else called
    of_message = Mention.message_id == message["id"]
    there = set(connection.execute(select(Mention.user_id).where(of_message)).scalars())
    for user_id in there - {*wanted}:
        connection.execute(delete(Mention).where(of_message, Mention.user_id.is_not_distinct_from(user_id)))
    if new := [user_id for user_id in wanted if user_id not in there]:
        row = {
            "message_id": message["id"],
            "chat_id": message["chat_id"],
            "seq": message["seq"],
            "author_id": message["user_id"],
        }
        connection.execute(insert(Mention), [row | {"user_id": user_id} for user_id in new])


def mentions_of(
    engines: Engines, actor: Actor, *, before: int | None = None, limit: int = DEFAULT_MENTIONS
) -> dict[str, Any]:
    """`{mentions, more}`: where one was called by name, or as one of everyone, in rooms one is in; the last
    first, 1 to 100 of them, from the one before the id `before`. What somebody wrote whom one blocks is left
    out. Raises Invalid, TooFast.
    """
    confirm_limit(limit, MOST_MENTIONS)
    if before is not None and not is_id(before):
        raise out_of_range("before", lazy_gettext("The id of a mention."))
    engines.limiter.take("visit", actor.user_id)
    is_in = (Membership.user_id == actor.user_id, Membership.state == "member", Chat.deleted_at.is_(None))
    own = (
        select(Mention.id)
        .join(Membership, Membership.chat_id == Mention.chat_id)
        .join(Chat, Chat.id == Mention.chat_id)
        .where(Mention.user_id == actor.user_id, *is_in, *_seen(Mention, actor.user_id, before))
        .order_by(Mention.id.desc())
        .limit(limit + 1)
    )
    # Of each room its last ones: somebody may be in rooms where everyone was called thousands of times.
    last = aliased(Mention)
    newest = (
        select(last.id)
        .where(last.chat_id == Membership.chat_id, last.user_id.is_(None))
        .where(*_seen(last, actor.user_id, before))
        .order_by(last.id.desc())
        .limit(limit + 1)
        .correlate(Membership)
    )
    everyones = (
        select(Mention.id)
        .select_from(Membership)
        .join(Chat, Chat.id == Membership.chat_id)
        .join(Mention, Mention.id.in_(newest))
        .where(*is_in)
        .order_by(Mention.id.desc())
        .limit(limit + 1)
    )
    with reading() as session:
        ids = sorted({*session.scalars(own), *session.scalars(everyones)}, reverse=True)
        rows = session.execute(
            select(Mention, Message.username, Message.timestamp, Message.content, Chat.name, Chat.hash_key)
            .join(Message, Message.id == Mention.message_id)
            .join(Chat, Chat.id == Mention.chat_id)
            .where(Mention.id.in_(ids[:limit]))
            .order_by(Mention.id.desc())
        ).all()
    return {"mentions": [_mention_dict(row) for row in rows], "more": len(ids) > limit}


def _seen(mention: Any, user_id: int, before: int | None) -> tuple[ColumnElement[bool], ...]:
    """Not what somebody wrote themselves, nor whom they block; before the id `before`, if any."""
    seen = (mention.author_id != user_id, ~blocks(user_id, mention.author_id))
    return seen if before is None else (*seen, mention.id < before)


def _may_call_everyone(connection: Connection, actor: Actor, chat_id: int) -> bool:
    may = or_(Chat.creator_id == actor.user_id, User.role == "admin")
    query = select(Chat.id).join(User, User.id == actor.user_id).where(Chat.id == chat_id, may)
    return connection.execute(query).first() is not None


def _mention_dict(row: Any) -> dict[str, Any]:
    mention: Mention = row.Mention
    return {
        "id": mention.id,
        "chat": {"id": mention.chat_id, "name": row.name, "url": f"/chatrooms/{row.hash_key}/"},
        "seq": mention.seq,
        "user_id": mention.author_id,
        "username": row.username,
        "timestamp": rfc3339(row.timestamp),
        "content": row.content[:LONGEST_EXCERPT],
        "everyone": mention.user_id is None,
        "url": f"/chatrooms/{row.hash_key}/messages/{mention.seq}/",
    }
