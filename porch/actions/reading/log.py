"""Reading a chat's log by cursor: from memory where that holds it, else from the database."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam

from porch import lookup
from porch.access.actors import Actor, actor_for_session
from porch.access.chats import member_chat, member_found, member_room
from porch.access.messages import message_of
from porch.actions.bounds import confirm_limit, out_of_range
from porch.actions.rooms.chats import own_chat_dict
from porch.actions.rooms.presence import keep_present
from porch.engines import Engines
from porch.engines.reading.live_rooms import ENOUGH, Held, LiveRoom
from porch.engines.reading.memory import Look
from porch.engines.reading.snapshots import Snapshot, snapshot
from porch.extensions import reading
from porch.models import Chat, Message
from porch.models.ids import is_id
from porch.models.message import MESSAGES, message_dict, stored_message
from porch.texts import lazy_gettext, lazy_number

MOST_MESSAGES = 200  # of one page
DEFAULT_MESSAGES = 50
# Bytes of content after which a page ends, whatever its limit; its first message may be larger.
LARGEST_PAGE = 512 * 1024
ID_LENGTH = 8  # about the bytes of a user's id where a list of them is told
FILE_TOLD = 1024  # about the bytes of what is told of a file
LONGEST_WAIT = 30.0  # seconds

# Made once: to put a select together costs as much as to run it.
OF_CHAT = MESSAGES.where(Message.chat_id == bindparam("chat")).limit(bindparam("most"))
AFTER = OF_CHAT.where(Message.rev > bindparam("cursor")).order_by(Message.rev)
BEFORE = OF_CHAT.where(Message.seq < bindparam("cursor")).order_by(Message.seq.desc())
CHANGED_LAST = OF_CHAT.order_by(Message.rev.desc())


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a chat's log, read in one snapshot.

    `encoded` are its messages as JSON. `rev` is the next cursor, `head` the chat's rev. `chat` is there when
    the chat itself has changed since the cursor that was asked for. `more` says that this direction has
    further messages.
    """

    encoded: list[bytes]
    chat: dict[str, Any] | None
    rev: int
    head: int
    more: bool

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(message) for message in self.encoded]

    @property
    def raw(self) -> list[msgspec.Raw]:
        """The messages for an answer that msgspec encodes."""
        return [msgspec.Raw(message) for message in self.encoded]

    def as_dict(self) -> dict[str, Any]:
        return self.as_json() | {"messages": self.messages}

    def as_json(self) -> dict[str, Any]:
        """The same for msgspec to encode."""
        return {
            "messages": self.raw,
            "chat": self.chat,
            "rev": self.rev,
            "head": self.head,
            "more": self.more,
        }


def messages_after(actor: Actor, chat_id: int, *, after: int, limit: int = DEFAULT_MESSAGES) -> Page:
    """What has changed since the cursor `after`, in rev order, at most `limit` (1 to 200) messages.

    `after` is 0 to the chat's head. Raises Invalid, NotFound, RoomDeleted.
    """
    confirm_limit(limit, MOST_MESSAGES)
    look = lookup.memory().look()
    room = _remembered(look, actor, chat_id)
    if room is not None:
        known = room.after(after, limit)
        if known is not None:
            chat = own_chat_dict(room.seen(), actor) if room.fields["changed_rev"] > after else None
            encoded, rev, more = known
            return Page(encoded, chat, rev if more else room.head, room.head, more)
    with snapshot() as found:
        read, standing = member_found(found, actor, chat_id)
        _confirm_after(after, read.head)
        messages, more = _read(found, AFTER, limit, chat=chat_id, cursor=after)
    if room is None:
        lookup.keep_member(look, chat_id, actor.user_id, standing)
    if not more:
        lookup.keep_longer(look, LiveRoom.of(read.fields, messages, floor=after))
    return Page(
        encoded=[one.encoded for one in messages],
        chat=own_chat_dict(read.seen(), actor) if read.fields["changed_rev"] > after else None,
        rev=messages[-1].rev if more else read.head,
        head=read.head,
        more=more,
    )


def remembered_head(look: Look, actor: Actor, chat_id: int) -> int | None:
    """The rev of a chat, when memory knows that the actor may read it. Needs no application context."""
    room = _remembered(look, actor, chat_id)
    return None if room is None else room.head


def nothing_new(engines: Engines, actor: Actor, chat_id: int, *, after: int) -> Page:
    """The page that `await_messages` would answer at once where the actor may read the chat and `after` is
    its head. Needs no application context. Raises Moved.
    """
    keep_present(engines, actor, chat_id)
    return Page([], None, after, after, more=False)


def confirm_cursor(chat: Chat, after: int) -> None:
    """Raise Invalid for a cursor that the chat cannot have given."""
    _confirm_after(after, chat.rev)


def messages_before(actor: Actor, chat_id: int, *, before: int, limit: int = DEFAULT_MESSAGES) -> Page:
    """The messages whose place is before the seq `before` (at least 1), oldest first."""
    confirm_limit(limit, MOST_MESSAGES)
    if not is_id(before):
        raise out_of_range("before", lazy_gettext("A whole number from 1."))
    with snapshot() as found:
        return _newest(found, member_room(found, actor, chat_id), limit, before)


def newest_messages(
    actor: Actor, chat_id: int, *, limit: int = DEFAULT_MESSAGES
) -> tuple[dict[str, Any], Page]:
    """The chat and its newest messages, oldest first, in one snapshot."""
    confirm_limit(limit, MOST_MESSAGES)
    room = live_room(actor, chat_id)
    known = room.newest(limit)
    if known is not None:
        encoded, older = known
        page = Page(encoded, None, room.head, room.head, older is not None)
        return own_chat_dict(room.seen(), actor), page
    with snapshot() as found:
        room = member_room(found, actor, chat_id)
        return own_chat_dict(room.seen(), actor), _newest(found, room, limit, None)


def message_at(actor: Actor, chat_id: int, seq: int) -> dict[str, Any]:
    """The message at a place, or its tombstone. Raises NotFound, RoomDeleted."""
    with reading() as session:
        member_chat(session, actor, chat_id)
        return message_dict(message_of(session, chat_id, seq))


def live_room(actor: Actor, chat_id: int) -> LiveRoom:
    """The room as memory holds it, with a first page of its newest messages if these are not too large.

    Raises NotFound, RoomDeleted.
    """
    look = lookup.memory().look()
    room = _remembered(look, actor, chat_id)
    if room is None or room.is_short():
        with snapshot() as found:
            read, standing = member_found(found, actor, chat_id)
            room = _with_newest(found, read)
        lookup.keep_member(look, chat_id, actor.user_id, standing)
        look.keep(lookup.memory().rooms, chat_id, room)
    return room


def await_messages(
    engines: Engines, actor: Actor, chat_id: int, *, after: int, limit: int, wait: float
) -> Page:
    """`messages_after`, but while there is nothing new, wait for it: at most `wait` (0 to 30) seconds.

    Raises Invalid, NotFound, RoomDeleted, Moved.
    """
    if not 0 <= wait <= LONGEST_WAIT:
        raise out_of_range(
            "wait", lazy_gettext("Seconds from 0 to %(most)s.", most=lazy_number(LONGEST_WAIT))
        )
    if wait == 0:
        keep_present(engines, actor, chat_id)
        return messages_after(actor, chat_id, after=after, limit=limit)
    deadline = time.monotonic() + wait
    with engines.delivery.waiter(chat_id, actor.session_id, actor.user_id) as news:
        while True:
            left = deadline - time.monotonic()
            keep_present(engines, actor, chat_id, wait=max(0.0, left))
            page = messages_after(actor, chat_id, after=after, limit=limit)
            if page.head > after or news is None or left <= 0 or engines.delivery.stopped:
                return page
            news.wait(left)
            news.clear()
            actor = actor_for_session(engines.settings, actor.session_id)  # it may have ended meanwhile


def _remembered(look: Look, actor: Actor, chat_id: int) -> LiveRoom | None:
    """The room, when memory knows that the actor may read it."""
    found = lookup.remembered(look, chat_id, actor.user_id)
    if found is None or found.room is None or found.state != "member" or found.room.fields["deleted_at"]:
        return None
    return found.room


def _with_newest(found: Snapshot, room: LiveRoom) -> LiveRoom:
    """The room with the messages that changed last."""
    rows = found.rows(CHANGED_LAST, {"chat": room.fields["id"], "most": ENOUGH + 1})
    newest = [Held.of(stored_message(row)) for row in rows]
    floor = newest[ENOUGH - 1].rev - 1 if len(newest) > ENOUGH else 0
    return LiveRoom.of(room.fields, newest[ENOUGH - 1 :: -1], floor=floor)


def _newest(found: Snapshot, room: LiveRoom, limit: int, before: int | None) -> Page:
    chat_id, head = room.fields["id"], room.head
    messages, more = _read(found, BEFORE, limit, chat=chat_id, cursor=before or head + 1)
    return Page([one.encoded for one in reversed(messages)], chat=None, rev=head, head=head, more=more)


def _read(found: Snapshot, query: Select[Any], limit: int, **cursor: int) -> tuple[list[Held], bool]:
    """At most `limit` messages and not much more than LARGEST_PAGE of content, and whether there are more."""
    messages: list[Held] = []
    size = 0
    for row in found.rows(query, {"most": limit + 1, **cursor}):
        message = stored_message(row)
        size += weight(message)
        if len(messages) == limit or (messages and size > LARGEST_PAGE):
            return messages, True
        messages.append(Held.of(message))
    return messages, False


def weight(message: Mapping[str, Any]) -> int:
    """What a message counts of a page: the bytes of its text, and about those of what else it carries."""
    told = sum(len(one["user_ids"]) for one in message.get("reactions", ()))
    files = len(message.get("files", ()))
    preview = sum(len(text.encode()) for text in message.get("preview", {}).values())
    sealed = sum(len(str(value)) for value in message.get("envelope", {}).values())
    return len(message["content"].encode()) + ID_LENGTH * told + FILE_TOLD * files + preview + sealed


def _confirm_after(after: int, head: int) -> None:
    if not 0 <= after <= head:
        raise out_of_range(
            "after", lazy_gettext("A whole number from 0 to %(head)s, the room's head.", head=head)
        )
