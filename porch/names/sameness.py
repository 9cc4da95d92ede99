"""When two names are the same."""

from __future__ import annotations

import unicodedata

import precis_i18n

from porch.unicode import skeleton

_comparison = precis_i18n.get_profile("NicknameCaseMapped:CaseFold")


def comparison_form(name: str) -> str:
    """The one key that an enforced name has in whatever case it is written (RFC 8266)."""
    return str(_comparison.enforce(name))


def same(one: str, other: str) -> bool:
    """Whether two enforced names differ in case and width at most; a look-alike is not enough to log in."""
    return comparison_form(one) == comparison_form(other)


def keys(name: str) -> frozenset[str]:
    """All forms under which an enforced name is reserved; two names with a common key are the same.

    Both orders are needed: folded case alone would miss that `paypaI` is seen as `paypal`, and the looks of
    folded case alone that `l0gin`, whose zero looks like a capital O, is seen as `login`.
    """
    return frozenset(
        {
            comparison_form(name),
            skeleton(name.casefold()),
            unicodedata.normalize("NFD", skeleton(name).casefold()),
        }
    )
