"""On which line of a text something stands."""

from __future__ import annotations


class Lines:
    """Asked for one place after another, none further up than the one before, it counts all of it once."""

    def __init__(self, text: str, first: int = 1) -> None:
        self._text = text
        self._at = 0
        self._line = first

    def line_of(self, at: int) -> int:
        self._line += self._text.count("\n", self._at, at)
        self._at = at
        return self._line
