"""Signing in with a name, and logging out."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from porch.access import chat_by_link
from porch.actions.sessions import end_session
from porch.errors import Conflict, Invalid, NameTaken, NotFound, RetryLater, TooFast
from porch.pages import blueprint
from porch.web.identity import current_actor, engines, forget, remember, sign_in
from porch.web.local import local_path


@blueprint.get("/sessions/new/")
def new_session() -> AnyResponse:
    then = local_path(request.args.get("next"), "/chatrooms/")
    actor = current_actor()
    if actor is not None and actor.username is not None:
        return redirect(then)
    return _form(then)


@blueprint.post("/sessions/new/")
def create_session() -> AnyResponse:
    then = local_path(request.form.get("next"), "/chatrooms/")
    # A suggestion is a button of the same name after the field, so the last value is what was meant.
    username = (request.form.getlist("username") or [""])[-1]
    try:
        session = sign_in(username)
    except Conflict:
        return redirect(then)
    except Invalid as error:
        return _form(then, username, errors=error.fields, status=error.status)
    except NameTaken as error:
        return _form(
            then, username, errors={"username": error.message}, suggestions=error.suggestions, status=409
        )
    except (TooFast, RetryLater) as error:
        return _form(then, username, errors={"username": error.message}, status=error.status)
    return remember(make_response(redirect(then, 303)), session)


@blueprint.post("/logout/")
def log_out() -> AnyResponse:
    actor = current_actor()
    then = local_path(request.form.get("next"))
    if actor is not None:
        if actor.guest and actor.username is not None and request.form.get("confirm") != "yes":
            return make_response(render_template("sessions/end.html", next=then))
        end_session(engines(), actor)
    return forget(make_response(redirect("/", 303)))


def _form(
    then: str,
    username: str = "",
    *,
    errors: dict[str, str] | None = None,
    suggestions: list[str] | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "sessions/new.html",
        next=then,
        room=_room_name(then),
        form={"username": username[:256]},
        errors=errors or {},
        suggestions=suggestions or [],
    )
    return make_response(page, status)


def _room_name(path: str) -> str | None:
    """The name of the room one is on the way to; its link is in the path, so it may be told."""
    match unquote(urlsplit(path).path).strip("/").split("/"):
        case ["chatrooms", hash_key]:
            try:
                return chat_by_link(hash_key).name
            except NotFound:
                return None
    return None
