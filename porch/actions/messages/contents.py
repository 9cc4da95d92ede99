"""What the text of a message may be."""

from __future__ import annotations

import re
import unicodedata

from porch.errors import Invalid
from porch.text import is_blank
from porch.texts import lazy_gettext, lazy_number

LONGEST_CONTENT = 10_000  # code points, after NFC
LARGEST_CONTENT = 32 * 1024  # bytes of UTF-8
# Unicode's control characters but for newline and tab.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def enforce_content(text: str, *, may_be_empty: bool = False) -> str:
    """A text as it is stored: in NFC, with newlines alone between lines. Raises Invalid."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise _refused(lazy_gettext("This text has half a character in it (a lone surrogate).")) from None
    if size > 4 * LARGEST_CONTENT:  # normalising costs time, and never shrinks text so far
        raise _refused(
            lazy_gettext("A message has at most %(most)s characters.", most=lazy_number(LONGEST_CONTENT))
        )
    content = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if is_blank(content):
        if may_be_empty:
            return ""
        raise _refused(lazy_gettext("Write something first."))
    if len(content) > LONGEST_CONTENT:
        raise _refused(
            lazy_gettext(
                "A message has at most %(most)s characters; this one has %(given)s.",
                most=lazy_number(LONGEST_CONTENT),
                given=lazy_number(len(content)),
            )
        )
    if len(content.encode()) > LARGEST_CONTENT:
        raise _refused(lazy_gettext("A message has at most %(most)s KiB.", most=LARGEST_CONTENT // 1024))
    if CONTROL.search(content):
        raise _refused(lazy_gettext("A message cannot have control characters."))
    return content


def _refused(reason: str) -> Invalid:
    return Invalid(reason, fields={"content": reason})
