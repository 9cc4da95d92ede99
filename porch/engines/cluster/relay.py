"""What is announced in one process reaches those who are in another.

What belongs to the log of a chat goes to those that listen to the chat, as the JSON that sockets are sent;
everything else, which is about people and rooms, goes to all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from porch.engines.cluster.bus import Bus
from porch.engines.cluster.heads import Heads
from porch.engines.live.delivery import Delivery
from porch.events import Event, head

OF_THE_LOG = frozenset({"message", "head", "typing", "epoch"})
# Seconds that a chat is listened to after somebody was there last or asked: who polls asks again.
LINGERS = 60.0

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Relay:
    """Of what others say in a chat, `observe` hears who is typing, and messages where `wants` says that
    somebody was: sockets are sent it unread.
    """

    def __init__(
        self,
        bus: Bus,
        delivery: Delivery,
        *,
        wants: Callable[[int], bool],
        observe: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bus = bus
        self._delivery = delivery
        self._wants = wants
        self._observe = observe
        self._clock = clock
        self._used: dict[int, float] = {}  # chats that were asked for, and when last
        self.heads = Heads(
            read=delivery.heads_of,
            chats=delivery.chats,
            tell=lambda chat_id, rev: self._hear([head(chat_id, rev)]),
        )
        bus.on("event", lambda _process, payload: self._hear([msgspec.convert(payload, Event)]))
        bus.on_chats(heard=self._hear_chat, joined=self.heads.joined)
        bus.when_lost(lambda _process: self.heads.look_soon())

    def publish(self, events: Sequence[Event]) -> None:
        """Tell the others, in this order."""
        for event in events:
            rev = event.payload.get("rev", 0)
            if event.name in OF_THE_LOG and event.chat_id is not None:
                self._bus.tell_chat(
                    event.chat_id, b"%b %d %b" % (event.name.encode(), rev, _encode(event.payload))
                )
            else:
                self._bus.tell("event", event)
            if event.chat_id is not None:
                self.heads.passed(event.chat_id, rev)

    def listen(self, chat_id: int) -> None:
        self._used[chat_id] = self._clock()
        self._bus.listen(chat_id)

    def sweep(self) -> None:
        """Listen to the chats that somebody is in, and to no others for long."""
        now = self._clock()
        for chat_id in self._delivery.chats():
            self.listen(chat_id)
        for chat_id in self._bus.listened():
            if now - self._used.get(chat_id, 0.0) > LINGERS:
                self._bus.ignore(chat_id)
                self._used.pop(chat_id, None)

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.chat_id is not None:
                self.heads.passed(event.chat_id, event.payload.get("rev", 0))
        self._delivery.hear(events)

    def _hear_chat(self, chat_id: int, lines: Sequence[bytes]) -> None:
        is_wanted, passed = self._wants(chat_id), 0
        told: list[tuple[str, str]] = []
        for line in lines:
            try:
                name, rev, encoded = line.decode().split(" ", 2)
                come = int(rev)
                if name not in OF_THE_LOG:
                    raise ValueError(f"not of the log: {name[:40]!r}")
                if is_wanted or name == "typing":  # of which those who poll are to know
                    self._observe(Event(name, _decode(encoded), chat_id))
            except Exception as error:  # noqa: BLE001  # the next is somebody else's; what was missed comes later
                self._bus.nonsense.note(error)
                continue
            passed = max(passed, come)
            told.append((name, encoded))
        self.heads.passed(chat_id, passed)
        self._delivery.relay(chat_id, told)
