"""Light, dark, or as the device has it: a choice kept in a cookie, so that pages come in their colours."""

from __future__ import annotations

from typing import Literal, get_args

from flask import request
from werkzeug.wrappers import Response

from porch.errors import Invalid
from porch.texts import gettext
from porch.web.cookies import YEAR, write_cookie

Theme = Literal["system", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)

COOKIE = "porch-theme"


def current_theme() -> Theme:
    """The choice of this request's browser; "system" without one, or with one that is not known."""
    kept = request.cookies.get(COOKIE)
    return next((theme for theme in THEMES if theme == kept), "system")


def remember_theme(response: Response, theme: str) -> Response:
    """Keep the choice for a year; "system" is what a browser without the cookie has. Raises Invalid."""
    if theme not in THEMES:
        raise Invalid(
            gettext("This is not one of the themes."),
            fields={"theme": gettext("One of %(choices)s.", choices=", ".join(THEMES))},
        )
    write_cookie(request, response, COOKIE, theme, 0 if theme == "system" else YEAR)
    return response
