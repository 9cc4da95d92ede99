"""JSON bodies in and out, with one shape for every error."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from flask import Response, request

from porch.errors import Invalid, PorchError
from porch.texts import lazy_gettext

T = TypeVar("T", bound=msgspec.Struct)


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """Base of what the JSON and socket doors accept."""


def json_body(shape: type[T]) -> T:
    """The request's body in this shape. Raises Invalid, naming the field."""
    if request.mimetype != "application/json":
        raise Invalid(lazy_gettext("Send JSON, with Content-Type: application/json."))
    try:
        return msgspec.json.decode(request.get_data(cache=False), type=shape)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid(lazy_gettext("The body is not JSON.")) from None


def converted(value: object, shape: type[T]) -> T:
    """A value that was decoded elsewhere, in this shape. Raises Invalid, naming the field."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except UnicodeEncodeError:  # where it looks for a number, or a field of this name
        raise Invalid(lazy_gettext("This text has half a character in it (a lone surrogate).")) from None


def known_parameters(*names: str) -> None:
    """Refuse a query string with anything else in it. Raises Invalid."""
    unknown = set(request.args) - set(names)
    if unknown:
        raise Invalid(
            lazy_gettext("Unknown parameter."),
            fields=dict.fromkeys(unknown, lazy_gettext("There is no such parameter.")),
        )


def whole(name: str, default: int | None = None) -> int:
    """A whole number of the query string, from 0. Raises Invalid, also when it is missing and needed."""
    text = request.args.get(name)
    if text is None and default is not None:
        return default
    # Not str.isdigit: that takes digits of every script, and int() takes more still.
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid(
            lazy_gettext("%(field)s is out of range.", field=name),
            fields={name: lazy_gettext("A whole number.")},
        )
    return int(text)


def optional_whole(name: str) -> int | None:
    """The same, or None when it is missing. Raises Invalid."""
    return whole(name) if name in request.args else None


def choice(name: str, *, default: bool) -> bool:
    """`true` or `false` of the query string. Raises Invalid."""
    text = request.args.get(name)
    if text not in (None, "true", "false"):
        raise Invalid(
            lazy_gettext("%(field)s is true or false.", field=name),
            fields={name: lazy_gettext("true or false.")},
        )
    return default if text is None else text == "true"


def json_answer(value: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status=status, mimetype="application/json")


def json_error(error: PorchError) -> Response:
    return json_answer({"error": error.as_dict()}, error.status)


def _invalid(error: msgspec.ValidationError) -> Invalid:
    text = str(error)
    reason, _, path = text.partition(" - at ")
    field = re.search(r"\$\.(\w+)", path) or re.search(r"field `(.+)`$", reason)
    return Invalid(text, fields={field[1]: reason} if field else None)
