"""Waiting for what must come true."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object], *, within: float = 30.0) -> None:
    """Return as soon as the condition holds; fail after `within` seconds. The bound is for failures only."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)
