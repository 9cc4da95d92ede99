"""Light, dark, or as the device has it: a choice kept in a cookie, so that pages come in their colours."""

from __future__ import annotations

from typing import Literal, get_args

from flask import request
from werkzeug.wrappers import Response

from porch.errors import Invalid

Theme = Literal["system", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)

COOKIE = "porch-theme"
YEAR = 365 * 24 * 60 * 60


def current_theme() -> Theme:
    """The choice of this request's browser; "system" without one, or with one that is not known."""
    kept = request.cookies.get(COOKIE)
    return next((theme for theme in THEMES if theme == kept), "system")


def remember_theme(response: Response, theme: str) -> Response:
    """Keep the choice for a year; "system" is what a browser without the cookie has. Raises Invalid."""
    if theme not in THEMES:
        raise Invalid("This is not one of the themes.", fields={"theme": f"One of {', '.join(THEMES)}."})
    seconds = 0 if theme == "system" else YEAR
    response.set_cookie(
        COOKIE, theme, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response
