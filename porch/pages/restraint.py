"""What a room's page says at the composer to somebody who may not write as they like. `restraint.js` says the
same; keep the two alike.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from porch.pages.times import is_for_good, mute_end
from porch.texts import gettext, lazy_gettext

SLOW = {
    10: lazy_gettext("Slow mode: one message every 10 seconds."),
    30: lazy_gettext("Slow mode: one message every 30 seconds."),
    60: lazy_gettext("Slow mode: one message every minute."),
    300: lazy_gettext("Slow mode: one message every 5 minutes."),
}


class Restraint(NamedTuple):
    """`words` to show, empty for none; `shut` when nothing can be written."""

    words: str
    shut: bool


def restraint(chat: dict[str, Any]) -> Restraint:
    """What holds for the person whose view of the room this is."""
    if (end := chat["muted_until"]) is not None:
        if is_for_good(end):
            return Restraint(
                gettext("You are muted until a moderator lifts it: you can read, and not write."), True
            )
        return Restraint(
            gettext("You are muted until %(when)s: you can read, and not write.", when=mute_end(end)), True
        )
    if chat["may_moderate"]:
        return Restraint("", False)
    if chat["closed"]:
        return Restraint(gettext("This room is closed: you can read, and not write."), True)
    if chat["slow_mode"]:
        return Restraint(str(SLOW[chat["slow_mode"]]), False)
    return Restraint("", False)
