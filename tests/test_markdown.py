"""Light Markdown as the server reads it: as pages do, in linear time, and as HTML that cannot do anything."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest

from porch.markdown.blocks import Block, CodeBlock, Paragraph, Quote, counted, parse, plain_text
from porch.markdown.hosts import LONGEST_HOST, LONGEST_LABEL, ascii_host
from porch.markdown.html import render
from porch.markdown.inline import MOST_ADDRESSES, MOST_STEPS, Code, Link, Span
from porch.markdown.links import hidden_host
from tests.support.server import ROOT

VECTORS = json.loads((ROOT / "tests" / "vectors" / "markdown.json").read_text())
LARGEST = 10_000  # code points
PARTS = (
    *("*", "**", "***", "_", "__", "~~", "`", "``", "```", "[", "](", ")", "](https://a.example/x)", "\\"),
    *("> ", "- ", "1. ", "  - ", "\n", "\n\n", " ", "a", "word", "é", "漢", "😀", "https://b.example/*", "("),
    *("&", "\u202e", "<b>", '"', "'"),
)
ELEMENTS = {"p", "div", "pre", "code", "blockquote", "ul", "ol", "li", "strong", "em", "s", "a", "span"}


def inline(spans: Sequence[Span]) -> str:
    """The tree as a short text, as the vectors have it."""
    return "".join(
        span
        if isinstance(span, str)
        else f"<code {span.text}>"
        if isinstance(span, Code)
        else f"<a {span.href} {inline(span.spans)}>"
        if isinstance(span, Link)
        else f"<{span.kind} {inline(span.spans)}>"
        for span in spans
    )


def shown(block: Block) -> str:
    match block:
        case Paragraph(spans):
            return inline(spans)
        case CodeBlock(language, text):
            return f"<code:{language} {text}>"
        case Quote(blocks):
            return f"<quote {'/'.join(map(shown, blocks))}>"
    items = (
        f"{item.number or '-'} {inline(item.spans)}{''.join(map(shown, item.lists))}" for item in block.items
    )
    return f"<{'ol' if block.ordered else 'ul'} {'/'.join(items)}>"


@pytest.mark.parametrize(("text", "expected"), VECTORS["read"])
def test_a_text_is_read_as_pages_read_it(text: str, expected: str) -> None:
    assert "|".join(map(shown, parse(text))) == expected


@pytest.mark.parametrize(("words", "href", "host"), VECTORS["hosts"])
def test_a_link_whose_words_look_like_another_address_says_where_it_leads(
    words: str, href: str, host: str
) -> None:
    assert hidden_host(words, href) == host


def test_a_name_longer_than_any_is_none() -> None:
    assert ascii_host("ü" * LONGEST_LABEL + ".example") is not None
    assert ascii_host("ü" * (LONGEST_LABEL + 1) + ".example") is None
    assert ascii_host("a" * LONGEST_HOST) is not None
    assert ascii_host("a" * (LONGEST_HOST + 1)) is None


def test_what_is_read_has_no_marks() -> None:
    assert plain_text("**Hello** [you](https://a.example)\n> `x`\n- a\n2. b") == "Hello you\nx\na\n2. b"
    assert plain_text("plain\n\n text ") == "plain\n\n text "


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS, tag
        self.attributes += [(tag, *one) for one in attributes]

    def handle_data(self, data: str) -> None:
        self.text += data


ALLOWED = {
    *(("p", "dir", "auto"), ("li", "dir", "auto"), ("div", "class", "rich"), ("div", "class", "code")),
    *(("div", "class", "bar"), ("span", "class", "host"), ("a", "rel", "noopener nofollow ugc")),
    *(("a", "target", "_blank"), ("a", "dir", "ltr"), ("p", "class", "large")),
}


@pytest.mark.parametrize("text", VECTORS["large"])
def test_a_few_emoji_and_nothing_else_are_large(text: str) -> None:
    found = render(text)
    assert found.html == f"<p class=large dir=auto>{text}</p>"
    assert found.is_whole


@pytest.mark.parametrize("text", VECTORS["not_large"])
def test_words_are_not_large(text: str) -> None:
    assert "large" not in render(text).html


def test_whatever_is_written_every_letter_is_shown_and_nothing_else_is_made() -> None:
    chance = random.Random(1)
    for _ in range(3000):
        text = "".join(chance.choices(PARTS, k=chance.randint(1, 40)))
        found = render(text)
        html = Elements(found.html)
        for tag, name, value in set(html.attributes) - ALLOWED:
            is_link = (tag, name) == ("a", "href") and value and value.startswith("https://")
            assert is_link or ((tag, name) == ("li", "value") and value and value.isdigit()), (text, html)
        letters = re.compile("word|é|漢|😀")
        assert letters.findall(html.text) == letters.findall(text), repr(text)
        if found.is_whole:
            assert html.text == text


@pytest.mark.parametrize(
    "part",
    [
        *(*PARTS, "*a ", "**a", "*a _b ~~c ", "[a](", "[a](https://x.example) ", "a*", "*_", "*a *b c* d* "),
        *("[]()", "- x\n", "> x\n", "```\n", "[*", "*]", "](h", "`` ` ", "\\*", "https://", "_*~~[`"),
        *("https://b.example ", "[a.b](https://c.example)"),
    ],
)
def test_a_whole_message_of_hostile_marks_is_read_in_steps_that_grow_with_its_length(part: str) -> None:
    text = (part * LARGEST)[:LARGEST]
    _, whole = counted(text)
    _, half = counted(text[: LARGEST // 2])
    assert whole <= LARGEST + 3 * MOST_STEPS
    assert whole <= 2.2 * half + 100
    assert len(render(text).html) <= 60 * LARGEST


def test_behind_more_marks_than_anybody_needs_the_text_stands_as_it_was_written() -> None:
    html = render("**so** " * 1400).html
    assert html.startswith("<p dir=auto><strong>so</strong> <strong>so</strong> ")
    assert html.endswith(" **so** **so** </p>")
    assert html.count("<strong>") > 80


@pytest.mark.parametrize("address", ["https://x.example", "[x](https://x.example)", "**https://x.example**"])
def test_more_addresses_than_anybody_needs_stand_as_they_were_written(address: str) -> None:
    html = render(f"{address} " * 300).html
    assert 50 <= html.count("<a ") <= MOST_ADDRESSES
    assert html.endswith(f" {address} {address} </p>")


def test_behind_many_items_of_a_list_lines_stand_as_they_were_written() -> None:
    html = render("- x\n" * 2000).html
    assert 200 < html.count("<li ") <= MOST_STEPS
    assert html.endswith("- x\n- x</p></div>")
