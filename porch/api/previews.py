"""The preview of what a message links to."""

from __future__ import annotations

from flask import Response

from porch.actions.messages.previews import remove_preview
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import json_answer


@blueprint.delete("/chats/<int:chat_id>/messages/<int:seq>/preview")
def delete_preview(chat_id: int, seq: int) -> Response:
    return json_answer(remove_preview(engines(), required_actor(), chat_id, seq))
