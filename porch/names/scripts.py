"""Which scripts and digits a text is written in, and whether they belong together (UTS 39, 5.2 and 5.3)."""

from __future__ import annotations

import unicodedata

from porch import unicode
from porch.languages import SOURCE
from porch.texts import locale

# Written together by many people: in Japan, by Bopomofo in Taiwan, and in Korea.
COMBINATIONS = (
    frozenset({"Latn", "Hani", "Hira", "Kana"}),
    frozenset({"Latn", "Hani", "Bopo"}),
    frozenset({"Latn", "Hani", "Hang"}),
)


def mixed_scripts(text: str) -> list[str]:
    """The codes, at least two, of scripts that do not belong together in this text; none if they do."""
    all_scripts = map(unicode.scripts_of, text)
    written = [scripts for scripts in all_scripts if scripts.isdisjoint(unicode.EVERY_SCRIPT)]
    if not written or frozenset.intersection(*written):
        return []
    if any(all(scripts & allowed for scripts in written) for allowed in COMBINATIONS):
        return []
    told: list[str] = []
    for scripts in sorted(written, key=len):  # first what belongs to one script alone
        if scripts.isdisjoint(told):
            told.append(min(scripts))
    return told


def script_name(script: str) -> str:
    """`Cyrillic` for `Cyrl`, in the language of whoever reads; in English as Unicode calls it."""
    known = locale()
    name = unicode.script_name(script)
    return name if known.language == SOURCE else known.scripts.get(script, name)


def digit_zeros(text: str) -> frozenset[str]:
    """The zero of each system of digits that this text counts in."""
    return frozenset(
        chr(ord(character) - unicodedata.decimal(character))
        for character in text
        if unicodedata.category(character) == "Nd"
    )
