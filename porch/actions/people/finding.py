"""Finding people by the beginning of their name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_, select

from porch.access.actors import Actor
from porch.actions.bounds import out_of_range
from porch.engines import Engines
from porch.extensions import reading
from porch.models import Direct
from porch.peers import Other, blocks, share_a_room, takes_messages
from porch.text import folded
from porch.texts import lazy_gettext

MOST_PEOPLE = 10
LONGEST_SOUGHT = 32  # code points
# Of Unicode: what begins with a text stands before the text with this behind it.
LAST_CHARACTER = "\U0010ffff"
# People one knows who are looked at for one answer: whoever takes no messages is left out of it.
LOOKED_AT = 100


def people_called(engines: Engines, actor: Actor, beginning: str) -> list[dict[str, Any]]:
    """`[{user_id, username, guest}]`: at most ten people whose name begins like this, whatever the case and
    the accents, and who take messages from whoever asks.

    Guests are found by people whom they share a room with, accounts by other accounts too: a name alone
    does not list a site's people. Raises Invalid, TooFast.
    """
    in_range = begins_like(Other.search_name, beginning)
    engines.limiter.take("visit", actor.user_id)
    me = actor.user_id
    nearby = or_(share_a_room(me, Other.id), exists().where(Direct.user_id == me, Direct.peer_id == Other.id))
    known = nearby if actor.guest else or_(nearby, Other.guest.is_(False))
    candidates = (
        select(Other.id)
        .where(*in_range, Other.username.is_not(None), Other.id != me, known)
        .order_by(Other.search_name)
        .limit(LOOKED_AT)
    )
    query = (
        select(Other.id, Other.username, Other.guest)
        .where(Other.id.in_(candidates), takes_messages(me), ~blocks(me, Other.id))
        .order_by(Other.search_name, Other.id)
        .limit(MOST_PEOPLE)
    )
    with reading() as session:
        rows = session.execute(query).all()
    return [{"user_id": row.id, "username": row.username, "guest": row.guest} for row in rows]


def begins_like(search_name: Any, beginning: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The condition that a name, as it is searched, begins like this. Raises Invalid, naming `q`."""
    sought = folded(beginning)
    if not 1 <= len(beginning) <= LONGEST_SOUGHT or not sought:
        raise out_of_range("q", lazy_gettext("1 to %(most)s characters.", most=LONGEST_SOUGHT))
    if "\0" in sought:  # which no name has, and PostgreSQL does not even take to look for
        return false(), false()
    return search_name >= sought, search_name < sought + LAST_CHARACTER
