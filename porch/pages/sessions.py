"""Signing in with just a name, and logging out."""

from __future__ import annotations

from urllib.parse import quote

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from porch.actions.people.sessions import end_session
from porch.errors import Conflict, Forbidden, Invalid, NameTaken, PorchError, RetryLater, TooFast
from porch.pages import blueprint
from porch.pages.entrance import room_name
from porch.pages.forms import LONGEST_TYPED, field_errors, refusal, suggestions, typed
from porch.web.identity import current_actor, engines, forget, remember, sign_in
from porch.web.local import local_path


@blueprint.get("/sessions/new/")
def new_session() -> Response:
    then = local_path(request.args.get("next"), "/chatrooms/")
    actor = current_actor()
    if actor is not None and actor.username is not None:
        return redirect(then)
    return make_response(_form(then))


@blueprint.post("/sessions/new/")
def create_session() -> Response:
    then = local_path(request.form.get("next"), "/chatrooms/")
    username = typed("username")
    try:
        session = sign_in(username)
    except Conflict:
        return redirect(then, 303)
    except (Invalid, NameTaken, Forbidden, TooFast, RetryLater) as error:
        return refusal(_form(then, username, error), error)
    return remember(make_response(redirect(then, 303)), session)


@blueprint.get("/logout/")
def ask_log_out() -> Response:
    then = local_path(request.args.get("next"))
    if current_actor() is None:
        return redirect(then)
    return make_response(render_template("sessions/end.html", next=then))


@blueprint.post("/logout/")
def log_out() -> Response:
    actor = current_actor()
    then = local_path(request.form.get("next"))
    if actor is not None:
        if actor.guest and actor.username is not None and request.form.get("confirm") != "yes":
            return redirect(f"/logout/?next={quote(then)}", 303)
        end_session(engines(), actor)
    return forget(make_response(redirect("/", 303)))


def _form(then: str, username: str = "", error: PorchError | None = None) -> str:
    return render_template(
        "sessions/new.html",
        next=then,
        here=f"/sessions/new/?next={quote(then)}",
        room=room_name(then),
        form={"username": username[:LONGEST_TYPED]},
        errors=field_errors(error, "username") if error else {},
        suggestions=suggestions(error) if error else [],
    )
