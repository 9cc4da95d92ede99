"""Makes files from what forms say. What is in a file already keeps its comments and its order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.exceptions import TOMLKitError

from porch.site.reading import FENCE, split

WIDE = 100  # characters of a list that still stands on one line


def with_matter(before: bytes | None, values: Mapping[str, Any], body: str) -> bytes:
    """A file with this front matter and body. A value that is None, False, empty or 0 is left out."""
    matter = ""
    if before is not None:
        try:
            matter = split(before.decode())[0]
        except ValueError:
            matter = ""  # it could not be read, and is written anew
    document = _parsed(matter)
    _fill(document, values)
    written = tomlkit.dumps(document).strip("\n")
    text = _lines(body).strip("\n")
    return f"{FENCE}\n{written}\n{FENCE}\n\n{text}\n".encode()


def with_draft(before: bytes, *, draft: bool) -> bytes:
    """The same file as a draft, or as none; as it is where it says so already, or cannot be read."""
    try:
        matter, body, _ = split(before.decode())
        document = tomlkit.parse(matter)
    except (ValueError, TOMLKitError):
        return before
    if bool(document.get("draft")) == draft:
        return before
    _fill(document, {"draft": draft})
    return f"{FENCE}\n{tomlkit.dumps(document).strip()}\n{FENCE}\n{body}".encode()


def with_order(before: bytes, order: int) -> bytes:
    """The same file with another place among its kind. Raises ValueError for one that cannot be read."""
    matter, body, _ = split(before.decode())
    document = _parsed(matter)
    if document.get("order") == order:
        return before
    document["order"] = order
    return f"{FENCE}\n{tomlkit.dumps(document).strip()}\n{FENCE}\n{body}".encode()


def with_tables(before: bytes, tables: Mapping[str, Mapping[str, Any]], *, keep: bool = False) -> bytes:
    """`site.toml` with these values: by the name of their table, "" for those that stand above all tables.

    A value that is None, False, empty or 0 is left out, unless it shall be kept because it means something
    else than nothing.
    """
    document = _parsed(before.decode(errors="replace"))
    for name, values in tables.items():
        if not name:
            _fill(document, values, keep=keep)
            continue
        if not isinstance(document.get(name), dict):
            if not keep and not any(map(_is_said, values.values())):
                continue
            document[name] = tomlkit.table()
        _fill(document[name], values, keep=keep)
    return tomlkit.dumps(document).encode()


def _parsed(text: str) -> TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError:
        return tomlkit.document()


def _fill(table: Any, values: Mapping[str, Any], *, keep: bool = False) -> None:
    for key, given in values.items():
        value = _bare(given)
        if not keep and not _is_said(value):
            table.pop(key, None)
        elif key not in table or _plain(table[key]) != value:
            table[key] = _item(value)


def _is_said(value: object) -> bool:
    return value is not None and value is not False and value != "" and value != [] and value != 0


def _plain(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value


def _item(value: Any) -> Any:
    if isinstance(value, str):
        text = _lines(value)
        return tomlkit.string(text, multiline="\n" in text)
    if isinstance(value, list):
        array = tomlkit.array()
        for one in value:
            array.append(_inline(one) if isinstance(one, dict) else one)
        return array.multiline(len(array.as_string()) > WIDE or any(isinstance(one, dict) for one in value))
    return _inline(value) if isinstance(value, dict) else tomlkit.item(value)


def _bare(value: Any) -> Any:
    """Without what inner tables leave out."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    return {key: one for key, one in value.items() if _is_said(one)} if isinstance(value, dict) else value


def _inline(value: Mapping[str, Any]) -> Any:
    table = tomlkit.inline_table()
    table.update(value)
    return table


def _lines(text: str) -> str:
    """As it is written in files: forms send a carriage return before each new line."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
