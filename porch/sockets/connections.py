"""Who is behind each socket: connecting with a token, bounds on sockets, and errors as acks."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask
from socketio import Server
from socketio.exceptions import ConnectionRefusedError
from werkzeug.wrappers import Request

from porch import events
from porch.access.actors import (
    NAME_GONE,
    Actor,
    actor_for_session,
    actor_for_token,
    live_sessions,
    remembered_actor,
    remembered_actor_for_session,
)
from porch.access.chats import members_among
from porch.actions.people.sessions import touch_session
from porch.engines import Engines
from porch.engines.live.rooms import chat_of, session_room, user_room
from porch.engines.reading.memory import Memory
from porch.errors import UNEXPECTED, Invalid, NotFound, PorchError, TooFast, Unauthenticated
from porch.networks import network_of
from porch.realtime.later import Later
from porch.realtime.setup import defer
from porch.realtime.sockets import NAMESPACE, close_transport
from porch.texts import lazy_gettext
from porch.web.cookies import read_session_cookie
from porch.web.language import language_of, speaking

log = logging.getLogger(__name__)

# Seconds in which a connection has to sign in.
PATIENCE = 5.0

T = TypeVar("T")

Answer = dict[str, Any]
Handler = Callable[[Actor, str, Any], Answer]


@dataclass(frozen=True, slots=True)
class Connection:
    """Who is behind a socket that was accepted; `address` is as limits count it (`network_of`)."""

    session_id: int
    user_id: int
    address: str
    language: str | None  # that it asked for


class Connections:
    """The sockets of this process. Entries live from an accepted connect to its disconnect."""

    def __init__(self, app: Flask, server: Server, engines: Engines, memory: Memory) -> None:
        self.server = server
        self.engines = engines
        self._app = app
        self._memory = memory
        self._sockets: dict[str, Connection] = {}
        self._strangers: dict[str, float] = {}  # since when each was seen
        self._per_user: Counter[int] = Counter()
        self._per_address: Counter[str] = Counter()

    def register(self) -> None:
        self.server.on("connect", self._connect)
        self.server.on("disconnect", self._disconnect)
        self.server.on("*", self._refuse)

    def on(self, event: str, handler: Handler) -> None:
        """Register `handler(actor, sid, data) -> ack`. Errors become `{error}`, never a silence."""

        def handle(sid: str, data: object = None, *more: object) -> Answer:
            return self._answer(event, sid, lambda: handler(self._actor(sid, more), sid, data))

        self.server.on(event, handle)

    def on_later(self, event: str, begin: Callable[[Actor, str, Any], Callable[[], Answer]]) -> None:
        """Like `on`, for a handler that returns what waits for its answer.

        Where the server can, it hears the client's next event of this name meanwhile.
        """
        may_defer = defer(self.server, event)

        def handle(sid: str, data: object = None, *more: object) -> Answer | Later:
            begun = self._try(event, sid, lambda: begin(self._actor(sid, more), sid, data))
            if isinstance(begun, dict):
                return begun
            later = Later(lambda: self._answer(event, sid, begun))
            return later if may_defer else later.result()

        self.server.on(event, handle)

    def _answer(self, event: str, sid: str, run: Callable[[], Answer]) -> Answer:
        return self._try(event, sid, lambda: {"ok": True, **run()})

    def _try(self, event: str, sid: str, run: Callable[[], T]) -> T | Answer:
        """What `run` returns, or `{error}` in the words of whoever is behind the socket."""
        try:
            with self._app.app_context():
                return run()
        except PorchError as error:
            if error.cause:
                log.warning("%s refused: %s", event, error.cause)
            return self._refused(sid, error)
        except Exception:
            log.exception("%s failed", event)
            return self._refused(sid, PorchError(UNEXPECTED))

    def _refuse(self, _event: str, sid: str, *_data: object) -> Answer:
        """The answer to an event that nobody else has registered for."""
        return self._refused(sid, NotFound(lazy_gettext("There is no such event.")))

    def _refused(self, sid: str, error: PorchError) -> Answer:
        # Called where the error is caught: one that a name of its own frame holds is a circle, and what the
        # client has sent would stay with it until the garbage collector comes.
        self.engines.meters.errors["socket", error.code] += 1
        connection = self._sockets.get(sid)
        with speaking(self._app, connection.language if connection else None):
            return {"error": error.as_dict()}

    def sweep(self, now: float) -> None:
        """Close connections that have not signed in within PATIENCE; `now` is a monotonic time.

        A connection that was refused stays open below Socket.IO until its client goes, or this.
        """
        strangers = {
            transport_sid
            for transport_sid in list(self.server.eio.sockets)
            if self.server.manager.sid_from_eio_sid(transport_sid, NAMESPACE) not in self._sockets
        }
        self._strangers = {sid: self._strangers.get(sid, now) for sid in strangers}
        for sid, since in self._strangers.items():
            if now - since >= PATIENCE:
                close_transport(self.server, sid)

    def dismiss(self) -> None:
        """Close every connection below Socket.IO, without a goodbye: stock clients would take it for good.
        From a lost connection they come back, each after a while of its own.
        """
        for connection in list(self.server.eio.sockets.values()):
            connection.close(wait=False, abort=True)

    def enter_room(self, sid: str, room: str) -> None:
        """Raises Unauthenticated for one that was closed meanwhile: nobody would take it out again."""
        if sid not in self._sockets:
            raise Unauthenticated
        self.server.enter_room(sid, room)

    def is_open(self, sid: str) -> bool:
        return sid in self._sockets

    def sessions(self) -> list[int]:
        """The sessions that have a socket open here."""
        return list({connection.session_id for connection in self._sockets.values()})

    def check(self) -> None:
        """Close the sockets of sessions that another program has ended, or that are too old, and take people
        out of rooms who are no members any more. Another process tells both, but may not have been heard.
        """
        sessions, places = self.sessions(), list(self._places())
        with self._app.app_context():
            over = set(sessions) - live_sessions(self.engines.settings, sessions)
            out = set(places) - members_among(places)
        self.engines.delivery.announce([events.session_ended(session_id) for session_id in over])
        self.engines.delivery.announce([events.removed(chat_id, user_id) for chat_id, user_id in out])

    def _places(self) -> set[tuple[int, int]]:
        """Each chat that somebody is in here by a socket, with who it is."""
        return {
            (chat_id, connection.user_id)
            for sid, connection in list(self._sockets.items())
            for room in self.server.rooms(sid)
            if (chat_id := chat_of(room)) is not None
        }

    def _actor(self, sid: str, more: Sequence[object]) -> Actor:
        """Who is behind a socket; `more` are arguments that no event has."""
        if more:
            raise Invalid(lazy_gettext("An event has one argument."))
        connection = self._sockets.get(sid)
        if connection is None:
            raise Unauthenticated
        settings, session_id = self.engines.settings, connection.session_id
        actor = remembered_actor_for_session(settings, self._memory.look(), session_id)
        if actor is None:
            actor = actor_for_session(settings, session_id)
        if actor.username is None:
            raise Unauthenticated(NAME_GONE)
        touch_session(self.engines, actor)
        return actor

    def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        request = Request(environ)
        try:
            self._admit(sid, request, auth)
        except PorchError as error:
            self.engines.meters.errors["socket", error.code] += 1
            with speaking(self._app, language_of(request)):
                raise ConnectionRefusedError(error.message, error.as_dict()) from None

    def _admit(self, sid: str, request: Request, auth: object) -> None:
        token = auth.get("token") if isinstance(auth, dict) else None
        if token is None:
            token = read_session_cookie(request)
        settings = self.engines.settings
        actor = self._bearer(token) if isinstance(token, str) else None
        if actor is None or actor.username is None:
            raise Unauthenticated
        if isinstance(auth, dict) and auth.get("user_id", actor.user_id) != actor.user_id:
            raise Unauthenticated
        if self.server.manager.eio_sid_from_sid(sid, NAMESPACE) not in self.server.environ:
            raise Unauthenticated  # it was closed meanwhile, and `disconnect` does not follow
        address = network_of(request.remote_addr or "")
        if (
            self._per_user[actor.user_id] >= settings.sockets_per_user
            or self._per_address[address] >= settings.sockets_per_address
        ):
            raise TooFast(lazy_gettext("Too many open connections."), retry_after=10)
        self._sockets[sid] = Connection(actor.session_id, actor.user_id, address, language_of(request))
        self._per_user[actor.user_id] += 1
        self._per_address[address] += 1
        self.server.enter_room(sid, session_room(actor.session_id))
        self.server.enter_room(sid, user_room(actor.user_id))

    def _bearer(self, token: str) -> Actor | None:
        """Whose token this is: from memory, or else from the database."""
        actor = remembered_actor(self.engines.settings, self._memory.look(), token)
        if actor is None:
            with self._app.app_context():
                actor = actor_for_token(self.engines.settings, token)
        return actor

    def _disconnect(self, sid: str, reason: object = None) -> None:
        connection = self._sockets.pop(sid, None)
        if connection is not None:
            _decrease(self._per_user, connection.user_id)
            _decrease(self._per_address, connection.address)
            self.engines.presence.closed(sid, connection.session_id)


def _decrease(counter: Counter[Any], key: object) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
