"""Sending messages."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping

from porch import events, names
from porch.access.actors import NAME_GONE, Actor
from porch.access.authors import confirm_author
from porch.access.chats import confirm_reader
from porch.actions.encryption.envelopes import (
    LOCK,
    READABLE_ALT,
    SEALED,
    enforce_envelope,
    enforce_known_kind,
    enforce_lock,
    lock_keys,
)
from porch.actions.messages.contents import enforce_content
from porch.actions.messages.slow_mode import give_turn_back, take_turn
from porch.actions.notifications.mentions import keep_mentions, resolve_mentions
from porch.actions.rooms.directs import answer_direct
from porch.actions.uploads import Sent, enforce_files, give_files, told_files
from porch.engines import Engines
from porch.engines.writing.appending import Appending, Author
from porch.engines.writing.writer import PATIENCE, no_answer
from porch.errors import Conflict, EpochPassed, Forbidden, Invalid, NameTaken, RetryLater, TooFast
from porch.extensions import reading
from porch.models import Message
from porch.models.message import MESSAGES, as_json, message_dict
from porch.texts import lazy_gettext

# Characters of which the volume is counted: so that no short message has a second bucket to ask.
LONG = 1000
NO_SUCH_PLACE = lazy_gettext("The seq of a message of this room.")


class Said(msgspec.Struct, frozen=True):
    """What somebody sends.

    `client_id` is a UUID. `reply_to` is a place that the log has come to, whether or not something still
    stands there: what was written on a bad line is not lost because it answers a message that is gone.
    `files` are uploads of the sender's in this chat that no message has yet; with them there need be no
    content. A sealed room, and an encrypted chat, have an `envelope` instead of content, answers and what
    files show. `at` is when it was written, if that was not now: only for what is told after the event, as
    by commands.
    """

    content: str
    client_id: str
    reply_to: int | None = None
    files: Sequence[Sent] = ()
    envelope: Mapping[str, Any] | None = None
    at: datetime | None = None


def send_message(engines: Engines, actor: Actor, chat_id: int, said: Said) -> tuple[dict[str, Any], bool]:
    """Store a message once and announce it: (the message, whether it is new).

    A repeat with the same `client_id` gives the message that is already stored, as it is by now; with other
    content it raises Conflict, but for one that was edited or deleted since: what was sent is not known any
    more.

    Raises Invalid, NotFound, Forbidden to who is muted, in a closed room, where the other person of a direct
    chat takes no messages and for a device that was revoked, EpochPassed, Unauthenticated, TooFast, also in
    slow mode, RetryLater.
    """
    return begin_message(engines, actor, chat_id, said)()


def begin_message(
    engines: Engines, actor: Actor, chat_id: int, said: Said
) -> Callable[[], tuple[dict[str, Any], bool]]:
    """Like `send_message`, without waiting until the message is stored: what it returns waits for that, and
    has to be called once. Messages are stored in the order in which they were begun.

    Raises what is known at once, and what it returns raises the rest.
    """
    reply_to, envelope = said.reply_to, said.envelope
    client_id = _enforce_client_id(said.client_id)
    files = enforce_files(said.files)
    content = enforce_content(said.content, may_be_empty=bool(files) or envelope is not None)
    room = confirm_reader(actor, chat_id)
    is_direct = room["kind"] == "direct"
    enforce_known_kind(room, content, envelope)
    engines.limiter.take("message", (actor.user_id, chat_id))
    more: dict[str, Any] = {} if reply_to is None else {"reply_to": reply_to}
    more |= _enforce_sealed(envelope, more, files, chat_id=chat_id, client_id=client_id)
    if (size := len(content) + len(as_json(envelope) or "")) >= LONG:
        engines.limiter.take("volume", actor.user_id, size // LONG)
    too_fast = take_turn(engines, actor, room)  # last, as what is refused takes none
    called = [] if is_direct else names.called(content)
    sent_ids = [file.id for file in files]

    def stored_before(log: Appending) -> dict[str, Any] | None:
        stored = _stored(log.connection, actor, chat_id, client_id)
        return None if stored is None else _repeated(stored, content, more, sent_ids)

    def run(log: Appending) -> tuple[dict[str, Any], bool]:
        try:
            author = confirm_author(log, actor, chat_id)
            username = _confirm_turn(author, too_fast)
            _confirm_lock(log, actor, room, content, more.get("envelope"))
        except (Forbidden, TooFast, Invalid, EpochPassed):
            # But what was stored before is so, however often its answer got lost.
            if repeated := stored_before(log):
                return repeated, False
            raise
        _confirm_place(log, chat_id, reply_to)
        # The files of a message that is stored are not to be sent any more.
        if files and (repeated := stored_before(log)):
            return repeated, False
        mentions = resolve_mentions(log.connection, actor, chat_id, called) if called else []
        message = log.append(
            chat_id=chat_id,
            user_id=actor.user_id,
            username=username,
            guest=author.guest,
            content=content,
            client_id=client_id,
            at=said.at,
            more=more | ({"mentions": mentions} if mentions else {}) | told_files(log, actor, chat_id, files),
        )
        if message is None:
            repeated = stored_before(log)
            assert repeated is not None, "only what is stored is not appended"
            return repeated, False
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
            # Not by `result`: a greenlet that waits costs the less the fewer calls it waits in.
            message, is_new = pending.result(PATIENCE)
        except TimeoutError:
            raise no_answer() from None
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
    content = enforce_content(content, may_be_empty=True)
    with reading() as session:
        stored = _stored(session.connection(), actor, chat_id, client_id)
    return stored is not None and stored["content"] == content


def _confirm_turn(author: Author, too_fast: TooFast | None) -> str:
    """The name of somebody who may write, and does not write too soon. Raises NameTaken, TooFast."""
    if too_fast is not None:
        raise too_fast
    if author.username is None:
        raise NameTaken(NAME_GONE, suggestions=[])
    return author.username


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
