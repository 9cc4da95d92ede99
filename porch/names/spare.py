"""Names to offer instead of one that is taken."""

from __future__ import annotations

from collections.abc import Iterator

from porch.errors import Invalid
from porch.names.rules import LONGEST, enforce
from porch.names.sameness import keys
from porch.names.scripts import digit_zeros

MOST_ALTERNATIVES = 1000
MOST_CUTS = 4  # characters given up for an alternative; each try costs time


def alternatives(name: str) -> Iterator[str]:
    """Names like this one: `Bo 2`, `Bo 3`, ... At most MOST_ALTERNATIVES, and none for some rare names."""
    taken = keys(name)
    digits = _digits_for(name)
    for number in range(2, 2 + MOST_ALTERNATIVES):
        suffix = f" {number}".translate(digits)
        stem = name[: LONGEST - len(suffix)].rstrip()
        # What is cut may have been needed: some characters stand only beside certain others.
        for _ in range(MOST_CUTS):
            if not stem or _is_name(stem + suffix):
                break
            stem = stem[:-1].rstrip()
        else:
            return
        if stem and taken.isdisjoint(keys(stem + suffix)):
            yield stem + suffix


def _digits_for(name: str) -> dict[int, str]:
    """From 0 to 9 to the digits that this name has, since it cannot have others beside them."""
    zero = min(digit_zeros(name), default="0")
    return {ord("0") + value: chr(ord(zero) + value) for value in range(10)}


def _is_name(text: str) -> bool:
    try:
        return enforce(text) == text
    except Invalid:
        return False
