"""A WebSocket that asks to take over from polling."""

from __future__ import annotations

from typing import Any

import gevent
from wsproto.frame_protocol import CloseReason

from porch.realtime.client import Client
from porch.realtime.frames import Found, FrameReader, Pinged, close_frame, message_frame, pong_frame
from porch.realtime.packets import NOOP, PROBE, PROBED, UPGRADE
from porch.realtime.wire import Stream, Wire

# Seconds in which it has to be done.
PATIENCE = 10.0


class Probe:
    """The client probes the line, stops polling, and says that it has: then it is upgraded.

    Until then polling goes on, and also after a probe that fails. From the first word on, polls are answered
    at once, with nothing.
    """

    def __init__(self, client: Client, stream: Stream) -> None:
        self.has_begun = False
        self._client = client
        self._reader = FrameReader(client.server.max_http_buffer_size)
        self._wire = Wire(stream, heard=self.hear, overflowed=self.give_up)
        self._deadline: Any = gevent.get_hub().loop.timer(PATIENCE)  # None once it is over
        self._deadline.start(self.give_up)

    def begin(self, answer: bytes) -> None:
        """Answer the handshake. Where the client has gone meanwhile, this is the end of it."""
        self._wire.write(answer)

    def hear(self, data: bytes) -> None:
        """On the event loop: read what came; nothing is the end."""
        if not data:
            self.give_up()
        for found in self._reader.feed(data):
            self._hear(found)

    def give_up(self) -> None:
        self._wire.close(close_frame(CloseReason.POLICY_VIOLATION, "no upgrade"), lingers=False)
        self._end()

    def _hear(self, found: Found) -> None:
        client = self._client
        if client.wire is self._wire:
            client.hear_found(found)  # that came in one piece with the upgrade
        elif found == PROBE:
            self._wire.write(message_frame(PROBED))
            self.has_begun = True
            if client.mailbox is not None and client.mailbox.is_polled:
                client.mailbox.put(NOOP)
        elif found == UPGRADE and self.has_begun and not self._wire.is_closing:
            self._end()
            client.upgrade(self._wire, self._reader)
        elif isinstance(found, Pinged):
            self._wire.write(pong_frame(found.payload))
        else:
            self.give_up()

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.stop()
            self._deadline.close()
            self._deadline = None
        if self._client.probe is self:
            self._client.probe = None
