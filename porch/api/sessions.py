"""Signing in with a name, who am I, logging out."""

from __future__ import annotations

from flask import Response

from porch.actions.sessions import end_session
from porch.api import blueprint
from porch.errors import Unauthenticated
from porch.web.identity import current_actor, engines, forget, remember, required_actor, sign_in
from porch.web.json import Body, json_answer, json_body


class SignIn(Body):
    username: str


@blueprint.post("/sessions")
def create_session() -> Response:
    session = sign_in(json_body(SignIn).username)
    answer = json_answer(
        {
            "token": session.token,
            "username": session.username,
            "user_id": session.user_id,
            "guest": session.guest,
        },
        201,
    )
    return remember(answer, session)


@blueprint.get("/sessions/current")
def current_session() -> Response:
    actor = required_actor()
    return json_answer({"username": actor.username, "user_id": actor.user_id, "guest": actor.guest})


@blueprint.delete("/sessions/current")
def delete_session() -> Response:
    actor = current_actor()  # also one who has lost the name may go
    if actor is None:
        raise Unauthenticated
    end_session(engines(), actor)
    return forget(Response(status=204))
