"""What a file may be called that comes from outside, and how its name is told to who saves it."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

LONGEST_NAME = 200  # bytes of UTF-8
LONGEST_ENDING = 20  # characters after the last dot that are kept when a name is cut
NAMELESS = "file"
# Emoji are joined by it; every other sign that is not seen goes.
JOINER = "\N{ZERO WIDTH JOINER}"
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# RFC 8187, attr-char: what needs no percent sign.
PLAIN = "!#$&+-.^_`|~"


def file_name(text: str) -> str:
    """The last part of a path, in Unicode's composed form, without what is not seen or turns the direction of
    writing; at most LONGEST_NAME bytes, with its ending. Never empty, and never begins with a dot.
    """
    name = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2]
    seen = "".join(one for one in name if one == JOINER or unicodedata.category(one) not in UNSEEN)
    return _cut(seen.strip(f" .{JOINER}")) or NAMELESS


def content_disposition(kind: str, name: str) -> str:
    """The header of RFC 6266; `kind` is `inline` or `attachment`. It has a name for old readers, too."""
    old = "".join(one if " " <= one <= "~" and one not in '"\\%' else "_" for one in name)
    return f"{kind}; filename=\"{old}\"; filename*=UTF-8''{quote(name, safe=PLAIN)}"


def _cut(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    room = LONGEST_NAME - len(f"{dot}{ending}".encode())
    return f"{stem.encode()[:room].decode(errors='ignore').rstrip()}{dot}{ending}"
