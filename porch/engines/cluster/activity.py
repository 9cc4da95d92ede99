"""Who is looking at a page of this site right now, whichever process they say so to."""

from __future__ import annotations

from typing import Any

from porch.engines.cluster.bus import Bus
from porch.engines.live.activity import Activity


class SharedActivity(Activity):
    """Each process knows all. What is lost on the way is said again within a minute."""

    def __init__(self, bus: Bus, **options: Any) -> None:
        super().__init__(**options)
        self._bus = bus
        bus.on("active", lambda _process, said: super(SharedActivity, self).note(*said[:2], active=said[2]))

    def note(self, user_id: int, session_id: int, *, active: bool) -> None:
        super().note(user_id, session_id, active=active)
        self._bus.tell("active", (user_id, session_id, active))
