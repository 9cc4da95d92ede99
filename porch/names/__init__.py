"""What a name may be, when two names are the same, and which names are kept from guests.

Follows the Nickname profile of RFC 8266 (PRECIS) and, against names made to be taken for others,
Unicode TS 39: Highly Restrictive scripts (5.2), one system of digits (5.3), confusable skeletons (4).
"""

from porch.names.calling import MOST_CALLED, called
from porch.names.reserved import RESERVED, is_reserved
from porch.names.rules import LONGEST, LONGEST_INPUT, enforce
from porch.names.sameness import comparison_form, keys, same
from porch.names.spare import MOST_ALTERNATIVES, alternatives

__all__ = [
    "LONGEST",
    "LONGEST_INPUT",
    "MOST_ALTERNATIVES",
    "MOST_CALLED",
    "RESERVED",
    "alternatives",
    "called",
    "comparison_form",
    "enforce",
    "is_reserved",
    "keys",
    "same",
]
