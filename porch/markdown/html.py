"""Light Markdown as HTML, for pages without scripts: the elements that `markdown_view.js` makes, but for its
buttons. Whatever people wrote is escaped, and nothing else is put in but what is made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from porch.emoji import is_large
from porch.markdown.blocks import MARKS, Block, CodeBlock, List, Paragraph, Quote, parse
from porch.markdown.inline import Code, Link, Mark, Span, flat
from porch.markdown.links import hidden_host

# Messages that are kept as they were read: a room's page shows the same ones again and again.
MOST_KEPT = 256
ELEMENTS = {"b": "strong", "i": "em", "s": "s"}
PARAGRAPH = Markup("<p dir=auto>{}</p>")
LARGE = Markup("<p class=large dir=auto>{}</p>")
HOST = Markup("<span class=host>")
LINK = Markup('<a href="{}" rel="noopener nofollow ugc" target=_blank{}>{}</a>')


class Rendered(NamedTuple):
    """A message as HTML; `is_whole` says whether its text, read out of that, is what was written."""

    html: Markup
    is_whole: bool


@lru_cache(MOST_KEPT)
def render(content: str) -> Rendered:
    """A message: one paragraph, or a box of blocks."""
    if not MARKS.search(content) and ":" not in content:
        return Rendered((LARGE if is_large(content) else PARAGRAPH).format(content), is_whole=True)
    blocks = parse(content)
    if not blocks:  # marks with nothing between them are words
        return Rendered(PARAGRAPH.format(content), is_whole=True)
    first = blocks[0]
    if len(blocks) == 1 and isinstance(first, Paragraph):
        html = _block(first)
        return Rendered(html, is_whole=flat(first.spans) == content and HOST not in html)
    return Rendered(Markup("<div class=rich>{}</div>").format(_blocks(blocks)), is_whole=False)


def _blocks(blocks: Iterable[Block]) -> Markup:
    return Markup().join(map(_block, blocks))


def _block(block: Block) -> Markup:
    match block:
        case Paragraph(spans):
            return PARAGRAPH.format(_spans(spans))
        case CodeBlock(language, text):
            bar = Markup("<div class=bar>{}</div>").format(language) if language else ""
            return Markup("<div class=code>{}<pre><code>{}</code></pre></div>").format(bar, text)
        case Quote(blocks):
            return Markup("<blockquote>{}</blockquote>").format(_blocks(blocks))
        case List(ordered, items):
            made = Markup().join(
                Markup("<li dir=auto{}>{}{}</li>").format(
                    Markup(" value={}").format(number) if ordered else "", _spans(spans), _blocks(lists)
                )
                for number, spans, lists in items
            )
            return Markup("<{0}>{1}</{0}>").format("ol" if ordered else "ul", made)


def _spans(spans: Sequence[Span]) -> Markup:
    return Markup().join(map(_span, spans))


def _span(span: Span) -> str | Markup:
    match span:
        case Code(text):
            return Markup("<code>{}</code>").format(text)
        case Mark(kind, spans):
            return Markup("<{0}>{1}</{0}>").format(ELEMENTS[kind], _spans(spans))
        case Link(href, spans):
            words = flat(spans)
            is_bare = words.lower().startswith(("http://", "https://", "mailto:"))
            host = hidden_host(words, href)
            # An address reads from left to right in any text.
            link = LINK.format(href, Markup(" dir=ltr") if is_bare else "", _spans(spans))
            return link + Markup(" {}({})</span>").format(HOST, host) if host else link
        case _:
            return span
