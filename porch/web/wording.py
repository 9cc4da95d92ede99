"""How names, lists and days stand in the sentences of templates, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from babel.lists import format_list
from markupsafe import Markup, escape

from porch.peers import DELETED_ACCOUNT
from porch.texts import day, gettext, locale


def shown_name(username: str) -> str:
    """What somebody is called on a page: all that is told of a deleted account stands for it in the language
    of the page.
    """
    return gettext("Deleted account") if username == DELETED_ACCOUNT else username


def with_shown_name(chat: Mapping[str, Any]) -> dict[str, Any]:
    """A chat for a page. A direct one is called as the other person is."""
    return {**chat, "name": shown_name(chat["name"])} if chat["kind"] == "direct" else {**chat}


def bdi(name: object) -> Markup:
    """What people chose to be called, apart from the text around it: it may be written the other way."""
    return Markup("<bdi>{}</bdi>").format(name)


def bold(name: object) -> Markup:
    return Markup("<b>{}</b>").format(bdi(name))


def listed(parts: Iterable[object]) -> Markup:
    """`Ada, Bo and Cy`."""
    return Markup(format_list([escape(part) for part in parts], locale=locale()))  # noqa: S704  # escaped each


def stamp_day(stamp: str) -> str:
    """`4 November 2026` of a moment, RFC 3339."""
    return day(date.fromisoformat(stamp[:10]), year=True)
