"""The pinned messages of a chat."""

from __future__ import annotations

from flask import Response

from porch.actions.messages.pins import pin, pins_of
from porch.actions.rooms.presence import keep_present
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import json_answer


@blueprint.get("/chats/<int:chat_id>/pins")
def list_pins(chat_id: int) -> Response:
    actor = required_actor()
    keep_present(engines(), actor, chat_id)
    return json_answer({"messages": pins_of(actor, chat_id)})


@blueprint.put("/chats/<int:chat_id>/messages/<int:seq>/pin")
def create_pin(chat_id: int, seq: int) -> Response:
    return json_answer(pin(engines(), required_actor(), chat_id, seq, on=True))


@blueprint.delete("/chats/<int:chat_id>/messages/<int:seq>/pin")
def remove_pin(chat_id: int, seq: int) -> Response:
    return json_answer(pin(engines(), required_actor(), chat_id, seq, on=False))
