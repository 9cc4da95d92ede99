"""Names that are kept for those who run the site, and words that would not do as a name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from porch.names.sameness import keys
from porch.unicode import skeleton

# Whoever has one of these is believed, so all that could be read as one is kept: see `_reading`.
BELIEVED = frozenset(
    "admin administrator administrators admins daemon host hosts mod moderation moderator moderators mods "
    "notice official operator owner porch postmaster root security staff superuser support sysadmin sysop "
    "system webmaster "
    # As German pages have it.
    "administratoren administratorin betreiber betreiberin gastgeber gastgeberin moderatoren "
    "moderatorin".split()
) | {
    "admin team",
    "deleted account",
    "der gastgeber",
    "die gastgeberin",
    "gelöschtes konto",
    "help desk",
    "moderator team",
    "official account",
    "porch admin",
    "porch bot",
    "porch host",
    "porch staff",
    "porch support",
    "porch team",
    "security team",
    "site admin",
    "site owner",
    "somebody who left",
    "support team",
    "system admin",
    "system message",
    "system notice",
    "the admin",
    "the host",
}
# These are for everybody or for nobody; `Guest 2` is a fine name.
WORDS = frozenset(
    "all anonymous bot du everyone guest help here me nobody null undefined unknown you".split()
)
RESERVED = BELIEVED | WORDS

# Letters in costume, that no skeleton undresses: small capitals, Cyrillic that looks like them (as its
# skeleton has it), and letters in dark circles or squares.
COSTUMES = str.maketrans(
    dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢʍπᴎĸ", "abcdefghijklmnopqrstuvwyzmnnk", strict=True))
    | {
        chr(first + place): letter
        for first in (0x1F150, 0x1F170, 0x1F1E6)
        for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")
    }
)
STAND_INS = str.maketrans("l!34578@$", "iieastbas")
AT_THE_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def is_reserved(name: str, *, also: Iterable[str] = ()) -> bool:
    """Whether an enforced name is kept. `also` are further names to keep, such as the site's own."""
    reading = _reading(name)
    return (
        not {reading, _reading(AT_THE_ENDS.sub("", name))}.isdisjoint(_believed_readings())
        or not _word_keys().isdisjoint(keys(name))
        or (reading != "" and any(_reading(other) == reading for other in also))
    )


def _reading(name: str) -> str:
    """How a hurried eye may read a name: `@d.m1n`, `Ad Mín` and `ADMlN` all as `admin`; empty for an emoji.

    Far too coarse to tell people apart.
    """
    seen = skeleton(name.casefold()).casefold().translate(COSTUMES).translate(STAND_INS)
    return "".join(filter(str.isalnum, seen)).replace("rn", "m").replace("vv", "w")


@cache
def _believed_readings() -> frozenset[str]:
    return frozenset(map(_reading, BELIEVED))


@cache
def _word_keys() -> frozenset[str]:
    return frozenset(key for word in WORDS for form in (word, word.upper()) for key in keys(form))
