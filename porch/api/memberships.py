"""How one stands to a chat: what one wants to be told of it, and what one has not read."""

from __future__ import annotations

from flask import Response

from porch.actions.notifications.levels import choose_level
from porch.actions.notifications.unread import attention_to
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import Body, json_answer, json_body


class ChangeMembership(Body):
    level: str


@blueprint.get("/chats/<int:chat_id>/membership")
def show_membership(chat_id: int) -> Response:
    return json_answer(attention_to(required_actor(), chat_id))


@blueprint.patch("/chats/<int:chat_id>/membership")
def update_membership(chat_id: int) -> Response:
    actor = required_actor()
    return json_answer(choose_level(engines(), actor, chat_id, json_body(ChangeMembership).level))
