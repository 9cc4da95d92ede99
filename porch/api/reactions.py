"""Reactions to a message."""

from __future__ import annotations

from flask import Response

from porch.actions.messages.reactions import DEFAULT_REACTIONS, react, reactions_to
from porch.actions.rooms.presence import keep_present
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import json_answer, known_parameters, whole


@blueprint.get("/chats/<int:chat_id>/messages/<int:seq>/reactions")
def list_reactions(chat_id: int, seq: int) -> Response:
    actor = required_actor()
    known_parameters("after", "limit")
    after, limit = whole("after", 0), whole("limit", DEFAULT_REACTIONS)
    keep_present(engines(), actor, chat_id)
    return json_answer(reactions_to(actor, chat_id, seq, after=after, limit=limit))


@blueprint.put("/chats/<int:chat_id>/messages/<int:seq>/reactions/<emoji>")
def create_reaction(chat_id: int, seq: int, emoji: str) -> Response:
    return json_answer(react(engines(), required_actor(), chat_id, seq, emoji, on=True))


@blueprint.delete("/chats/<int:chat_id>/messages/<int:seq>/reactions/<emoji>")
def remove_reaction(chat_id: int, seq: int, emoji: str) -> Response:
    return json_answer(react(engines(), required_actor(), chat_id, seq, emoji, on=False))
