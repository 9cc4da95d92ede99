"""“Talk to me”: a fresh room with the host in it, for whoever stands before the front page."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from porch.actions.rooms.talks import open_talk
from porch.errors import Forbidden, PorchError, RetryLater, TooFast
from porch.pages import blueprint
from porch.pages.entrance import somebody, to_come_in
from porch.pages.forms import refusal
from porch.web.identity import creation_cookie, engines, network


@blueprint.get("/talk/")
def ask_to_talk() -> Response:
    """For who comes by a link, as from an exported front page: nothing is opened without a press."""
    somebody("/talk/")
    return make_response(_page())


@blueprint.post("/talk/")
def talk() -> Response:
    actor = somebody("/talk/")
    if actor is not None and actor.username is None:
        return to_come_in("/talk/")
    try:
        chat = open_talk(engines(), actor, address=network())
    except (Forbidden, TooFast, RetryLater) as error:
        return refusal(_page(error), error)
    answer = redirect(url_for("pages.chatroom", hash_key=chat.hash_key), 303)
    if actor is None:
        creation_cookie().add(request, answer, chat.id)
    return answer


def _page(error: PorchError | None = None) -> str:
    return render_template("site/talk.html", here="/talk/", error=error.message if error else None)
