"""The keys of the two people of a direct chat: what messages between them are locked for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from porch.access.actors import Actor, require_account
from porch.access.chats import confirm_reader
from porch.actions.encryption.identities import (
    active_devices,
    chains_of,
    current_identity,
    end_of_chain,
    of_account,
)
from porch.errors import Conflict, Forbidden, Invalid
from porch.extensions import reading
from porch.keys.epochs import Member, Named
from porch.models import Chat, Device, Direct, User
from porch.models.clock import rfc3339
from porch.models.epoch import NEWEST
from porch.texts import lazy_gettext

NOT_OF_TWO = lazy_gettext("Only the direct chats of two accounts are encrypted so.")
KEYS_MISSING = lazy_gettext("One of you has no keys yet.")
NOT_YOUR_DEVICE = lazy_gettext("This browser is no device of your account, or it was revoked.")


def keys_of_chat(actor: Actor, chat_id: int) -> dict[str, Any]:
    """`{encryption, members, epoch, began_at, began_seq}` of a direct chat: the keys of both, and when the
    newest epoch began, None before the first. Who has no keys, as guests never do, has the identity None.

    Raises NotFound, RoomDeleted, Invalid for a room, Forbidden to a guest.
    """
    confirm_two(actor, chat_id)
    with reading() as session:
        connection = session.connection()
        people = _two(connection, chat_id)
        chains = chains_of(connection, [person.id for person in people])
        newest = connection.execute(NEWEST, {"chat": chat_id}).first()
        encryption = connection.execute(select(Chat.encryption).where(Chat.id == chat_id)).scalar_one()
        return {
            "encryption": encryption,
            "members": [
                {"user_id": person.id, "username": person.username, **chains[person.id]} for person in people
            ],
            "epoch": newest.number if newest else None,
            "began_at": rfc3339(newest.created_at) if newest else None,
            "began_seq": newest.began_seq if newest else None,
        }


def confirm_two(actor: Actor, chat_id: int) -> None:
    """Somebody who has an account is in a chat of two. Raises NotFound, RoomDeleted, Invalid, Forbidden."""
    if confirm_reader(actor, chat_id)["kind"] != "direct":
        raise Invalid(NOT_OF_TWO)
    require_account(actor)


def members_of(connection: Connection, chat_id: int) -> list[Member]:
    """Inside a write: for whom an epoch has to be, in the order of their numbers. Raises Invalid where one is
    a guest, Conflict where one has no keys.
    """
    people = _two(connection, chat_id)
    if any(person.guest for person in people):
        raise Invalid(NOT_OF_TWO)
    members = []
    for person in people:
        identity = current_identity(connection, person.id)
        if identity is None:
            raise Conflict(KEYS_MISSING)
        devices = tuple(device.dev for device in active_devices(connection, identity.id))
        end = connection.execute(select(end_of_chain(person.id))).scalar_one()
        members.append(Member(Named(person.id, identity.public, end), devices))
    return members


def confirm_device(connection: Connection, actor: Actor, dev: str) -> Row[Any]:
    """Inside a write: an active device of the actor's. Raises Forbidden."""
    device = connection.execute(select(Device.__table__).where(*of_account(dev, actor.user_id))).first()
    if device is None:
        raise Forbidden(NOT_YOUR_DEVICE)
    return device


def _two(connection: Connection, chat_id: int) -> list[Row[Any]]:
    """The two people of a direct chat, by their numbers."""
    people = (
        select(User.id, User.username, User.guest)
        .join(Direct, Direct.user_id == User.id)
        .where(Direct.chat_id == chat_id)
        .order_by(User.id)
    )
    return list(connection.execute(people))
