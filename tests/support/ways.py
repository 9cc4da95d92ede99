"""The two ways in which a page hears of what is new: by an open line, and by asking every few seconds."""

from __future__ import annotations

import pytest

WAYS = ["line", "asking"]
by_line_and_by_asking = pytest.mark.parametrize("polling", [False, True], ids=WAYS)
# Where another test of the same matter asks, too.
by_line_and_at_length_by_asking = pytest.mark.parametrize(
    "polling", [False, pytest.param(True, marks=pytest.mark.long)], ids=WAYS
)
