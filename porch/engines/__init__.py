"""What a bigger site replaces: the writer, the delivery and the limiter, chosen and wired by `create_app`."""

from __future__ import annotations

from dataclasses import dataclass

from porch.config import Settings
from porch.engines.delivery import Delivery
from porch.engines.limiter import Limiter
from porch.engines.writer import Writer


@dataclass(frozen=True, slots=True)
class Engines:
    """Passed to every action by the doors; lives as long as the application."""

    settings: Settings
    writer: Writer
    delivery: Delivery
    limiter: Limiter
