"""Sending messages, and deleting them all."""

from __future__ import annotations

import unicodedata
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, insert, select, update

from porch import events
from porch.access import Actor, confirm_member, member_chat
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
