"""Where in a file a key stands, so that an error can name the line: TOML's reader keeps no places."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

TABLE = re.compile(r"\s*\[(\[?)\s*([\w.\-\"' ]+?)\s*\]\]?\s*(?:#.*)?")
KEY = re.compile(r"\s*([\w.\-\"' ]+?)\s*=\s*(.*)")
ITEM = re.compile(r"\s*\{")


def line_of(text: str, path: Path) -> int:
    """The line, counted from 1, of the innermost part of the path that has one of its own."""
    places = _places(text)
    while path and path not in places:
        path = path[:-1]
    return places.get(path, 1)


def _places(text: str) -> dict[Path, int]:
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    array: Path | None = None  # the array whose items stand on the lines that come
    quote = ""  # the marks that end the text of many lines that one is in
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if quote in line else quote
        elif array is not None:
            if ITEM.match(line):
                counts[array] = counts.get(array, -1) + 1
                found.setdefault((*array, counts[array]), number)
            array = None if line.strip().endswith("]") else array
        elif header := TABLE.fullmatch(line):
            table = _parts(header[2])
            if header[1]:
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.setdefault(table, number)
        elif pair := KEY.match(line):
            path = (*table, *_parts(pair[1]))
            found.setdefault(path, number)
            quote = next((q for q in ('"""', "'''") if pair[2].count(q) % 2), "")
            array = path if pair[2].startswith("[") and not pair[2].rstrip().endswith("]") else None
    return found


def _parts(name: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in name.split("."))
