"""What one does in a room: enter, leave, send."""

from __future__ import annotations

from porch import access
from porch.access import Actor
from porch.actions.messages import DEFAULT_MESSAGES, messages_after, own_chat_dict, send_message
from porch.engines.delivery import chat_room
from porch.errors import Forbidden
from porch.sockets.connections import Answer, Connections
from porch.web.json import Body, converted

# Rooms that one socket may be in at once.
MOST_ROOMS = 16


class Enter(Body):
    chat_id: int
    after: int = 0


class Leave(Body):
    chat_id: int


class Send(Body):
    chat_id: int
    client_id: str
    content: str


class Rooms:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._server = connections.server

    def register(self) -> None:
        self._connections.on("enter", self._enter)
        self._connections.on("leave", self._leave)
        self._connections.on("send", self._send)

    def _enter(self, actor: Actor, sid: str, data: object) -> Answer:
        """Subscribe first, read then: whatever is stored in between arrives twice rather than never."""
        body = converted(data, Enter)
        chat = access.chat_for(actor, body.chat_id)
        room = chat_room(chat.id)
        entered = [name for name in self._server.rooms(sid) if name.startswith("chat:")]
        if room not in entered and len(entered) >= MOST_ROOMS:
            raise Forbidden(f"A connection can be in {MOST_ROOMS} rooms at once.")
        self._server.enter_room(sid, room)
        page = messages_after(actor, chat.id, after=body.after, limit=DEFAULT_MESSAGES)
        return page.as_dict() | {"chat": page.chat or own_chat_dict(chat, actor) | {"rev": page.head}}

    def _leave(self, actor: Actor, sid: str, data: object) -> Answer:
        self._server.leave_room(sid, chat_room(converted(data, Leave).chat_id))
        return {}

    def _send(self, actor: Actor, sid: str, data: object) -> Answer:
        body = converted(data, Send)
        message, _ = send_message(
            self._connections.engines, actor, body.chat_id, content=body.content, client_id=body.client_id
        )
        return {"message": message}
