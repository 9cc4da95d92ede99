"""This process among the others of its site: what `create_app` gives to the engines, and what runs for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from porch.engines.cluster.activity import SharedActivity
from porch.engines.cluster.bus import Bus
from porch.engines.cluster.lease import Lease
from porch.engines.cluster.limits import SharedFailures, SharedLimiter
from porch.engines.cluster.line import Line
from porch.engines.cluster.presence import SharedPresence
from porch.engines.cluster.relay import Relay
from porch.engines.cluster.tidings import Tidings
from porch.engines.limits.throttle import Throttle
from porch.engines.live.delivery import Delivery
from porch.engines.writing.bridge import Bridge
from porch.events import Event
from porch.values import Rate


class Cluster:
    """Made before the engines, which it joins to those of the other processes in `join`."""

    is_alone: ClassVar = False

    def __init__(self, url: str, bridge: Bridge) -> None:
        self._line = Line(url, bridge)
        self.bus = Bus(url, self._line)
        self._jobs = Lease(self._line, self.bus.process, "jobs")
        self._relay: Relay | None = None
        self._tidings: Tidings | None = None

    def limiter(self, rates: Mapping[str, Rate | None]) -> SharedLimiter:
        return SharedLimiter(self._line, rates)

    def throttle(self) -> Throttle:
        return Throttle(
            from_one=SharedFailures(self._line, "one"),
            from_everywhere=SharedFailures(self._line, "everywhere"),
        )

    def activity(self) -> SharedActivity:
        return SharedActivity(self.bus)

    def presence(self, *arguments: Any, **options: Any) -> SharedPresence:
        return SharedPresence(self.bus, *arguments, **options)

    def join(
        self,
        delivery: Delivery,
        *,
        wants: Callable[[int], bool],
        observe: Callable[[Event], None],
        changed: Callable[[int], None],
        said: Callable[[Event], None],
    ) -> None:
        """`wants` and `observe` are those of Relay, `changed` and `said` those of Tidings."""
        self._relay = Relay(self.bus, delivery, wants=wants, observe=observe)
        self._tidings = Tidings(self.bus, changed=changed, said=said)
        delivery.joined_by(self._relay)
        delivery.observed_by(self._tidings.observe)

    def start(self) -> None:
        assert self._relay is not None, "it is joined before it starts"
        self._line.start()
        self.bus.start()
        threading.Thread(target=self._relay.heads.work, name="porch-heads", daemon=True).start()

    def tick(self) -> None:
        """Once a second."""
        assert self._relay is not None
        assert self._tidings is not None
        self._relay.sweep()
        self._tidings.tick()

    def stop(self) -> None:
        """Tell what is still to be told, and part."""
        if self._relay is not None:
            self._relay.heads.stop()
        self._jobs.let_go()
        self.bus.stop()
        self._line.stop()

    def lacks(self) -> list[str]:
        """What is not there although the process can serve without: `redis`, while the others are not heard.
        Were it not ready for that, none of them would be.
        """
        return [] if self.bus.healthy else ["redis"]

    def works_for_all(self) -> bool:
        """Whether this process does what one does for all."""
        return self._jobs.is_ours()
