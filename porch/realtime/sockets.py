"""What delivery needs of Socket.IO."""

from __future__ import annotations

from collections.abc import Iterable

from socketio import Server

NAMESPACE = "/"


class SocketRooms:
    """Delivery's view of the sockets of this process."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def emit(self, event: str, payload: object, room: str) -> None:
        self._server.emit(event, payload, room=room, namespace=NAMESPACE)

    def close_room(self, room: str) -> None:
        for sid, transport_sid in list(self._server.manager.get_participants(NAMESPACE, room)):
            self._server.disconnect(sid, namespace=NAMESPACE)
            # That asks the client to go; this makes it. It waits for what is still to be sent.
            self._server.start_background_task(self._server.eio.disconnect, transport_sid)

    def rooms(self) -> Iterable[str]:
        return [room for room in self._server.manager.rooms.get(NAMESPACE, {}) if room]
