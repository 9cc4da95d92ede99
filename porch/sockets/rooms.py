"""What one does in a room: enter, leave, send, edit, delete, react, write, read; and watching the lobby."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from porch.access.actors import Actor
from porch.access.chats import chat_for
from porch.actions.messages.edits import delete_message, edit_message
from porch.actions.messages.reactions import react
from porch.actions.messages.sending import begin_message
from porch.actions.notifications.reads import mark_read
from porch.actions.reading.log import DEFAULT_MESSAGES, confirm_cursor, messages_after
from porch.actions.rooms.chats import own_chat_dict
from porch.actions.rooms.lobby import lobby
from porch.actions.rooms.presence import enter_chat, keep_present, leave_chat, start_typing
from porch.engines.live.rooms import LOBBY, chat_of, chat_room, lobby_room
from porch.errors import Forbidden, PorchError
from porch.sockets.connections import Answer, Connections
from porch.texts import lazy_gettext
from porch.web.json import Body, converted
from porch.web.messages import SentMessage

# Rooms that one socket may be in at once.
MOST_ROOMS = 16


class Enter(Body):
    chat_id: int
    after: int = 0
    again: bool = False  # nobody who has gone to another room meanwhile is taken out of it


class Room(Body):
    chat_id: int


class Nothing(Body):
    pass


class Send(SentMessage, kw_only=True):
    chat_id: int


class Edit(Body):
    chat_id: int
    seq: int
    content: str
    envelope: dict[str, Any] | None = None


class Delete(Body):
    chat_id: int
    seq: int


class React(Body):
    chat_id: int
    seq: int
    emoji: str
    on: bool


class Read(Body):
    chat_id: int
    seq: int
    back: bool = False


class Rooms:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._server = connections.server
        self._engines = connections.engines

    def register(self) -> None:
        self._connections.on("enter", self._enter)
        self._connections.on("leave", self._leave)
        self._connections.on_later("send", self._send)
        self._connections.on("edit", self._edit)
        self._connections.on("delete", self._delete)
        self._connections.on("react", self._react)
        self._connections.on("typing", self._typing)
        self._connections.on("read", self._read)
        self._connections.on("lobby", self._lobby)

    def _enter(self, actor: Actor, sid: str, data: object) -> Answer:
        """Subscribe first, read then: whatever is stored in between arrives twice rather than never."""
        body = converted(data, Enter)
        chat = chat_for(actor, body.chat_id)
        confirm_cursor(chat, body.after)
        if body.again:
            keep_present(self._engines, actor, chat.id)
        room = chat_room(chat.id)
        entered = [name for name in self._server.rooms(sid) if chat_of(name)]
        if room not in entered and len(entered) >= MOST_ROOMS:
            raise Forbidden(lazy_gettext("A connection can be in %(most)s rooms at once.", most=MOST_ROOMS))
        self._connections.enter_room(sid, room)
        try:
            enter_chat(self._engines, actor, chat.id, sid=sid)
            page = messages_after(actor, chat.id, after=body.after, limit=DEFAULT_MESSAGES)
        except PorchError:  # put out, or the room deleted, since the first look; or in too great a hurry
            if room not in entered:
                self._server.leave_room(sid, room)
                leave_chat(self._engines, actor, chat.id, sid=sid)
            raise
        if not self._connections.is_open(sid):  # closed meanwhile, when it was not there yet
            self._engines.presence.closed(sid, actor.session_id)
        return page.as_dict() | {"chat": page.chat or own_chat_dict(chat, actor) | {"rev": page.head}}

    def _leave(self, actor: Actor, sid: str, data: object) -> Answer:
        chat_id = converted(data, Room).chat_id
        self._server.leave_room(sid, chat_room(chat_id))
        leave_chat(self._engines, actor, chat_id, sid=sid)
        return {}

    def _send(self, actor: Actor, sid: str, data: object) -> Callable[[], Answer]:
        """What one client sends at once can share a transaction: nobody waits for the one before."""
        body = converted(data, Send)
        finish = begin_message(self._engines, actor, body.chat_id, body.said())

        def answer() -> Answer:
            message, _ = finish()
            return {"message": message}

        return answer

    def _edit(self, actor: Actor, sid: str, data: object) -> Answer:
        body = converted(data, Edit)
        message = edit_message(
            self._engines,
            actor,
            body.chat_id,
            body.seq,
            content=body.content,
            envelope=body.envelope,
        )
        return {"message": message}

    def _delete(self, actor: Actor, sid: str, data: object) -> Answer:
        body = converted(data, Delete)
        return {"message": delete_message(self._engines, actor, body.chat_id, body.seq)}

    def _react(self, actor: Actor, sid: str, data: object) -> Answer:
        body = converted(data, React)
        return {"message": react(self._engines, actor, body.chat_id, body.seq, body.emoji, on=body.on)}

    def _typing(self, actor: Actor, sid: str, data: object) -> Answer:
        start_typing(self._engines, actor, converted(data, Room).chat_id)
        return {}

    def _read(self, actor: Actor, sid: str, data: object) -> Answer:
        body = converted(data, Read)
        mark_read(self._engines, actor, body.chat_id, body.seq, back=body.back)
        return {}

    def _lobby(self, actor: Actor, sid: str, data: object) -> Answer:
        """Subscribe first, read then, as with rooms."""
        converted({} if data is None else data, Nothing)
        rooms = [room for room in (LOBBY, lobby_room(actor.user_id)) if room not in self._server.rooms(sid)]
        for room in rooms:
            self._connections.enter_room(sid, room)
        try:
            return lobby(self._engines, actor)
        except PorchError:
            for room in rooms:
                self._server.leave_room(sid, room)
            raise
