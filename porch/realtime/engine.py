"""The Engine.IO server: what it is asked by HTTP, of which a WebSocket is the beginning.

Of python-engineio it keeps the ids, the handlers and the interface to python-socketio. The library's own
request handler, sockets and clock are not used.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

import engineio
import msgspec
from wsproto.frame_protocol import CloseReason

from porch.realtime.client import NO_PACKET, Client
from porch.realtime.fanout import Fanout
from porch.realtime.mailbox import BadPayload, packets_of, payload
from porch.realtime.packets import NOOP, OPEN
from porch.realtime.pinger import Pinger
from porch.realtime.probe import Probe
from porch.realtime.strangers import Strangers, TooManyStrangers
from porch.realtime.takeover import BadHandshake, handshake_answer, take_over
from porch.realtime.wire import Wire
from porch.realtime.workers import Workers
from porch.values import Rate

WEBSOCKET = "websocket"
PLAIN = "text/plain; charset=UTF-8"
MOST_QUERIES = 64  # that are remembered: whoever opens a WebSocket has the same
RETRY_AFTER = "5"  # seconds, after which strangers are let go


class BadRequest(Exception):
    """Answered with 400 and this text."""


class EngineServer(engineio.Server):  # type: ignore[misc]  # it ships no types
    """`binary` lets clients send bytes; `event_rate` is how fast each may send events."""

    def __init__(self, *, binary: bool = False, event_rate: Rate | None = None, **options: Any) -> None:
        super().__init__(monitor_clients=False, **options)
        self.binary = binary
        self.event_rate = event_rate
        self.fanout = Fanout()
        self.opened = 0  # clients that have come
        self.cuts: Counter[int] = Counter()  # clients that were cut off, by the code they were told
        self.strangers = Strangers()
        self.workers = Workers()
        self.pinger = Pinger(interval=self.ping_interval, timeout=self.ping_timeout)

    def handle_request(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        headers = [("Content-Type", PLAIN)]
        try:
            body = self._respond(environ)
            status = "200 OK"
        except BadRequest as error:
            body, status = json.dumps(str(error)), "400 Bad Request"
        except TooManyStrangers as error:
            body, status = json.dumps(str(error)), error.status
            headers.append(("Retry-After", RETRY_AFTER))
        if body is None:  # a WebSocket, which has left the HTTP server
            return []
        start_response(status, headers)
        return [body.encode()]

    def _respond(self, environ: dict[str, Any]) -> str | None:
        query = _query(environ.get("QUERY_STRING", ""))
        (transport,) = query.get("transport", [""])[:1]
        if transport not in self.transports:
            raise BadRequest("Invalid transport")
        if "j" in query:
            raise BadRequest("JSONP is not spoken here")  # which has no use but for browsers long gone
        is_websocket = transport == WEBSOCKET
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "POST") or (is_websocket and method != "GET"):
            raise BadRequest("Invalid method")
        if "sid" in query:
            client = self._client(query["sid"][0])
            if is_websocket:
                self._upgrade(client, environ)
                return None
            return self._poll(client) if method == "GET" else self._take(client, environ)
        if query.get("EIO") != ["4"]:
            raise BadRequest("Unsupported version of the protocol")
        if method != "GET":
            raise BadRequest("Invalid session")
        if is_websocket:
            self._open_websocket(environ)
            return None
        return self._poll(self._open_polling(environ))

    def _client(self, sid: str) -> Client:
        client: Client | None = self.sockets.get(sid)
        if client is None or client.closing or client.is_cut:
            raise BadRequest("Invalid session")
        if self.pinger.is_late(client):
            client.silent()
            raise BadRequest("Invalid session")
        return client

    def _open(self, environ: dict[str, Any], upgrades: list[str]) -> Client:
        sid = self.generate_id()
        client = self.sockets[sid] = Client(self, sid)
        told = {
            "sid": sid,
            "upgrades": upgrades,
            "pingInterval": int(self.ping_interval * 1000),
            "pingTimeout": int(self.ping_timeout * 1000),
            "maxPayload": self.max_http_buffer_size,
        }
        client.say(OPEN + msgspec.json.encode(told).decode())
        if self._trigger_event("connect", sid, environ, run_async=False) is False:
            del self.sockets[sid]
            raise BadRequest("Unable to connect")
        self.pinger.add(client)
        self.opened += 1
        return client

    def _open_polling(self, environ: dict[str, Any]) -> Client:
        address = environ.get("REMOTE_ADDR", "")
        self.strangers.confirm_room(address)
        client = self._open(environ, [WEBSOCKET])
        self.strangers.add(client.sid, address)
        return client

    def _open_websocket(self, environ: dict[str, Any]) -> None:
        answer = _answered(environ)
        client = self._open(environ, [])
        stream, early = take_over(environ)
        wire = Wire(stream, heard=client.hear_wire, overflowed=client.overflowed)
        client.upgrade(wire, first=answer)
        if early:
            client.hear_wire(early)

    def _upgrade(self, client: Client, environ: dict[str, Any]) -> None:
        answer = _answered(environ)
        stream, early = take_over(environ)
        probe = Probe(client, stream)
        if client.upgraded or client.probe is not None:
            probe.begin(answer)
            probe.give_up()  # one is enough
            return
        client.probe = probe
        probe.begin(answer)
        if early:
            probe.hear(early)

    def _poll(self, client: Client) -> str:
        mailbox = client.mailbox
        if mailbox is None:
            raise BadRequest("Unexpected HTTP request")
        if client.probe is not None and client.probe.has_begun:
            return NOOP
        if mailbox.is_polled:
            client.close(reason=self.reason.TRANSPORT_ERROR)
            raise BadRequest("Another poll is under way")
        packets = mailbox.wait(self.ping_interval + self.ping_timeout)
        return payload(packets) if packets else NOOP  # it was upgraded meanwhile

    def _take(self, client: Client, environ: dict[str, Any]) -> str:
        if client.upgraded:
            raise BadRequest("Unexpected HTTP request")
        try:
            body = environ["wsgi.input"].read(self.max_http_buffer_size + 1)
        except OSError:  # it broke off, or its chunks are none
            raise BadRequest("Invalid payload") from None
        client.wait_until_heard()  # what came before, as no more is read from a WebSocket either
        try:
            if len(body) > self.max_http_buffer_size:
                raise BadPayload
            packets = packets_of(body)
        except BadPayload:
            client.cut(CloseReason.INVALID_FRAME_PAYLOAD_DATA, NO_PACKET)
            raise BadRequest("Invalid payload") from None
        for packet in packets:
            client.hear(packet)
        client.wait_until_heard()
        if client.is_cut:
            raise BadRequest("Invalid payload")
        return "ok"


@lru_cache(MOST_QUERIES)
def _query(text: str) -> Mapping[str, Sequence[str]]:
    return parse_qs(text)


def _answered(environ: dict[str, Any]) -> bytes:
    try:
        return handshake_answer(environ)
    except BadHandshake:
        raise BadRequest("Invalid websocket upgrade") from None
