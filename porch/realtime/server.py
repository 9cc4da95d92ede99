"""The Socket.IO server of `porch run`: python-socketio's, on our transport."""

from __future__ import annotations

from typing import Any

import socketio
from socketio import packet
from wsproto.frame_protocol import CloseReason

from porch.realtime.engine import EngineServer
from porch.realtime.guarded import GuardedPacket
from porch.realtime.later import Later
from porch.realtime.manager import RoomManager
from porch.realtime.packets import MESSAGE
from porch.realtime.sockets import NAMESPACE, RESERVED
from porch.realtime.strangers import TOO_MANY_STRANGERS, TooManyStrangers

# What a handler of connects may want of the request; the rest of its environment is let go.
KEPT = frozenset(
    """
    HTTP_ACCEPT_LANGUAGE HTTP_COOKIE HTTP_HOST HTTP_ORIGIN HTTP_USER_AGENT PATH_INFO QUERY_STRING REMOTE_ADDR
    REQUEST_METHOD SCRIPT_NAME SERVER_NAME SERVER_PORT SERVER_PROTOCOL wsgi.url_scheme
    """.split()
)


class SocketServer(socketio.Server):  # type: ignore[misc]  # it ships no types
    """Handlers of the events in `deferring` may return a Later: then the acknowledgement follows when it is
    there, and the client's next event of these is heard meanwhile. Any other event waits for it.
    """

    def __init__(self, **options: Any) -> None:
        self.deferring: set[str] = set()
        super().__init__(
            async_mode="gevent",
            async_handlers=False,  # one client's events keep their order
            client_manager=RoomManager(),
            **{"serializer": GuardedPacket} | options,
        )

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer

    def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        super()._handle_eio_connect(eio_sid, {name: environ[name] for name in KEPT & environ.keys()})

    def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        if not data:
            raise ValueError("not a packet")
        super()._handle_eio_message(eio_sid, data)

    def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        if (namespace or "/") in self.namespaces:
            super()._handle_connect(eio_sid, namespace, data)
            if self.manager.sid_from_eio_sid(eio_sid, namespace or "/") is not None:  # it was let in
                self.eio.strangers.forget(eio_sid)
        else:  # the library says it in other words than the protocol's reference does
            told = {"message": "Invalid namespace"}
            self._send_packet(
                eio_sid, self.packet_class(packet.CONNECT_ERROR, namespace=namespace, data=told)
            )

    def _handle_disconnect(self, eio_sid: str, namespace: str | None, reason: str | None = None) -> None:
        was_in = self.manager.sid_from_eio_sid(eio_sid, NAMESPACE) is not None
        super()._handle_disconnect(eio_sid, namespace, reason)
        leaves = was_in and (namespace or "/") == NAMESPACE
        client = self.eio.sockets.get(eio_sid)
        if leaves and client is not None and not client.closing and not client.upgraded:
            address = self.environ[eio_sid].get("REMOTE_ADDR", "")
            try:
                self.eio.strangers.confirm_room(address)
            except TooManyStrangers:  # else those who sign in and leave again could be any number
                client.cut(CloseReason.TRY_AGAIN_LATER, TOO_MANY_STRANGERS)
            else:
                self.eio.strangers.add(eio_sid, address)

    def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: list[Any]) -> None:
        """What the library does here and where it goes on, in one piece."""
        name, namespace = data[0], namespace or "/"
        if name in RESERVED:  # python-socketio 5 does not look; who sends them would speak for it
            return
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        client = self.eio.sockets.get(eio_sid)
        if client is None or not self.manager.is_connected(sid, namespace):
            return
        is_deferring = name in self.deferring
        if not is_deferring:
            client.settle()
        handler = self.handlers.get(namespace, {}).get(name)
        if handler is not None:
            answer = handler(sid, *data[1:])
        else:
            answer = self._trigger_event(name, namespace, sid, *data[1:])
            if answer is self.not_handled:
                return
        if is_deferring:
            client.owe(lambda: self._acknowledge(eio_sid, namespace, id, answer))
        else:
            self._acknowledge(eio_sid, namespace, id, answer)

    def _acknowledge(self, eio_sid: str, namespace: str, id: int | None, answer: Any) -> None:
        given = answer.result() if isinstance(answer, Later) else answer
        if id is not None:
            arguments = list(given) if isinstance(given, tuple) else [] if given is None else [given]
            binary = None if self.eio.binary else False
            self._send_packet(
                eio_sid,
                self.packet_class(packet.ACK, namespace=namespace, id=id, data=arguments, binary=binary),
            )

    def _send_packet(self, eio_sid: str, pkt: Any) -> None:
        client = self.eio.sockets.get(eio_sid)
        if client is not None:
            encoded = pkt.encode()
            for part in encoded if isinstance(encoded, list) else [encoded]:
                client.say(MESSAGE + part if isinstance(part, str) else part)
