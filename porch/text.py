"""Which characters show, for whoever decides about names, room names and messages."""

from __future__ import annotations

import unicodedata

from porch import unicode

# Nothing to the eye, though Unicode counts them among the symbols, letters or marks.
BLANKS = frozenset(
    "\u2800"  # Braille pattern without a dot
    "\ufff9\ufffa\ufffb"  # interlinear annotation
    "\ufffc"  # object replacement: stands for something that is not there
    "\U0001d159"  # musical null notehead
    "\U00016fe4"  # Khitan filler
    "\U00013441\U00013442"  # Egyptian blanks
) | {chr(code) for code in range(0x13430, 0x13441)}  # Egyptian joiners and enclosures
SPACES_AND_CONTROLS = ("Zs", "Zl", "Zp", "Cc")
MARKS = ("Mn", "Me")


def is_blank(text: str) -> bool:
    """Whether nothing of it would be seen.

    Marks count as nothing: they take no room of their own, so a link that is one cannot be hit. Emoji with
    joiners and variation selectors are seen; joiners and variation selectors alone are not.
    """
    return all(is_unseen(character) or unicodedata.category(character) in MARKS for character in text)


def is_unseen(character: str) -> bool:
    """Whether it leaves no ink: spaces, controls, fillers, and all that only steers what stands beside it."""
    return (
        unicodedata.category(character) in SPACES_AND_CONTROLS
        or character in BLANKS
        or unicode.is_ignorable(character)
    )


def folded(text: str) -> str:
    """The form in which texts are searched: without case, accents and differences of width."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFKC", bare)
