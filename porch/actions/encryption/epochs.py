"""The epochs of encrypted chats: beginning one, and reading them."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, insert, select

from porch import events
from porch.access.actors import Actor, require_account
from porch.access.authors import confirm_taken
from porch.access.chats import confirm_member
from porch.actions.encryption.chat_keys import confirm_device, confirm_two, members_of
from porch.actions.rooms.chats import store_chat_change
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import EpochTaken, Invalid
from porch.extensions import reading
from porch.keys.devices import NOT_SIGNED
from porch.keys.epochs import EpochRecord, enforce_epoch, is_for
from porch.keys.signed import NO_HASH
from porch.models import Chat, Device, Direct, Epoch, EpochShare, Identity
from porch.models.clock import rfc3339
from porch.models.epoch import EPOCH_COLUMNS, NEWEST
from porch.models.ids import key_or_empty
from porch.models.message import as_json
from porch.texts import lazy_gettext

PAGE = 50  # epochs

TAKEN = lazy_gettext("Another epoch of this chat began first. Go on with that one.")
CHANGED = lazy_gettext("The devices of one of you have changed meanwhile. Look at them again.")


def begin_epoch(
    engines: Engines, actor: Actor, chat_id: int, epoch: EpochRecord
) -> tuple[dict[str, Any], bool]:
    """Begin the next epoch of a direct chat and announce it; the first one encrypts the chat, for ever.
    Returns it as `epochs_of_chat` tells it, and whether it is new: a repeat changes nothing.

    Raises Invalid, NotFound, RoomDeleted, EpochTaken for one that does not follow the newest or is not for
    exactly the devices that there are, Conflict where one has no keys, Forbidden to a guest, for a device
    that is not the actor's, and where the other takes no messages, TooFast.
    """
    confirm_two(actor, chat_id)
    enforce_epoch(epoch, chat_id=chat_id)
    engines.limiter.take("key", actor.user_id)

    def run(transaction: Transaction) -> tuple[dict[str, Any], bool]:
        connection = transaction.connection
        confirm_member(connection, actor, chat_id)
        newest = connection.execute(NEWEST, {"chat": chat_id}).first()
        if newest is not None and newest.hash == epoch.hash:
            return epoch_dict(newest), False
        confirm_taken(connection, actor, chat_id)
        number, before = (newest.number + 1, newest.hash) if newest else (0, NO_HASH)
        if (epoch.epoch, epoch.prev_epoch_hash) != (number, before):
            raise EpochTaken(TAKEN, newest=newest.number if newest else None)
        members = members_of(connection, chat_id)
        device = confirm_device(connection, actor, epoch.by_dev)
        if not is_for(epoch, members):
            raise EpochTaken(CHANGED, newest=newest.number if newest else None)
        if not epoch.is_signed(device.dsk_pub):
            raise Invalid(NOT_SIGNED, fields={"epoch": NOT_SIGNED})
        stored = connection.execute(
            insert(Epoch)
            .values(
                chat_id=chat_id,
                number=number,
                hash=epoch.hash,
                record=as_json(epoch),
                began_seq=_place(transaction, chat_id, number),
            )
            .returning(*EPOCH_COLUMNS)
        ).one()
        transaction.announce(events.epoch(chat_id, number))
        return epoch_dict(stored), True

    return engines.writer.write(run, tells_all=True)


def epochs_of_chat(actor: Actor, chat_id: int, *, after: int, dev: str | None) -> dict[str, Any]:
    """`{epochs, shares, more}`: the epochs of a direct chat with a higher number than `after`, at most PAGE
    of them; and what a device of the actor's was given of their keys.

    Raises NotFound, RoomDeleted, Invalid for a room, Forbidden to a guest.
    """
    confirm_two(actor, chat_id)
    with reading() as session:
        connection = session.connection()
        rows = connection.execute(
            select(*EPOCH_COLUMNS)
            .where(Epoch.chat_id == chat_id, Epoch.number > after)
            .order_by(Epoch.number)
            .limit(PAGE + 1)
        ).all()
        shown = rows[:PAGE]
        given = connection.execute(
            select(Epoch.number.label("epoch"), EpochShare.enc, EpochShare.ct)
            .join(EpochShare, EpochShare.epoch_id == Epoch.id)
            .join(Device, Device.dev == EpochShare.dev)
            .join(Identity, Identity.id == Device.identity_id)
            .where(Epoch.id.in_([row.id for row in shown]))
            .where(Device.dev == key_or_empty(dev or ""), Identity.user_id == actor.user_id)
            .order_by(Epoch.number)
        ).mappings()
        return {
            "epochs": [epoch_dict(row) for row in shown],
            "shares": [dict(share) for share in given],
            "more": len(rows) > PAGE,
        }


def all_epochs(actor: Actor, *, after: int) -> dict[str, Any]:
    """`{epochs: [{id, epoch}], more}`: those of all chats that somebody has with one other, with an id above
    `after`, at most PAGE: who gives a new device the history goes through them. Raises Forbidden to a guest.
    """
    require_account(actor)
    with reading() as session:
        rows = session.execute(
            select(Epoch.id, Epoch.record)
            .join(Direct, Direct.chat_id == Epoch.chat_id)
            .where(Direct.user_id == actor.user_id, Epoch.id > after)
            .order_by(Epoch.id)
            .limit(PAGE + 1)
        ).all()
    return {
        "epochs": [{"id": row.id, "epoch": msgspec.Raw(row.record)} for row in rows[:PAGE]],
        "more": len(rows) > PAGE,
    }


def epoch_dict(row: Row[Any]) -> dict[str, Any]:
    """An epoch as it was signed, with `created_at` and `began_seq`."""
    told: dict[str, Any] = msgspec.json.decode(row.record)
    return told | {"created_at": rfc3339(row.created_at), "began_seq": row.began_seq}


def _place(transaction: Transaction, chat_id: int, number: int) -> int:
    """Where an epoch begins in the log. The first takes a place of its own: it changes the chat."""
    if number > 0:
        head: int = transaction.connection.execute(select(Chat.rev).where(Chat.id == chat_id)).scalar_one()
        return head
    changed = store_chat_change(transaction, chat_id, encryption="e2e")
    transaction.announce(events.direct_changed(chat_id))
    began: int = changed.rev
    return began
