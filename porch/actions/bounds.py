"""What is said of a number or a text that is out of bounds."""

from __future__ import annotations

from porch.errors import Invalid
from porch.texts import lazy_gettext


def confirm_limit(limit: int, most: int) -> None:
    """Raise Invalid for a page of less than 1 or more than `most`."""
    if not 1 <= limit <= most:
        raise out_of_range("limit", lazy_gettext("A whole number from 1 to %(most)s.", most=most))


def out_of_range(field: str, allowed: str) -> Invalid:
    return Invalid(lazy_gettext("%(field)s is out of range.", field=field), fields={field: allowed})
