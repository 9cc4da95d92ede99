"""How far one has read."""

from __future__ import annotations

from flask import Response

from porch.actions.notifications.reads import mark_read
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import Body, json_body


class Read(Body):
    seq: int
    back: bool = False


@blueprint.put("/chats/<int:chat_id>/read")
def update_read(chat_id: int) -> Response:
    body = json_body(Read)
    mark_read(engines(), required_actor(), chat_id, body.seq, back=body.back)
    return Response(status=204)
