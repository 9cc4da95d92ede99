"""What a message tells of its reactions: `[{emoji, count, user_ids}]`, counted from their rows."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from porch.models import Reaction

MOST_TOLD = 100  # people of one emoji who are named, the first ones; all are counted

Tallies = list[dict[str, Any]]  # in the order in which the emoji came up


def told_of(stored: str | None) -> Tallies:
    """From the column of a message."""
    told: Tallies = msgspec.json.decode(stored or "[]")
    return told


def recounted(connection: Connection, message_id: int, told: Tallies, emoji: str) -> Tallies:
    """Inside a write: the same with one emoji counted anew: it stays in its place, comes last, or goes."""
    these = (Reaction.message_id == message_id, Reaction.emoji == emoji)
    count = connection.execute(select(func.count()).where(*these)).scalar_one()
    first = select(Reaction.user_id).where(*these).order_by(Reaction.id).limit(MOST_TOLD)
    now = {"emoji": emoji, "count": count, "user_ids": list(connection.execute(first).scalars())}
    if all(one["emoji"] != emoji for one in told):
        told = [*told, now]
    return [now if one["emoji"] == emoji else one for one in told if one["emoji"] != emoji or count]
