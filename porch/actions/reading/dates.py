"""Finding the place in a chat's log where a moment is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from porch.access.actors import Actor
from porch.access.chats import member_room
from porch.engines import Engines
from porch.engines.reading.snapshots import Snapshot, snapshot
from porch.engines.reading.statements import as_stored
from porch.errors import NotFound
from porch.models import Message
from porch.texts import lazy_gettext

NOTHING_SINCE = lazy_gettext("Nothing was said here on that day or since.")

FROM = (
    select(Message.seq, Message.timestamp)
    .where(Message.chat_id == bindparam("chat"), Message.seq >= bindparam("seq"))
    .order_by(Message.seq)
    .limit(1)
)
STANDS_FROM = FROM.where(Message.deleted.is_(False))


def place_at(engines: Engines, actor: Actor, chat_id: int, moment: datetime) -> int:
    """The seq of the first message of a chat that was written at the moment or after it.

    The log is in the order of its numbers, and its times nearly so: the place is found by halving the log.
    Where times go back, as after a clock was set, it is one at which the log passes the moment.
    Raises NotFound, also when there is no such message, RoomDeleted, TooFast.
    """
    with snapshot() as found:
        room = member_room(found, actor, chat_id)
        engines.limiter.take("search", actor.user_id)
        place = _passing(found, chat_id, room.head, moment)
        row = found.first(STANDS_FROM, {"chat": chat_id, "seq": place})
    if row is None:
        raise NotFound(NOTHING_SINCE)
    seq: int = row[0]
    return seq


def _passing(found: Snapshot, chat_id: int, head: int, moment: datetime) -> int:
    """The first place that may hold what was written at the moment; `head` + 1 when all is older."""
    wanted = as_stored(Message.timestamp.type, found.dialect)(moment)
    low, high = 1, head + 1
    while low < high:
        middle = (low + high) // 2
        row = found.first(FROM, {"chat": chat_id, "seq": middle})
        if row is None or row[1] >= wanted:
            high = middle
        else:
            low = row[0] + 1
    return low
