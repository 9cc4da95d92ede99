"""Moments in words, for pages that say roughly when something was.

In UTC: a page without scripts does not know the reader's time zone. What is in a `<time>` with `data-local`
is put into it by `local_times.js`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

from porch import texts
from porch.models.membership import UNTIL_LIFTED
from porch.texts import gettext, ngettext

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def day(stamp: str, now: datetime | None = None) -> Markup:
    """`4 November`, with the year if it is not this one, for `local_times.js`. `stamp` is RFC 3339."""
    moment, now = datetime.fromisoformat(stamp), now or datetime.now(UTC)
    words = texts.day(moment, year=moment.year != now.year)
    return Markup('<time datetime="{}" data-local="day">{}</time>').format(stamp, words)


def since(stamp: str, now: datetime | None = None) -> str:
    """`3 hours ago`, in the end `on 4 November`, as `day` has it.

    No finer than hours: the use of a session is noted once an hour.
    """
    now = now or datetime.now(UTC)
    passed = now - datetime.fromisoformat(stamp)
    if passed < HOUR:
        return gettext("in the last hour")
    if passed < DAY:
        return ngettext("an hour ago", "%(num)s hours ago", passed // HOUR)
    if passed < 7 * DAY:
        return ngettext("a day ago", "%(num)s days ago", passed // DAY)
    # L10n: after "last used", or alone: "on 4 November"
    return escape(gettext("on %(day)s")) % {"day": day(stamp, now)}


def is_for_good(stamp: str) -> bool:
    """Whether a mute, whose end this is, ends when somebody lifts it."""
    return datetime.fromisoformat(stamp) >= UNTIL_LIFTED


def day_and_time(stamp: str) -> Markup:
    """`4 November, 18:05 UTC`, with the year if it is not this one; scripts put it into the reader's zone."""
    moment = datetime.fromisoformat(stamp)
    words = texts.day_and_time(moment, year=moment.year != datetime.now(UTC).year)
    return Markup('<time datetime="{}" data-local>{}</time>').format(stamp, words)


def mute_end(stamp: str) -> str:
    """`4 November, 18:05 UTC` for the end of a mute, which is near."""
    return texts.day_and_time(datetime.fromisoformat(stamp))
