"""QR codes as SVG path data, so that a template can draw them without styles of their own."""

from __future__ import annotations

from typing import Any

import segno

QUIET = 4  # modules of white around the code, as ISO/IEC 18004 asks


def qr_code(text: str) -> dict[str, Any]:
    """`{size, path}`: modules along one side, quiet border included, and the dark ones as lines one wide.

    A line takes half the characters of an outline, and a page that is not compressed counts them.
    """
    code = segno.make(text, error="m", micro=False)
    rows = [bytes(row) for row in code.matrix]
    path = "".join(_line(row, y + QUIET) for y, row in enumerate(rows))
    return {"size": len(rows) + 2 * QUIET, "path": path}


def _line(row: bytes, y: int) -> str:
    drawn, at = "", 0
    for x, width in _runs(row):
        drawn += f"m{x - at} 0h{width}" if drawn else f"M{x + QUIET} {y}.5h{width}"
        at = x + width
    return drawn


def _runs(row: bytes) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start = None
    for x, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            runs.append((start, x - start))
            start = None
    return runs
