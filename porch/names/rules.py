"""What a name may be."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import precis_i18n

from porch import text as texts
from porch import unicode
from porch.errors import Invalid
from porch.names.scripts import digit_zeros, mixed_scripts, script_name
from porch.texts import lazily, lazy_gettext

LONGEST = 32  # code points
# A name is looked at only up to here: the profile costs time for each code point.
LONGEST_INPUT = 256
MOST_ACCENTS = 2  # combining marks on one letter, of those that many scripts share or that Latin has
MOST_MARKS = 4  # with those that a script spells with: Burmese မို့မို့ has three on a letter, so has Tibetan སྒྲོལ་མ
ACCENTED = frozenset({"Latn", "Grek", "Cyrl"})  # scripts whose own marks are accents too
# The profile lets them stand only where they change how letters join.
JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
# Thai and Lao AM, which the profile takes apart; so it would be drawn on the wrong side of a tone mark.
AM = {"\u0e4d\u0e32": "\u0e33", "\u0ecd\u0eb2": "\u0eb3"}
MIDDLE_DOT = "\u00b7"
KATAKANA_MIDDLE_DOT = "\u30fb"
INVISIBLE = lazy_gettext("A name cannot have invisible or control characters.")
UNUSUAL = lazy_gettext("A name cannot have some of these characters.")

_display = precis_i18n.get_profile("NicknameCasePreserved")


def enforce(text: str) -> str:
    """The name as it is shown: spaces tidied, case kept. Raises Invalid."""
    if len(text) > LONGEST_INPUT:
        raise _refused(lazy_gettext("A name has at most %(most)s characters.", most=LONGEST))
    if texts.is_blank(text):
        raise _refused(lazy_gettext("Give a name."))
    if len(_tidied(text)) > LONGEST:  # asked first: the profile takes much longer over each code point
        raise _refused(lazy_gettext("A name has at most %(most)s characters.", most=LONGEST))
    try:
        name = _with_am(_display.enforce(_with_dots_of_han(text)))
    except UnicodeError:
        raise _refused(INVISIBLE if _has_unseen(text) else UNUSUAL) from None
    if _has_unseen(name.translate(JOINERS)):
        raise _refused(INVISIBLE)
    if not any(unicodedata.category(character)[0] in "LNS" for character in name):
        raise _refused(lazy_gettext("A name needs a letter or a digit."))
    _confirm_marks(name)
    _confirm_scripts(name)
    return name


def _tidied(text: str) -> str:
    return _with_am(" ".join(unicodedata.normalize("NFKC", text).split()))


def _has_unseen(text: str) -> bool:
    return any(texts.is_unseen(character) for character in text if character != " ")


def _with_am(text: str) -> str:
    for apart, together in AM.items():
        text = text.replace(apart, together)
    return text


def _with_dots_of_han(text: str) -> str:
    """Between Han characters the middle dot that keyboards give becomes the one that the profile allows."""
    if MIDDLE_DOT not in text:
        return text
    han = [character == MIDDLE_DOT or "Hani" in unicode.scripts_of(character) for character in text]
    among_han = all(
        all(pair_of_han)
        for pair, pair_of_han in zip(pairwise(text), pairwise(han), strict=True)
        if MIDDLE_DOT in pair
    )
    return text.replace(MIDDLE_DOT, KATAKANA_MIDDLE_DOT) if among_han else text


def _confirm_marks(name: str) -> None:
    run: list[str] = []
    for character in unicodedata.normalize("NFD", name):
        if unicodedata.category(character) not in texts.MARKS:
            run = []
            continue
        if character in run:
            raise _refused(lazy_gettext("A name cannot have the same accent twice on one letter."))
        run.append(character)
        if len([mark for mark in run if _is_accent(mark)]) > MOST_ACCENTS:
            raise _refused(lazy_gettext("A name cannot have more than two accents on one letter."))
        if len(run) > MOST_MARKS:
            raise _refused(lazy_gettext("A name cannot have more than four marks on one letter."))


def _is_accent(mark: str) -> bool:
    scripts = unicode.scripts_of(mark)
    return len(scripts) != 1 or not scripts.isdisjoint(ACCENTED.union(unicode.EVERY_SCRIPT))


def _confirm_scripts(name: str) -> None:
    if not all(unicode.scripts_of(character) for character in name):
        raise _refused(lazy_gettext("A name cannot have characters that are newer than this site."))
    mixed = mixed_scripts(name)
    if mixed:
        *some, last = mixed
        raise _refused(
            lazy_gettext(
                "A name is written in one alphabet; this one mixes %(scripts)s and %(last)s.",
                scripts=lazily(_listed, *some),
                last=lazily(script_name, last),
            )
        )
    if len(digit_zeros(name)) > 1:
        raise _refused(lazy_gettext("A name has digits of one kind; this one mixes two."))


def _listed(*scripts: str) -> str:
    return ", ".join(map(script_name, scripts))


def _refused(reason: str) -> Invalid:
    return Invalid(reason, fields={"username": reason})
