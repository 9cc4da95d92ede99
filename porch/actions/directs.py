"""Direct chats: opening the one that two people have, answering it, and the list of one's own."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update
from sqlalchemy.orm import Session as ReadSession

from porch import events, lookup, names
from porch.access.actors import Actor, confirm_session
from porch.access.authors import refuse_unwanted
from porch.access.chats import NO_SUCH_ROOM
from porch.actions.bounds import confirm_limit
from porch.actions.chats import HASH_KEY_BYTES
from porch.actions.unread import MOST_UNREAD, unread
from porch.engines import Engines
from porch.engines.directs import Rows
from porch.engines.presence import Presence
from porch.engines.writer import Transaction
from porch.errors import Invalid, NotFound
from porch.extensions import reading
from porch.models import Chat, Direct, Membership, Message, User
from porch.models.chat import chat_dict
from porch.models.clock import rfc3339, utc_now
from porch.peers import (
    PEER_COLUMNS,
    Other,
    Side,
    bears_a_former_name,
    blocks,
    chat_of_two,
    share_a_room,
    side_of,
    takes_messages,
)
from porch.texts import lazy_gettext

MOST_DIRECTS = 200  # of one list
DEFAULT_DIRECTS = 100
MOST_CHANGES = (
    2000  # rows looked up for those who listen; of a person with more chats, the others are not told
)
FEW = 2000  # people who listen
LONGEST_LINE = 160  # code points of what was said last
ANSWERS = ("open", "ignored")

NOT_YOURSELF = lazy_gettext("That is you. Type somebody else’s name.")


def open_direct(engines: Engines, actor: Actor, username: str) -> tuple[int, bool]:
    """The id of the chat with whoever has this name, and whether it is new: opened now, with the other person
    asked. To open one is to want it, so it also answers the other's question.

    Raises Invalid for a name that nobody has and for one's own, Forbidden when the person takes no messages,
    TooFast.
    """
    peer_id = person_called(engines, actor, username)
    if peer_id == actor.user_id:
        raise Invalid(NOT_YOURSELF, fields={"username": NOT_YOURSELF})
    return _open(engines, actor, peer_id)


def find_direct(engines: Engines, actor: Actor, username: str) -> int | None:
    """The id of the chat with whoever has this name, for whoever only looks: nothing is opened or answered.

    Raises NotFound for a name that nobody has, TooFast.
    """
    try:
        peer_id = person_called(engines, actor, username)
    except Invalid as error:
        raise NotFound(error.message) from None
    with reading() as session:
        found = session.execute(chat_of_two(actor.user_id, peer_id)).first()
    return found.chat_id if found else None


def person_called(engines: Engines, actor: Actor, username: str) -> int:
    """The id of whoever has exactly this name now, in any case. Raises Invalid, TooFast."""
    name = names.enforce(username)
    engines.limiter.take("visit", actor.user_id)  # else names could be tried without end
    with reading() as session:
        found = lookup.person_named(session.connection(), name)
    if found is None:
        raise nobody_called(name)
    user_id: int = found.id
    return user_id


def nobody_called(name: str) -> Invalid:
    text = lazy_gettext("Nobody here is called %(name)s.", name=name)
    return Invalid(text, fields={"username": text})


def name_of(actor: Actor, user_id: int) -> str:
    """What somebody is called whom one shares a room or a direct chat with. Raises NotFound."""
    known = share_a_room(actor.user_id, user_id) | chat_of_two(actor.user_id, user_id).exists()
    with reading() as session:
        username = session.scalar(select(User.username).where(User.id == user_id, known))
    if username is None:
        raise NotFound(lazy_gettext("This person is not here any more, or shares no room with you."))
    return username


def beside(actor: Actor, peer_id: int) -> dict[str, bool]:
    """What whoever writes to somebody should know besides: `namesake`, whether another whom they talked with
    had that name; `may_answer`, whether they take messages from them themselves.
    """
    me = select(takes_messages(peer_id)).select_from(Other).where(Other.id == actor.user_id)
    peer = select(bears_a_former_name(actor.user_id)).select_from(Other).where(Other.id == peer_id)
    with reading() as session:
        return {"namesake": bool(session.scalar(peer)), "may_answer": bool(session.scalar(me))}


def _open(engines: Engines, actor: Actor, peer_id: int) -> tuple[int, bool]:
    with reading() as session:
        found = session.execute(chat_of_two(actor.user_id, peer_id)).first()
    if found and found.state == "open":
        return found.chat_id, False
    if not found:
        engines.limiter.take("direct", actor.user_id)
    hash_key = secrets.token_urlsafe(HASH_KEY_BYTES)

    def run(transaction: Transaction) -> tuple[int, bool]:
        connection = transaction.connection
        confirm_session(connection, actor)
        found = connection.execute(chat_of_two(actor.user_id, peer_id)).first()
        if found:
            _answer(transaction, actor, found.chat_id, "open")
            return found.chat_id, False
        _confirm_taken(connection, actor.user_id, peer_id)
        return _make(transaction, actor.user_id, peer_id, hash_key), True

    return engines.writer.write(run, tells_all=True)


def _confirm_taken(connection: Connection, user_id: int, peer_id: int) -> None:
    wanted = select(blocks(user_id, peer_id), takes_messages(user_id)).select_from(Other)
    refuse_unwanted(*connection.execute(wanted.where(Other.id == peer_id)).one())


def _make(transaction: Transaction, user_id: int, peer_id: int, hash_key: str) -> int:
    connection = transaction.connection
    now = utc_now()
    chat_id: int = connection.execute(
        insert(Chat)
        .values(name="", search_name="", kind="direct", hash_key=hash_key, created_at=now, active_at=now)
        .returning(Chat.id)
    ).scalar_one()
    for one, other, state in ((user_id, peer_id, "open"), (peer_id, user_id, "asked")):
        side = {"user_id": one, "peer_id": other, "chat_id": chat_id, "state": state}
        connection.execute(insert(Direct).values(side))
        connection.execute(insert(Membership).values(chat_id=chat_id, user_id=one, direct=True))
    transaction.announce(events.direct_changed(chat_id))
    return chat_id


def answer_direct(engines: Engines, actor: Actor, chat_id: int, answer: str) -> None:
    """Take a direct chat up (`open`), or hear no more of it (`ignored`): the other person is not told.

    Raises Invalid, NotFound, TooFast.
    """
    if answer not in ANSWERS:
        raise Invalid(
            lazy_gettext("There is no such answer."),
            fields={"state": lazy_gettext("One of: %(choices)s.", choices=", ".join(ANSWERS))},
        )
    own = select(Direct.state).where(Direct.chat_id == chat_id, Direct.user_id == actor.user_id)
    with reading() as session:
        state = session.scalar(own) if 0 < chat_id < 2**63 else None
    if state is None:
        raise NotFound(NO_SUCH_ROOM)

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        _answer(transaction, actor, chat_id, answer)

    if state != answer:
        engines.limiter.take("visit", actor.user_id)
        engines.writer.write(run, tells_all=True)


def _answer(transaction: Transaction, actor: Actor, chat_id: int, answer: str) -> None:
    changed = transaction.connection.execute(
        update(Direct)
        .where(Direct.chat_id == chat_id, Direct.user_id == actor.user_id, Direct.state != answer)
        .values(state=answer)
    )
    if changed.rowcount:
        announce_side(transaction, actor.user_id, chat_id)


def announce_side(transaction: Transaction, user_id: int, chat_id: int) -> None:
    """Inside a write: a direct chat is another to one of the two; the other sees them there, or does not."""
    side = side_of(transaction.connection, chat_id, user_id)
    transaction.announce(events.direct_changed(chat_id, only_for=user_id))
    transaction.announce(events.shown(chat_id, user_id, unseen=side.blocked or side.state != "open"))


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
