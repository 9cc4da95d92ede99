"""Opening, joining, changing and deleting chats."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, select, update

from porch import events
from porch.access.actors import Actor, confirm_session
from porch.access.chats import is_member
from porch.access.links import NO_SUCH_LINK, chat_by_link
from porch.access.order import confirm_manager, confirm_moderator, managed_chat, may_manage, moderated_chat
from porch.actions.rooms.memberships import enrol, mark_deleted, remove_expired
from porch.actions.rooms.standings import own_standing
from porch.actions.upkeep.audit import note
from porch.actions.upkeep.leftovers import begin_leftovers
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Forbidden, Invalid, NotFound
from porch.extensions import reading
from porch.models import Chat, Membership
from porch.models.chat import CHAT_COLUMNS, ENCRYPTIONS, KINDS, OPEN_KINDS, SLOW_MODES, TAKE_REVS, chat_dict
from porch.models.clock import utc_now
from porch.peers import side_of
from porch.text import folded, is_blank, is_unseen
from porch.texts import lazy_gettext

LONGEST_NAME = 80  # code points
# What leaves no ink and yet belongs to a name: spaces, and what some scripts and emoji are spelled with.
UNSEEN_ALLOWED = " \u200c\u200d\ufe0e\ufe0f"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # of 32 bytes
HASH = re.compile(r"[0-9a-f]{64}")
SEALED_BY_LINK = lazy_gettext("A sealed room is open to whoever has its link, and stays so.")
NO_HASH = lazy_gettext("Only sealed rooms have it.")


def kinds_for(actor: Actor | None) -> tuple[str, ...]:
    """The kinds of room that somebody may open; the first is what they get if they do not say."""
    if actor is None:
        return ("link",)
    return ("link", "private") if actor.guest else KINDS


def new_hash_key() -> str:
    """What makes the link of a chat, and is nobody's to guess."""
    return secrets.token_urlsafe(16)


def open_chat(
    engines: Engines,
    actor: Actor | None,
    *,
    name: str,
    kind: str | None = None,
    address: str,
    also: Sequence[int] = (),
    encryption: str = "none",
    join_hash: str | None = None,
) -> Chat:
    """Open a room. Without an actor it waits, for a day, for `claim_chats`.

    `name` has 1 to 80 code points; `also` are users who are members from the start. A `sealed` room
    (`encryption`) is one by link; `join_hash` is the SHA-256, in hex, of the token by which one comes in.
    Raises Invalid, Forbidden, TooFast.
    """
    settings = engines.settings
    if actor is None and not settings.open_to_strangers:
        raise Forbidden(lazy_gettext("Log in first: this site is for people who have an account."))
    name = _enforce_name(name)
    kind = kinds_for(actor)[0] if kind is None else _enforce_kind(kind, actor)
    _enforce_encryption(encryption, kind, join_hash)
    if actor is None:
        engines.limiter.take("unclaimed_room", address)
    else:
        engines.limiter.take("room", actor.user_id)
    hash_key = new_hash_key()
    creator_id = actor.user_id if actor else None
    now = utc_now()

    def run(transaction: Transaction) -> int:
        connection = transaction.connection
        if actor is not None:
            confirm_session(connection, actor)
        else:
            remove_expired(transaction)
        chat_id = connection.execute(
            insert(Chat)
            .values(
                name=name,
                search_name=folded(name),
                kind=kind,
                encryption=encryption,
                join_hash=join_hash,
                hash_key=hash_key,
                creator_id=creator_id,
                created_at=now,
                active_at=now,
            )
            .returning(Chat.id)
        ).scalar_one()
        for user_id in dict.fromkeys([*([] if creator_id is None else [creator_id]), *also]):
            enrol(transaction, chat_id, user_id)
        return chat_id

    chat_id = engines.writer.write(run, tells_all=actor is not None)  # else it removes rooms
    with reading() as session:
        return session.get_one(Chat, chat_id)


def join_chat(engines: Engines, actor: Actor, hash_key: str, token: str | None = None) -> Chat:
    """Become a member of the room that a link opens; a member stays one. `token` follows from the key in the
    link of a sealed room, into which the rest of the link does not lead; a member who brings one learns
    whether it is right.

    Raises NotFound, RoomDeleted, TooFast.
    """
    chat = chat_by_link(hash_key, actor)
    is_new = not is_member(actor, chat.id)
    if is_new or token is not None:
        _confirm_token(chat, token)
    if is_new:
        engines.limiter.take("visit", actor.user_id)
        chat_id = chat.id

        def run(transaction: Transaction) -> None:
            confirm_session(transaction.connection, actor)
            _confirm_open(transaction.connection, chat_id, actor.user_id)
            enrol(transaction, chat_id, actor.user_id)

        engines.writer.write(run, tells_all=True)
    return chat


def change_chat(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    *,
    name: str | None = None,
    kind: str | None = None,
    closed: bool | None = None,
    slow_mode: int | None = None,
) -> dict[str, Any]:
    """Rename a room, make it another kind, close or open it, or slow it down; returns it as this person sees
    it. Moderators may do the latter two. `slow_mode` is one of SLOW_MODES.

    Raises Invalid, NotFound, RoomDeleted, Forbidden, TooFast.
    """
    manages = name is not None or kind is not None or (closed is None and slow_mode is None)
    chat = managed_chat(actor, chat_id) if manages else moderated_chat(actor, chat_id)
    values: dict[str, Any] = {}
    if closed is not None and closed != chat.closed:
        values["closed"] = closed
    if slow_mode is not None and slow_mode != chat.slow_mode:
        values["slow_mode"] = _enforce_slow_mode(slow_mode)
    if name is not None and (name := _enforce_name(name)) != chat.name:
        values |= {"name": name, "search_name": folded(name)}
    if kind is not None and kind != chat.kind:
        values["kind"] = _enforce_kind(kind, actor)
        _enforce_encryption(chat.encryption, kind, chat.join_hash)
    if not values:
        return own_chat_dict(chat, actor)
    engines.limiter.take("message", (actor.user_id, chat_id))  # everybody in the room hears of it

    def run(transaction: Transaction) -> Row[Any]:
        connection = transaction.connection
        if manages:
            confirm_manager(connection, actor, chat_id)
        else:
            confirm_moderator(connection, actor, chat_id)
        was_listed = connection.execute(select(Chat.kind).where(Chat.id == chat_id)).scalar_one() == "listed"
        changed = store_chat_change(transaction, chat_id, **values)
        if was_listed and changed.kind != "listed":
            transaction.announce(events.unlisted(chat_id))
        _note_changes(transaction, actor, chat_id, values)
        return changed

    return own_chat_dict(engines.writer.write(run, tells_all=True), actor)


def renew_link(engines: Engines, actor: Actor, chat_id: int) -> dict[str, Any]:
    """Give a room another link; the one before leads nowhere from then on. Members stay, and their open pages
    learn the new one. Returns the room as this person sees it.

    Raises NotFound, RoomDeleted, Forbidden, TooFast.
    """
    managed_chat(actor, chat_id)
    engines.limiter.take("message", (actor.user_id, chat_id))  # everybody in the room hears of it
    hash_key = new_hash_key()

    def run(transaction: Transaction) -> Row[Any]:
        confirm_manager(transaction.connection, actor, chat_id)
        changed = store_chat_change(transaction, chat_id, hash_key=hash_key)
        note(transaction, "renew_link", actor_id=actor.user_id, chat_id=chat_id)
        return changed

    return own_chat_dict(engines.writer.write(run, tells_all=True), actor)


def delete_chat(engines: Engines, actor: Actor, chat_id: int) -> None:
    """Delete a room and all that was written there. Raises NotFound, RoomDeleted, Forbidden."""
    managed_chat(actor, chat_id)

    def run(transaction: Transaction) -> None:
        confirm_manager(transaction.connection, actor, chat_id)
        mark_deleted(transaction, chat_id)
        note(transaction, "delete", actor_id=actor.user_id, chat_id=chat_id)

    engines.writer.write(run, tells_all=True)
    begin_leftovers(engines)


def store_chat_change(transaction: Transaction, chat_id: int, **values: Any) -> Row[Any]:
    """Inside a write: change the room itself under its next rev, and announce it; returns the room."""
    connection = transaction.connection
    rev = connection.execute(TAKE_REVS, {"chat": chat_id, "count": 1}).scalar_one()
    changed = connection.execute(
        update(Chat).where(Chat.id == chat_id).values(changed_rev=rev, **values).returning(*CHAT_COLUMNS)
    ).one()
    transaction.announce(events.chat(chat_dict(changed)))
    return changed


def own_chat_dict(chat: Chat | Any, actor: Actor) -> dict[str, Any]:
    """The room as this person sees it; they are in it, if it is a direct chat."""
    own = owner_fields(chat, actor) | own_standing(chat, actor)
    if chat.kind == "direct":
        with reading() as session:
            own |= side_of(session.connection(), chat.id, actor.user_id).as_dict()
    return chat_dict(chat) | own


def owner_fields(chat: Chat | Any, actor: Actor) -> dict[str, Any]:
    """`{mine, may_manage}` of a room, as this person sees it."""
    return {"mine": chat.creator_id == actor.user_id, "may_manage": may_manage(chat, actor)}


def _note_changes(transaction: Transaction, actor: Actor, chat_id: int, values: Mapping[str, Any]) -> None:
    noted = {
        "name": ("rename", values.get("name")),
        "kind": ("kind", values.get("kind")),
        "closed": ("close" if values.get("closed") else "open", None),
        "slow_mode": ("slow_mode", f"{values.get('slow_mode')} s"),
    }
    for field, (action, detail) in noted.items():
        if field in values:
            note(transaction, action, actor_id=actor.user_id, chat_id=chat_id, detail=detail)


def _confirm_open(connection: Connection, chat_id: int, user_id: int) -> None:
    """Inside a write: the room is still there and open to this person."""
    removed = exists().where(
        Membership.chat_id == chat_id, Membership.user_id == user_id, Membership.state == "removed"
    )
    still = select(Chat.id).where(
        Chat.id == chat_id, Chat.kind.in_(OPEN_KINDS), Chat.deleted_at.is_(None), ~removed
    )
    if connection.execute(still).first() is None:
        raise NotFound(NO_SUCH_LINK)


def _enforce_name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    if is_blank(name):
        raise _refused(lazy_gettext("Give the room a name."))
    if len(name) > LONGEST_NAME:
        raise _refused(lazy_gettext("A room's name has at most %(most)s characters.", most=LONGEST_NAME))
    if any(is_unseen(character) and character not in UNSEEN_ALLOWED for character in name):
        raise _refused(lazy_gettext("A room's name cannot have invisible or control characters."))
    return name


def _enforce_kind(kind: str, actor: Actor | None) -> str:
    if kind not in KINDS:
        raise Invalid(
            lazy_gettext("There is no such kind of room."),
            fields={"kind": lazy_gettext("One of: %(choices)s.", choices=", ".join(KINDS))},
        )
    if kind not in kinds_for(actor):
        raise Forbidden(lazy_gettext("This kind of room needs an account. Sign up, or open a room by link."))
    return kind


def _enforce_encryption(encryption: str, kind: str, join_hash: str | None) -> None:
    if encryption not in ENCRYPTIONS:
        raise Invalid(
            lazy_gettext("There is no such encryption."),
            fields={"encryption": lazy_gettext("One of: %(choices)s.", choices=", ".join(ENCRYPTIONS))},
        )
    if encryption == "none":
        if join_hash is not None:
            raise Invalid(NO_HASH, fields={"join_hash": NO_HASH})
    elif kind != "link":
        raise Invalid(SEALED_BY_LINK, fields={"kind": SEALED_BY_LINK})
    elif join_hash is None or not HASH.fullmatch(join_hash):
        raise Invalid(
            lazy_gettext("A sealed room needs the hash of the token that lets in."),
            fields={"join_hash": lazy_gettext("SHA-256, 64 hexadecimal digits.")},
        )


def _confirm_token(chat: Chat, token: str | None) -> None:
    """A wrong token is refused like a wrong link. Raises NotFound."""
    if chat.join_hash is None:
        return
    given = b"" if token is None or not TOKEN.fullmatch(token) else base64.urlsafe_b64decode(f"{token}=")
    if not hmac.compare_digest(hashlib.sha256(given).hexdigest(), chat.join_hash):
        raise NotFound(NO_SUCH_LINK)


def _enforce_slow_mode(seconds: int) -> int:
    if seconds not in SLOW_MODES:
        allowed = ", ".join(map(str, SLOW_MODES))
        raise Invalid(
            lazy_gettext("There is no such slow mode."),
            fields={"slow_mode": lazy_gettext("Seconds, one of: %(allowed)s.", allowed=allowed)},
        )
    return seconds


def _refused(reason: str) -> Invalid:
    return Invalid(reason, fields={"name": reason})
