"""Reading a chat's log by cursor: from memory where that holds it, else from the database."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam

from porch import lookup
from porch.access import Actor, actor_for_session, member_room
from porch.actions.chats import own_chat_dict
from porch.actions.presence import keep_present
from porch.engines import Engines
from porch.engines.live_rooms import ENOUGH, Held, LiveRoom
from porch.engines.memory import Look
from porch.engines.snapshots import Snapshot, snapshot
from porch.errors import Invalid
from porch.models import Chat, Message
from porch.models.message import MESSAGES, stored_message

MOST_MESSAGES = 200  # of one page
DEFAULT_MESSAGES = 50
# Bytes of content after which a page ends, whatever its limit; its first message may be larger.
LARGEST_PAGE = 512 * 1024
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
    _confirm_limit(limit)
    look = lookup.memory().look()
    room = _remembered(look, actor, chat_id)
    if room is not None:
        _confirm_after(after, room.head)
        known = room.after(after, limit)
        if known is not None:
            chat = own_chat_dict(room.seen(), actor) if room.fields["changed_rev"] > after else None
            encoded, rev, more = known
            return Page(encoded, chat, rev if more else room.head, room.head, more)
    with snapshot() as found:
        read = member_room(found, actor, chat_id)
        _confirm_after(after, read.head)
        messages, more = _read(found, AFTER, limit, chat=chat_id, cursor=after)
    if room is None:
        lookup.keep_member(look, chat_id, actor.user_id)
        if not more and look.peek(lookup.memory().rooms, chat_id) is None:
            look.keep(lookup.memory().rooms, chat_id, LiveRoom.of(read.fields, messages, floor=after))
    return Page(
        encoded=[one.encoded for one in messages],
        chat=own_chat_dict(read.seen(), actor) if read.fields["changed_rev"] > after else None,
        rev=messages[-1].rev if more else read.head,
        head=read.head,
        more=more,
    )


def confirm_cursor(chat: Chat, after: int) -> None:
    """Raise Invalid for a cursor that the chat cannot have given."""
    _confirm_after(after, chat.rev)


def messages_before(actor: Actor, chat_id: int, *, before: int, limit: int = DEFAULT_MESSAGES) -> Page:
    """The messages whose place is before the seq `before` (at least 1), oldest first."""
    _confirm_limit(limit)
    if not 1 <= before < 2**63:
        raise _out_of_range("before", "A whole number from 1.")
    with snapshot() as found:
        return _newest(found, member_room(found, actor, chat_id), limit, before)


def newest_messages(
    actor: Actor, chat_id: int, *, limit: int = DEFAULT_MESSAGES
) -> tuple[dict[str, Any], Page]:
    """The chat and its newest messages, oldest first, in one snapshot."""
    _confirm_limit(limit)
    room = live_room(actor, chat_id)
    known = room.newest(limit)
    if known is not None:
        encoded, older = known
        page = Page(encoded, None, room.head, room.head, older is not None)
        return own_chat_dict(room.seen(), actor), page
    with snapshot() as found:
        room = member_room(found, actor, chat_id)
        return own_chat_dict(room.seen(), actor), _newest(found, room, limit, None)


def live_room(actor: Actor, chat_id: int) -> LiveRoom:
    """The room as memory holds it, with a first page of its newest messages if these are not too large.

    Raises NotFound, RoomDeleted.
    """
    look = lookup.memory().look()
    room = _remembered(look, actor, chat_id)
    if room is None or room.is_short():
        with snapshot() as found:
            room = _with_newest(found, member_room(found, actor, chat_id))
        lookup.keep_member(look, chat_id, actor.user_id)
        look.keep(lookup.memory().rooms, chat_id, room)
    return room


def await_messages(
    engines: Engines, actor: Actor, chat_id: int, *, after: int, limit: int, wait: float
) -> Page:
    """`messages_after`, but while there is nothing new, wait for it: at most `wait` (0 to 30) seconds.

    Raises Invalid, NotFound, RoomDeleted, Moved.
    """
    if not 0 <= wait <= LONGEST_WAIT:
        raise _out_of_range("wait", f"Seconds from 0 to {LONGEST_WAIT:g}.")
    if wait == 0:
        keep_present(engines, actor, chat_id)
        return messages_after(actor, chat_id, after=after, limit=limit)
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
        size += len(message["content"].encode())
        if len(messages) == limit or (messages and size > LARGEST_PAGE):
            return messages, True
        messages.append(Held.of(message))
    return messages, False


def _confirm_limit(limit: int) -> None:
    if not 1 <= limit <= MOST_MESSAGES:
        raise _out_of_range("limit", f"A whole number from 1 to {MOST_MESSAGES}.")


def _confirm_after(after: int, head: int) -> None:
    if not 0 <= after <= head:
        raise _out_of_range("after", f"A whole number from 0 to {head}, the room's head.")


def _out_of_range(field: str, allowed: str) -> Invalid:
    return Invalid(f"{field} is out of range.", fields={field: allowed})
