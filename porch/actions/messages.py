"""Sending messages, editing and deleting one's own, and deleting them all."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, exists, select, update

from porch import events
from porch.access import (
    NAME_GONE,
    Actor,
    confirm_author,
    confirm_own_message,
    confirm_reader,
    confirm_taken,
)
from porch.actions.directs import answer_direct
from porch.engines import Engines
from porch.engines.appending import Appending
from porch.engines.writer import Transaction
from porch.errors import Conflict, Forbidden, Invalid, NameTaken
from porch.models import Chat, Message
from porch.models.chat import CHAT_COLUMNS, TAKE_REVS, chat_dict
from porch.models.clock import utc_now
from porch.models.message import MESSAGE_COLUMNS, MESSAGES, message_dict
from porch.text import is_blank

LONGEST_CONTENT = 10_000  # code points, after NFC
LARGEST_CONTENT = 32 * 1024  # bytes of UTF-8
# Unicode's control characters but for newline and tab.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


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

    A repeat with the same `client_id` (a UUID) gives the message that is already stored, as it is by now;
    with other content it raises Conflict, but for one that was edited or deleted since: what was sent is
    not known any more. `at` is when it was written, if that was not now: only for what is told after the
    event, as by commands. Raises Invalid, NotFound, Forbidden where the other person of a direct chat takes
    no messages, Unauthenticated, TooFast, RetryLater.
    """
    client_id = _enforce_client_id(client_id)
    content = _enforce_content(content)
    room = confirm_reader(actor, chat_id)
    engines.limiter.take("message", (actor.user_id, chat_id))
    is_direct = room["kind"] == "direct"

    def run(log: Appending) -> tuple[dict[str, Any], bool]:
        try:
            author = confirm_author(log, actor, chat_id)
        except Forbidden:  # but what was stored before is so, however often its answer got lost
            stored = _stored(log.connection, actor, chat_id, client_id)
            if stored is None:
                raise
            return _repeated(stored, content), False
        if author.username is None:
            raise NameTaken(NAME_GONE, suggestions=[])
        message = log.append(
            chat_id=chat_id,
            user_id=actor.user_id,
            username=author.username,
            guest=author.guest,
            content=content,
            client_id=client_id,
            at=at,
        )
        if message is None:
            stored = _stored(log.connection, actor, chat_id, client_id)
            assert stored is not None, "only what is stored is not appended"
            return _repeated(stored, content), False
        log.announce(events.message(message))
        if is_direct:
            log.announce(events.direct_changed(chat_id))
        return message, True

    sent = engines.writer.append(run)
    if is_direct:
        answer_direct(engines, actor, chat_id, "open")  # whoever writes wants this chat
    return sent


def edit_message(engines: Engines, actor: Actor, chat_id: int, seq: int, *, content: str) -> dict[str, Any]:
    """Give one's own message another text and announce it; returns the message.

    The text that it has changes nothing. Raises Invalid, NotFound, RoomDeleted, Forbidden for somebody else's
    message, or where the other person of a direct chat takes none, Conflict for a deleted one,
    Unauthenticated, TooFast, RetryLater.
    """
    content = _enforce_content(content)

    def run(transaction: Transaction) -> dict[str, Any]:
        stored = confirm_own_message(transaction.connection, actor, chat_id, seq)
        if stored["deleted"]:
            raise Conflict("This message was deleted; it cannot be edited any more.")
        if stored["content"] == content:
            return message_dict(stored)
        confirm_taken(transaction.connection, actor, chat_id)
        return _change(transaction, stored, content=content, edited_at=utc_now())

    return _write_as_member(engines, actor, chat_id, run)


def delete_message(engines: Engines, actor: Actor, chat_id: int, seq: int) -> dict[str, Any]:
    """Erase the text of one's own message and announce it; returns the tombstone, which keeps its place.

    Deleting it again changes nothing. Raises NotFound, RoomDeleted, Forbidden for somebody else's message,
    Unauthenticated, TooFast, RetryLater.
    """

    def run(transaction: Transaction) -> dict[str, Any]:
        stored = confirm_own_message(transaction.connection, actor, chat_id, seq)
        if stored["deleted"]:
            return message_dict(stored)
        return _change(transaction, stored, content="", edited_at=None, deleted=True)

    return _write_as_member(engines, actor, chat_id, run)


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
            if changed.kind == "direct":
                transaction.announce(events.direct_changed(chat))
        return deleted

    return engines.writer.write(run)


def _write_as_member(
    engines: Engines, actor: Actor, chat_id: int, run: Callable[[Transaction], dict[str, Any]]
) -> dict[str, Any]:
    """Hand a change of a message to the writer, for somebody who may be in the room and is not too fast."""
    room = confirm_reader(actor, chat_id)
    engines.limiter.take("message", (actor.user_id, chat_id))  # everybody in the room hears of it

    def run_and_tell(transaction: Transaction) -> dict[str, Any]:
        message = run(transaction)
        if room["kind"] == "direct":
            transaction.announce(events.direct_changed(chat_id))
        return message

    return engines.writer.write(run_and_tell, tells_all=True)


def _change(transaction: Transaction, stored: RowMapping, **values: Any) -> dict[str, Any]:
    """Inside a write: change a message under the room's next rev. It keeps its place, and the room the time
    at which something was last said there.
    """
    connection = transaction.connection
    rev = connection.execute(TAKE_REVS, {"chat": stored["chat_id"], "count": 1}).scalar_one()
    row = (
        connection.execute(
            update(Message)
            .where(Message.id == stored["id"])
            .values(rev=rev, **values)
            .returning(*MESSAGE_COLUMNS)
        )
        .mappings()
        .one()
    )
    message = message_dict(row)
    transaction.announce(events.message(message))
    return message


def _stored(connection: Connection, actor: Actor, chat_id: int, client_id: str) -> RowMapping | None:
    wanted = MESSAGES.where(
        Message.chat_id == chat_id, Message.user_id == actor.user_id, Message.client_id == client_id
    )
    return connection.execute(wanted).mappings().first()


def _repeated(stored: RowMapping, content: str) -> dict[str, Any]:
    """The stored message, for who sends it again. Raises Conflict when it is another one."""
    changed_since = stored["deleted"] or stored["edited_at"] is not None
    if not changed_since and stored["content"] != content:
        raise Conflict("This client_id was used for another message.")
    return message_dict(stored)


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
    if CONTROL.search(content):
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
