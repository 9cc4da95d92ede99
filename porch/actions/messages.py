"""Sending messages, editing and deleting one's own, and deleting them all."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, delete, exists, select, update

from porch import events, names
from porch.access.actors import NAME_GONE, Actor
from porch.access.authors import confirm_author, confirm_taken
from porch.access.chats import confirm_reader
from porch.access.messages import confirm_deletable_message, confirm_own_message, message_row
from porch.actions.audit import note
from porch.actions.chats import store_chat_change
from porch.actions.directs import answer_direct
from porch.actions.envelopes import (
    LOCK,
    READABLE_ALT,
    SEALED,
    enforce_envelope,
    enforce_kind_of_text,
    enforce_lock,
    lock_keys,
)
from porch.actions.indexing import begin_anew, forget_now, note_changed
from porch.actions.mentions import keep_mentions, resolve_mentions
from porch.actions.pace import give_turn_back, take_turn
from porch.actions.uploads import Sent, enforce_files, forget_uploads, give_files, told_files
from porch.engines import Engines
from porch.engines.appending import Appending, Author
from porch.engines.links import first_link
from porch.engines.writer import Transaction
from porch.errors import Conflict, EpochPassed, Forbidden, Invalid, NameTaken, RetryLater, TooFast
from porch.extensions import reading
from porch.models import Chat, Mention, Message, Reaction, Upload
from porch.models.chat import TAKE_REVS
from porch.models.clock import utc_now
from porch.models.message import MESSAGE_COLUMNS, MESSAGES, as_json, message_dict
from porch.models.report import SETTLE_REPORTS
from porch.text import is_blank
from porch.texts import lazy_gettext, lazy_number

LONGEST_CONTENT = 10_000  # code points, after NFC
LARGEST_CONTENT = 32 * 1024  # bytes of UTF-8
NO_SUCH_PLACE = lazy_gettext("The seq of a message of this room.")
# What is left of a deleted message is its place.
TOMBSTONE = {
    "content": "",
    "edited_at": None,
    "deleted": True,
    **dict.fromkeys(("reply_to", "mentions", "files", "reactions", "pinned_at", "preview", "envelope")),
}
# What could be read of a message that was written before its chat was encrypted, once it is edited.
CLEARED = dict.fromkeys(("reply_to", "mentions", "preview"))
# Unicode's control characters but for newline and tab.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def send_message(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    *,
    content: str,
    client_id: str,
    reply_to: int | None = None,
    files: Sequence[Sent] = (),
    envelope: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> tuple[dict[str, Any], bool]:
    """Store a message once and announce it: (the message, whether it is new).

    A repeat with the same `client_id` (a UUID) gives the message that is already stored, as it is by now;
    with other content it raises Conflict, but for one that was edited or deleted since: what was sent is not
    known any more. `reply_to` is a place that the log has come to, whether or not something still stands
    there: what was written on a bad line is not lost because it answers a message that is gone. `files` are
    uploads of the actor's in this chat that no message has yet; with them there need be no content. A sealed
    room, and an encrypted chat, have an `envelope` instead of content, answers and what files show. `at` is
    when it was written, if that was not now: only for what is told after the event, as by commands.

    Raises Invalid, NotFound, Forbidden to who is muted, in a closed room, where the other person of a direct
    chat takes no messages and for a device that was revoked, EpochPassed, Unauthenticated, TooFast, also in
    slow mode, RetryLater.
    """
    return begin_message(
        engines,
        actor,
        chat_id,
        content=content,
        client_id=client_id,
        reply_to=reply_to,
        files=files,
        envelope=envelope,
        at=at,
    )()


def begin_message(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    *,
    content: str,
    client_id: str,
    reply_to: int | None = None,
    files: Sequence[Sent] = (),
    envelope: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Callable[[], tuple[dict[str, Any], bool]]:
    """Like `send_message`, without waiting until the message is stored: what it returns waits for that, and
    has to be called once. Messages are stored in the order in which they were begun.

    Raises what is known at once, and what it returns raises the rest.
    """
    client_id = _enforce_client_id(client_id)
    files = enforce_files(files)
    content = _enforce_content(content, may_be_empty=bool(files) or envelope is not None)
    room = confirm_reader(actor, chat_id)
    is_direct = room["kind"] == "direct"
    _enforce_kind(room, content, envelope)
    engines.limiter.take("message", (actor.user_id, chat_id))
    too_fast = take_turn(engines, actor, room)
    more: dict[str, Any] = {} if reply_to is None else {"reply_to": reply_to}
    more |= _enforce_sealed(envelope, more, files, chat_id=chat_id, client_id=client_id)
    called = [] if is_direct else names.called(content)
    sent_ids = [file.id for file in files]

    def run(log: Appending) -> tuple[dict[str, Any], bool]:
        try:
            author = confirm_author(log, actor, chat_id)
            username = _confirm_turn(author, too_fast)
            _confirm_lock(log, actor, room, content, more.get("envelope"))
        except (Forbidden, TooFast, Invalid, EpochPassed):
            # But what was stored before is so, however often its answer got lost.
            stored = _stored(log.connection, actor, chat_id, client_id)
            if stored is None:
                raise
            return _repeated(stored, content, more, sent_ids), False
        _confirm_place(log, chat_id, reply_to)
        # The files of a message that is stored are not to be sent any more.
        stored = _stored(log.connection, actor, chat_id, client_id) if files else None
        mentions = resolve_mentions(log.connection, actor, chat_id, called) if called else []
        message = None
        if stored is None:
            message = log.append(
                chat_id=chat_id,
                user_id=actor.user_id,
                username=username,
                guest=author.guest,
                content=content,
                client_id=client_id,
                at=at,
                more=more
                | ({"mentions": mentions} if mentions else {})
                | told_files(log, actor, chat_id, files),
            )
        if message is None:
            stored = stored or _stored(log.connection, actor, chat_id, client_id)
            assert stored is not None, "only what is stored is not appended"
            return _repeated(stored, content, more, sent_ids), False
        if mentions:
            keep_mentions(log.connection, message)
        give_files(log, message["id"], files)
        log.announce(events.message(message))
        if is_direct:
            log.announce(events.direct_changed(chat_id))
        return message, True

    return _begin_storing(engines, actor, chat_id, room, run, has_turn=too_fast is None)


def _begin_storing(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    room: Mapping[str, Any],
    run: Callable[[Appending], tuple[dict[str, Any], bool]],
    *,
    has_turn: bool,
) -> Callable[[], tuple[dict[str, Any], bool]]:
    """Hand a message to the writer; what this returns waits. A turn that came to nothing is given back."""

    def finish() -> tuple[dict[str, Any], bool]:
        is_new = False
        try:
            message, is_new = engines.writer.result(pending)
        finally:
            if has_turn and not is_new:
                give_turn_back(engines, actor, room)
        if room["kind"] == "direct":
            answer_direct(engines, actor, chat_id, "open")  # whoever writes wants this chat
        return message, is_new

    try:
        pending = engines.writer.submit_append(run, chat_id=chat_id)
    except RetryLater:
        if has_turn:
            give_turn_back(engines, actor, room)
        raise
    return finish


def was_sent(actor: Actor, chat_id: int, client_id: str, content: str) -> bool:
    """Whether this very message is stored: who presses twice has sent one file, not two. Raises Invalid."""
    content = _enforce_content(content, may_be_empty=True)
    with reading() as session:
        stored = _stored(session.connection(), actor, chat_id, client_id)
    return stored is not None and stored["content"] == content


def edit_message(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    seq: int,
    *,
    content: str,
    envelope: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Give one's own message another text, in a sealed room another envelope, and announce it; returns the
    message.

    The text that it has changes nothing. Raises Invalid, NotFound, RoomDeleted, Forbidden for somebody else's
    message, or where a new one would not be taken, Conflict for a deleted one,
    Unauthenticated, TooFast, RetryLater.
    """
    content = _enforce_content(content, may_be_empty=envelope is not None)
    room = confirm_reader(actor, chat_id)
    is_direct = room["kind"] == "direct"
    _enforce_kind(room, content, envelope)
    called = [] if is_direct else names.called(content)
    link = first_link(content)

    def run(transaction: Transaction) -> dict[str, Any]:
        stored = confirm_own_message(transaction.connection, actor, chat_id, seq)
        if stored["deleted"]:
            raise Conflict(lazy_gettext("This message was deleted; it cannot be edited any more."))
        told = envelope and enforce_envelope(envelope, chat_id=chat_id, client_id=stored["client_id"])
        if is_direct:
            lock = transaction.connection.execute(LOCK, lock_keys(actor.user_id, chat_id, told)).one()
            enforce_lock(lock, content, told)
        if stored["content"] == content and stored["envelope"] == as_json(told):
            return message_dict(stored)
        confirm_taken(transaction.connection, actor, chat_id)
        values: dict[str, Any] = {"content": content, "edited_at": utc_now()}
        if told:
            return store_change(transaction, stored, **values, **CLEARED, envelope=as_json(told))
        values["mentions"] = as_json(resolve_mentions(transaction.connection, actor, chat_id, called))
        if link == first_link(stored["content"]):
            return store_change(transaction, stored, **values)
        message = store_change(transaction, stored, **values, preview=None)
        transaction.announce(events.link_changed(message))
        return message

    return write_as_member(engines, actor, chat_id, run)


def delete_message(engines: Engines, actor: Actor, chat_id: int, seq: int) -> dict[str, Any]:
    """Erase the text of one's own message and announce it; returns the tombstone, which keeps its place. Who
    keeps order in the room takes back those of others, too, which their tombstones say (`removed`).

    Deleting it again changes nothing. Raises NotFound, RoomDeleted, Forbidden for somebody else's message,
    Unauthenticated, TooFast, RetryLater.
    """

    def run(transaction: Transaction) -> dict[str, Any]:
        stored = confirm_deletable_message(transaction.connection, actor, chat_id, seq)
        if stored["deleted"]:
            return message_dict(stored)
        if stored["user_id"] != actor.user_id:
            return _take_back(transaction, actor, stored)
        return store_change(transaction, stored, **TOMBSTONE)

    return write_as_member(engines, actor, chat_id, run)


def take_back(transaction: Transaction, actor: Actor, chat: Row[Any], seq: int) -> None:
    """Inside a write, by somebody who may: erase somebody else's message, if it still stands."""
    stored = message_row(transaction.connection, chat.id, seq)
    if stored is not None and not stored["deleted"]:
        _take_back(transaction, actor, stored)
        if chat.kind == "direct":
            transaction.announce(events.direct_changed(chat.id))


def _take_back(transaction: Transaction, actor: Actor, stored: RowMapping) -> dict[str, Any]:
    """With it goes what was reported about it."""
    chat_id, seq = stored["chat_id"], stored["seq"]
    transaction.connection.execute(SETTLE_REPORTS, {"chat": chat_id, "place": seq, "outcome": "taken_back"})
    note(
        transaction,
        "take_back",
        actor_id=actor.user_id,
        chat_id=chat_id,
        user_id=stored["user_id"],
        seq=seq,
    )
    return store_change(transaction, stored, removed=True, **TOMBSTONE)


def delete_all_messages(engines: Engines, chat_id: int | None = None) -> int:
    """Delete every message, of one chat or of all; returns how many. Only the host's commands call this.

    Each chat's log goes on from a new rev (`reset_rev`), below which no cursor is good any more.
    """

    def run(transaction: Transaction) -> int:
        connection = transaction.connection
        wanted = select(Chat.id).where(exists().where(Message.chat_id == Chat.id))
        if chat_id is not None:
            wanted = wanted.where(Chat.id == chat_id)
            note_changed(connection, Message.chat_id == chat_id)
        else:
            begin_anew(connection)
        deleted = 0
        for chat in connection.execute(wanted).scalars().all():
            forget_uploads(transaction, Upload.chat_id == chat, Upload.message_id.is_not(None))
            deleted += connection.execute(delete(Message).where(Message.chat_id == chat)).rowcount
            changed = store_chat_change(transaction, chat, reset_rev=Chat.rev)
            if changed.kind == "direct":
                transaction.announce(events.direct_changed(chat))
        return deleted

    return engines.writer.write(run)


def _confirm_turn(author: Author, too_fast: TooFast | None) -> str:
    """The name of somebody who may write, and does not write too soon. Raises NameTaken, TooFast."""
    if too_fast is not None:
        raise too_fast
    if author.username is None:
        raise NameTaken(NAME_GONE, suggestions=[])
    return author.username


def write_as_member(
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

    changed = engines.writer.write(run_and_tell, tells_all=True)
    forget_now(engines)
    return changed


def store_change(transaction: Transaction, stored: RowMapping, **values: Any) -> dict[str, Any]:
    """Inside a write: change a message under the room's next rev. It keeps its place, and the room the time
    at which something was last said there.
    """
    connection = transaction.connection
    if values.get("deleted"):
        clear_beside(transaction, [stored["id"]])
    elif "content" in values:
        note_changed(connection, Message.id == stored["id"])
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
    if "mentions" in values:
        keep_mentions(connection, message)
    transaction.announce(events.message(message))
    return message


def clear_beside(transaction: Transaction, message_ids: Sequence[int]) -> None:
    """Inside a write, before messages become tombstones: what stands in other tables goes with them."""
    note_changed(transaction.connection, Message.id.in_(message_ids))
    forget_uploads(transaction, Upload.message_id.in_(message_ids))
    for beside in (Reaction, Mention):
        transaction.connection.execute(delete(beside).where(beside.message_id.in_(message_ids)))


def _enforce_kind(room: Mapping[str, Any], content: str, envelope: Mapping[str, Any] | None) -> None:
    """Direct chats may be encrypted before this is stored: of them it is asked then."""
    if room["kind"] != "direct":
        enforce_kind_of_text(room["encryption"], content, envelope)


def _confirm_lock(
    log: Appending,
    actor: Actor,
    room: Mapping[str, Any],
    content: str,
    envelope: Mapping[str, Any] | None,
) -> None:
    if room["kind"] == "direct":
        keys = lock_keys(actor.user_id, room["id"], envelope)
        enforce_lock(log.first(LOCK, keys), content, envelope)


def _confirm_place(log: Appending, chat_id: int, reply_to: int | None) -> None:
    if reply_to is not None and not 0 < reply_to <= log.head(chat_id):
        raise Invalid(lazy_gettext("This answers no message."), fields={"reply_to": NO_SUCH_PLACE})


def _stored(connection: Connection, actor: Actor, chat_id: int, client_id: str) -> RowMapping | None:
    wanted = MESSAGES.where(
        Message.chat_id == chat_id, Message.user_id == actor.user_id, Message.client_id == client_id
    )
    return connection.execute(wanted).mappings().first()


def _repeated(
    stored: RowMapping, content: str, more: Mapping[str, Any], sent_ids: Sequence[int]
) -> dict[str, Any]:
    """The stored message, for who sends it again. Raises Conflict when it is another one."""
    message = message_dict(stored)
    changed_since = stored["deleted"] or stored["edited_at"] is not None
    is_same = (
        stored["content"] == content
        and stored["envelope"] == as_json(more.get("envelope"))
        and stored["reply_to"] == more.get("reply_to")
        and [file["id"] for file in message.get("files", ())] == list(sent_ids)
    )
    if not changed_since and not is_same:
        raise Conflict(lazy_gettext("This client_id was used for another message."))
    return message


def _enforce_sealed(
    envelope: Mapping[str, Any] | None,
    more: Mapping[str, Any],
    files: Sequence[Sent],
    *,
    chat_id: int,
    client_id: str,
) -> dict[str, Any]:
    """`{envelope}` in a sealed room, where of all that a message carries the ids of its files alone stand
    outside of it.
    """
    if envelope is None:
        return {}
    if more:
        raise Invalid(SEALED, fields=dict.fromkeys(more, SEALED))
    if any(file.alt for file in files):
        raise Invalid(READABLE_ALT, fields={"files": READABLE_ALT})
    return {"envelope": enforce_envelope(envelope, chat_id=chat_id, client_id=client_id)}


def _enforce_content(text: str, *, may_be_empty: bool = False) -> str:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise _refused(lazy_gettext("This text has half a character in it (a lone surrogate).")) from None
    if size > 4 * LARGEST_CONTENT:  # normalising costs time, and never shrinks text so far
        raise _refused(
            lazy_gettext("A message has at most %(most)s characters.", most=lazy_number(LONGEST_CONTENT))
        )
    content = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if is_blank(content):
        if may_be_empty:
            return ""
        raise _refused(lazy_gettext("Write something first."))
    if len(content) > LONGEST_CONTENT:
        raise _refused(
            lazy_gettext(
                "A message has at most %(most)s characters; this one has %(given)s.",
                most=lazy_number(LONGEST_CONTENT),
                given=lazy_number(len(content)),
            )
        )
    if len(content.encode()) > LARGEST_CONTENT:
        raise _refused(lazy_gettext("A message has at most %(most)s KiB.", most=LARGEST_CONTENT // 1024))
    if CONTROL.search(content):
        raise _refused(lazy_gettext("A message cannot have control characters."))
    return content


def _enforce_client_id(text: str) -> str:
    try:
        client_id = str(uuid.UUID(text))
    except ValueError:
        client_id = ""
    if client_id != text.lower():
        raise Invalid(
            lazy_gettext("A client_id is a UUID."),
            fields={"client_id": lazy_gettext("A UUID made by the client.")},
        )
    return client_id


def _refused(reason: str) -> Invalid:
    return Invalid(reason, fields={"content": reason})
