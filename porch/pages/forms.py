"""Forms that come back with what was wrong, and pages that say what a form has just done."""

from __future__ import annotations

from collections.abc import Mapping

from flask import make_response, request
from werkzeug.wrappers import Response

from porch.errors import Invalid, NameTaken, PorchError, RetryLater, TooFast
from porch.pages import blueprint
from porch.web.errors import with_retry_after
from porch.web.json import json_error

LONGEST_TYPED = 256  # characters of a text field that are shown again


def is_sent_by_script() -> bool:
    """Whether a form was sent by `staying.js`, which goes on only when it has been told where."""
    return request.method == "POST" and request.headers.get("Accept") == "application/json"


@blueprint.after_request
def say_where_to(response: Response) -> Response:
    """No script can see where a redirect leads."""
    if response.status_code == 303 and is_sent_by_script():
        response.status_code, response.data = 204, b""
    return response


def typed(field: str) -> str:
    """What stands in a field of the form. A suggestion is a button of the same name after the field, so the
    last value is what was meant.
    """
    return (request.form.getlist(field) or [""])[-1]


def field_errors(error: PorchError, field: str, *known: str) -> dict[str, str]:
    """What to show at which of the form's fields; at `field` if the error names none of them."""
    named = error.fields if isinstance(error, Invalid) else {}
    found = {name: words for name, words in named.items() if name in (field, *known)}
    return found or {field: error.message}


def suggestions(error: PorchError) -> list[str]:
    return error.suggestions if isinstance(error, NameTaken) else []


def refusal(page: str, error: PorchError) -> Response:
    """The form again, with the status of what was wrong, and when another try has a chance. One that stays is
    told in words what will pass.
    """
    passes = isinstance(error, TooFast | RetryLater) and is_sent_by_script()
    return with_retry_after(json_error(error) if passes else make_response(page, error.status), error)


def done(sentences: Mapping[str, str]) -> str | None:
    """What the form that led here has done: `?done=` chooses among the page's own sentences."""
    sentence = sentences.get(request.args.get("done", ""))
    return None if sentence is None else str(sentence)
