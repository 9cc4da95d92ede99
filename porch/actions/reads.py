"""How far somebody has read in a chat."""

from __future__ import annotations

from sqlalchemy import update

from porch import events
from porch.access import Actor, confirm_member, room_for
from porch.engines import Engines
from porch.engines.writer import Transaction
from porch.errors import Invalid
from porch.models import Membership


def mark_read(engines: Engines, actor: Actor, chat_id: int, seq: int) -> None:
    """Note that somebody has read up to the place `seq`, 0 to the chat's head. Never goes back; their other
    devices are told. Raises Invalid, NotFound, RoomDeleted, TooFast.
    """
    room = room_for(actor, chat_id)
    if not 0 <= seq <= room.head:
        raise Invalid(
            "seq is out of range.", fields={"seq": f"A whole number from 0 to {room.head}, the room's head."}
        )
    engines.limiter.take("visit", actor.user_id)

    def run(transaction: Transaction) -> None:
        confirm_member(transaction.connection, actor, chat_id)
        moved = transaction.connection.execute(
            update(Membership)
            .where(
                Membership.chat_id == chat_id, Membership.user_id == actor.user_id, Membership.read_seq < seq
            )
            .values(read_seq=seq)
        )
        if moved.rowcount:
            transaction.announce(events.read(chat_id, actor.user_id, seq))
            if room.fields["kind"] == "direct":
                transaction.announce(events.direct_changed(chat_id, only_for=actor.user_id))

    engines.writer.write(run, tells_all=True)
