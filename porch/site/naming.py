"""How a file of the site is named after what a person calls it: in letters that every address can hold."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 55  # characters: with its ending, a section has at most 60 (`SectionName`)
# Letters that are no other letter with a mark; `casefold` makes ss of ß.
LETTERS = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "ng",
        "ı": "i",
        "ĸ": "k",
    }
)


def file_stem(text: str) -> str:
    """Words of a to z and digits, joined by single hyphens; at most LONGEST, "" where nothing is left."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(one for one in parts.translate(LETTERS) if not unicodedata.combining(one))
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:LONGEST].strip("-")
