"""What is wrong with the site's files, said to whoever writes them: by file, line and key, with what is
allowed there.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

from porch.site.content import KINDS
from porch.site.places import Path, line_of
from porch.texts import gettext, lazy_gettext

# By key: what is said of a text that does not have its form.
SHAPES = {
    "url": lazy_gettext("is not an address that begins with https://, http://, mailto:, / or #"),
    "mail": lazy_gettext("is not a mail address"),
    "accent": lazy_gettext("is not a colour such as #185c68"),
    "image": lazy_gettext(
        "is not the name of a JPEG, PNG, WebP, GIF or AVIF in media/ (in Latin letters, digits, . - _)"
    ),
    "sections": lazy_gettext(
        "is not one of: %(choices)s, or a file beside site.toml such as now.md", choices=", ".join(KINDS)
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """`line` is counted from 1; None when it is about the whole file. `text` may be lazy."""

    file: str
    text: str
    key: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place = gettext("%(file)s, line %(line)s", file=self.file, line=self.line)
        return ": ".join(filter(None, (place, self.key, str(self.text))))


class ContentError(ValueError):
    """The files are not as they must be. The text names every problem, one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def explained(file: str, text: str, kind: type, error: msgspec.ValidationError, first_line: int) -> Problem:
    """What msgspec found, in the words of whoever writes the file; the TOML `text` begins at `first_line`."""
    problem, _, place = str(error).partition(" - at `$")
    path = _path(place.rstrip("`"))
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", problem):
        keys = _keys(kind, path)
        words = _no_such_key(keys, _nearest(unknown[1], keys))
        path = (*path, unknown[1])
    elif missing := re.fullmatch(r"Object missing required field `(.*)`", problem):
        path, words = (*path, missing[1]), lazy_gettext("is missing")
    elif re.match(r"Invalid enum value ", problem):
        value = problem.removeprefix("Invalid enum value ")
        choices = _choices(kind, path)
        words = _not_one_of(value, choices, _nearest(value.strip("'"), choices))
    elif "matching regex" in problem:
        words = next(
            (SHAPES[part] for part in reversed(path) if part in SHAPES),
            lazy_gettext("has not the form it must have"),
        )
    else:
        words = problem[:1].lower() + problem[1:]
    return Problem(file, words, _name(path), first_line - 1 + line_of(text, path))


def _path(place: str) -> Path:
    """`.hero.buttons[2].url` as its parts."""
    return tuple(
        int(index) if index else name for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", place)
    )


def _name(path: Path) -> str:
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _nearest(word: str, choices: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(word, list(choices), 1)), None)


def _no_such_key(keys: Iterable[str], nearest: str | None) -> str:
    allowed = ", ".join(keys)
    if nearest is None:
        return lazy_gettext("there is no such key. Allowed here: %(allowed)s", allowed=allowed)
    return lazy_gettext(
        "there is no such key; did you mean %(nearest)s? Allowed here: %(allowed)s",
        nearest=nearest,
        allowed=allowed,
    )


def _not_one_of(value: str, choices: Iterable[str], nearest: str | None) -> str:
    allowed = ", ".join(choices)
    if nearest is None:
        return lazy_gettext("%(value)s is not one of: %(choices)s", value=value, choices=allowed)
    return lazy_gettext(
        "%(value)s is not one of: %(choices)s; did you mean %(nearest)s?",
        value=value,
        choices=allowed,
        nearest=nearest,
    )


def _at(kind: type, path: Path) -> inspect.Type:
    found = inspect.type_info(kind)
    for part in path:
        found = _content(found)
        if isinstance(found, inspect.StructType):
            found = next((one.type for one in found.fields if one.encode_name == part), found)
        elif isinstance(found, inspect.VarTupleType):
            found = found.item_type
    bare: inspect.Type = _content(found)
    return bare


def _content(found: Any) -> Any:
    """Without what says that it may be left out."""
    while isinstance(found, inspect.UnionType | inspect.Metadata):
        found = (
            found.type
            if isinstance(found, inspect.Metadata)
            else next(one for one in found.types if not isinstance(one, inspect.NoneType))
        )
    return found


def _keys(kind: type, path: Path) -> list[str]:
    found = _at(kind, path)
    return [one.encode_name for one in found.fields] if isinstance(found, inspect.StructType) else []


def _choices(kind: type, path: Path) -> list[str]:
    found = _at(kind, path)
    return [str(one) for one in found.values] if isinstance(found, inspect.LiteralType) else []
