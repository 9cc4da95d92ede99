"""Which names a text may call by `@`: the longest one that somebody has is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from porch.names.rules import LONGEST
from porch.names.sameness import comparison_form

MOST_CALLED = 20  # of one text; further ones are text
# Who writes an address of e-mail calls nobody.
AT = re.compile(r"(?<![\w@])@(?=[^\s@])")
# Scripts that are written without a space behind a name.
CLOSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\U0003ffff]")


def called(text: str) -> list[list[str]]:
    """For each of the first twenty places where a text calls somebody, the comparison forms of what may be
    the name there, the longest first: it may hold spaces and apostrophes, and ends where a word does.
    """
    if "@" not in text:
        return []
    places = islice(AT.finditer(text), MOST_CALLED)
    return [list(_forms(text[place.end() : place.end() + LONGEST + 1])) for place in places]


def _forms(text: str) -> Iterator[str]:
    line = text.partition("\n")[0]
    for end in range(min(len(line), LONGEST), 0, -1):
        if _ends_word(line, end):
            try:
                yield comparison_form(line[:end])
            except UnicodeError:  # nobody's name
                continue


def _ends_word(line: str, end: int) -> bool:
    last, following = line[end - 1], line[end : end + 1]
    if last.isspace():
        return False
    return not (last.isalnum() and following.isalnum()) or CLOSE.match(last) is not None
