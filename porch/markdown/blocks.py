"""Light Markdown, text to a tree: blocks here, what stands inside a line in `inline`; as `markdown.js`.

In linear time and bounded depth; whatever is no mark stands as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from porch.markdown.inline import SPACE, Inline, Span, flat, targets

# Quotes within quotes; deeper ones keep their marks.
DEEPEST = 3
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([\w+#.-]{0,20})[ \t]*")
# What looks like a face is none: `>:(`.
QUOTE = re.compile(r" {0,3}>(?![:;=.<_-]) ?")
BULLET = re.compile(rf"( {{0,8}}|\t)(?:[-+*]|([0-9]{{1,9}})[.)])[ \t]+(?=[^{SPACE}])")
# An item that stands further in than this is one of a list within the item before.
INDENT = 2
BLANK = re.compile(f"[{SPACE}]*")
# What may be Markdown, as `plain.js` has it: without any of it a text is a paragraph as it was written.
MARKS = re.compile(r"[*_`~\\]|\]\(|^[ \t]*(?:>|[-+]\s|[0-9]+[.)]\s)", re.MULTILINE)


class Paragraph(NamedTuple):
    spans: Sequence[Span]


class CodeBlock(NamedTuple):
    language: str
    text: str


class Quote(NamedTuple):
    blocks: Sequence[Block]


class Item(NamedTuple):
    """`number` is as written, 0 of a bullet."""

    number: int
    spans: Sequence[Span]
    lists: list[List]


class List(NamedTuple):
    ordered: bool
    items: list[Item]


Block = Paragraph | CodeBlock | Quote | List


def parse(text: str) -> list[Block]:
    return counted(text)[0]


def counted(text: str) -> tuple[list[Block], int]:
    """The blocks, and the steps taken, which tests hold against their bound."""
    parser = _Parser()
    return parser.blocks(text.split("\n"), 0), parser.inline.steps


def plain_text(text: str) -> str:
    """What is read of a text: without the marks."""
    return "\n".join(map(_words, parse(text))) if MARKS.search(text) else text


def links(text: str) -> Iterator[str]:
    """Where the links of a text lead, in the order in which they stand there."""
    return _targets(parse(text)) if ":" in text else iter(())


def _words(block: Block) -> str:
    match block:
        case Paragraph(spans):
            return flat(spans)
        case CodeBlock(_, text):
            return text
        case Quote(blocks):
            return "\n".join(map(_words, blocks))
        case List(_, items):
            return "\n".join(
                "\n".join([f"{number}. {flat(spans)}" if number else flat(spans), *map(_words, lists)])
                for number, spans, lists in items
            )


def _targets(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph(spans):
                yield from targets(spans)
            case Quote(inside):
                yield from _targets(inside)
            case List(_, items):
                for _, spans, lists in items:
                    yield from targets(spans)
                    yield from _targets(lists)


class _Parser:
    def __init__(self) -> None:
        self.inline = Inline()

    def blocks(self, lines: list[str], depth: int) -> list[Block]:
        blocks: list[Block] = []
        plain: list[str] = []
        at = 0
        while at < len(lines):
            self.inline.steps += 1
            special = (
                None
                if self.inline.has_ended
                else self._code(lines, at) or self._quote(lines, at, depth) or self._list(lines, at)
            )
            if special is None:
                plain.append(lines[at])
                at += 1
                continue
            blocks += self._paragraph(plain)
            plain = []
            block, at = special
            blocks.append(block)
        return blocks + self._paragraph(plain)

    def _paragraph(self, lines: list[str]) -> list[Block]:
        """Lines and empty lines stay what they are; those at the edges go."""
        first, last = 0, len(lines)
        while first < last and BLANK.fullmatch(lines[first]):
            first += 1
        while last > first and BLANK.fullmatch(lines[last - 1]):
            last -= 1
        return [Paragraph(self.inline.spans("\n".join(lines[first:last])))] if first < last else []

    def _code(self, lines: list[str], at: int) -> tuple[Block, int] | None:
        opening = FENCE.fullmatch(lines[at])
        if opening is None:
            return None
        fence, language = opening.groups()
        end = at + 1
        while end < len(lines):
            self.inline.steps += 1
            line = lines[end].strip()
            if len(line) >= len(fence) and line == fence[0] * len(line):
                break
            end += 1
        return CodeBlock(language, "\n".join(lines[at + 1 : end])), end + 1

    def _quote(self, lines: list[str], at: int, depth: int) -> tuple[Block, int] | None:
        if depth >= DEEPEST or not QUOTE.match(lines[at]):
            return None
        inside = []
        while at < len(lines) and (mark := QUOTE.match(lines[at])):
            inside.append(lines[at][mark.end() :])
            at += 1
        return Quote(self.blocks(inside, depth + 1)), at

    def _list(self, lines: list[str], at: int) -> tuple[Block, int] | None:
        first = BULLET.match(lines[at])
        if first is None or _width(first[1]) >= INDENT:
            return None
        block = List(first[2] is not None, [])
        while at < len(lines) and not self.inline.has_ended and (mark := BULLET.match(lines[at])):
            self.inline.steps += 1
            is_ordered = mark[2] is not None
            if _width(mark[1]) < INDENT:
                if is_ordered != block.ordered:
                    break
                block.items.append(self._item(mark))
            else:
                lists = block.items[-1].lists
                if not lists or lists[-1].ordered != is_ordered:
                    lists.append(List(is_ordered, []))
                lists[-1].items.append(self._item(mark))
            at += 1
        return block, at

    def _item(self, mark: re.Match[str]) -> Item:
        return Item(int(mark[2] or 0), self.inline.spans(mark.string[mark.end() :]), [])


def _width(indent: str) -> int:
    return INDENT if indent == "\t" else len(indent)
