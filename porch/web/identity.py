"""Who is asking: the session behind the cookie or the bearer token of this request."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, Request, Response, current_app, g, request

from porch import access
from porch.access import Actor
from porch.actions.sessions import NewSession, create_session, suggest_names, touch_session
from porch.engines import Engines
from porch.errors import NameTaken, RetryLater, Unauthenticated
from porch.web.cookies import (
    CreationCookie,
    delete_session_cookie,
    read_session_cookie,
    write_session_cookie,
)


def engines() -> Engines:
    found: Engines = current_app.extensions["porch_engines"]
    return found


def creation_cookie() -> CreationCookie:
    found: CreationCookie = current_app.extensions["porch_creation_cookie"]
    return found


def init_identity(app: Flask) -> None:
    app.extensions["porch_creation_cookie"] = CreationCookie(app.config["SECRET_KEY"])


def bearer_token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def current_actor() -> Actor | None:
    """The person of this request, looked up once; a bearer token goes before the cookie."""
    if "actor" not in g:
        token = bearer_token(request) or read_session_cookie(request)
        g.actor = access.actor_for_token(engines().settings, token) if token else None
        if g.actor is not None:
            _touch(g.actor)
    actor: Actor | None = g.actor
    return actor


def required_actor() -> Actor:
    """Like `current_actor`, but raises Unauthenticated, or NameTaken for one who needs another name."""
    actor = current_actor()
    if actor is None:
        raise Unauthenticated
    if actor.username is None:
        raise NameTaken(
            "Your name went to somebody else while you were away. Choose another.",
            suggestions=suggest_names("Guest"),
        )
    return actor


def sign_in(username: str) -> NewSession:
    """Begin a session for this request's browser; `remember` then writes it into the answer."""
    return create_session(
        engines(),
        username,
        address=request.remote_addr or "",
        actor=current_actor(),
        opened_chats=creation_cookie().read(request),
    )


def remember(response: Response, session: NewSession) -> Response:
    write_session_cookie(request, response, session.token, days=engines().settings.session_max_days)
    creation_cookie().delete(request, response)
    return response


def forget(response: Response) -> Response:
    delete_session_cookie(request, response)
    return response


def _touch(actor: Actor) -> None:
    # If it cannot be noted now, a later request does it; this one need not fail.
    with suppress(RetryLater):
        touch_session(engines(), actor)
