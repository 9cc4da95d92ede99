"""Reading a chat's log by cursor."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session as ReadSession

from porch.access import Actor, actor_for_session, member_chat
from porch.actions.chats import own_chat_dict
from porch.actions.presence import keep_present
from porch.engines import Engines
from porch.errors import Invalid
from porch.extensions import reading
from porch.models import Chat, Message
from porch.models.message import MESSAGES, message_dict

MOST_MESSAGES = 200  # of one page
DEFAULT_MESSAGES = 50
LONGEST_WAIT = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a chat's log, read in one snapshot.

    `rev` is the next cursor, `head` the chat's rev. `chat` is there when the chat itself has changed
    since the cursor that was asked for. `more` says that this direction has further messages.
    """

    messages: list[dict[str, Any]]
    chat: dict[str, Any] | None
    rev: int
    head: int
    more: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def messages_after(actor: Actor, chat_id: int, *, after: int, limit: int = DEFAULT_MESSAGES) -> Page:
    """What has changed since the cursor `after`, in rev order, at most `limit` (1 to 200) messages.

    `after` is 0 to the chat's head. Raises Invalid, NotFound.
    """
    with reading() as session:
        chat = member_chat(session, actor, chat_id)
        confirm_cursor(chat, after)
        rows = _rows(
            session,
            MESSAGES.where(Message.chat_id == chat_id, Message.rev > after).order_by(Message.rev),
            limit,
        )
    page, more = rows[:limit], len(rows) > limit
    return Page(
        messages=page,
        chat=own_chat_dict(chat, actor) if chat.changed_rev > after else None,
        rev=page[-1]["rev"] if more else chat.rev,
        head=chat.rev,
        more=more,
    )


def confirm_cursor(chat: Chat, after: int) -> None:
    """Raise Invalid for a cursor that the chat cannot have given."""
    if not 0 <= after <= chat.rev:
        raise _out_of_range("after", f"A whole number from 0 to {chat.rev}, the room's head.")


def messages_before(actor: Actor, chat_id: int, *, before: int, limit: int = DEFAULT_MESSAGES) -> Page:
    """The messages whose place is before the seq `before` (at least 1), oldest first."""
    if not 1 <= before < 2**63:
        raise _out_of_range("before", "A whole number from 1.")
    with reading() as session:
        chat = member_chat(session, actor, chat_id)
        return _newest(session, chat, limit, before)


def newest_messages(
    actor: Actor, chat_id: int, *, limit: int = DEFAULT_MESSAGES
) -> tuple[dict[str, Any], Page]:
    """The chat and its newest messages, oldest first, in one snapshot."""
    with reading() as session:
        chat = member_chat(session, actor, chat_id)
        return own_chat_dict(chat, actor), _newest(session, chat, limit, None)


def await_messages(
    engines: Engines, actor: Actor, chat_id: int, *, after: int, limit: int, wait: float
) -> Page:
    """`messages_after`, but while there is nothing new, wait for it: at most `wait` (0 to 30) seconds.

    Raises Invalid, NotFound, RoomDeleted, Moved.
    """
    if not 0 <= wait <= LONGEST_WAIT:
        raise _out_of_range("wait", f"Seconds from 0 to {LONGEST_WAIT:g}.")
    deadline = time.monotonic() + wait
    with engines.delivery.waiter(chat_id, actor.session_id) as news:
        while True:
            left = deadline - time.monotonic()
            keep_present(engines, actor, chat_id, wait=max(0.0, left))
            page = messages_after(actor, chat_id, after=after, limit=limit)
            if page.head > after or news is None or left <= 0:
                return page
            news.wait(left)
            news.clear()
            actor = actor_for_session(engines.settings, actor.session_id)  # it may have ended meanwhile


def _newest(session: ReadSession, chat: Chat, limit: int, before: int | None) -> Page:
    query = MESSAGES.where(Message.chat_id == chat.id).order_by(Message.seq.desc())
    if before is not None:
        query = query.where(Message.seq < before)
    rows = _rows(session, query, limit)
    return Page(messages=rows[:limit][::-1], chat=None, rev=chat.rev, head=chat.rev, more=len(rows) > limit)


def _rows(session: ReadSession, query: Any, limit: int) -> list[dict[str, Any]]:
    """Up to one row more than `limit`, which tells whether there are more."""
    if not 1 <= limit <= MOST_MESSAGES:
        raise _out_of_range("limit", f"A whole number from 1 to {MOST_MESSAGES}.")
    return [message_dict(row) for row in session.execute(query.limit(limit + 1)).mappings()]


def _out_of_range(field: str, allowed: str) -> Invalid:
    return Invalid(f"{field} is out of range.", fields={field: allowed})
