"""Slow mode: one message of one person in so many seconds. In memory: after a restart all have their turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from porch.access.actors import Actor
from porch.actions.rooms.standings import keeps_order
from porch.engines import Engines
from porch.errors import TooFast
from porch.texts import lazy_ngettext

TURN = "turn"


def take_turn(engines: Engines, actor: Actor, room: Mapping[str, Any]) -> TooFast | None:
    """Take the turn of somebody in a room of these columns, or say that it is not theirs yet."""
    seconds = room["slow_mode"]
    if not seconds or keeps_order(room, actor):
        return None
    words = lazy_ngettext(
        "This room is in slow mode: one message of yours in %(num)s second.",
        "This room is in slow mode: one message of yours in %(num)s seconds.",
        seconds,
    )
    try:
        engines.limiter.take_turn(seconds, TURN, (actor.user_id, room["id"]), words=words)
    except TooFast as error:
        return error
    return None


def give_turn_back(engines: Engines, actor: Actor, room: Mapping[str, Any]) -> None:
    """What was refused, or stored before, takes no turn."""
    if room["slow_mode"]:
        engines.limiter.give_turn_back(TURN, (actor.user_id, room["id"]))
