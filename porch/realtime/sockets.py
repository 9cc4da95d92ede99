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
        for sid, _ in list(self._server.manager.get_participants(NAMESPACE, room)):
            self._server.disconnect(sid, namespace=NAMESPACE)

    def rooms(self) -> Iterable[str]:
        return [room for room in self._server.manager.rooms.get(NAMESPACE, {}) if room]
