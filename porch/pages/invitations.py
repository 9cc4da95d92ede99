"""Coming into a room by a one-time link."""

from __future__ import annotations

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from porch.access.actors import Actor
from porch.access.chats import is_member
from porch.access.links import chat_by_invitation
from porch.actions.order.members import join_by_invitation
from porch.models import Chat
from porch.pages import blueprint
from porch.pages.entrance import to_log_in
from porch.pages.sessions import name_form, named
from porch.web.identity import current_actor, engines


@blueprint.get("/invitations/<token>/")
def invitation(token: str) -> Response:
    """Asks only: link previews and mail scanners open links, too, and this one is good for one person."""
    actor = current_actor()
    chat = chat_by_invitation(token, actor)
    here = url_for("pages.invitation", token=token)
    if actor is None or actor.username is None:
        return make_response(name_form(here, invited=True)) if _guests() else to_log_in(here)
    if is_member(actor, chat.id):
        return _to_room(chat)
    return make_response(render_template("invitations/show.html", chat=chat, token=token))


@blueprint.post("/invitations/<token>/")
def accept_invitation(token: str) -> Response:
    actor = current_actor()
    if actor is None or actor.username is None:
        return _named(token, actor)
    return _to_room(join_by_invitation(engines(), actor, token))


def _named(token: str, actor: Actor | None) -> Response:
    """Give somebody a name, who then sends the form again: of one whose answer is lost, the link is used up
    by nobody but whom their browser knows.
    """
    here = url_for("pages.invitation", token=token)
    if not _guests():
        return to_log_in(here)
    chat_by_invitation(token, actor)
    return named(redirect(here, 307), here, invited=True)


def _guests() -> bool:
    return engines().settings.guests


def _to_room(chat: Chat) -> Response:
    return redirect(url_for("pages.chatroom", hash_key=chat.hash_key), 303)
