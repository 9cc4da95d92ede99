"""Time as the tables keep it: aware UTC in Python, naive UTC in the database, RFC 3339 outside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator[datetime]):
    """A DateTime that is always UTC and always aware."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a timestamp needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def utc_now() -> datetime:
    return datetime.now(UTC)


def rfc3339(moment: datetime | None) -> str | None:
    """`2026-03-11T18:02:00.123Z`, milliseconds always written."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def stored_as_rfc3339(stored: Any) -> str | None:
    """`rfc3339` of a moment as the driver gives it: SQLite's keeps text."""
    if isinstance(stored, str):
        if len(stored) == len("2026-03-11 18:02:00.123456"):
            return f"{stored[:10]}T{stored[11:23]}Z"
        stored = datetime.fromisoformat(stored)
    return None if stored is None else rfc3339(stored.replace(tzinfo=UTC))
