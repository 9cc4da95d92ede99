"""Moments in words, for pages that say roughly when something was.

In UTC: a page without scripts does not know the reader's time zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def day(stamp: str, now: datetime | None = None) -> str:
    """`4 November`, with the year if it is not this one. `stamp` is RFC 3339."""
    moment, now = datetime.fromisoformat(stamp), now or datetime.now(UTC)
    return f"{moment.day} {moment:%B}" if moment.year == now.year else f"{moment.day} {moment:%B %Y}"


def since(stamp: str, now: datetime | None = None) -> str:
    """`3 hours ago`. No finer than hours: the use of a session is noted once an hour."""
    now = now or datetime.now(UTC)
    passed = now - datetime.fromisoformat(stamp)
    if passed < HOUR:
        return "in the last hour"
    if passed < DAY:
        return "an hour ago" if passed < 2 * HOUR else f"{passed // HOUR} hours ago"
    if passed < 2 * DAY:
        return "yesterday"
    if passed < 7 * DAY:
        return f"{passed // DAY} days ago"
    return f"on {day(stamp, now)}"


def day_and_time(moment: datetime) -> str:
    """`4 November, 18:05 UTC`."""
    return f"{day(moment.isoformat())}, {moment:%H:%M} UTC"
