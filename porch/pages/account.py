"""One's own account: its name, its password, its sessions, and giving it up."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from porch.access.actors import Actor
from porch.actions.order.reports import waiting_reports
from porch.actions.people.accounts import change_password, delete_account, rename
from porch.actions.people.blocks import blocked_by, direct_from, take_direct_from, unblock
from porch.actions.people.sessions import end_other_session, end_other_sessions, sessions_of
from porch.errors import (
    Conflict,
    Invalid,
    NameTaken,
    NotFound,
    PorchError,
    RetryLater,
    TooFast,
    Unauthenticated,
)
from porch.pages import blueprint
from porch.pages.entrance import person
from porch.pages.forms import LONGEST_TYPED, done, field_errors, refusal, suggestions, typed
from porch.pages.times import day, since
from porch.texts import gettext, lazy_gettext
from porch.web.device import device_words
from porch.web.identity import engines, forget

HERE = "/account/"
DONE = {
    "name": lazy_gettext("This is your name now. What you wrote before keeps the name it was written under."),
    "password": lazy_gettext("The password is changed. Everywhere else you have been logged out."),
    "session": lazy_gettext("That session has ended."),
    "sessions": lazy_gettext("All other sessions have ended."),
    "direct": lazy_gettext("Saved."),
    "unblocked": lazy_gettext("They can write to you again."),
}


@blueprint.get("/account/")
def account() -> str:
    return _page(person(HERE))


@blueprint.get("/account/name/")
@blueprint.get("/account/password/")
@blueprint.get("/account/direct/")
@blueprint.get("/account/sessions/others/")
@blueprint.get("/account/blocks/<int:user_id>/")
@blueprint.get("/account/sessions/<int:session_id>/")
def back_to_account(session_id: int = 0, user_id: int = 0) -> Response:
    """For who opens the address of a form, as by pressing Enter in the address bar."""
    return redirect(HERE)


@blueprint.post("/account/name/")
def change_name() -> Response:
    actor = person(HERE)
    username = typed("username")
    try:
        rename(engines(), actor, username)
    except (Invalid, NameTaken, TooFast, RetryLater) as error:
        errors = field_errors(error, "username")
        page = _page(actor, username, errors=errors, suggestions=suggestions(error))
        return refusal(page, error)
    return _done("name")


@blueprint.post("/account/password/")
def change_own_password() -> Response:
    actor = person(HERE)
    current, password = request.form.get("current_password", ""), request.form.get("password", "")
    try:
        change_password(engines(), actor, current, password)
    except (Invalid, Unauthenticated, TooFast, RetryLater) as error:
        return refusal(_page(actor, errors=_password_errors(error)), error)
    except Conflict:
        return redirect("/signup/?next=/account/", 303)
    return _done("password")


@blueprint.post("/account/direct/")
def choose_direct_from() -> Response:
    take_direct_from(engines(), person(HERE), request.form.get("direct_from", ""))
    return _done("direct")


@blueprint.post("/account/blocks/<int:user_id>/")
def end_block(user_id: int) -> Response:
    unblock(engines(), person(HERE), user_id)
    return _done("unblocked")


@blueprint.post("/account/sessions/others/")
def end_others() -> Response:
    end_other_sessions(engines(), person(HERE))
    return _done("sessions")


@blueprint.post("/account/sessions/<int:session_id>/")
def end_one(session_id: int) -> Response:
    actor = person(HERE)
    if session_id == actor.session_id:
        return redirect("/logout/?next=/account/", 303)
    with suppress(NotFound):  # it has ended by itself, or by a second press
        end_other_session(engines(), actor, session_id)
    return _done("session")


@blueprint.get("/account/delete/")
def ask_delete_account() -> Response:
    actor = person("/account/delete/")
    if actor.guest:
        return redirect("/logout/?next=/account/")
    return make_response(render_template("accounts/delete.html", next=HERE, errors={}))


@blueprint.post("/account/delete/")
def delete_own_account() -> Response:
    actor = person(HERE)
    if actor.guest:
        return redirect("/logout/?next=/account/", 303)
    try:
        delete_account(engines(), actor, request.form.get("password", ""))
    except (Invalid, Unauthenticated, Conflict, TooFast, RetryLater) as error:
        errors = field_errors(error, "password")
        return refusal(render_template("accounts/delete.html", next=HERE, errors=errors), error)
    return forget(make_response(redirect("/login/?done=deleted", 303)))


def _done(what: str) -> Response:
    return redirect(f"{HERE}?done={what}", 303)


def _password_errors(error: PorchError) -> dict[str, str]:
    wrong = isinstance(error, Unauthenticated)
    return field_errors(error, "current_password" if wrong else "password", "current_password")


def _page(
    actor: Actor,
    username: str | None = None,
    *,
    errors: dict[str, str] | None = None,
    suggestions: list[str] | None = None,
) -> str:
    return render_template(
        "accounts/show.html",
        here=HERE,
        notice=done(DONE),
        sessions=_sessions(actor),
        direct_from=direct_from(actor),
        blocked=blocked_by(actor),
        reports=waiting_reports(actor) if actor.role == "admin" else 0,
        form={"username": (actor.username or "") if username is None else username[:LONGEST_TYPED]},
        errors=errors or {},
        suggestions=suggestions or [],
    )


def _sessions(actor: Actor) -> list[dict[str, Any]]:
    """In the order of `sessions_of`, but this one first: its last use is noted once an hour."""
    found = [_in_words(session) for session in sessions_of(engines(), actor)]
    return sorted(found, key=lambda session: not session["current"])


def _in_words(session: dict[str, Any]) -> dict[str, Any]:
    device = device_words(session["device"]) or gettext("Some program")
    return session | {
        "device": device,
        "icon": _icon(session["device"] or ""),
        "began": day(session["created_at"]),
        "last_used": since(session["last_used_at"]),
    }


def _icon(device: str) -> str:
    words = device.lower()
    if "ipad" in words or "tablet" in words:
        return "tablet"
    return "phone" if "iphone" in words or "android" in words or "phone" in words else "laptop"
