"""Whom a new message is to be told who is not looking: decided by the level each has chosen for the chat."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, false, select, true, union_all

from porch.engines.live.notices import PersonalNotices
from porch.extensions import reading
from porch.models import Chat, Direct, Membership
from porch.models.membership import default_level
from porch.peers import blocks

FEW = 200  # people who listen
LONGEST_LINE = 160  # code points of a message, wherever it is told in one line


def wanted_by(
    connection: Connection,
    message: Mapping[str, Any],
    kind: str,
    *,
    among: Collection[int] | None = None,
) -> dict[int, bool]:
    """Who wants to be told of a new message in a chat of this kind, by user id, each with whether it calls
    them: never its author, nor whoever blocks them, nor whoever ignores a direct chat.

    Of a room in which most are told of mentions alone, only those are read who are called, and those who
    want more than most. `among` bounds the answer to these people.
    """
    calls = message.get("mentions", ())
    called = {one["user_id"] for one in calls}
    is_loud = default_level(kind) == "everything"
    own = Membership.user_id
    everyone = None in called
    is_called: ColumnElement[bool] = true() if everyone else own.in_(called) if called else false()
    wants_all = Membership.level == "everything"
    wants_mentions = Membership.level == "mentions"
    unset = Membership.level.is_(None)
    members = select(own).where(
        Membership.chat_id == message["chat_id"],
        Membership.state == "member",
        own != message["user_id"],
        ~blocks(own, message["user_id"]),
    )
    if kind == "direct":
        side = exists().where(Direct.chat_id == Membership.chat_id, Direct.user_id == own)
        members = members.where(side.where(Direct.state != "ignored"))
    if among is not None:
        members = members.where(own.in_(among))
    # Apart, so that each is found by an index of its own.
    parts = [members.where(wants_all)]
    if is_loud:
        parts.append(members.where(unset))
    if called:
        parts.append(members.where(wants_mentions if is_loud else unset | wants_mentions, is_called))
    found = connection.execute(union_all(*parts)).scalars()
    return {user_id: everyone or user_id in called for user_id in found}


def notices(
    messages: Iterable[Mapping[str, Any]], watching: Collection[int], *, there: Callable[[int], Set[int]]
) -> PersonalNotices:
    """What those of the people `watching` are told of new messages: who, and the notice. Of a chat one
    notice each, of the last message that they want, or of the last that calls them, with the `count` of all.
    Whoever is `there`, in a chat of this id, is told by the message itself.
    """
    told: dict[tuple[int, int], dict[str, Any]] = {}
    among = watching if len(watching) <= FEW else None
    with reading() as session:
        for message in messages:
            chat = session.get(Chat, message["chat_id"])
            if chat is None or chat.deleted_at is not None:
                continue
            wanting = wanted_by(session.connection(), message, chat.kind, among=among)
            for user_id in wanting.keys() & set(watching) - there(chat.id):
                notice = _notice(message, chat, called=wanting[user_id])
                known = told.get((user_id, chat.id))
                count = known["count"] + 1 if known else 1
                shown = known if known and known["called"] and not notice["called"] else notice
                told[user_id, chat.id] = shown | {"count": count}
    return [(user_id, notice) for (user_id, _), notice in told.items()]


def _notice(message: Mapping[str, Any], chat: Chat, *, called: bool) -> dict[str, Any]:
    return {
        "chat_id": chat.id,
        "kind": chat.kind,
        "name": message["username"] if chat.kind == "direct" else chat.name,
        "url": f"/chatrooms/{chat.hash_key}/",
        "seq": message["seq"],
        "user_id": message["user_id"],
        "username": message["username"],
        "content": message["content"][:LONGEST_LINE],
        "called": called,
    }
