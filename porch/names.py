"""What a name may be, when two names are the same, and which names are kept from guests.

Follows the Nickname profile of RFC 8266 (PRECIS).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import precis_i18n

from porch.errors import Invalid

LONGEST = 32  # code points
BLANK = "\u2800"  # a Braille pattern without a dot: a symbol to Unicode, nothing to the eye
MOST_ALTERNATIVES = 1000
MOST_CUTS = 4  # characters given up for an alternative; each try costs time
MOST_MARKS = 2  # combining marks in a row
# A name is looked at only up to here: the profile costs time for each code point.
LONGEST_INPUT = 256

_display = precis_i18n.get_profile("NicknameCasePreserved")
_comparison = precis_i18n.get_profile("NicknameCaseMapped:CaseFold")

RESERVED = frozenset(
    "admin administrator anonymous bot daemon everyone guest help here host me moderator mod nobody null "
    "official operator owner porch root security staff support sysop system undefined webmaster you".split()
)


def enforce(text: str) -> str:
    """The name as it is shown: spaces tidied, case kept. Raises Invalid."""
    if not text.strip():
        raise _refused("Give a name.")
    if len(text) > LONGEST_INPUT:
        raise _refused(f"A name has at most {LONGEST} characters.")
    try:
        name: str = _display.enforce(text)
    except UnicodeError:
        raise _refused("A name cannot have invisible or control characters.") from None
    if len(name) > LONGEST:
        raise _refused(f"A name has at most {LONGEST} characters.")
    if BLANK in name:
        raise _refused("A name cannot have invisible or control characters.")
    if _most_marks(name) > MOST_MARKS:
        raise _refused("A name cannot have more than two accents on one letter.")
    if not any(unicodedata.category(character)[0] in "LNS" for character in name):
        raise _refused("A name needs a letter or a digit.")
    return name


def keys(name: str) -> frozenset[str]:
    """All forms under which an enforced name is reserved; two names with a common key are the same."""
    return frozenset({_comparison.enforce(name)})


RESERVED_KEYS = frozenset(key for name in RESERVED for key in keys(name))


def is_reserved(name: str) -> bool:
    return not RESERVED_KEYS.isdisjoint(keys(name))


def alternatives(name: str) -> Iterator[str]:
    """Names like this one: `Bo 2`, `Bo 3`, ... At most MOST_ALTERNATIVES, and none for some rare names."""
    for number in range(2, 2 + MOST_ALTERNATIVES):
        suffix = f" {number}"
        stem = name[: LONGEST - len(suffix)].rstrip()
        # What is cut may have been needed: some characters stand only beside certain others.
        for _ in range(MOST_CUTS):
            if not stem or _is_name(stem + suffix):
                break
            stem = stem[:-1].rstrip()
        else:
            return
        if stem and keys(stem + suffix) != keys(name):
            yield stem + suffix


def _is_name(text: str) -> bool:
    try:
        return enforce(text) == text
    except Invalid:
        return False


def _most_marks(name: str) -> int:
    most = run = 0
    for character in unicodedata.normalize("NFD", name):
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        most = max(most, run)
    return most


def _refused(reason: str) -> Invalid:
    return Invalid(reason, fields={"username": reason})
