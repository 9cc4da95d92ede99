"""Markdown as HTML that cannot do anything: CommonMark with tables, no HTML of its own, cleaned once more."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from porch.texts import gettext

TAGS = set(
    "p br hr strong em s code pre blockquote ul ol li a h1 h2 h3 h4 h5 h6 table thead tbody tr th td img"
    " picture source".split()
)
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height", "loading", "decoding"},
    "source": {"srcset", "sizes", "type"},
}
SCHEMES = {"http", "https", "mailto"}
FOLDER = "media/"
OWN = re.compile(r"/(?!/)")
SCROLLING = (
    ("<pre>", '<pre tabindex="0">'),
    ("<table>", '<div class="scrolling" tabindex="0"><table>'),
    ("</table>", "</table></div>"),
)

# From the name of an image and its description to the HTML that shows it.
Picture = Callable[[str, str], str]


def to_html(text: str, *, top: int, picture: Picture, base: str = "") -> Markup:
    """The largest headings become those of level `top`, 2 to 6, whichever they are in the text. Links within
    the site begin with `base`, its address without a slash at the end, where that is given.

    An image from elsewhere becomes a link to it.
    """
    tokens = _parser().parse(text)
    largest = min((int(token.tag[1]) for token in tokens if token.type == "heading_open"), default=1)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) - largest + top)}"
        elif token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", None)):
            token.attrs["align"] = str(style).removeprefix("text-align:")
        for link in token.children or ():
            if link.type == "link_open" and OWN.match(address := str(link.attrs["href"])):
                link.attrs["href"] = base + address
    made = _parser().renderer.render(tokens, _parser().options, {"picture": picture})
    cleaned = nh3.clean(made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener")
    # What may be wider than the page scrolls by itself, by keyboard, too.
    for tag, scrolling in SCROLLING:
        cleaned = cleaned.replace(tag, scrolling)
    return Markup(cleaned)  # noqa: S704  # cleaned above


def images(text: str) -> list[tuple[str, int]]:
    """The images of the text, and their lines: the file in media/, or the address of one elsewhere."""
    return [(_file_of(image) or str(image.attrGet("src")), line) for image, line in _images(text)]


def plain(text: str) -> str:
    """The words alone, without any marks."""
    parts = []
    for token in _parser().parse(text):
        if token.type == "inline":
            parts.append("".join(one.content or " " for one in token.children or () if one.type != "image"))
        elif token.type in ("fence", "code_block"):
            parts.append(token.content)
    return " ".join(" ".join(parts).split())


def _images(text: str) -> Iterator[tuple[Token, int]]:
    for token in _parser().parse(text):
        line = (token.map or [0])[0] + 1
        for child in token.children or ():
            if child.type == "image":
                yield child, line


def _file_of(image: Token) -> str | None:
    address = str(image.attrGet("src") or "")
    return address.removeprefix(FOLDER) if address.startswith(FOLDER) else None


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.add_render_rule("image", _image)
    return parser


def _image(_self: Any, tokens: Sequence[Token], index: int, _options: Any, env: Any) -> str:
    image = tokens[index]
    if file := _file_of(image):
        made: str = env["picture"](file, image.content)
        return made
    address, words = html.escape(str(image.attrGet("src"))), html.escape(image.content or gettext("Image"))
    return f'<a href="{address}">{words}</a>'
