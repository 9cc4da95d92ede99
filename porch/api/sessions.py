"""Signing in with a name or a password, who am I, where I am signed in, logging out."""

from __future__ import annotations

from flask import Response

from porch.access.actors import Actor
from porch.actions.notifications.unread import attention
from porch.actions.people.blocks import direct_from
from porch.actions.people.sessions import (
    NewSession,
    end_other_session,
    end_other_sessions,
    end_session,
    sessions_of,
)
from porch.actions.rooms.direct_list import waiting
from porch.api import blueprint
from porch.errors import Unauthenticated
from porch.web.identity import current_actor, engines, forget, log_in, remember, required_actor, sign_in, who
from porch.web.json import Body, json_answer, json_body


class SignIn(Body):
    username: str
    password: str | None = None


@blueprint.post("/sessions")
def create_session() -> Response:
    body = json_body(SignIn)
    if body.password is None:
        return new_session(sign_in(body.username))
    return new_session(log_in(body.username, body.password))


@blueprint.get("/sessions/current")
def current_session() -> Response:
    actor = required_actor()
    own = {"direct_from": direct_from(actor), "directs": waiting(actor), "attention": attention(actor)}
    return json_answer(who(actor) | own)


@blueprint.delete("/sessions/current")
def delete_session() -> Response:
    end_session(engines(), _anyone())
    return forget(Response(status=204))


@blueprint.get("/sessions")
def list_sessions() -> Response:
    return json_answer({"sessions": sessions_of(engines(), _anyone())})


@blueprint.delete("/sessions/others")
def delete_other_sessions() -> Response:
    end_other_sessions(engines(), _anyone())
    return Response(status=204)


@blueprint.delete("/sessions/<int:session_id>")
def delete_other_session(session_id: int) -> Response:
    actor = _anyone()
    if session_id == actor.session_id:
        return delete_session()
    end_other_session(engines(), actor, session_id)
    return Response(status=204)


def new_session(session: NewSession) -> Response:
    """The answer to whoever has just begun a session."""
    answer = json_answer({"token": session.token, **who(session)}, 201)
    return remember(answer, session)


def _anyone() -> Actor:
    """Also somebody who has lost their name may look at their sessions, and go."""
    actor = current_actor()
    if actor is None:
        raise Unauthenticated
    return actor
