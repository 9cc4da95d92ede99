"""In which language a page or an answer is: the one that was chosen, else the first of those that the browser
asks for which Porch speaks, else the host's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from babel import negotiate_locale
from flask import Flask, current_app, has_request_context
from flask import request as current_request
from flask_babel import Babel, force_locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Request, Response

from porch.errors import Invalid
from porch.languages import LANGUAGES, SOURCE, locale_name
from porch.texts import gettext
from porch.web.cookies import YEAR, write_cookie

COOKIE = "porch-language"
KNOWN = "porch.language"  # in the environment of a request
MOST_WANTED = 16  # of what a browser asks for
MOST_WISHES = 128  # of browsers, which are read once: there are few different ones


def init_language(app: Flask, default: str) -> None:
    """`default` is for whoever asks for nothing that Porch speaks."""
    app.config.update(PORCH_LANGUAGE=default, BABEL_DEFAULT_LOCALE=locale_name(default))
    Babel(app, locale_selector=lambda: locale_name(current_language()) if has_request_context() else SOURCE)
    app.jinja_env.policies["ext.i18n.trimmed"] = True


def current_language() -> str:
    """The language of this request, looked up once: a page asks for it with each of its scripts."""
    found = current_request.environ.get(KNOWN)
    if found is None:
        found = language_of(current_request) or current_app.config["PORCH_LANGUAGE"]
        current_request.environ[KNOWN] = found
    return str(found)


def language_of(request: Request) -> str | None:
    """The language that a request asks for, or None if it asks for none of ours."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return _accepted(request.environ.get("HTTP_ACCEPT_LANGUAGE", ""))


@lru_cache(MOST_WISHES)
def _accepted(wishes: str) -> str | None:
    accepted = parse_accept_header(wishes, LanguageAccept)
    wanted = [code for code, quality in accepted if quality > 0][:MOST_WANTED]
    found = negotiate_locale(wanted, LANGUAGES, sep="-")
    # It comes in the letters of whoever asked.
    return next((code for code in LANGUAGES if found and code.lower() == found.lower()), None)


@contextmanager
def speaking(app: Flask, language: str | None) -> Iterator[None]:
    """Where there is no request: texts that become words inside are in this language, None for the host's."""
    with app.app_context(), force_locale(locale_name(language or app.config["PORCH_LANGUAGE"])):
        yield


def remember_language(response: Response, language: str) -> Response:
    """Keep the choice for a year; "" is as the browser asks. Raises Invalid."""
    if language and language not in LANGUAGES:
        raise Invalid(
            gettext("This is not one of the languages."),
            fields={"language": gettext("One of %(choices)s.", choices=", ".join(LANGUAGES))},
        )
    write_cookie(current_request, response, COOKIE, language, YEAR if language else 0)
    return response
