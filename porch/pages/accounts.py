"""Logging in and signing up: coming in with a name and a password."""

from __future__ import annotations

from urllib.parse import quote

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from porch.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NameTaken,
    PorchError,
    RetryLater,
    TooFast,
    Unauthenticated,
)
from porch.pages import blueprint
from porch.pages.entrance import room_name
from porch.pages.forms import LONGEST_TYPED, done, field_errors, refusal, suggestions, typed
from porch.texts import lazy_gettext
from porch.web.identity import current_actor, log_in, remember, sign_up
from porch.web.local import local_path

REFUSALS = (Invalid, Unauthenticated, Forbidden, NameTaken, TooFast, RetryLater)
DONE = {
    "deleted": lazy_gettext(
        "Your account is deleted. What you wrote stays in its rooms, under “Deleted account”."
    )
}


@blueprint.get("/login/")
def log_in_form() -> Response:
    then = local_path(request.args.get("next"), "/chatrooms/")
    return _has_account_go(then) or make_response(_log_in_page(then))


@blueprint.post("/login/")
def log_in_by_form() -> Response:
    then = local_path(request.form.get("next"), "/chatrooms/")
    username = typed("username")
    try:
        session = log_in(username, request.form.get("password", ""))
    except Conflict:
        return redirect(then, 303)
    except REFUSALS as error:
        return refusal(_log_in_page(then, username, error), error)
    return remember(make_response(redirect(then, 303)), session)


@blueprint.get("/signup/")
def sign_up_form() -> Response:
    then = local_path(request.args.get("next"), "/chatrooms/")
    actor = current_actor()
    own_name = actor.username if actor else None
    return _has_account_go(then) or make_response(_sign_up_page(then, own_name or ""))


@blueprint.post("/signup/")
def sign_up_by_form() -> Response:
    then = local_path(request.form.get("next"), "/chatrooms/")
    username, password = typed("username"), request.form.get("password", "")
    if len(request.form.getlist("username")) > 1 and not password:
        # A suggestion was pressed in a form that came back, and a password never comes back.
        return make_response(_sign_up_page(then, username, chosen=True))
    try:
        session = sign_up(username, password)
    except Conflict:
        return redirect(then, 303)
    except REFUSALS as error:
        return refusal(_sign_up_page(then, username, error), error)
    return remember(make_response(redirect(then, 303)), session)


def _has_account_go(then: str) -> Response | None:
    actor = current_actor()
    return None if actor is None or actor.guest else redirect(then)


def _log_in_page(then: str, username: str = "", error: PorchError | None = None) -> str:
    return render_template(
        "accounts/log_in.html",
        next=then,
        here=f"/login/?next={quote(then)}",
        room=room_name(then),
        notice=done(DONE),
        form={"username": username[:LONGEST_TYPED]},
        errors=field_errors(error, "password", "username") if error else {},
    )


def _sign_up_page(then: str, username: str, error: PorchError | None = None, *, chosen: bool = False) -> str:
    taken = isinstance(error, NameTaken)
    return render_template(
        "accounts/sign_up.html",
        next=then,
        here=f"/signup/?next={quote(then)}",
        room=room_name(then),
        chosen=chosen,
        form={"username": username[:LONGEST_TYPED]},
        errors=field_errors(error, "username" if taken else "password", "username") if error else {},
        suggestions=suggestions(error) if error else [],
    )
