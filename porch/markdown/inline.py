"""What stands inside a line of light Markdown: bold, italic, struck, code, links; as `markdown_inline.js`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from porch import unicode
from porch.markdown.links import allowed, pieces

# Marks within marks, and brackets within brackets: with one more, the outermost is text. So the tree is no
# deeper, and little is looked through.
DEEPEST = 6
LONGEST = 2048  # code points; longer targets are no links
# Of one message; what stands behind so many is text, and so are further addresses. A browser reads its own
# messages without end, a server those of everybody.
MOST_STEPS = 500
MOST_ADDRESSES = 100
SPECIAL = re.compile(r"[\\`*_~\[\]]")
PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
# Written without spaces between words, which so have no inside.
UNSPACED = frozenset({"Hani", "Hira", "Kana", "Thai", "Laoo", "Khmr", "Mymr"})
# What scripts take for it.
SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
IS_SPACE = re.compile(f"[{SPACE}]")
TICKS = re.compile("`+")
# What an address is cut at: the middle of `[words](target)`, and code.
BETWEEN = re.compile(r"\]\(|`")
# They end an address for a reader, if not for a browser.
MARKS_AT_END = "*_~"
END_OF_TARGET = re.compile(rf"[()\[\]<>{SPACE}]")

Kind = Literal["b", "i", "s"]
EMPHASIS: dict[str, Kind] = {"**": "b", "__": "b", "*": "i", "_": "i", "~~": "s"}


class Mark(NamedTuple):
    kind: Kind
    spans: Sequence[Span]


class Code(NamedTuple):
    text: str


class Link(NamedTuple):
    href: str
    spans: Sequence[Span]


Span = str | Mark | Code | Link


class Bare(NamedTuple):
    """An address as it stands in a text."""

    at: int
    end: int
    href: str


@dataclass(slots=True)
class Open:
    """A mark that was opened: where what it opened begins, its place among all that are open, and what has
    come since.
    """

    mark: str
    at: int
    place: int
    spans: list[Span] = field(default_factory=list)


def flat(spans: Iterable[Span]) -> str:
    """What is read of it."""
    return "".join(
        span if isinstance(span, str) else span.text if isinstance(span, Code) else flat(span.spans)
        for span in spans
    )


def targets(spans: Iterable[Span]) -> Iterator[str]:
    """Where its links lead."""
    for span in spans:
        match span:
            case Link(href, _):
                yield href
            case Mark(_, inside):
                yield from targets(inside)


class Inline:
    """Reads one paragraph after another and counts its steps, and the addresses that were looked at."""

    def __init__(self) -> None:
        self.steps = 0
        self.addresses = 0

    @property
    def has_ended(self) -> bool:
        return self.steps >= MOST_STEPS

    def spans(self, text: str) -> list[Span]:
        return _Scan(text, self).run()


class _Scan:
    def __init__(self, text: str, counter: Inline) -> None:
        self.text = text
        self.counter = counter
        self.at = 0
        self.done = 0  # up to here everything is in a span
        # The first is the paragraph itself; what stands above what is closed is text.
        self.open = [Open("", 0, 0)]
        # Those that may still be closed, the outermost first.
        self.emphases: list[Open] = []
        self.brackets: list[Open] = []
        self.bare = _bare_links(text, counter)
        self.next_bare = 0
        self.next_special = -1
        self.closings = _closing_ticks(text)

    def run(self) -> list[Span]:
        while not self.counter.has_ended and self._find():
            self.counter.steps += 1
            if not self._address() and not self._special():
                self.at += 1
        self._say(len(self.text))
        self._drop(0)
        return _joined(self.open[0].spans)

    def _find(self) -> bool:
        """Go on to the next sign that may mean something, or the next address; False at the end."""
        while self.next_bare < len(self.bare) and self.bare[self.next_bare].at < self.at:
            self.next_bare += 1
        if self.next_special < self.at:
            found = SPECIAL.search(self.text, self.at)
            self.next_special = found.start() if found else len(self.text)
        self.at = self.next_special
        if self.next_bare < len(self.bare):
            self.at = min(self.at, self.bare[self.next_bare].at)
        return self.at < len(self.text)

    def _say(self, end: int) -> None:
        """What stands between the last span and here is text."""
        if end > self.done:
            self.open[-1].spans.append(self.text[self.done : end])
        self.done = end

    def _put(self, span: Span, end: int) -> None:
        self._say(self.at)
        self.open[-1].spans.append(span)
        self._skip(end)

    def _skip(self, end: int) -> None:
        self.at = self.done = end

    # Each of these says whether it went on.

    def _address(self) -> bool:
        if self.next_bare == len(self.bare) or self.bare[self.next_bare].at != self.at:
            return False
        at, end, href = self.bare[self.next_bare]
        self._put(Link(href, [self.text[at:end]]), end)
        return True

    def _special(self) -> bool:
        match self.text[self.at]:
            case "\\":
                return self._escape()
            case "`":
                return self._code()
            case "[":
                self._begin(["["], self.brackets, 1)
                return True
            case "]":
                return self._link()
            case _:
                return self._emphasis()

    def _escape(self) -> bool:
        if not PUNCTUATION.match(self.text, self.at + 1):
            return False
        self._say(self.at)
        self.done = self.at + 1
        self.at += 2
        return True

    def _code(self) -> bool:
        length = _run_length(self.text, self.at)
        self.counter.steps += length
        end = self.closings.get(self.at)
        if end is None:
            self.at += length
            return True
        inside = self.text[self.at + length : end]
        if inside[:1] == inside[-1:] == " " and inside.strip(" "):
            inside = inside[1:-1]
        self._put(Code(inside), end + length)
        return True

    def _link(self) -> bool:
        """Close what was opened with `[`, if a target follows. Else that bracket was text, too."""
        if not self.brackets:
            return False
        opened = self.brackets.pop()
        target = self._target(self.at + 2) if self.text.startswith("](", self.at) else None
        href = allowed(target) if target and self.counter.addresses < MOST_ADDRESSES else None
        self.counter.addresses += 1
        if target is None or href is None or not self.text[opened.at : self.at].strip():
            return False
        self._say(self.at)
        spans = self._close(opened)
        self.open[-1].spans.append(Link(href, _unlinked(spans)))
        self.brackets = []  # a link stands in no other
        self._skip(self.at + 3 + len(target))
        return True

    def _target(self, start: int) -> str | None:
        """What stands from here to the closing bracket."""
        inside = 0
        for sign in END_OF_TARGET.finditer(self.text, start, start + LONGEST + 1):
            self.counter.steps += 1
            if sign[0] == "(":
                inside += 1
            elif sign[0] != ")":
                return None  # nor what begins another link: so nothing is looked at twice
            elif inside:
                inside -= 1
            else:
                return self.text[start : sign.start()] or None
        return None

    def _emphasis(self) -> bool:
        text, at = self.text, self.at
        length = _run_length(text, at)
        self.counter.steps += length
        before, after = text[max(0, at - 1) : at], text[at + length : at + length + 1]
        marks = _marks_of(text[at], length)
        if before and not IS_SPACE.match(before) and not _is_word(after) and self._end(marks, length):
            return True
        if after and not IS_SPACE.match(after) and not _is_word(before):
            self._begin(marks, self.emphases, length)
        else:
            self.at += length
        return True

    def _begin(self, marks: list[str], live: list[Open], length: int) -> None:
        """`marks`, outermost first, are `length` in the text."""
        if not marks:
            self.at += length
            return
        self._say(self.at)
        for mark in marks:
            if len(live) == DEEPEST:
                del live[0]
            opened = Open(mark, self.at + length, len(self.open))
            self.open.append(opened)
            live.append(opened)
        self._skip(self.at + length)

    def _end(self, marks: list[str], length: int) -> bool:
        """End what these marks have opened, if all of it is open."""
        found = [next((one for one in reversed(self.emphases) if one.mark == mark), None) for mark in marks]
        opened = [one for one in found if one is not None]
        if not marks or len(opened) < len(marks):
            return False
        self._say(self.at)
        for one in sorted(opened, key=lambda one: one.place, reverse=True):
            spans = _joined(self._close(one))
            self.open[-1].spans.append(Mark(EMPHASIS[one.mark], spans))
        self._skip(self.at + length)
        return True

    def _close(self, opened: Open) -> list[Span]:
        """Take this out, and what has come since."""
        self._drop(opened.place)
        self.open.pop()
        for live in (self.emphases, self.brackets):
            while live and live[-1].place >= opened.place:
                live.pop()
        return opened.spans

    def _drop(self, place: int) -> None:
        """What was opened above this place was not closed: its marks are text. Each span moves once before it
        is in the tree.
        """
        into = self.open[place].spans
        for one in self.open[place + 1 :]:
            self.counter.steps += 1 + len(one.spans)
            into.append(one.mark)
            into += one.spans
        del self.open[place + 1 :]


def _is_word(sign: str) -> bool:
    """Whether it belongs to a word that has an inside."""
    return (
        sign != ""
        and unicodedata.category(sign)[0] in "LNM"
        and UNSPACED.isdisjoint(unicode.scripts_of(sign))
    )


def _marks_of(sign: str, length: int) -> list[str]:
    """Outermost first; none where so many in a row mean nothing."""
    if sign == "~":
        return ["~~"] if length == 2 else []
    return {1: [sign], 2: [sign * 2], 3: [sign * 2, sign]}.get(length, [])


def _run_length(text: str, at: int) -> int:
    end = at + 1
    while text.startswith(text[at], end):
        end += 1
    return end - at


def _closing_ticks(text: str) -> dict[int, int]:
    """Where each run of backticks is closed: by the next run of the same length."""
    closings: dict[int, int] = {}
    waiting: dict[int, int] = {}  # by length
    for run in TICKS.finditer(text):
        if (opened := waiting.get(len(run[0]))) is not None:
            closings[opened] = run.start()
        waiting[len(run[0])] = run.start()
    return closings


def _bare_links(text: str, counter: Inline) -> list[Bare]:
    found: list[Bare] = []
    if ":" not in text:
        return found
    start = 0
    for end, beyond in [*(cut.span() for cut in BETWEEN.finditer(text)), (len(text), len(text))]:
        at = start
        for piece in pieces(text[start:end]):
            if counter.addresses >= MOST_ADDRESSES:
                return found
            if piece.href:
                counter.addresses += 1
                shown = piece.text.rstrip(MARKS_AT_END)
                href = piece.href if shown == piece.text else allowed(shown)
                if href:
                    found.append(Bare(at, at + len(shown), href))
            at += len(piece.text)
        start = beyond
    return found


def _unlinked(spans: Iterable[Span]) -> list[Span]:
    """Without links, which cannot stand in one."""
    inside: list[Span] = []
    for span in spans:
        match span:
            case Link(_, spans):
                inside += _unlinked(spans)
            case Mark(kind, spans):
                inside.append(Mark(kind, _unlinked(spans)))
            case _:
                inside.append(span)
    return _joined(inside)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Texts that follow each other are one."""
    made: list[Span] = []
    texts: list[str] = []
    for span in spans:
        if isinstance(span, str):
            texts.append(span)
            continue
        if texts:
            made.append("".join(texts))
            texts = []
        made.append(span)
    if texts:
        made.append("".join(texts))
    return made
