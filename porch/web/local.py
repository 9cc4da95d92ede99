"""Addresses within this site."""

from __future__ import annotations

from urllib.parse import urlsplit

LONGEST_PATH = 1024


def local_path(text: str | None, default: str = "/") -> str:
    """`text` if it is a path on this site, else `default`: where a form may send a browser next.

    Browsers read a backslash as a slash, drop tabs and newlines, and take `//host` for another site.
    """
    if not text or len(text) > LONGEST_PATH or not text.startswith("/") or "\\" in text:
        return default
    if text.startswith("//") or not text.isprintable():
        return default
    parts = urlsplit(text)
    return default if parts.scheme or parts.netloc else text
