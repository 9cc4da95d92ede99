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

HERE = "/sessions/new/"


@blueprint.get(HERE)
def new_session() -> Response:
    then = local_path(request.args.get("next"), "/chatrooms/")
    actor = current_actor()
    if actor is not None and actor.username is not None:
        return redirect(then)
    return make_response(name_form(then))


@blueprint.post(HERE)
def create_session() -> Response:
    then = local_path(request.form.get("next"), "/chatrooms/")
    try:
        return named(redirect(then, 303), then)
    except Conflict:
        return redirect(then, 303)


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


def named(onward: Response, then: str, *, invited: bool = False) -> Response:
    """Give somebody the name in the form and send them `onward`, or show the form again, with what is wrong;
    `then` and `invited` are those of `name_form`. Raises Conflict for who has a name already.
    """
    username = typed("username")
    try:
        session = sign_in(username)
    except (Invalid, NameTaken, Forbidden, TooFast, RetryLater) as error:
        return refusal(name_form(then, username, error, invited=invited), error)
    return remember(make_response(onward), session)


def name_form(
    then: str, username: str = "", error: PorchError | None = None, *, invited: bool = False
) -> str:
    """The page that asks for a name, and leads on to the path `then`; with `invited` that is the path of a
    one-time link, to which the form itself goes.
    """
    return render_template(
        "sessions/new.html",
        next=then,
        here=then if invited else f"{HERE}?next={quote(then)}",
        action=then if invited else HERE,
        invited=invited,
        room=room_name(then),
        form={"username": username[:LONGEST_TYPED]},
        errors=field_errors(error, "username") if error else {},
        suggestions=suggestions(error) if error else [],
    )
