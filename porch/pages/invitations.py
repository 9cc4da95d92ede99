"""Coming into a room by a one-time link."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from porch import access
from porch.actions.members import join_by_invitation
from porch.errors import NotFound
from porch.pages import blueprint
from porch.pages.entrance import to_come_in
from porch.web.identity import current_actor, engines


@blueprint.get("/invitations/<token>/")
def invitation(token: str) -> Response:
    """Asks only: link previews and mail scanners open links, too, and this one is good for one person."""
    chat = access.chat_by_invitation(token)
    actor = current_actor()
    if actor is None or actor.username is None:
        return to_come_in(url_for("pages.invitation", token=token))
    return make_response(render_template("invitations/show.html", chat=chat, token=token))


@blueprint.post("/invitations/<token>/")
def accept_invitation(token: str) -> Response:
    actor = current_actor()
    if actor is None or actor.username is None:
        return to_come_in(url_for("pages.invitation", token=token))
    try:
        chat = join_by_invitation(engines(), actor, token)
    except NotFound as used_up:
        # The button may have been pressed twice: the first press let the person in, and used the link up.
        chat_id = request.form.get("chat_id", 0, type=int)
        if not access.is_member(actor, chat_id):
            raise used_up
        chat = access.chat_for(actor, chat_id)
    return redirect(url_for("pages.chatroom", hash_key=chat.hash_key), 303)
