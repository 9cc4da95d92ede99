"""What Unicode says of a character: what it looks like, which scripts it is written in, whether it shows.

Read from porch/unicode.txt, a pinned version of Unicode's own data, so that the answers are the same under
every version of Python. What a name or a message may be is decided elsewhere.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("unicode.txt")
# Characters of every script: the first mostly punctuation and digits, the second mostly marks.
EVERY_SCRIPT = ("Zyyy", "Zinh")

Scripts = frozenset[str]


class Table(NamedTuple):
    script_names: Mapping[str, str]
    prototypes: Mapping[int, str]
    ignorables: frozenset[str]
    # Sorted: where each run of characters of the same scripts begins, where it ends, and its scripts.
    firsts: list[int]
    lasts: list[int]
    scripts: list[Scripts]


def skeleton(text: str) -> str:
    """What a text looks like: two that look alike have the same skeleton (Unicode TS 39, internalSkeleton).

    Not for showing. The order of characters on the screen is left out: where all strong characters run
    in one direction, as in text of one script that is shown isolated, it follows from their order in memory.
    """
    table = _table()
    shown = (
        character for character in unicodedata.normalize("NFD", text) if character not in table.ignorables
    )
    return unicodedata.normalize("NFD", "".join(shown).translate(table.prototypes))


def is_ignorable(character: str) -> bool:
    """Whether it is not shown at all (Default_Ignorable_Code_Point): zero-width, bidirectional, fillers."""
    return character in _table().ignorables


def scripts_of(character: str) -> Scripts:
    """The scripts it is written in (Script_Extensions), by their short names; none if it is too new."""
    table = _table()
    code = ord(character)
    at = bisect_right(table.firsts, code) - 1
    return table.scripts[at] if at >= 0 and code <= table.lasts[at] else frozenset()


def script_name(script: str) -> str:
    """`Cyrillic` for `Cyrl`."""
    return _table().script_names[script]


@cache
def _table() -> Table:
    parts = _parts()
    runs = sorted(
        (run.start, run.stop - 1, frozenset(together.split()))
        for together, codes in _keyed(parts["written"])
        for run in codes
    )
    return Table(
        script_names=dict(line.split(" ", 1) for line in parts["script"]),
        prototypes={
            code: "".join(chr(int(part, 16)) for part in prototype.split())
            for prototype, codes in _keyed(parts["alike"])
            for run in codes
            for code in run
        },
        ignorables=frozenset(chr(code) for line in parts["ignorable"] for run in _runs(line) for code in run),
        firsts=[first for first, _, _ in runs],
        lasts=[last for _, last, _ in runs],
        scripts=[scripts for _, _, scripts in runs],
    )


def _parts() -> dict[str, list[str]]:
    _, *parts = TABLE.read_text(encoding="utf-8").split("\n[")
    return {name: lines.strip().split("\n") for name, _, lines in (part.partition("]") for part in parts)}


def _keyed(lines: Iterable[str]) -> Iterator[tuple[str, Iterator[range]]]:
    for line in lines:
        key, _, codes = line.partition(": ")
        yield key, _runs(codes)


def _runs(text: str) -> Iterator[range]:
    for run in text.split():
        first, _, last = run.partition("-")
        yield range(int(first, 16), int(last or first, 16) + 1)
