"""Days and moments in a query string."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from flask import request

from porch.errors import Invalid
from porch.texts import gettext, lazy_gettext

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1970, 2999
FARTHEST = 14 * 60  # minutes from UTC, of any zone
MEANT = lazy_gettext("A day such as 2026-03-11, or a moment such as 2026-03-11T18:02:00Z.")


def moment(name: str, *, east: int = 0) -> datetime | None:
    """A moment, or the beginning of a day `east` minutes east of UTC; None when it is not given, or empty, as
    forms send it. Raises Invalid.
    """
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        if DAY.fullmatch(text):
            found = datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(minutes=east)
        elif MOMENT.fullmatch(text):
            found = datetime.fromisoformat(text)
        else:
            raise ValueError
        found = found.astimezone(UTC)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError
    except (ValueError, OverflowError):
        raise Invalid(gettext("%(field)s is not a day.", field=name), fields={name: MEANT}) from None
    return found


def minutes_east(name: str) -> int:
    """How far a zone is east of UTC, in minutes; 0 when it is not given. Raises Invalid."""
    text = request.args.get(name, "") or "0"
    if not re.fullmatch(r"-?\d{1,4}", text, re.ASCII) or abs(int(text)) > FARTHEST:
        raise Invalid(
            gettext("%(field)s is out of range.", field=name),
            fields={name: gettext("Minutes east of UTC, from -%(most)s to %(most)s.", most=FARTHEST)},
        )
    return int(text)
