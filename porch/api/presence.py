"""Being in a room without a socket: entering, leaving, who is there, writing."""

from __future__ import annotations

from flask import Response

from porch.actions.rooms import presence
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import json_answer


@blueprint.put("/chats/<int:chat_id>/presence")
def enter_chat(chat_id: int) -> Response:
    actor = required_actor()
    presence.enter_chat(engines(), actor, chat_id)
    return json_answer(presence.present_in(engines(), actor, chat_id))


@blueprint.get("/chats/<int:chat_id>/presence")
def show_presence(chat_id: int) -> Response:
    return json_answer(presence.present_in(engines(), required_actor(), chat_id))


@blueprint.delete("/chats/<int:chat_id>/presence")
def leave_chat(chat_id: int) -> Response:
    presence.leave_chat(engines(), required_actor(), chat_id)
    return Response(status=204)


@blueprint.post("/chats/<int:chat_id>/typing")
def start_typing(chat_id: int) -> Response:
    presence.start_typing(engines(), required_actor(), chat_id)
    return Response(status=204)
