"""How a page hears of what is new: by an open line, or by asking; and whether it has scripts."""

from __future__ import annotations

import pytest

WAYS = ["line", "asking"]
# Where another test of the same matter asks, too.
by_line_and_at_length_by_asking = pytest.mark.parametrize(
    "polling", [False, pytest.param(True, marks=pytest.mark.long)], ids=WAYS
)
SCRIPTS = ["scripts", "no-scripts"]
# Where the tests of the same pages fill in their forms, too.
with_scripts_and_at_length_without = pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.long)], ids=SCRIPTS
)
