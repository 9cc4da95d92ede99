"""Which errors there are."""

from __future__ import annotations

from collections.abc import Iterator

from porch.errors import PorchError


def every(kind: type[PorchError]) -> Iterator[type[PorchError]]:
    """All kinds of this kind, at whatever depth."""
    for error in kind.__subclasses__():
        yield error
        yield from every(error)
