"""An answer that is not there yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Later:
    """`result` waits for the answer; it is called once, and always."""

    result: Callable[[], Any]
