"""Who is asking: the session behind the cookie or the bearer token of this request."""

from __future__ import annotations

from flask import Flask, Request, Response, current_app, g, request

from porch.access.actors import Actor, actor_for_token
from porch.actions.people import accounts, sessions
from porch.actions.people.names import suggest_names
from porch.actions.people.sessions import Browser, NewSession, touch_session
from porch.engines import Engines
from porch.errors import NameTaken, Unauthenticated
from porch.networks import network_of
from porch.texts import gettext
from porch.web.cookies import (
    CreationCookie,
    DeviceCookie,
    delete_session_cookie,
    read_session_cookie,
    write_session_cookie,
)
from porch.web.device import device


def engines() -> Engines:
    found: Engines = current_app.extensions["porch_engines"]
    return found


def creation_cookie() -> CreationCookie:
    found: CreationCookie = current_app.extensions["porch_creation_cookie"]
    return found


def device_cookie() -> DeviceCookie:
    found: DeviceCookie = current_app.extensions["porch_device_cookie"]
    return found


def init_identity(app: Flask) -> None:
    app.extensions["porch_creation_cookie"] = CreationCookie(app.config["SECRET_KEY"])
    app.extensions["porch_device_cookie"] = DeviceCookie(app.config["SECRET_KEY"])


def bearer_token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def current_actor() -> Actor | None:
    """The person of this request, looked up once; a bearer token goes before the cookie."""
    if "actor" not in g:
        token = bearer_token(request) or read_session_cookie(request)
        g.actor = actor_for_token(engines().settings, token) if token else None
        if g.actor is not None:
            touch_session(engines(), g.actor)
    actor: Actor | None = g.actor
    return actor


def required_actor() -> Actor:
    """Like `current_actor`, but raises Unauthenticated, or NameTaken for one who needs another name.

    A page says whose it is (`Porch-User`): another tab may have logged in somebody else since, with the same
    cookie, and nothing is done or shown in the name of the wrong person.
    """
    actor = current_actor()
    if actor is None or request.headers.get("Porch-User", str(actor.user_id)) != str(actor.user_id):
        raise Unauthenticated
    if actor.username is None:
        raise NameTaken(
            gettext("Your name went to somebody else while you were away. Choose another."),
            suggestions=suggest_names(engines(), "Guest"),
        )
    return actor


def who(person: Actor | NewSession) -> dict[str, object]:
    """As answers and pages say who somebody is."""
    return {
        "username": person.username,
        "user_id": person.user_id,
        "guest": person.guest,
        "role": person.role,
    }


def network() -> str:
    """Where this request comes from, as limits count it."""
    return network_of(request.remote_addr or "")


def sign_in(username: str) -> NewSession:
    """Begin a guest's session for this request's browser; `remember` then writes it into the answer."""
    return sessions.create_session(engines(), username, _browser())


def sign_up(username: str, password: str, *, host: bool = False) -> NewSession:
    """Make an account for this request's browser, and begin its session."""
    return accounts.sign_up(engines(), username, password, _browser(), host=host)


def log_in(username: str, password: str) -> NewSession:
    """Begin a session of an account for this request's browser."""
    known = device_cookie().read(request)
    return accounts.log_in(engines(), username, password, _browser(), known=known)


def remember(response: Response, session: NewSession) -> Response:
    write_session_cookie(request, response, session.token, days=engines().settings.session_max_days)
    creation_cookie().delete(request, response)
    if not session.guest:
        device_cookie().add(request, response, session.user_id)
    return response


def forget(response: Response) -> Response:
    delete_session_cookie(request, response)
    return response


def _browser() -> Browser:
    return Browser(
        address=network(),
        actor=current_actor(),
        device=device(request.user_agent.string),
        opened_chats=creation_cookie().read(request),
    )
