"""Whom one has blocked."""

from __future__ import annotations

from flask import Response

from porch.actions.people import blocks
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import json_answer


@blueprint.get("/blocks")
def list_blocks() -> Response:
    return json_answer({"blocked": blocks.blocked_by(required_actor())})


@blueprint.put("/blocks/<int:user_id>")
def create_block(user_id: int) -> Response:
    blocks.block(engines(), required_actor(), user_id)
    return Response(status=204)


@blueprint.delete("/blocks/<int:user_id>")
def remove_block(user_id: int) -> Response:
    blocks.unblock(engines(), required_actor(), user_id)
    return Response(status=204)
