"""Messages by what somebody wants to do with them: read, change, take back, pin or report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, Select, bindparam, exists, select
from sqlalchemy.orm import Session as ReadSession

from porch.access.actors import NAME_GONE, Actor
from porch.access.chats import confirm_member, member_chat
from porch.access.order import confirm_rank
from porch.engines.reading.snapshots import Snapshot
from porch.errors import Forbidden, NameTaken, NotFound
from porch.extensions import reading
from porch.models import Chat, Membership, Message
from porch.models.ids import id_or_zero
from porch.models.message import MESSAGE_COLUMNS, MESSAGES
from porch.texts import lazy_gettext

NO_SUCH_MESSAGE = lazy_gettext("There is no such message in this room.")

AT_ONCE = 64  # messages that are asked for by their ids
READABLE_MESSAGES = (
    select(*MESSAGE_COLUMNS, Chat.name, Chat.kind, Chat.hash_key)
    .join(Chat, Chat.id == Message.chat_id)
    .where(Message.id.in_([bindparam(f"id_{place}") for place in range(AT_ONCE)]))
    .where(Message.deleted.is_(False), Chat.deleted_at.is_(None))
    # Not a join: from there SQLite would begin, with all that was ever said in somebody's rooms.
    .where(
        exists().where(
            Membership.chat_id == Message.chat_id,
            Membership.user_id == bindparam("user"),
            Membership.state == "member",
        )
    )
    .order_by(Message.id.desc())
)


def readable_messages(
    snapshot: Snapshot, actor: Actor, ids: Sequence[int]
) -> list[tuple[Sequence[Any], dict[str, Any]]]:
    """Those of at most AT_ONCE messages that the actor may read and that stand, the newest first: (the row of
    `MESSAGES`; its chat, `{id, name, kind, url}`, without the name that a direct chat has to each of two).
    """
    if not ids:
        return []
    keys = {f"id_{place}": id_ for place, id_ in enumerate([*ids, *[0] * (AT_ONCE - len(ids))])}
    messages: list[tuple[Sequence[Any], dict[str, Any]]] = []
    for row in snapshot.rows(READABLE_MESSAGES, keys | {"user": actor.user_id}):
        *message, name, kind, hash_key = row
        chat = {"id": row[1], "name": name, "kind": kind, "url": f"/chatrooms/{hash_key}/"}
        messages.append((message, chat))
    return messages


def message_of(session: ReadSession, chat_id: int, seq: int) -> RowMapping:
    """A message of a chat that the reader is known to read, or its tombstone. Raises NotFound."""
    row = session.execute(_message(chat_id, seq)).mappings().first()
    if row is None:
        raise NotFound(NO_SUCH_MESSAGE)
    return row


def own_message(actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """A message that the actor wrote, or its tombstone. Raises NotFound, RoomDeleted, Forbidden."""
    with reading() as session:
        member_chat(session, actor, chat_id)
        return _confirm_own(message_of(session, chat_id, seq), actor)


def message_of_another(actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """A message of somebody else in a room of the actor's, or its tombstone. Raises NotFound, RoomDeleted,
    Forbidden for one's own.
    """
    with reading() as session:
        member_chat(session, actor, chat_id)
        return confirm_of_another(message_of(session, chat_id, seq), actor)


def deletable_message(actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """A message that the actor wrote, or may take back because they keep order in the room; or its tombstone.

    Raises NotFound, RoomDeleted, Forbidden.
    """
    with reading() as session:
        chat = member_chat(session, actor, chat_id)
        row = message_of(session, chat_id, seq)
        return _confirm_deletable(session.connection(), actor, chat, row)


def confirm_message(connection: Connection, actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """Inside a write: session, name and membership are still there, and the message is in the chat; its row,
    which may be a tombstone.

    Raises Unauthenticated, NameTaken, NotFound, RoomDeleted.
    """
    if confirm_member(connection, actor, chat_id).username is None:
        raise NameTaken(NAME_GONE, suggestions=[])
    row = message_row(connection, chat_id, seq)
    if row is None:
        raise NotFound(NO_SUCH_MESSAGE)
    return row


def confirm_own_message(connection: Connection, actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """Inside a write: session, name and membership are still there, and the message is the actor's; its row.

    Raises Unauthenticated, NameTaken, NotFound, RoomDeleted, Forbidden.
    """
    return _confirm_own(confirm_message(connection, actor, chat_id, seq), actor)


def confirm_deletable_message(connection: Connection, actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """Inside a write: `confirm_own_message`, or the message is somebody's whom the actor keeps in order.

    Raises Unauthenticated, NameTaken, NotFound, RoomDeleted, Forbidden.
    """
    row = confirm_message(connection, actor, chat_id, seq)
    chat = connection.execute(select(Chat.__table__).where(Chat.id == chat_id)).one()
    return _confirm_deletable(connection, actor, chat, row)


def confirm_pinner(connection: Connection, actor: Actor, chat_id: int, seq: int) -> RowMapping:
    """`confirm_message`, for whoever chooses what is pinned: those who keep order in a room, both people of a
    direct chat. Raises Forbidden too.
    """
    row = confirm_message(connection, actor, chat_id, seq)
    chat = connection.execute(select(Chat.__table__).where(Chat.id == chat_id)).one()
    if chat.kind != "direct":
        confirm_rank(connection, actor, chat, None)
    return row


def confirm_of_another(row: RowMapping | None, actor: Actor) -> RowMapping:
    """A message that somebody else wrote. Raises NotFound, Forbidden."""
    if row is None:
        raise NotFound(NO_SUCH_MESSAGE)
    if row["user_id"] == actor.user_id:
        raise Forbidden(lazy_gettext("This is your own message. You can delete it."))
    return row


def message_row(connection: Connection, chat_id: int, seq: int) -> RowMapping | None:
    """Inside a write: a message, or its tombstone, as `MESSAGES` has it."""
    return connection.execute(_message(chat_id, seq)).mappings().first()


def message_in_clear(session: Connection | ReadSession, chat_id: int, seq: int) -> RowMapping | None:
    """For the server itself: a message that stands, in a chat that stands and whose texts it may read."""
    wanted = _message(chat_id, seq).where(
        Message.deleted.is_(False),
        exists().where(Chat.id == Message.chat_id, Chat.deleted_at.is_(None), Chat.encryption == "none"),
    )
    return session.execute(wanted).mappings().first()


def _message(chat_id: int, seq: int) -> Select[Any]:
    known = id_or_zero(seq)
    return MESSAGES.where(Message.chat_id == chat_id, Message.seq == known)


def _confirm_deletable(
    connection: Connection, actor: Actor, chat: Chat | Row[Any], row: RowMapping
) -> RowMapping:
    if row["user_id"] == actor.user_id or chat.kind == "direct":
        return _confirm_own(row, actor)
    confirm_rank(connection, actor, chat, row["user_id"])
    return row


def _confirm_own(row: RowMapping, actor: Actor) -> RowMapping:
    if row["user_id"] != actor.user_id:
        raise Forbidden(lazy_gettext("Only whoever wrote this message may do that."))
    return row
