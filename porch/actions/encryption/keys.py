"""The keys of an account: its identity, its devices, the backup of the identity.

Nothing here is secret: the server keeps what everybody whom it concerns may verify, and refuses what they
would refuse, so that a client that is wrong does not lock its account out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, update

from porch.access.actors import Actor, confirm_session, require_account
from porch.actions.encryption.device_chain import append_entry
from porch.actions.encryption.device_requests import open_requests
from porch.actions.encryption.identities import (
    COLUMNS,
    active_devices,
    announce_keys,
    chains_of,
    current_identity,
)
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, Invalid
from porch.extensions import reading
from porch.keys.backup import Backup, enforce_backup
from porch.keys.devices import IDENTITY, Entry, enforce_entry
from porch.models import DeviceRequest, Identity
from porch.models.clock import rfc3339, utc_now
from porch.models.message import as_json
from porch.texts import lazy_gettext

FIRST_KINDS = ("browser", "recovery")  # what the first two entries of a chain add

HAS_KEYS = lazy_gettext("This account has keys already.")
TWO_ENTRIES = lazy_gettext("Two entries signed by the identity key: this browser, and the recovery key.")


def keys_of(actor: Actor) -> dict[str, Any]:
    """`{user_id, identity, entries, backup, devices, requests}` of oneself. Raises Forbidden for a
    guest.
    """
    require_account(actor)
    with reading() as session:
        connection = session.connection()
        chains = chains_of(connection, [actor.user_id])[actor.user_id]
        current = current_identity(connection, actor.user_id)
        return {
            "user_id": actor.user_id,
            **chains,
            "backup": msgspec.Raw(current.backup) if current and current.backup else None,
            "devices": _devices(connection, current.id) if current else [],
            "requests": open_requests(connection, actor.user_id),
        }


def publish_keys(
    engines: Engines,
    actor: Actor,
    *,
    identity: str,
    entries: Sequence[Entry],
    backup: Backup,
    label: str,
) -> None:
    """Give an account its first keys: the public identity key, entries that add a browser and the recovery
    key, and the backup. `label` is what this browser is, in words.

    Raises Invalid, Forbidden for a guest, Conflict for an account that has keys, TooFast.
    """
    require_account(actor)
    enforce_backup(backup)
    for entry in entries:
        enforce_entry(entry, user_id=actor.user_id, field="entries")
    if [(entry.act, entry.by) for entry in entries] != [("add", IDENTITY)] * len(FIRST_KINDS):
        raise Invalid(TWO_ENTRIES, fields={"entries": TWO_ENTRIES})
    engines.limiter.take("key", actor.user_id)

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        confirm_session(connection, actor)
        if current_identity(connection, actor.user_id) is not None:
            raise Conflict(HAS_KEYS)
        values = {"user_id": actor.user_id, "public": identity, "backup": as_json(backup)}
        made = connection.execute(insert(Identity).values(values).returning(*COLUMNS)).one()
        for entry, kind in zip(entries, FIRST_KINDS, strict=True):
            append_entry(connection, made, entry, kind=kind, label=label if kind == "browser" else "")
        announce_keys(transaction, actor.user_id, entries[-1].n)

    engines.writer.write(run, tells_all=True)


def end_keys(transaction: Transaction, user_id: int) -> None:
    """Inside a write: an account gives its keys up. What they signed can still be verified."""
    connection = transaction.connection
    connection.execute(
        update(Identity)
        .where(Identity.user_id == user_id, Identity.ended_at.is_(None))
        .values(ended_at=utc_now(), backup=None)
    )
    connection.execute(delete(DeviceRequest).where(DeviceRequest.user_id == user_id))
    announce_keys(transaction, user_id, None)


def forget_keys(transaction: Transaction, user_id: int) -> None:
    """Inside a write: somebody goes for good, and their keys with them."""
    connection = transaction.connection
    connection.execute(delete(Identity).where(Identity.user_id == user_id))
    connection.execute(delete(DeviceRequest).where(DeviceRequest.user_id == user_id))
    announce_keys(transaction, user_id, None)


def _devices(connection: Connection, identity_id: int) -> list[dict[str, Any]]:
    found = sorted(active_devices(connection, identity_id), key=lambda device: (device.added_at, device.dev))
    return [
        {
            "dev": device.dev,
            "kind": device.kind,
            "label": device.label,
            "added_at": rfc3339(device.added_at),
        }
        for device in found
    ]
