"""QR codes as pictures in their own address, small enough to stand in a page that is not compressed."""

from __future__ import annotations

from functools import lru_cache

import segno

QUIET = 4  # modules of white around the code, as ISO/IEC 18004 asks


@lru_cache(256)
def qr_code(text: str) -> str:
    """A `data:` address of a PNG: a pixel a module, black on white, quiet border included.

    A page makes it larger without smoothing it. As the path of a drawing it would take seven times as much.
    """
    return segno.make(text, error="m", micro=False).png_data_uri(scale=1, border=QUIET)
