"""Whether something that was said stands anywhere in what a server has written, in whatever form."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support import postgres


def forms(word: str) -> set[bytes]:
    """What a word may look like: as text, in UTF-16, in hexadecimal, and inside of base64 at any place."""
    plain = word.encode()
    found = {plain, word.encode("utf-16-le"), word.encode("utf-16-be"), plain.hex().encode()}
    for content in (plain, word.encode("utf-16-le")):
        for before in range(3):
            # Without the letters that what stands before and behind decides, too.
            whole = base64.b64encode(b"\0" * before + content)
            inner = whole[(0, 2, 3)[before] : len(whole) // 4 * 4 - 4]
            found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def traces(words: Iterable[str], contents: Mapping[str, bytes]) -> dict[str, set[str]]:
    """The words that are in these contents, by where."""
    sought = {word: forms(word) for word in words}
    found: dict[str, set[str]] = {}
    for place, content in contents.items():
        if here := {word for word, looks in sought.items() if any(look in content for look in looks)}:
            found[place] = here
    return found


def nothing_of(contents: Mapping[str, bytes], *words: bytes) -> None:
    """None of these words stands in any of these contents."""
    assert contents
    for place, content in contents.items():
        assert not [word for word in words if word in content], place


def written_by(data: Path) -> dict[str, bytes]:
    """All that the site with this data folder has written, and what its database has elsewhere."""
    return files_of(data) | ({"the database": postgres.contents(data)} if postgres.is_chosen() else {})


def files_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder; what is compressed also as it unpacks."""
    contents = {
        str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }
    unpacked = {
        f"{place} unpacked": gzip.decompress(content)
        for place, content in contents.items()
        if content[:2] == b"\x1f\x8b"
    }
    return contents | unpacked
