"""Reads the content of the front page from its file and says, by file and key, what is wrong with it."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from porch.site.content import DRAWINGS, ICONS, SECTIONS, Content, Site

SAMPLE = Path(__file__).with_name("sample.toml")
LARGEST = 256 * 1024  # bytes

CHOICES = {"sections": SECTIONS, "drawing": DRAWINGS, "icon": ICONS}
ADDRESS = "is not an address that begins with https://, http://, mailto:, / or #"
SHAPES = {"url": ADDRESS, "link": ADDRESS, "mail": "is not a mail address"}
KEYS = sorted({name for kind in Content.__subclasses__() for name in kind.__struct_fields__})


class ContentError(ValueError):
    """The content is not as it must be; the text names the file, the key and what is allowed there.

    Items are counted from 1.
    """

    def __init__(self, file: Path, key: str, problem: str) -> None:
        super().__init__(f"{file.name}: {key}: {problem}" if key else f"{file.name}: {problem}")


def read_site(file: Path = SAMPLE) -> Site:
    """The front page as the file says it. Raises ContentError."""
    site = _convert(file, _parse(file))
    _check_sections(file, site)
    _check_anchors(file, site)
    return site


def _parse(file: Path) -> dict[str, Any]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ContentError(file, "", error.strerror or "cannot be read") from None
    if len(content) > LARGEST:
        raise ContentError(file, "", f"is larger than {LARGEST // 1024} KB")
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError:
        raise ContentError(file, "", "is not text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ContentError(file, "", f"is not TOML: {error}") from None


def _convert(file: Path, raw: object) -> Site:
    try:
        return msgspec.convert(raw, Site)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        path = re.sub(r"\[(\d+)\]", lambda found: f"[{int(found[1]) + 1}]", path)
        key, text = _explained(path.rstrip("`").lstrip("."), problem)
        raise ContentError(file, key, text) from None


def _explained(key: str, problem: str) -> tuple[str, str]:
    """The key and what is wrong with it, in the words of whoever writes the file."""
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", problem):
        return f"{key}.{unknown[1]}".lstrip("."), "there is no such key" + _nearest(unknown[1])
    if missing := re.fullmatch(r"Object missing required field `(.*)`", problem):
        return f"{key}.{missing[1]}".lstrip("."), "is missing"
    last = re.sub(r"\[.*?\]", "", key).rpartition(".")[2]
    if wrong := re.fullmatch(r"Invalid enum value (.*)", problem):
        return key, f"{wrong[1]} is not one of: {', '.join(CHOICES[last])}"
    if "matching regex" in problem:
        return key, SHAPES[last]
    return key, problem


def _nearest(name: str) -> str:
    close = difflib.get_close_matches(name, KEYS, 1)
    return f"; did you mean {close[0]}?" if close else ""


def _check_sections(file: Path, site: Site) -> None:
    for name in site.sections:
        if site.sections.count(name) > 1:
            raise ContentError(file, "sections", f"{name} is named twice")


def _check_anchors(file: Path, site: Site) -> None:
    for key, url in _links(site):
        if url.startswith("#") and url[1:] not in site.anchors:
            allowed = ", ".join(f"#{name}" for name in sorted(site.anchors))
            raise ContentError(file, key, f"leads to no part of this page; there are: {allowed}")


def _links(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """All addresses in the content, each with its key."""
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _links(getattr(value, field), f"{key}.{field}".lstrip("."))
    elif isinstance(value, tuple):
        for number, item in enumerate(value, 1):
            yield from _links(item, f"{key}[{number}]")
    elif isinstance(value, str) and key.rpartition(".")[2] in ("url", "link"):
        yield key, value
