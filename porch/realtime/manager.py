"""Who is in which room, and what is sent to rooms: encoded once for everybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import socketio
from socketio import packet

from porch.realtime.client import Client
from porch.realtime.packets import MESSAGE

Room = tuple[str, str]  # namespace and name
EVENT = f"{MESSAGE}{packet.EVENT}"


class _Sids(dict[str, str]):
    """The transport's sid by that of each socket in a room, for the library, which has a bidict for it. From
    the other side it looks into that of all sockets alone.
    """

    __slots__ = ()

    @property
    def _fwdm(self) -> dict[str, str]:
        return self


class RoomManager(socketio.Manager):  # type: ignore[misc]  # it ships no types
    """python-socketio's table of rooms, with the clients of each beside it, and the rooms of each socket.

    The library asks its table for all rooms whenever a socket leaves, which a room of one's own for each
    socket makes slow.
    """

    def __init__(self) -> None:
        super().__init__()
        self._clients: dict[Room, dict[str, Client]] = {}  # by the transport's sid
        self._rooms_of: defaultdict[tuple[str, str], dict[Any, None]] = defaultdict(
            dict
        )  # by namespace and sid

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: Any = None,
        **options: Any,
    ) -> None:
        room = to or room
        if isinstance(room, str) and room not in self.rooms.get(namespace, ()):
            return  # nobody is there, and nothing is encoded for nobody
        clients = self._clients.get((namespace, room)) if isinstance(room, str) else None
        if clients is None or skip_sid or callback or self.server.eio.binary:
            super().emit(event, data, namespace, room, skip_sid, callback, **options)
            return
        arguments = data if isinstance(data, tuple) else () if data is None else (data,)
        encoded = self.server.packet_class.json.dumps([event, *arguments])
        self.server.eio.fanout.send((namespace, room), clients, _head(namespace) + encoded)

    def relay(self, told: Sequence[tuple[str, str]], namespace: str, room: str) -> None:
        """Send events with one argument each, the JSON of which is made already."""
        clients = self._clients.get((namespace, room))
        if clients is not None:
            head = _head(namespace)
            messages = [f'{head}["{event}",{encoded}]' for event, encoded in told]
            self.server.eio.fanout.send((namespace, room), clients, *messages)

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: str | None = None) -> None:
        if room is not None and namespace in self.rooms:
            self.rooms[namespace].setdefault(room, _Sids())
        super().basic_enter_room(sid, namespace, room, eio_sid)
        self._rooms_of[namespace, sid][room] = None
        client = self.server.eio.sockets.get(self.rooms[namespace][None][sid])
        if room is not None and room != sid and client is not None:
            self.server.eio.fanout.seal((namespace, room))
            self._clients.setdefault((namespace, room), {})[client.sid] = client

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        transport_sid = self.rooms.get(namespace, {}).get(room, {}).get(sid)
        super().basic_leave_room(sid, namespace, room)
        rooms = self._rooms_of.get((namespace, sid))
        if rooms is not None:
            rooms.pop(room, None)
            if not rooms:
                del self._rooms_of[namespace, sid]
        clients = self._clients.get((namespace, room))
        if clients is not None and transport_sid in clients:
            self.server.eio.fanout.seal((namespace, room))
            del clients[transport_sid]
            if not clients:
                del self._clients[namespace, room]

    def basic_disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        for room in list(self._rooms_of.get((namespace, sid), ())):
            self.basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        for waiting in (self.pending_connect, self.pending_disconnect):
            if sid in waiting.get(namespace, ()):
                waiting[namespace].remove(sid)
                if not waiting[namespace]:
                    del waiting[namespace]

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return [room for room in self._rooms_of.get((namespace, sid), ()) if room is not None]


def _head(namespace: str) -> str:
    """What stands in a message before the JSON of an event."""
    return EVENT if namespace == "/" else f"{EVENT}{namespace},"
