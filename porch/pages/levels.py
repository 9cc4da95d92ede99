"""Choosing by a form what one wants to be told of a chat."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from porch.access.links import chat_by_link
from porch.actions.notifications.levels import choose_level
from porch.pages import blueprint
from porch.pages.entrance import person
from porch.web.identity import engines


@blueprint.post("/chatrooms/<hash_key>/level/")
def change_level(hash_key: str) -> Response:
    place = url_for("pages.chatroom", hash_key=hash_key)
    actor = person(place)
    chat_id = chat_by_link(hash_key, actor).id
    choose_level(engines(), actor, chat_id, request.form.get("level", ""))
    return redirect(place, 303)
