"""The list of one's direct chats: its rows, what waits in them, and what lists that are open have to hear."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.orm import Session as ReadSession

from porch import lookup
from porch.access.actors import Actor
from porch.actions.bounds import confirm_limit
from porch.actions.notifications.notices import LONGEST_LINE
from porch.actions.notifications.unread import MOST_UNREAD, unread
from porch.engines import Engines
from porch.engines.live.directs import Rows
from porch.engines.live.presence import Presence
from porch.extensions import reading
from porch.models import Chat, Direct, Membership, Message, User
from porch.models.chat import chat_dict
from porch.models.clock import rfc3339
from porch.peers import PEER_COLUMNS, Other, Side, blocks

MOST_DIRECTS = 200  # of one list
DEFAULT_DIRECTS = 100
# Rows looked up for those who listen; of a person with more chats, the others are not told.
MOST_CHANGES = 2000
FEW = 2000  # people who listen
# The last message that stands, and how many are unread, are one probe of an index each.
LISTED = (
    select(
        Chat,
        Direct.user_id,
        *PEER_COLUMNS,
        unread().label("unread"),
        select(Message.id)
        .where(Message.chat_id == Direct.chat_id, Message.deleted.is_(False))
        .order_by(Message.seq.desc())
        .limit(1)
        .correlate(Direct)
        .scalar_subquery()
        .label("last_id"),
    )
    .select_from(Direct)
    .join(Chat, Chat.id == Direct.chat_id)
    .join(Other, Other.id == Direct.peer_id)
    .join(Membership, (Membership.chat_id == Direct.chat_id) & (Membership.user_id == Direct.user_id))
)


def directs_of(engines: Engines, actor: Actor, *, limit: int = DEFAULT_DIRECTS) -> dict[str, Any]:
    """`{directs, more}`: one's direct chats but for ignored ones, the last active first, 1 to 200 of them.

    Raises Invalid, TooFast.
    """
    confirm_limit(limit, MOST_DIRECTS)
    engines.limiter.take("visit", actor.user_id)
    last_active = (Chat.active_at.desc(), Chat.id.desc())
    chosen = (  # before the rest of them is looked up: some people have thousands
        select(Direct.chat_id)
        .join(Chat, Chat.id == Direct.chat_id)
        .where(Direct.user_id == actor.user_id, Direct.state != "ignored")
        .order_by(*last_active)
        .limit(limit + 1)
    )
    query = LISTED.where(Direct.user_id == actor.user_id, Direct.chat_id.in_(chosen)).order_by(*last_active)
    with reading() as session:
        rows = _rows(session, query, engines.presence)
    return {"directs": [row for _, row in rows[:limit]], "more": len(rows) > limit}


def waiting(actor: Actor) -> dict[str, int]:
    """`{unread, requests}`: in how many direct chats there is something new, how many wait for an answer."""
    look = lookup.memory().look()
    known = look.get(lookup.memory().waiting, actor.user_id)
    if known is None:
        known = _count_waiting(actor.user_id)
        look.keep(lookup.memory().waiting, actor.user_id, known)
    unread, requests = known
    return {"unread": unread, "requests": requests}


def direct_changes(
    presence: Presence, chat_ids: Collection[int], user_ids: Collection[int], watching: Collection[int]
) -> Rows:
    """Rows of those of the chats that are direct, and of all direct chats with these people, for those of the
    people `watching` who are in them: (whose list, the row). The row of one who ignores a chat says so.
    """
    query = LISTED.where(Direct.chat_id.in_(chat_ids) | Direct.peer_id.in_(user_ids)).limit(MOST_CHANGES)
    if len(watching) <= FEW:  # else naming each of them costs more than it spares
        query = query.where(Direct.user_id.in_(watching))
    with reading() as session:
        rows = _rows(session, query, presence)
    return [(user_id, row) for user_id, row in rows if user_id in watching]


def _count_waiting(user_id: int) -> tuple[int, int]:
    news = (
        select(Message.id)
        .where(
            Message.chat_id == Direct.chat_id,
            Message.seq > Membership.read_seq,
            Message.user_id == Direct.peer_id,
            Message.deleted.is_(False),
        )
        .exists()
    )
    query = (
        select(Direct.state, func.count())
        .join(Membership, (Membership.chat_id == Direct.chat_id) & (Membership.user_id == Direct.user_id))
        .join(Chat, Chat.id == Direct.chat_id)
        .join(User, User.id == Direct.peer_id)
        .where(Direct.user_id == user_id, ~blocks(Direct.user_id, Direct.peer_id))
        .where(
            ((Direct.state == "asked") & User.username.is_not(None))
            | ((Direct.state == "open") & (Chat.rev > Membership.read_seq) & news)
        )
        .group_by(Direct.state)
    )
    with reading() as session:
        counts: dict[str, int] = {row[0]: row[1] for row in session.execute(query)}
    return counts.get("open", 0), counts.get("asked", 0)


def _rows(session: ReadSession, query: Select[*tuple[Any, ...]], presence: Presence) -> Rows:
    found = session.execute(query).mappings().all()
    lasts = _messages(session, [row["last_id"] for row in found if row["last_id"] is not None])
    return [(row["user_id"], _row(row, lasts.get(row["last_id"]), presence)) for row in found]


def _row(row: RowMapping, last: Any, presence: Presence) -> dict[str, Any]:
    side = Side.of(row)
    return (
        chat_dict(row["Chat"])
        | {"mine": False, "may_manage": False}
        | side.as_dict()
        | {
            "last": None
            if last is None
            else {
                "user_id": last.user_id,
                "content": (last.content or _file_names(last))[:LONGEST_LINE],
                "timestamp": rfc3339(last.timestamp),
            },
            "unread": min(row["unread"], MOST_UNREAD),
            "present": side.peer_id in presence.user_ids(row["Chat"].id),
        }
    )


def _messages(session: ReadSession, ids: Sequence[int]) -> dict[int, Any]:
    wanted = select(
        Message.id,
        Message.user_id,
        Message.content,
        Message.files,
        Message.timestamp,
        Message.envelope.is_not(None).label("is_locked"),
    ).where(Message.id.in_(ids))
    return {row.id: row for row in session.execute(wanted)}


def _file_names(message: Any) -> str:
    """What stands for the text of a message without any; those of a locked one are not known."""
    if not message.files or message.is_locked:
        return ""
    return ", ".join(file["name"] for file in msgspec.json.decode(message.files))
