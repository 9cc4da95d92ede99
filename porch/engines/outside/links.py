"""The first link of a message, as the page finds it (`static/js/messages/text.js`, `markdown_inline.js`)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST_LINK = 2048  # characters
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
CANDIDATE = re.compile(r"\bhttps?://[^\s<>\"`\x00-\x1f]+", re.IGNORECASE)
TRAILING = ".,;:!?'\"’”»*_~"
BRACKETS = {")": "(", "]": "[", "}": "{"}


def first_link(content: str) -> str | None:
    """The first http or https address that stands in a text, outside of code; None where there is none, and
    where it is longer than 2048 characters. Takes time in proportion to the text.
    """
    if "://" not in content:
        return None
    for match in CANDIDATE.finditer(CODE.sub(" ", content)):
        link = _without_trailing(match[0].partition("](")[0])
        if _leads_somewhere(link):
            return link if len(link) <= LONGEST_LINK else None
    return None


def _leads_somewhere(link: str) -> bool:
    """A name in front of the host (`https://bank.example@evil.example`) exists to be misread: no link."""
    try:
        parts = urlsplit(link)
        return bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _without_trailing(link: str) -> str:
    """A sentence's own full stop or closing bracket does not belong to the link at its end."""
    surplus = {closing: link.count(closing) - link.count(opening) for closing, opening in BRACKETS.items()}
    end = len(link)
    while end and (link[end - 1] in TRAILING or surplus.get(link[end - 1], 0) > 0):
        if link[end - 1] in surplus:
            surplus[link[end - 1]] -= 1
        end -= 1
    return link[:end]
