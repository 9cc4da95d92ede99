"""How far somebody has read in a chat."""

from __future__ import annotations

from sqlalchemy import update

from porch import events
from porch.access.actors import Actor
from porch.access.chats import confirm_member, outlined_for
from porch.actions.bounds import out_of_range
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.models import Membership
from porch.texts import lazy_gettext


def mark_read(engines: Engines, actor: Actor, chat_id: int, seq: int, *, back: bool = False) -> None:
    """Note that somebody has read up to the place `seq`, 0 to the chat's head; their other devices are told.
    It goes forwards only, and with `back` backwards only: whoever wants to come back to what they have read.
    Raises Invalid, NotFound, RoomDeleted, TooFast.
    """
    room = outlined_for(actor, chat_id)
    if not 0 <= seq <= room.head:
        raise out_of_range(
            "seq", lazy_gettext("A whole number from 0 to %(head)s, the room's head.", head=room.head)
        )
    engines.limiter.take("visit", actor.user_id)

    moves = Membership.read_seq > seq if back else Membership.read_seq < seq

    def run(transaction: Transaction) -> None:
        confirm_member(transaction.connection, actor, chat_id)
        moved = transaction.connection.execute(
            update(Membership)
            .where(Membership.chat_id == chat_id, Membership.user_id == actor.user_id, moves)
            .values(read_seq=seq)
        )
        if moved.rowcount:
            transaction.announce(events.read(chat_id, actor.user_id, seq))
            if room.fields["kind"] == "direct":
                transaction.announce(events.direct_changed(chat_id, only_for=actor.user_id))

    engines.writer.write(run, tells_all=True)
