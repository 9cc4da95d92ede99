"""What a web page says of itself in its head: a title, a description, the name of its site.

Not by the standard library's `html.parser`: 40 KB of `<a ` keep that busy for half a minute, and this reads
what strangers choose. Here each step goes forward, and what one tag may take is bounded.
"""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from porch.text import is_blank

LONGEST_TITLE = 200  # code points, as what follows
LONGEST_DESCRIPTION = 300
LONGEST_SITE = 80
MOST_TAGS = 300  # that are looked into

# Up to where there is something to find.
END = re.compile(rb"</head\b|<body\b", re.IGNORECASE)
OPENED = re.compile(r"<(!--|/head\b|body\b|script\b|style\b|noscript\b|title\b|meta\b)", re.IGNORECASE)
CLOSED = {
    name: re.compile(closed, re.IGNORECASE)
    for name, closed in {
        "!--": "-->",
        "script": r"</script\b",
        "style": r"</style\b",
        "noscript": r"</noscript\b",
    }.items()
}
TITLE = re.compile(r"[^<>]{0,1000}>([^<]{0,4000})")
ATTRIBUTE = re.compile(
    r"""[\s/]{0,100}([a-z:_-]{1,30})\s{0,20}(?:=\s{0,20}(?:"([^"]{0,4000})"|'([^']{0,4000})'|([^\s"'>]{1,4000})))?""",
    re.IGNORECASE,
)
MOST_ATTRIBUTES = 20
SOONER = {  # of what is said twice the first that is here
    "title": ("og:title", "title"),
    "description": ("og:description", "description"),
    "site": ("og:site_name",),
}

CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w-]{1,40})""", re.IGNORECASE)
# Others decode in more than linear time (punycode), or are no encodings of pages.
KNOWN_CHARSETS = re.compile(
    r"utf-8|ascii|iso8859-\d+|cp125\d|cp874|shift_jis|cp932|euc_jp|gb2312|gbk|gb18030|big5|euc_kr|koi8-[ru]"
)
JOINERS = "\u200c\u200d"  # they hold scripts and emoji together


class PageHead(NamedTuple):
    """One line each, without control and bidi characters; what is not said is empty, but for the title."""

    title: str
    description: str
    site: str


def is_whole(content: bytes | bytearray, since: int) -> bool:
    """Whether nothing comes any more that is looked at; what stands before `since` was asked about before."""
    return END.search(content, max(0, since - 8)) is not None


def head_of(content: bytes, charset: str | None) -> PageHead | None:
    """`charset` is what the answer's header says. None for a page without a title."""
    said: dict[str, str] = {}
    for name, text in _said(_decoded(content, charset)):
        said.setdefault(name, text)
    title, description, site = (
        one_line(next((said[name] for name in names if one_line(said.get(name, ""), 1)), ""), longest)
        for names, longest in zip(
            SOONER.values(), (LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_SITE), strict=True
        )
    )
    return PageHead(title, description, site) if title else None


def one_line(text: str, longest: int) -> str:
    """A stranger's text as it may stand among others: no line breaks, nothing that steers what is beside it;
    empty when nothing would be seen.
    """
    seen = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in unicodedata.normalize("NFC", text)
        if unicodedata.category(sign) not in ("Cf", "Cs") or sign in JOINERS
    )
    line = " ".join(seen.split())
    if is_blank(line):
        return ""
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _said(page: str) -> Iterator[tuple[str, str]]:
    """What the tags of the head name and say, in their order."""
    at = 0
    for _ in range(MOST_TAGS):
        opened = OPENED.search(page, at)
        if opened is None:
            return
        name, at = opened[1].lower(), opened.end()
        if name in ("/head", "body"):
            return
        if name in CLOSED:
            closed = CLOSED[name].search(page, at)
            if closed is None:
                return
            at = closed.end()
        elif name == "title":
            if inside := TITLE.match(page, at):
                yield "title", html.unescape(inside[1])
                at = inside.end()
        else:
            attributes, at = _attributes(page, at)
            yield (
                attributes.get("property", attributes.get("name", "")).lower(),
                attributes.get("content", ""),
            )


def _attributes(page: str, at: int) -> tuple[dict[str, str], int]:
    """Of a tag, from behind its name; and where they end."""
    found: dict[str, str] = {}
    for _ in range(MOST_ATTRIBUTES):
        one = ATTRIBUTE.match(page, at)
        if one is None:
            break
        found.setdefault(one[1].lower(), html.unescape(one[2] or one[3] or one[4] or ""))
        at = one.end()
    return found, at


def _decoded(content: bytes, charset: str | None) -> str:
    inside = CHARSET.search(content[:2048])
    name = charset or (inside[1].decode("ascii", "replace") if inside else "utf-8")
    try:
        known = codecs.lookup(name).name if re.fullmatch(r"[\w-]{1,40}", name, re.ASCII) else "utf-8"
    except LookupError:
        known = "utf-8"
    if known in ("iso8859-1", "ascii"):
        known = "cp1252"  # as browsers have it
    return content.decode(known if KNOWN_CHARSETS.fullmatch(known) else "utf-8", "replace")
