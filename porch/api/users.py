"""Signing up, and what one changes about oneself."""

from __future__ import annotations

from flask import Response, request

from porch.actions.people import accounts
from porch.actions.people.blocks import direct_from, enforce_direct_from, take_direct_from
from porch.actions.people.finding import people_called
from porch.api import blueprint
from porch.api.sessions import new_session
from porch.web.identity import engines, forget, required_actor, sign_up, who
from porch.web.json import Body, json_answer, json_body, known_parameters


class SignUp(Body):
    username: str
    password: str


class ChangeUser(Body):
    username: str | None = None
    direct_from: str | None = None


class ChangePassword(Body):
    current_password: str
    password: str


class DeleteAccount(Body):
    password: str | None = None


@blueprint.post("/users")
def create_user() -> Response:
    body = json_body(SignUp)
    return new_session(sign_up(body.username, body.password))


@blueprint.get("/users")
def list_users() -> Response:
    actor = required_actor()
    known_parameters("q")
    return json_answer({"users": people_called(engines(), actor, request.args.get("q", ""))})


@blueprint.patch("/users/current")
def update_user() -> Response:
    actor = required_actor()
    body = json_body(ChangeUser)
    changed = who(actor)
    if body.direct_from is not None:
        enforce_direct_from(body.direct_from)  # before the name is another
    if body.username is not None:
        changed["username"] = accounts.rename(engines(), actor, body.username)
    if body.direct_from is not None:
        take_direct_from(engines(), actor, body.direct_from)
    return json_answer(changed | {"direct_from": direct_from(actor)})


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
