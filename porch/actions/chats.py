"""Opening and joining chats."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, delete, exists, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from porch.access import Actor, chat_by_link, confirm_session, is_member
from porch.engines import Engines
from porch.engines.writer import Transaction
from porch.errors import Invalid
from porch.models import Chat, Membership
from porch.models.chat import KINDS
from porch.models.clock import utc_now

LONGEST_NAME = 80  # code points
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # Unicode categories that a name cannot have ...
JOINERS = "\u200c\u200d"  # ... but for these, which some scripts and emoji are spelled with
HASH_KEY_BYTES = 16
# A room that was opened by somebody who never signed in, and that nobody joined, is kept this long.
UNCLAIMED_FOR = timedelta(days=1)
# Expired rooms removed each time a room is opened, so that one opening never pays for thousands.
EXPIRED_AT_ONCE = 20


def open_chat(engines: Engines, actor: Actor | None, *, name: str, kind: str = "link", address: str) -> Chat:
    """Open a room. Without an actor it waits, for a day, for `claim_chats`.

    `name` has 1 to 80 code points. Raises Invalid, TooFast.
    """
    name = _enforce_name(name)
    if kind not in KINDS:
        raise Invalid("There is no such kind of room.", fields={"kind": f"One of: {', '.join(KINDS)}."})
    if actor is None:
        engines.limiter.take("unclaimed_room", address)
    else:
        engines.limiter.take("room", actor.user_id)
    hash_key = secrets.token_urlsafe(HASH_KEY_BYTES)
    creator_id = actor.user_id if actor else None

    def run(transaction: Transaction) -> int:
        connection = transaction.connection
        if actor is not None:
            confirm_session(connection, actor)
        else:
            _remove_expired(connection)
        chat_id = connection.execute(
            insert(Chat)
            .values(name=name, kind=kind, hash_key=hash_key, creator_id=creator_id)
            .returning(Chat.id)
        ).scalar_one()
        if creator_id is not None:
            _add_member(connection, chat_id, creator_id)
        return chat_id

    engines.writer.write(run)
    return chat_by_link(hash_key)


def join_chat(engines: Engines, actor: Actor, hash_key: str) -> Chat:
    """Become a member of the room that a link opens; a member stays one. Raises NotFound."""
    chat = chat_by_link(hash_key)
    if not is_member(actor, chat.id):
        chat_id = chat.id

        def run(transaction: Transaction) -> None:
            confirm_session(transaction.connection, actor)
            _add_member(transaction.connection, chat_id, actor.user_id)

        engines.writer.write(run)
    return chat


def claim_chats(connection: Connection, user_id: int, chat_ids: Sequence[int]) -> None:
    """Inside a write: make a person the creator of those of the chats that have none."""
    for chat_id in chat_ids:
        claimed = connection.execute(
            update(Chat)
            .where(Chat.id == chat_id, Chat.creator_id.is_(None))
            .values(creator_id=user_id)
            .returning(Chat.id)
        ).first()
        if claimed:
            _add_member(connection, chat_id, user_id)


def _add_member(connection: Connection, chat_id: int, user_id: int) -> None:
    connection.execute(upsert(Membership).values(chat_id=chat_id, user_id=user_id).on_conflict_do_nothing())


def _remove_expired(connection: Connection) -> None:
    expired = (
        select(Chat.id)
        .where(
            Chat.creator_id.is_(None),
            Chat.created_at < utc_now() - UNCLAIMED_FOR,
            ~exists().where(Membership.chat_id == Chat.id),
        )
        .limit(EXPIRED_AT_ONCE)
    )
    connection.execute(delete(Chat).where(Chat.id.in_(expired)))


def _enforce_name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    if not name:
        raise _refused("Give the room a name.")
    if len(name) > LONGEST_NAME:
        raise _refused(f"A room's name has at most {LONGEST_NAME} characters.")
    if any(unicodedata.category(character) in UNSEEN and character not in JOINERS for character in name):
        raise _refused("A room's name cannot have invisible or control characters.")
    return name


def _refused(reason: str) -> Invalid:
    return Invalid(reason, fields={"name": reason})
