"""The words of a text as they are searched, where they stand in it, and what somebody looks for.

Scripts that put no spaces between words (Chinese, Japanese, Thai and others; Korean, whose words carry
endings) are taken character by character. Case, accents and differences of width do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import msgspec

from porch.text import folded

LONGEST_WORD = 64  # code points of a word that count
LEAST_BEGINNING = 4  # code points of a last word that is taken for the beginning of longer ones
# Thai and Lao, Burmese, Hangul letters, Khmer, Chinese and Japanese with their signs, Hangul syllables.
DENSE = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1100, 0x11FF),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3040, 0x318F),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFFDC),
    (0x20000, 0x3FFFF),
)
VARIATION = "\ufe0e\ufe0f"  # text or emoji: the same sign
ASCII_WORD = re.compile(r"[0-9A-Za-z]+")
# A phrase in quotes, also one that does not end; or what stands between spaces. A minus before either.
SOUGHT = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+)')
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»〝〞＂", '"'))
MINUS = "-−"  # the second as some keyboards write it


class Word(msgspec.Struct, frozen=True, gc=False):
    """`text` as it is searched; it stands at `start` to `end` (excluded), in code points. A `dense` one is a
    character that belongs to those beside it. Made by the thousand: named tuples cost several times as much.
    """

    text: str
    start: int
    end: int
    dense: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand one after another; `is_open`: the last one may go on."""

    words: tuple[Word, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for: all of `phrases`, none of `without`."""

    phrases: tuple[Phrase, ...]
    without: tuple[Phrase, ...] = ()

    def marks(self, text: str) -> list[tuple[int, int]] | None:
        """Where the phrases stand in a text, in its order and without overlaps; None when it does not have
        all of them.
        """
        words = words_of(text)
        texts = [word.text for word in words]
        found: list[tuple[int, int]] = []
        for phrase in self.phrases:
            places = _places(phrase, texts)
            if not places:
                return None
            length = len(phrase.words)
            found += [(words[place].start, words[place + length - 1].end) for place in places]
        return _joined(found)


def words_of(text: str) -> list[Word]:
    if text.isascii():
        return [Word(match[0][:LONGEST_WORD].lower(), *match.span()) for match in ASCII_WORD.finditer(text)]
    return list(_words(text))


def terms_of(words: Sequence[Word], *, whole: bool = True) -> Iterator[str]:
    """What an index keeps: one term for each word. A dense character is kept with the next one, which tells
    far more. Of what is looked for (not `whole`), the last character alone says nothing more.
    """
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else None
        if word.dense and following and following.dense and following.start == word.end:
            yield word.text + following.text
        elif whole or following or not is_tail(words):
            yield word.text


def is_tail(words: Sequence[Word]) -> bool:
    """Whether the last word is a dense character that belongs to the one before it."""
    return len(words) > 1 and words[-1].dense and words[-2].dense and words[-2].end == words[-1].start


def sought_in(text: str) -> Sought:
    """What a text looks for that somebody has typed: whatever it is, it means something, if only nothing."""
    phrases: list[Phrase] = []
    without: list[Phrase] = []
    matches = list(SOUGHT.finditer(text.translate(QUOTES)))
    for match in matches:
        word = match["word"]
        is_quoted = word is None
        words = tuple(words_of(match["phrase"] if is_quoted else word.lstrip(MINUS)))
        if not words:
            continue
        # Only the last word may be unfinished.
        may_go_on = match is matches[-1] and not is_quoted and len(words[-1].text) >= LEAST_BEGINNING
        excluded = bool(match["minus"]) if is_quoted else word[0] in MINUS
        phrase = Phrase(words, is_open=(may_go_on and not excluded) or _is_lone(words))
        (without if excluded else phrases).append(phrase)
    return Sought(tuple(phrases), tuple(without))


def _is_lone(words: Sequence[Word]) -> bool:
    """Whether they end in a dense character that is alone: it is kept with whatever comes next."""
    return words[-1].dense and not is_tail(words)


def _places(phrase: Phrase, texts: Sequence[str]) -> list[int]:
    """Where a phrase begins, of the words of a text."""
    *before, last = [word.text for word in phrase.words]
    length = len(before)
    return [
        place - length
        for place, text in enumerate(texts)
        if (text == last or (phrase.is_open and text.startswith(last)))
        and texts[place - length : place] == before
    ]


def _joined(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _words(text: str) -> Iterator[Word]:
    start = 0
    for kind, run in groupby(text, _kind):
        characters = "".join(run)
        end = start + len(characters)
        if kind == "word":
            if word := _bare(folded(characters)):
                yield Word(word, start, end)
        elif kind in ("dense", "sign"):
            for place, character in enumerate(characters, start):
                # Accents are kept here: with them kana are other syllables, and Thai vowels are marks.
                if word := _bare(unicodedata.normalize("NFKC", character.casefold())):
                    yield Word(word, place, place + 1, dense=kind == "dense")
        start = end


@lru_cache(16_384)
def _kind(character: str) -> str:
    code = ord(character)
    if any(first <= code <= last for first, last in DENSE):
        return "dense"
    category = unicodedata.category(character)
    if category[0] in "LNM" and character not in VARIATION:
        return "word"
    return "sign" if category[0] == "S" and code > 0x7F else "none"


def _bare(text: str) -> str:
    """Nothing that an index would take for the end of a word."""
    if not text.isalnum():
        text = "".join(
            character
            for character in text
            if character.isalnum() or (character > "\x7f" and not character.isspace())
        )
    return text[:LONGEST_WORD]
