"""Shares: the keys of earlier epochs, given by a device to a new one of the same account."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from porch.access.actors import Actor
from porch.access.chats import confirm_member
from porch.actions.encryption.chat_keys import confirm_device, confirm_two
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Invalid
from porch.keys.epochs import Share
from porch.models import Epoch, EpochShare
from porch.models.upserts import upsert
from porch.texts import lazy_gettext

NO_SUCH_EPOCH = lazy_gettext("There is no such epoch of this chat.")


def give_shares(engines: Engines, actor: Actor, chat_id: int, *, dev: str, shares: Sequence[Share]) -> None:
    """Keep the keys of epochs of a chat, sealed for one of the actor's own devices. Giving again replaces.

    Raises Invalid, NotFound, RoomDeleted, Forbidden to a guest and for a device that is not the actor's,
    TooFast.
    """
    confirm_two(actor, chat_id)
    given = {share.epoch: share for share in shares}
    engines.limiter.take("visit", actor.user_id)

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        confirm_member(connection, actor, chat_id)
        confirm_device(connection, actor, dev)
        ids = connection.execute(
            select(Epoch.number, Epoch.id).where(Epoch.chat_id == chat_id, Epoch.number.in_(given))
        ).all()
        if len(ids) != len(given):
            raise Invalid(NO_SUCH_EPOCH, fields={"shares": NO_SUCH_EPOCH})
        for number, epoch_id in ids:
            row = upsert(EpochShare).values(
                epoch_id=epoch_id, dev=dev, enc=given[number].enc, ct=given[number].ct
            )
            connection.execute(
                row.on_conflict_do_update(
                    index_elements=["epoch_id", "dev"],
                    set_={"enc": row.excluded.enc, "ct": row.excluded.ct},
                )
            )

    engines.writer.write(run, tells_all=True)
