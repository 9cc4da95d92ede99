"""Browsers that ask to be devices of their account; one of its devices, or its recovery key, decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from porch import events
from porch.access.actors import Actor, confirm_session, require_account
from porch.actions.encryption.identities import current_identity, was_added
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict
from porch.keys.devices import PublicDevice, enforce_device
from porch.models import DeviceRequest
from porch.models.clock import rfc3339, utc_now
from porch.models.ids import key_or_empty
from porch.texts import lazy_gettext

MOST_REQUESTS = 5  # of one person at a time; one more lets the oldest go
OPEN_FOR = timedelta(hours=1)

NOTHING_TO_JOIN = lazy_gettext("This account has no keys yet. This browser can make them.")
KNOWN = lazy_gettext("This device was added before. Who comes back makes new keys.")

COLUMNS = tuple(DeviceRequest.__table__.columns)


def ask_to_join(engines: Engines, actor: Actor, device: PublicDevice, *, label: str) -> dict[str, Any]:
    """Ask for this browser to be made a device of the account; returns the request. Asking again begins its
    hour anew.

    Raises Invalid, Forbidden for a guest, Conflict without keys and for a device that was added before,
    TooFast.
    """
    require_account(actor)
    enforce_device(device, user_id=actor.user_id, field="dev")
    engines.limiter.take("key", actor.user_id)

    def run(transaction: Transaction) -> dict[str, Any]:
        connection = transaction.connection
        confirm_session(connection, actor)
        _confirm_new(connection, actor.user_id, device.dev)
        _make_room(connection, actor.user_id, device.dev)
        asked = connection.execute(
            insert(DeviceRequest)
            .values(
                dev=device.dev,
                user_id=actor.user_id,
                dsk_pub=device.dsk_pub,
                dhk_pub=device.dhk_pub,
                label=label,
            )
            .returning(*COLUMNS)
        ).one()
        transaction.announce(events.key_request(actor.user_id, device.dev))
        return request_dict(asked)

    return engines.writer.write(run, tells_all=True)


def drop_request(engines: Engines, actor: Actor, dev: str) -> None:
    """A browser of one's own is not to be made a device. Dropping what is gone changes nothing. Raises
    Forbidden for a guest.
    """
    require_account(actor)
    known = key_or_empty(dev)

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        dropped = transaction.connection.execute(
            delete(DeviceRequest).where(DeviceRequest.dev == known, DeviceRequest.user_id == actor.user_id)
        )
        if dropped.rowcount:
            transaction.announce(events.key_request(actor.user_id, dev))

    engines.writer.write(run, tells_all=True)


def open_requests(connection: Connection, user_id: int) -> list[dict[str, Any]]:
    """Which browsers of somebody's ask, the first one first."""
    asking = (
        select(*COLUMNS)
        .where(DeviceRequest.user_id == user_id, DeviceRequest.created_at > utc_now() - OPEN_FOR)
        .order_by(DeviceRequest.created_at, DeviceRequest.dev)
    )
    return [request_dict(row) for row in connection.execute(asking)]


def request_dict(row: Row[Any]) -> dict[str, Any]:
    return {
        "dev": row.dev,
        "dsk_pub": row.dsk_pub,
        "dhk_pub": row.dhk_pub,
        "label": row.label,
        "created_at": rfc3339(row.created_at),
    }


def _confirm_new(connection: Connection, user_id: int, dev: str) -> None:
    if current_identity(connection, user_id) is None:
        raise Conflict(NOTHING_TO_JOIN)
    if was_added(connection, dev):
        raise Conflict(KNOWN)


def _make_room(connection: Connection, user_id: int, dev: str) -> None:
    """Take away what is too old, what the same device has asked before, and the oldest of too many."""
    own = delete(DeviceRequest).where(DeviceRequest.user_id == user_id)
    connection.execute(
        own.where((DeviceRequest.dev == dev) | (DeviceRequest.created_at <= utc_now() - OPEN_FOR))
    )
    kept = (
        select(DeviceRequest.dev)
        .where(DeviceRequest.user_id == user_id)
        .order_by(DeviceRequest.created_at.desc(), DeviceRequest.dev)
        .limit(MOST_REQUESTS - 1)
    )
    connection.execute(own.where(DeviceRequest.dev.not_in(kept)))
