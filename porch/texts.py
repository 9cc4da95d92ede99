"""Texts that people read: written in English where they are used, told in the language of whoever reads.

`gettext` and `ngettext` are for doors, where it is known who that is. Everything below them, and every
constant, uses `lazy_gettext`: an error may be raised in a thread that knows of no request. Outside requests
all of it is English. Values stand in a text as `%(name)s`. The first arguments are plain literals, which
`bin/texts` gathers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import cast

import flask_babel
from babel import Locale
from babel.dates import format_skeleton, format_timedelta
from babel.numbers import format_decimal
from flask_babel.speaklater import LazyString
from markupsafe import escape

from porch.languages import SOURCE, locale_name

BRITISH = Locale("en", "GB")  # "4 November", and no comma before "and"
MOST_DAYS = 1024  # of which the words are remembered


class Lazy(LazyString):  # type: ignore[misc]  # it has no types
    def __html__(self) -> str:
        """Escaped, as any text in a page: values may be what people wrote."""
        return str(escape(str(self)))


def gettext(text: str, **values: object) -> str:
    return cast(str, flask_babel.gettext(text, **values))


def ngettext(one: str, other: str, num: int, **values: object) -> str:
    """The form that belongs to `num`, which stands in it as `%(num)s`."""
    return cast(str, flask_babel.ngettext(one, other, num, **values))


def lazy_gettext(text: str, **values: object) -> str:
    """As `gettext`, at the moment when it is shown or asked for by `str()`; until then it is no `str`."""
    return lazily(gettext, text, **values)


def lazy_ngettext(one: str, other: str, num: int, **values: object) -> str:
    return lazily(ngettext, one, other, num, **values)


def lazy_number(number: float, form: str | None = None) -> str:
    """`10,000`, as it is written in the language; `form` is a pattern of CLDR, such as `0.0`."""
    return lazily(lambda: format_decimal(number, form, locale=locale()))


def lazily(make: Callable[..., str], *arguments: object, **values: object) -> str:
    """What `make` makes of this, as `lazy_gettext`."""
    return cast(str, Lazy(make, *arguments, **values))


def in_english(text: object) -> str:
    """For logs, and for what is kept: whoever reads it is not who asks now."""
    return in_language(SOURCE, text)


def in_language(code: str, text: object) -> str:
    """What is lazy in one of `LANGUAGES`, whoever asks."""
    with flask_babel.force_locale(locale_name(code)):
        return str(text)


def locale() -> Locale:
    """The language of whoever reads, as lists and days are written in it; English as in Britain."""
    found = flask_babel.get_locale()
    return BRITISH if found is None or str(found) == SOURCE else found


def day(moment: date, *, year: bool = False) -> str:
    """`4 November`, or `4 November 2026`."""
    return _day(moment.year, moment.month, moment.day, year, str(locale()))


def duration(seconds: int) -> str:
    """`10 minutes`, in the largest unit of which there is a whole one."""
    return format_timedelta(timedelta(seconds=seconds), threshold=1, locale=locale())


@lru_cache(MOST_DAYS)
def _day(year: int, month: int, day: int, with_year: bool, name: str) -> str:
    form = "yMMMMd" if with_year else "MMMMd"
    return format_skeleton(form, datetime(year, month, day), locale=name)  # noqa: DTZ001  # a day alone


def day_and_time(moment: datetime, *, year: bool = False) -> str:
    """`4 November, 18:05 UTC`; the moment is in UTC."""
    return gettext("%(day)s, %(time)s UTC", day=day(moment, year=year), time=moment.strftime("%H:%M"))
