"""What delivery needs of Socket.IO."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from socketio import Server

from porch.realtime.manager import RoomManager

NAMESPACE = "/"


# What the library itself tells handlers; a client that sends an event of this name would speak for it.
RESERVED = ("connect", "disconnect", "connect_error", "*")


def ignore_reserved_events(server: Server) -> None:
    """Hear no event from a client whose name is the library's own. python-socketio 5 does not look."""
    handle = server._handle_event

    def guarded(transport_sid: str, namespace: str | None, ack: int | None, data: list[object]) -> None:
        if data and data[0] not in RESERVED:
            handle(transport_sid, namespace, ack, data)

    server._handle_event = guarded


def close_transport(server: Server, transport_sid: str) -> None:
    """Close a connection below Socket.IO, without waiting for a client that does not read."""
    connection = server.eio.sockets.pop(transport_sid, None)
    if connection is not None:
        connection.close(wait=False)


class SocketRooms:
    """Delivery's view of the sockets of this process."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def emit(self, event: str, payload: object, room: str) -> None:
        self._server.manager.emit(event, payload, NAMESPACE, room=room)

    def relay(self, told: Sequence[tuple[str, str]], room: str) -> None:
        manager = self._server.manager
        if isinstance(manager, RoomManager):
            manager.relay(told, NAMESPACE, room)
        else:
            for event, encoded in told:
                self.emit(event, msgspec.json.decode(encoded), room)

    def leave(self, sid: str, room: str) -> None:
        self._server.leave_room(sid, room, namespace=NAMESPACE)

    def sockets(self, room: str) -> Iterable[str]:
        return [sid for sid, _ in self._server.manager.get_participants(NAMESPACE, room)]

    def close_room(self, room: str) -> None:
        for sid, transport_sid in list(self._server.manager.get_participants(NAMESPACE, room)):
            self._server.disconnect(sid, namespace=NAMESPACE)
            close_transport(self._server, transport_sid)  # that asked the client to go; this makes it

    def rooms(self) -> Iterable[str]:
        return [room for room in self._server.manager.rooms.get(NAMESPACE, {}) if room]
