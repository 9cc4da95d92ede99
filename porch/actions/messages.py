"""Sending messages, and reading a chat's log by cursor."""

from __future__ import annotations

import time
import unicodedata
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session as ReadSession

from porch import events
from porch.access import Actor, actor_for_session, confirm_member, member_chat
from porch.actions.chats import own_chat_dict
from porch.actions.presence import keep_present
from porch.engines import Engines
from porch.engines.writer import Transaction
from porch.errors import Conflict, Invalid, NameTaken
from porch.extensions import reading
from porch.models import Chat, Message
from porch.models.chat import CHAT_COLUMNS, TAKE_MESSAGE_REVS, TAKE_REVS, chat_dict
from porch.models.clock import utc_now
from porch.models.message import MESSAGE_COLUMNS, MESSAGES, message_dict
from porch.text import is_blank

LONGEST_CONTENT = 10_000  # code points, after NFC
LARGEST_CONTENT = 32 * 1024  # bytes of UTF-8
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


def send_message(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    *,
    content: str,
    client_id: str,
    at: datetime | None = None,
) -> tuple[dict[str, Any], bool]:
    """Store a message once and announce it: (the message, whether it is new).

    A repeat with the same `client_id` (a UUID) gives the message that is already stored; with other
    content it raises Conflict. `at` is when it was written, if that was not now: only for what is told
    after the event, as by commands. Raises Invalid, NotFound, Unauthenticated, TooFast, RetryLater.
    """
    client_id = _enforce_client_id(client_id)
    content = _enforce_content(content)
    with reading() as session:
        member_chat(session, actor, chat_id)
    engines.limiter.take("message", (actor.user_id, chat_id))

    def run(transaction: Transaction) -> tuple[dict[str, Any], bool]:
        connection = transaction.connection
        author = confirm_member(connection, actor, chat_id)
        if author.username is None:
            raise NameTaken("Your name went to somebody else. Choose another.", suggestions=[])
        stored = (
            connection.execute(
                MESSAGES.where(
                    Message.chat_id == chat_id,
                    Message.user_id == actor.user_id,
                    Message.client_id == client_id,
                )
            )
            .mappings()
            .first()
        )
        if stored is not None:
            if stored["content"] != content:
                raise Conflict("This client_id was used for another message.")
            return message_dict(stored), False
        now = utc_now()
        rev = connection.execute(TAKE_MESSAGE_REVS, {"chat": chat_id, "count": 1, "now": now}).scalar_one()
        row = (
            connection.execute(
                insert(Message)
                .values(
                    chat_id=chat_id,
                    seq=rev,
                    rev=rev,
                    timestamp=at or now,
                    user_id=actor.user_id,
                    username=author.username,
                    guest=author.guest,
                    content=content,
                    client_id=client_id,
                )
                .returning(*MESSAGE_COLUMNS)
            )
            .mappings()
            .one()
        )
        message = message_dict(row)
        transaction.announce(events.message(message))
        return message, True

    return engines.writer.write(run)


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


def delete_all_messages(engines: Engines, chat_id: int | None = None) -> int:
    """Delete every message, of one chat or of all; returns how many. Only the host's commands call this.

    Each chat's log goes on from a new rev (`reset_rev`), below which no cursor is good any more.
    """

    def run(transaction: Transaction) -> int:
        connection = transaction.connection
        wanted = select(Chat.id).where(exists().where(Message.chat_id == Chat.id))
        if chat_id is not None:
            wanted = wanted.where(Chat.id == chat_id)
        deleted = 0
        for chat in connection.execute(wanted).scalars().all():
            deleted += connection.execute(delete(Message).where(Message.chat_id == chat)).rowcount
            rev = connection.execute(TAKE_REVS, {"chat": chat, "count": 1}).scalar_one()
            changed = connection.execute(
                update(Chat)
                .where(Chat.id == chat)
                .values(changed_rev=rev, reset_rev=rev)
                .returning(*CHAT_COLUMNS)
            ).one()
            transaction.announce(events.chat(chat_dict(changed)))
        return deleted

    return engines.writer.write(run)


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


def _enforce_content(text: str) -> str:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise _refused("This text has half a character in it (a lone surrogate).") from None
    if size > 4 * LARGEST_CONTENT:  # normalising costs time, and never shrinks text so far
        raise _refused(f"A message has at most {LONGEST_CONTENT:,} characters.")
    content = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if is_blank(content):
        raise _refused("Write something first.")
    if len(content) > LONGEST_CONTENT:
        raise _refused(
            f"A message has at most {LONGEST_CONTENT:,} characters; this one has {len(content):,}."
        )
    if len(content.encode()) > LARGEST_CONTENT:
        raise _refused(f"A message has at most {LARGEST_CONTENT // 1024} KiB.")
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in content):
        raise _refused("A message cannot have control characters.")
    return content


def _enforce_client_id(text: str) -> str:
    try:
        client_id = str(uuid.UUID(text))
    except ValueError:
        client_id = ""
    if client_id != text.lower():
        raise Invalid("A client_id is a UUID.", fields={"client_id": "A UUID made by the client."})
    return client_id


def _refused(reason: str) -> Invalid:
    return Invalid(reason, fields={"content": reason})


def _out_of_range(field: str, allowed: str) -> Invalid:
    return Invalid(f"{field} is out of range.", fields={field: allowed})
