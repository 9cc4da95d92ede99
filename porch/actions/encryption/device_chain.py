"""The chain of an account's devices: each entry is checked, before it is kept, as everybody will who reads
it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from porch.access.actors import Actor, confirm_session, require_account
from porch.actions.encryption.identities import active_devices, announce_keys, confirm_identity, was_added
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, Invalid
from porch.keys.backup import Backup, enforce_backup
from porch.keys.devices import IDENTITY, Entry, enforce_entry
from porch.keys.signed import NO_HASH
from porch.models import Device, DeviceEntry, DeviceRequest, EpochShare, Identity
from porch.models.clock import utc_now
from porch.models.device import DEVICE_KINDS
from porch.models.message import as_json
from porch.texts import lazy_gettext

MOST_DEVICES = 20  # of one account at a time

OUT_OF_TURN = lazy_gettext("The devices of this account have changed meanwhile. Look at them again.")
UNKNOWN_SIGNER = lazy_gettext("Whoever signs is a device of this account that was not revoked.")
KNOWN_DEVICE = lazy_gettext("A device is added once. Who comes back makes new keys.")
UNKNOWN_DEVICE = lazy_gettext("This is no device of this account, or it was revoked.")
LAST_DEVICE = lazy_gettext("This is the last device of the account. Add another before you revoke it.")
WITH_BACKUP = lazy_gettext("A recovery key comes with the backup that it opens, and nothing else does.")
TOO_MANY = lazy_gettext("An account has at most %(most)s devices. Revoke one first.", most=MOST_DEVICES)


def add_entry(
    engines: Engines,
    actor: Actor,
    entry: Entry,
    *,
    kind: str | None = None,
    backup: Backup | None = None,
    label: str,
) -> int:
    """Add the next entry to one's chain and return its number. A device that is added is of a `kind`,
    `browser` if none is said; `label` is what it is, in words, if it did not ask for itself. A recovery key
    comes with the backup that it opens, which is kept instead of the one before.

    Raises Invalid, Forbidden for a guest, Conflict for one that does not follow the newest, TooFast.
    """
    require_account(actor)
    enforce_entry(entry, user_id=actor.user_id, field="entry")
    _enforce_kind(entry, kind)
    _enforce_backup(kind, backup)
    engines.limiter.take("key", actor.user_id)

    def run(transaction: Transaction) -> int:
        connection = transaction.connection
        confirm_session(connection, actor)
        identity = confirm_identity(connection, actor.user_id)
        asked = connection.execute(
            delete(DeviceRequest)
            .where(DeviceRequest.dev == entry.dev, DeviceRequest.user_id == actor.user_id)
            .returning(DeviceRequest.label)
        ).first()
        called = "" if kind == "recovery" else asked.label if asked else label
        append_entry(connection, identity, entry, kind=kind or "browser", label=called)
        if backup is not None:
            connection.execute(
                update(Identity).where(Identity.id == identity.id).values(backup=as_json(backup))
            )
        announce_keys(transaction, actor.user_id, entry.n)
        return entry.n

    return engines.writer.write(run, tells_all=True)


def append_entry(connection: Connection, identity: Row[Any], entry: Entry, *, kind: str, label: str) -> None:
    """Inside a write: keep the next entry of a chain. `kind` and `label` are those of a device that it adds.

    Raises Invalid, Conflict for an entry that does not follow the newest, for too many devices and for the
    last.
    """
    end = connection.execute(
        select(DeviceEntry.n, DeviceEntry.hash)
        .where(DeviceEntry.identity_id == identity.id)
        .order_by(DeviceEntry.n.desc())
        .limit(1)
    ).first()
    if (entry.n, entry.prev_hash) != ((end.n + 1, end.hash) if end else (0, NO_HASH)):
        raise Conflict(OUT_OF_TURN)
    active = {device.dev: device for device in active_devices(connection, identity.id)}
    if entry.by != IDENTITY and entry.by not in active:
        raise Invalid(UNKNOWN_SIGNER, fields={"entry": UNKNOWN_SIGNER})
    entry.enforce_signature(identity.public if entry.by == IDENTITY else active[entry.by].dsk_pub)
    if entry.act == "add":
        _add(connection, identity.id, entry, active=len(active), kind=kind, label=label)
    else:
        _revoke(connection, entry, is_active=entry.dev in active, is_last=len(active) == 1)
    connection.execute(
        insert(DeviceEntry).values(identity_id=identity.id, n=entry.n, hash=entry.hash, record=as_json(entry))
    )


def _add(
    connection: Connection, identity_id: int, entry: Entry, *, active: int, kind: str, label: str
) -> None:
    if was_added(connection, entry.dev):
        raise Invalid(KNOWN_DEVICE, fields={"entry": KNOWN_DEVICE})
    if active >= MOST_DEVICES:
        raise Conflict(TOO_MANY)
    connection.execute(
        insert(Device).values(
            dev=entry.dev,
            identity_id=identity_id,
            dsk_pub=entry.dsk_pub,
            dhk_pub=entry.dhk_pub,
            kind=kind,
            label=label,
        )
    )


def _revoke(connection: Connection, entry: Entry, *, is_active: bool, is_last: bool) -> None:
    if not is_active:
        raise Invalid(UNKNOWN_DEVICE, fields={"entry": UNKNOWN_DEVICE})
    if is_last:
        raise Conflict(LAST_DEVICE)
    connection.execute(update(Device).where(Device.dev == entry.dev).values(revoked_at=utc_now()))
    connection.execute(delete(EpochShare).where(EpochShare.dev == entry.dev))


def _enforce_kind(entry: Entry, kind: str | None) -> None:
    if kind is not None and (entry.act != "add" or kind not in DEVICE_KINDS):
        raise Invalid(
            lazy_gettext("There is no such kind of device."),
            fields={"kind": lazy_gettext("One of: %(choices)s.", choices=", ".join(DEVICE_KINDS))},
        )


def _enforce_backup(kind: str | None, backup: Backup | None) -> None:
    """Nothing but the signature of a device replaces a backup: a stolen session must not close the only way
    back.
    """
    if (kind == "recovery") != (backup is not None):
        raise Invalid(WITH_BACKUP, fields={"backup": WITH_BACKUP})
    if backup is not None:
        enforce_backup(backup)
