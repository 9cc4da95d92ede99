"""What a password may be, and when two typed ones are the same; `engines/limits/passwords.py` hashes them.

Follows the OpaqueString profile of RFC 8265 (PRECIS): any script, case and spaces kept, in Unicode's NFC.
It differs in what is refused, which is controls and what is invisible alone: nobody reads a password, so
letters may stand beside each other as they like. Joiners and variation selectors are dropped, since
keyboards differ in whether they write them.
"""

from __future__ import annotations

import gzip
import unicodedata
from functools import cache
from pathlib import Path

import precis_i18n

from porch.errors import Invalid
from porch.texts import lazy_gettext

SHORTEST = 8  # characters
LONGEST = 128
# A password is looked at only up to here: the profile costs time for each code point, and drops some.
LONGEST_INPUT = 512
COMMON = Path(__file__).resolve().parent / "vendor" / "common_passwords.txt.gz"

_opaque = precis_i18n.get_profile("OpaqueString")
_DROPPED = dict.fromkeys([0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080)])


def enforce_password(text: str, *, username: str, site_name: str = "") -> str:
    """The form of a new password that is stored, as a hash. Raises Invalid."""
    if len(text) > LONGEST_INPUT:
        raise _refused(lazy_gettext("A password has at most %(most)s characters.", most=LONGEST))
    password = _mapped(text)
    if password is None:
        raise _refused(lazy_gettext("A password cannot have line breaks or other invisible characters."))
    if not password.strip():
        raise _refused(lazy_gettext("A password needs something besides spaces."))
    if len(password) < SHORTEST:
        raise _refused(lazy_gettext("A password needs at least %(least)s characters.", least=SHORTEST))
    if len(password) > LONGEST:
        raise _refused(lazy_gettext("A password has at most %(most)s characters.", most=LONGEST))
    if _folded(password) in (_folded(username), _folded(site_name)):
        raise _refused(lazy_gettext("A password cannot be your name or the name of this site."))
    if _is_common(password):
        raise _refused(lazy_gettext("Many people have this password, so it is tried first. Choose another."))
    return password


def prepared(text: str) -> str:
    """A password as it was typed to log in, in the form that is stored.

    Empty, which is nobody's password, for a text that cannot be one.
    """
    password = _mapped(text) if len(text) <= LONGEST_INPUT else None
    return password if password and len(password) <= LONGEST else ""


def _mapped(text: str) -> str | None:
    kept = text.translate(_DROPPED)
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in kept):
        return None
    mapped: str = _opaque.apply_five_rules(kept)
    return mapped


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _is_common(password: str) -> bool:
    return f"\n{unicodedata.normalize('NFC', password.casefold())}\n".encode() in _common()


@cache
def _common() -> bytes:
    # One text that is searched takes a tenth of the memory of a set, and 50 microseconds.
    return b"\n" + gzip.decompress(COMMON.read_bytes())


def _refused(reason: str) -> Invalid:
    return Invalid(reason, fields={"password": reason})
