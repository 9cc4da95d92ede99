"""One Engine.IO client, by polling or by WebSocket."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

import gevent
from wsproto.frame_protocol import CloseReason

from porch.realtime.fanout import Fanout
from porch.realtime.frames import (
    Closing,
    Found,
    FrameReader,
    Pinged,
    close_frame,
    message_frame,
    message_frames,
    pong_frame,
)
from porch.realtime.inbox import Inbox
from porch.realtime.mailbox import Mailbox
from porch.realtime.pace import Pace
from porch.realtime.packets import CLOSE, MESSAGE, NOOP, PING, PONG, Packet
from porch.realtime.pinger import Pinger
from porch.realtime.strangers import Strangers
from porch.realtime.wire import Wire, no_wire
from porch.realtime.workers import Job, Workers
from porch.values import Rate

log = logging.getLogger(__name__)

TOO_SLOW = "too slow: come back and catch up"
TOO_MANY = "too many events"
NO_PACKET = "not a packet"


class Server(Protocol):
    """What a client needs of the server that it belongs to."""

    binary: bool
    event_rate: Rate | None
    max_http_buffer_size: int
    workers: Workers
    fanout: Fanout
    pinger: Pinger
    strangers: Strangers
    cuts: Counter[int]
    # As engineio has them.
    reason: Any
    handlers: dict[str, Callable[..., Any]]
    sockets: dict[str, Any]

    def _trigger_event(self, event: str, sid: str, reason: str, *, run_async: bool) -> object: ...


class Upgrade(Protocol):
    """A WebSocket that asks to take over."""

    has_begun: bool

    def give_up(self) -> None: ...


class Client:
    """What engineio's server knows as a socket, of which it asks `closed`, `upgraded`, `session`, `send` and
    `close`.

    Everything that is sent goes through `say`, or through the fan-out and `keep`.
    """

    __slots__ = (
        "_inbox", "_pace", "_reader", "answers_by", "closed", "closing", "is_cut", "mailbox", "probe",
        "server", "session", "sid", "wire",
    )  # fmt: skip

    def __init__(self, server: Server, sid: str) -> None:
        self.server = server
        self.sid = sid
        self.session: dict[str, Any] = {}  # engineio's, for applications
        self.closing = self.closed = False
        self.answers_by: float | None = None  # the pinger's
        self.mailbox: Mailbox | None = Mailbox()  # until there is a WebSocket,
        self.wire: Wire = no_wire  # and this then
        self.probe: Upgrade | None = None  # between the two
        self._reader = FrameReader(server.max_http_buffer_size)
        self._inbox = Inbox(server.workers, hear=self._hear, flow=self._flow)
        self._pace = Pace(server.event_rate)
        self.is_cut = False

    @property
    def upgraded(self) -> bool:
        return self.mailbox is None

    @property
    def kept(self) -> int:
        """Bytes that the client has not taken yet."""
        return self.wire.kept if self.mailbox is None else self.mailbox.size

    def say(self, packet: Packet) -> None:
        """Send a packet, after all that is on its way to this client."""
        if self.closed:
            return
        claimed = self.server.fanout.claim(self)
        if self.mailbox is not None:
            self._post([*claimed, packet])
        elif claimed:
            self.wire.write(message_frames([*claimed, packet]), len(claimed) + 1)
        else:
            self.wire.write(message_frame(packet))

    def keep(self, packets: list[str], frames: bytes, sent: int) -> None:
        """Send what the fan-out could not, of which `wire.push` took `sent` bytes."""
        if self.closed:
            return
        if self.mailbox is None:
            self.wire.keep(frames, sent, len(packets))
        else:
            self._post(packets)

    def send(self, packet: Any) -> None:
        """Send a packet of engineio's."""
        self.say(packet.data if packet.binary else packet.encode())

    def ping(self) -> None:
        self.say(PING)

    def silent(self) -> None:
        self.close(reason=self.server.reason.PING_TIMEOUT)

    def owe(self, answer: Job) -> None:
        """While an event of this client is heard: its answer comes later, and those after it later still."""
        self._inbox.owe(answer)

    def settle(self) -> None:
        """Give the answers that are owed."""
        self._inbox.settle()

    def upgrade(self, wire: Wire, reader: FrameReader | None = None, *, first: bytes = b"") -> None:
        """From now on by WebSocket; what waits for a poll goes there, after `first`."""
        assert self.mailbox is not None
        packets = self.mailbox.take()
        if self.mailbox.is_polled:
            self.mailbox.put(NOOP)
        self.mailbox = None
        self.server.strangers.forget(self.sid)  # a connection of its own bounds it from now on
        self.wire, self._reader = wire, reader or self._reader
        wire.heard, wire.overflowed = self.hear_wire, self.overflowed
        frames = first + message_frames(packets)
        if frames:
            wire.write(frames, len(packets))

    def hear_wire(self, data: bytes) -> None:
        """On the event loop: read what came on the WebSocket. None is the end."""
        if not data:
            self._inbox.then(partial(self.close, abort=True, reason=self.server.reason.TRANSPORT_CLOSE))
            return
        for found in self._reader.feed(data):
            self.hear_found(found)

    def hear_found(self, found: Found) -> None:
        if isinstance(found, Closing):
            self._hear_closing(found)
        elif self.wire.is_closing:
            return  # nobody listens any more
        elif isinstance(found, Pinged):
            self.wire.write(pong_frame(found.payload))
        else:
            self.hear(found)

    def hear(self, packet: Packet) -> None:
        """Take a packet from the client, to be heard after those before it; none of one that has gone."""
        if self.closed:
            return
        if packet == PONG:
            self.server.pinger.answered(self)
        elif packet == CLOSE:
            self._inbox.then(partial(self.close, reason=self.server.reason.CLIENT_DISCONNECT))
        elif self.server.binary if isinstance(packet, bytes) else packet.startswith(MESSAGE):
            self._inbox.put(packet)
        else:
            self.cut(CloseReason.POLICY_VIOLATION, NO_PACKET)

    def wait_until_heard(self) -> None:
        self._inbox.wait()

    def cut(self, code: int, told: str) -> None:
        """Let the client go at once and without waiting, whatever it has not read yet."""
        if self.is_cut or self.closed:
            return
        self.is_cut = True
        self.server.cuts[code] += 1
        self.wire.close(close_frame(code, told), lingers=True, forgets=True)
        self.server.workers.start(partial(self.close, reason=self.server.reason.TRANSPORT_ERROR))

    def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """Let the client go, as engineio asks for it; `abort` says that the connection is lost already.

        The application hears of it here.
        """
        if self.closing:
            return
        self.closing = True
        reason = reason or self.server.reason.SERVER_DISCONNECT
        self.server._trigger_event("disconnect", self.sid, reason, run_async=False)
        if self.probe is not None:
            self.probe.give_up()
        if self.mailbox is not None and self.mailbox.is_polled:
            # Who is told nothing finds out by the next poll, and comes back like from any lost connection.
            self.mailbox.put(NOOP if abort or reason == self.server.reason.CLIENT_DISCONNECT else CLOSE)
        elif not abort:
            self.say(CLOSE)
        self.closed = True
        self.wire.close(close_frame(CloseReason.NORMAL_CLOSURE), lingers=not abort)
        self.server.sockets.pop(self.sid, None)
        self.server.strangers.forget(self.sid)
        self.server.pinger.forget(self)

    def _post(self, packets: Iterable[Packet]) -> None:
        assert self.mailbox is not None
        for packet in packets:
            self.mailbox.put(packet)
            if self.mailbox.is_full:
                self.overflowed()

    def overflowed(self) -> None:
        self.cut(CloseReason.TRY_AGAIN_LATER, TOO_SLOW)

    def _hear_closing(self, closing: Closing) -> None:
        reason = self.server.reason
        if self.wire.is_closing:  # this is the answer to ours
            self.wire.destroy()
            return
        self.wire.close(close_frame(closing.code, closing.reason), lingers=not closing.is_goodbye)
        self._inbox.then(
            partial(
                self.close,
                abort=True,
                reason=reason.TRANSPORT_CLOSE if closing.is_goodbye else reason.TRANSPORT_ERROR,
            )
        )

    def _flow(self, goes: bool) -> None:
        if goes:
            self.wire.resume()
        else:
            self.wire.pause()

    def _hear(self, packet: Packet) -> None:
        if wait := self._pace.take():
            if self._pace.is_flood:
                self.cut(CloseReason.POLICY_VIOLATION, TOO_MANY)
            else:
                gevent.sleep(wait)
        if self.closed or self.is_cut:
            return
        try:
            self.server.handlers["message"](self.sid, packet if isinstance(packet, bytes) else packet[1:])
        except ValueError:
            self.cut(CloseReason.POLICY_VIOLATION, NO_PACKET)
        except Exception:
            log.exception("a packet was not heard")
            self.cut(CloseReason.INTERNAL_ERROR, "")
