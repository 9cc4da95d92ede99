"""Long sequences, a part at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def slices(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """All of them in their order, at most so many at a time; of nothing none."""
    for start in range(0, len(items), most):
        yield items[start : start + most]
