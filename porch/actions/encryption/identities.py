"""Which identity an account has, and the chain of devices that it stands for, as everybody may verify it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, select

from porch import events
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict
from porch.models import Device, DeviceEntry, Direct, Identity, User
from porch.texts import lazy_gettext

NO_KEYS = lazy_gettext("This account has no keys yet.")
COLUMNS = tuple(Identity.__table__.columns)


def current_identity(connection: Connection, user_id: int) -> Row[Any] | None:
    """The row of the identity that an account has now."""
    own = select(*COLUMNS).where(Identity.user_id == user_id, Identity.ended_at.is_(None))
    return connection.execute(own).first()


def confirm_identity(connection: Connection, user_id: int) -> Row[Any]:
    """The same. Raises Conflict where there is none."""
    identity = current_identity(connection, user_id)
    if identity is None:
        raise Conflict(NO_KEYS)
    return identity


def chains_of(connection: Connection, user_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """`{identity, entries}` of each of these people; without keys `identity` is None."""
    identities = connection.execute(
        select(*COLUMNS).where(Identity.user_id.in_(user_ids), Identity.ended_at.is_(None))
    ).all()
    entries: dict[int, list[msgspec.Raw]] = {identity.id: [] for identity in identities}
    rows = connection.execute(
        select(DeviceEntry.identity_id, DeviceEntry.record)
        .where(DeviceEntry.identity_id.in_(entries))
        .order_by(DeviceEntry.identity_id, DeviceEntry.n)
    )
    for identity_id, record in rows:
        entries[identity_id].append(msgspec.Raw(record))
    found: dict[int, dict[str, Any]] = {user_id: {"identity": None, "entries": []} for user_id in user_ids}
    for identity in identities:
        found[identity.user_id] = {"identity": identity.public, "entries": entries[identity.id]}
    return found


def end_of_chain(user_id: Any) -> ScalarSelect[str]:
    """The hash of the newest entry of an account's chain, None where it has no keys."""
    return (
        select(DeviceEntry.hash)
        .join(Identity, Identity.id == DeviceEntry.identity_id)
        .where(Identity.user_id == user_id, Identity.ended_at.is_(None))
        .order_by(DeviceEntry.n.desc())
        .limit(1)
        .scalar_subquery()
    )


def active_devices(connection: Connection, identity_id: int) -> list[Row[Any]]:
    """Rows of the devices that were added and not revoked, in the order of their names."""
    active = (
        select(Device.__table__)
        .where(Device.identity_id == identity_id, Device.revoked_at.is_(None))
        .order_by(Device.dev)
    )
    return list(connection.execute(active))


def of_account(dev: Any, user_id: Any) -> tuple[ColumnElement[bool], ...]:
    """Which row of Device, with its Identity, this is, if it is an active device of this account."""
    return (
        Device.dev == dev,
        Device.revoked_at.is_(None),
        Identity.id == Device.identity_id,
        Identity.ended_at.is_(None),
        Identity.user_id == user_id,
    )


def was_added(connection: Connection, dev: str) -> bool:
    """Whether a device is in any chain, revoked or not."""
    return connection.execute(select(Device.dev).where(Device.dev == dev)).first() is not None


def announce_keys(transaction: Transaction, user_id: int, n: int | None) -> None:
    """Inside a write: tell a person, and the accounts that they have direct chats with, of their chain."""
    peers = (
        select(Direct.peer_id)
        .join(User, User.id == Direct.peer_id)
        .where(Direct.user_id == user_id, User.guest.is_(False), User.closed_at.is_(None))
    )
    for whom in (user_id, *transaction.connection.execute(peers).scalars()):
        transaction.announce(events.keys(whom, user_id, n))
