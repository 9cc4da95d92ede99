"""The start tags of HTML as a browser finds them (WHATWG HTML 13.2.5), each in linear time.

Not by the standard library's `html.parser`, which looks through all that follows for each that is not closed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

SPACE = r"\t\n\f\r "
OPENED = re.compile(rf"(?P<comment><!--)|<[!?]|</(?![A-Za-z])|<(?P<ends>/?)(?P<name>[A-Za-z][^{SPACE}/>]*+)")
COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
ATTRIBUTE = re.compile(
    rf"""[{SPACE}/]*+(=?[^{SPACE}/>=]++|=)"""
    rf"""(?:[{SPACE}]*+=[{SPACE}]*+(?:"([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^{SPACE}>]*+)))?"""
)
CLOSED = re.compile(rf"[{SPACE}/]*+>")
# In these a tag is text, but for those of SVG and MathML.
TEXT = {
    name: re.compile(rf"</{name}(?=[{SPACE}/>])", re.IGNORECASE)
    for name in ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
}
FOREIGN = ("math", "svg")


class Tag(NamedTuple):
    at: int
    name: str  # in lower case, as those of the attributes
    attributes: Mapping[str, str]


def start_tags(text: str) -> Iterator[Tag]:
    """All that are closed, in their order: one that is not is none, and nothing comes after it."""
    at = 0
    depth = 0  # of SVG and MathML
    while opened := OPENED.search(text, at):
        if opened["name"] is None:
            at = _behind(text, opened, is_foreign=depth > 0)
            continue
        attributes, at = _attributes(text, opened.end())
        closed = CLOSED.match(text, at)
        if closed is None:
            return
        at = closed.end()
        name = opened["name"].lower()
        if opened["ends"]:
            depth -= name in FOREIGN and depth > 0
            continue
        depth += name in FOREIGN and not closed[0].endswith("/>")
        yield Tag(opened.start(), name, attributes)
        if name in TEXT and not depth:
            end = TEXT[name].search(text, at)
            if end is None:
                return
            at = end.start()


def _behind(text: str, opened: re.Match[str], *, is_foreign: bool) -> int:
    """Where a comment ends, or what browsers take for one; in SVG and MathML also what is text by CDATA."""
    if is_foreign and text.startswith("<![CDATA[", opened.start()):
        end = text.find("]]>", opened.end())
        return len(text) if end < 0 else end + len("]]>")
    if opened["comment"] and (comment := COMMENT.match(text, opened.start())):
        return comment.end()
    return text.find(">", opened.end()) + 1 or len(text)


def _attributes(text: str, at: int) -> tuple[dict[str, str], int]:
    """Of a tag, from behind its name, and where they end; of two of one name the first counts."""
    found: dict[str, str] = {}
    while one := ATTRIBUTE.match(text, at):
        found.setdefault(one[1].lower(), html.unescape(one[2] or one[3] or one[4] or ""))
        at = one.end()
    return found, at
