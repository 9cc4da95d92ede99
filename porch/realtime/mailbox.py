"""What waits for the next poll of a client that has no WebSocket."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from gevent.event import Event

from porch.realtime.backlog import MOST_BYTES, MOST_EVENTS
from porch.realtime.packets import Packet

BETWEEN = "\x1e"  # packets of one payload
# Packets in the body of one request.
MOST_PACKETS = 128


class BadPayload(Exception):
    """Bytes that are no payload."""


class Mailbox:
    """Packets in the order in which they are to go. One poll may wait for them at a time."""

    def __init__(self) -> None:
        self._packets: list[Packet] = []
        self._bytes = 0
        self._poll: Any = None  # what the one poll waits for

    def put(self, packet: Packet) -> None:
        self._packets.append(packet)
        self._bytes += len(packet)
        if self._poll is not None:
            self._poll.set()

    @property
    def size(self) -> int:
        """Bytes."""
        return self._bytes

    @property
    def is_full(self) -> bool:
        return len(self._packets) > MOST_EVENTS or self._bytes > MOST_BYTES

    @property
    def is_polled(self) -> bool:
        return self._poll is not None

    def wait(self, timeout: float) -> list[Packet]:
        """What is here, or what comes next; nothing when nothing came in so many seconds."""
        if not self._packets:
            self._poll = Event()
            try:
                self._poll.wait(timeout)
            finally:
                self._poll = None
        return self.take()

    def take(self) -> list[Packet]:
        packets, self._packets = self._packets, []
        self._bytes = 0
        return packets


def payload(packets: list[Packet]) -> str:
    """Several packets as the body of one answer."""
    return BETWEEN.join(
        packet if isinstance(packet, str) else "b" + base64.b64encode(packet).decode() for packet in packets
    )


def packets_of(body: bytes) -> list[Packet]:
    """The packets in the body of a request. Raises BadPayload."""
    try:
        texts = body.decode().split(BETWEEN)
        if len(texts) > MOST_PACKETS or not all(texts):
            raise BadPayload
        return [base64.b64decode(text[1:], validate=True) if text.startswith("b") else text for text in texts]
    except (UnicodeDecodeError, binascii.Error):
        raise BadPayload from None
