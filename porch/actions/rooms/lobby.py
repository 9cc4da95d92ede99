"""The lobby: the rooms somebody may go to, and what the lobbies that are open have to hear."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, false, select

from porch.access.actors import Actor
from porch.actions.bounds import confirm_limit, out_of_range
from porch.actions.notifications.unread import attentions, attentions_of
from porch.actions.rooms.chats import owner_fields
from porch.engines import Engines
from porch.engines.live.lobby import Changes, Pairs
from porch.engines.live.presence import Presence
from porch.extensions import reading
from porch.models import Chat, Membership
from porch.models.chat import LISTED, chat_dict
from porch.models.clock import rfc3339
from porch.text import folded
from porch.texts import lazy_gettext

MOST_ROOMS = 200  # of one answer
DEFAULT_ROOMS = 100
FEW = 200  # people whose lobby is open
LONGEST_SEARCH = 80  # code points


def lobby(
    engines: Engines, actor: Actor, *, limit: int = DEFAULT_ROOMS, q: str | None = None
) -> dict[str, Any]:
    """`{chats, more}`: listed rooms and those one is a member of, the last active first, 1 to 200 of them.

    Direct chats have a list of their own. `q` keeps rooms whose name has this part, whatever the case and the
    accents. Raises Invalid, TooFast.
    """
    confirm_limit(limit, MOST_ROOMS)
    if q is not None and not 1 <= len(q) <= LONGEST_SEARCH:
        raise out_of_range("q", lazy_gettext("1 to %(most)s characters.", most=LONGEST_SEARCH))
    engines.limiter.take("visit", actor.user_id)
    with reading() as session:
        own = session.scalars(_newest(_of(actor.user_id), limit, q)).all()
        listed = session.scalars(_newest(select(Chat).where(LISTED), limit, q)).all()
        mine = {chat.id for chat in own}
        joined = select(Membership.chat_id).where(
            Membership.user_id == actor.user_id,
            Membership.state == "member",
            Membership.chat_id.in_([chat.id for chat in listed]),
        )
        mine |= set(session.scalars(joined))
        chats = {chat.id: chat for chat in (*own, *listed)}
        newest = sorted(chats.values(), key=lambda chat: (chat.active_at, chat.id), reverse=True)
        attention = attentions(session, actor.user_id)
    return {
        "chats": [
            chat_dict(chat)
            | owner_fields(chat, actor)
            | _live(engines.presence, chat)
            | {"member": chat.id in mine}
            | attention.get(chat.id, {})
            for chat in newest[:limit]
        ],
        "more": len(newest) > limit,
    }


def changes(
    presence: Presence, chat_ids: Sequence[int], watching: Collection[int], own: Pairs = ()
) -> Changes:
    """The rows of chats that have changed, for those of the people `watching` whose lobby they stand in; and
    of pairs of chat and person, for that person alone.

    What the host may do is not in them: their client knows that the host may manage every room it sees.
    """
    result = Changes([], {}, {})
    with reading() as session:
        wanted = {*chat_ids, *(chat_id for chat_id, _ in own)}
        chats = {chat.id: chat for chat in session.scalars(select(Chat).where(Chat.id.in_(wanted)))}
        directs = {chat.id for chat in chats.values() if chat.kind == "direct"}
        of_chats = select(Membership.chat_id, Membership.user_id).where(
            Membership.chat_id.in_(set(chat_ids) - directs), Membership.state == "member"
        )
        if len(watching) <= FEW:  # else naming each of them costs more than it spares
            of_chats = of_chats.where(Membership.user_id.in_(watching))
        told = {(row.chat_id, row.user_id) for row in session.execute(of_chats) if row.user_id in watching}
    told |= {pair for pair in own if pair[0] not in directs}
    rows = {
        chat.id: chat_dict(chat) | _live(presence, chat)
        for chat in chats.values()
        if not chat.deleted_at and chat.id not in directs
    }
    result.listed.extend(rows[id_] for id_ in chat_ids if id_ in rows and rows[id_]["kind"] == "listed")
    for (chat_id, user_id), attention in attentions_of(told).items():
        if chat_id in rows:
            mine = {"member": True, "mine": chats[chat_id].creator_id == user_id}
            result.rows.setdefault(user_id, []).append(rows[chat_id] | mine | attention)
        else:
            result.gone.setdefault(user_id, []).append(chat_id)
    return result


def _live(presence: Presence, chat: Chat) -> dict[str, Any]:
    # Until something is said, a room is as active as when it was opened.
    last_at = chat.active_at if chat.active_at > chat.created_at else None
    return {"last_at": rfc3339(last_at), "present": presence.count(chat.id)}


def _of(user_id: int) -> Select[Chat]:
    return (
        select(Chat)
        .join(Membership, Membership.chat_id == Chat.id)
        .where(Membership.user_id == user_id, Membership.state == "member", Chat.kind != "direct")
    )


def _newest(query: Select[Chat], limit: int, q: str | None) -> Select[Chat]:
    query = query.where(Chat.deleted_at.is_(None)).order_by(Chat.active_at.desc(), Chat.id.desc())
    if q is not None:
        # PostgreSQL does not even take a NUL to look for, which no name has.
        query = query.where(false() if "\0" in q else Chat.search_name.contains(folded(q), autoescape=True))
    return query.limit(limit + 1)
