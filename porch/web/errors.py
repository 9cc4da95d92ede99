"""Errors as the doors of HTTP show them: one JSON shape, one page."""

from __future__ import annotations

import logging
from urllib.parse import quote

from flask import Flask, Response, g, make_response, redirect, render_template, request
from markupsafe import escape
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from porch.errors import UNEXPECTED, Invalid, NameTaken, NotFound, PorchError, TooLarge, Unauthenticated
from porch.texts import gettext, lazy_gettext
from porch.web.json import json_answer, json_error
from porch.web.requests import refused
from porch.web.site import EXPORTED, current_view

log = logging.getLogger(__name__)

TITLES = {
    400: lazy_gettext("That did not work"),
    403: lazy_gettext("Not yours to do"),
    404: lazy_gettext("Nobody home"),
    405: lazy_gettext("Not this way"),
    409: lazy_gettext("Not as things are"),
    410: lazy_gettext("Gone"),
    413: lazy_gettext("Too much at once"),
    429: lazy_gettext("Slow down a little"),
    500: lazy_gettext("Something broke"),
    503: lazy_gettext("One moment"),
}
TITLES_BY_CODE = {"foreign_origin": lazy_gettext("Not from here"), "moved": lazy_gettext("In another room")}


# As Werkzeug says them.
WORDS = {
    405: lazy_gettext("The method is not allowed for the requested URL."),
    416: lazy_gettext("The server cannot provide the requested range."),
}
NOT_POSSIBLE = lazy_gettext("This is not possible here.")


def init_errors(app: Flask) -> None:
    app.register_error_handler(PorchError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _bug)


def _domain_error(error: PorchError) -> AnyResponse:
    refused(error.code)
    if error.cause:
        log.warning("%s: %s", error.code, error.cause)
    if not _wants_page():
        answer = json_error(error)
    elif isinstance(error, Unauthenticated | NameTaken):
        page = "/sessions/new/" if isinstance(error, NameTaken) else "/login/"
        then = request.path if request.method == "GET" else "/chatrooms/"
        return redirect(f"{page}?next={quote(then)}", 303)
    else:
        answer = _page(error.status, error.message, TITLES_BY_CODE.get(error.code))
    return with_retry_after(answer, error)


def with_retry_after(answer: Response, error: PorchError) -> Response:
    """Say when another try has a chance."""
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _http_error(error: HTTPException) -> AnyResponse:
    """Routing and parsing errors of the framework, in our shapes; redirects pass."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    match status:
        case 404:
            known: PorchError = NotFound()
        case 413:
            known = TooLarge(gettext("This is more than fits in one request."))
        case 400:
            known = Invalid(gettext("The request could not be read."))
        case _:
            known = PorchError(str(WORDS.get(status) or error.description or NOT_POSSIBLE))
    code = "invalid" if status < 500 and known.code == "error" else known.code
    refused(code)
    if _wants_page():
        answer = _page(status, known.message)
    else:
        answer = json_answer({"error": known.as_dict() | {"code": code}}, status)
    for name, value in error.get_headers(request.environ):
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _bug(error: Exception) -> Response:
    log.error("an unexpected error", exc_info=error)
    refused(PorchError.code)
    g.setdefault("actor", None)  # looking the person up may be what failed
    if _wants_page():
        return _page(500, str(UNEXPECTED))
    return json_answer({"error": PorchError(UNEXPECTED).as_dict()}, 500)


def _wants_page() -> bool:
    """Browsers ask for HTML by name; scripts and our own modules do not."""
    return request.blueprint != "api" and "text/html" in request.headers.get("Accept", "")


def _page(status: int, message: str, title: str | None = None) -> Response:
    # A page that is written as a file offers nothing that needs a server.
    exported = {"view": current_view()} if EXPORTED in request.environ else {}
    title = str(title or TITLES.get(status, TITLES[400] if status < 500 else TITLES[500]))
    try:
        page = render_template(
            "error.html",
            status=status,
            title=title,
            message=message,
            action_url="/",
            action_text=gettext("Back to the front page"),
            **exported,
        )
    except Exception:  # the template itself may be what is broken
        log.exception("the error page failed")
        page = (
            f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(message)}</p>"
        )
    return make_response(page, status)
