"""A process that is the only one of its site: what `cluster/cluster.py` is where there are others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from porch.engines.limits.limiter import Limiter
from porch.engines.limits.throttle import Throttle
from porch.engines.live.activity import Activity
from porch.engines.live.presence import Presence
from porch.values import Rate


class Alone:
    is_alone: ClassVar = True

    def limiter(self, rates: Mapping[str, Rate | None]) -> Limiter:
        return Limiter(rates)

    def throttle(self) -> Throttle:
        return Throttle()

    def activity(self) -> Activity:
        return Activity()

    def presence(self, *arguments: Any, **options: Any) -> Presence:
        return Presence(*arguments, **options)

    def join(self, *_: Any, **__: Any) -> None:
        """There is nobody."""

    def start(self) -> None: ...

    def tick(self) -> None: ...

    def stop(self) -> None: ...

    def lacks(self) -> list[str]:
        return []

    def works_for_all(self) -> bool:
        return True
