"""Signing up, and what one changes about oneself."""

from __future__ import annotations

from flask import Response

from porch.actions import accounts
from porch.api import blueprint
from porch.api.sessions import new_session, who
from porch.web.identity import engines, forget, required_actor, sign_up
from porch.web.json import Body, json_answer, json_body


class SignUp(Body):
    username: str
    password: str


class Rename(Body):
    username: str


class ChangePassword(Body):
    current_password: str
    password: str


class DeleteAccount(Body):
    password: str | None = None


@blueprint.post("/users")
def create_user() -> Response:
    body = json_body(SignUp)
    return new_session(sign_up(body.username, body.password))


@blueprint.patch("/users/current")
def rename_user() -> Response:
    actor = required_actor()
    name = accounts.rename(engines(), actor, json_body(Rename).username)
    return json_answer(who(actor) | {"username": name})


@blueprint.put("/users/current/password")
def change_password() -> Response:
    actor = required_actor()
    body = json_body(ChangePassword)
    accounts.change_password(engines(), actor, body.current_password, body.password)
    return Response(status=204)


@blueprint.delete("/users/current")
def delete_user() -> Response:
    actor = required_actor()
    accounts.delete_account(engines(), actor, json_body(DeleteAccount).password)
    return forget(Response(status=204))
