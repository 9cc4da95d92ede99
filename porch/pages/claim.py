"""The printed link that makes whoever opens it first the host."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from porch.access.actors import Actor
from porch.actions.people.hosting import become_host
from porch.claim import is_claim
from porch.errors import Conflict, NameTaken, NotFound, PorchError
from porch.pages import blueprint
from porch.pages.accounts import REFUSALS
from porch.pages.forms import LONGEST_TYPED, field_errors, refusal, suggestions, typed
from porch.texts import lazy_gettext
from porch.web.identity import current_actor, engines, remember, sign_up

USED = lazy_gettext("This link has made somebody the host already, or it was copied with a letter missing.")


@blueprint.get("/claim/<token>/")
def claim(token: str) -> str:
    _confirm(token)
    actor = current_actor()
    return _page(token, (actor.username if actor else None) or "")


@blueprint.post("/claim/<token>/")
def claim_by_form(token: str) -> Response:
    _confirm(token)
    actor = current_actor()
    if actor is not None and not actor.guest:
        _become_host(actor)
        return redirect("/chatrooms/", 303)
    username, password = typed("username"), request.form.get("password", "")
    if len(request.form.getlist("username")) > 1 and not password:
        return make_response(_page(token, username, chosen=True))
    try:
        session = sign_up(username, password, host=True)
    except REFUSALS as error:
        return refusal(_page(token, username, error), error)
    except Conflict:  # somebody else was faster
        raise NotFound(USED) from None
    return remember(make_response(redirect("/chatrooms/", 303)), session)


def _become_host(actor: Actor) -> None:
    try:
        become_host(engines(), actor)
    except Conflict:
        if actor.role != "admin":
            raise NotFound(USED) from None


def _confirm(token: str) -> None:
    if not is_claim(engines().settings.data, token):
        raise NotFound(USED)


def _page(token: str, username: str, error: PorchError | None = None, *, chosen: bool = False) -> str:
    taken = isinstance(error, NameTaken)
    return render_template(
        "claim/new.html",
        action=f"/claim/{token}/",
        chosen=chosen,
        form={"username": username[:LONGEST_TYPED]},
        errors=field_errors(error, "username" if taken else "password", "username") if error else {},
        suggestions=suggestions(error) if error else [],
    )
