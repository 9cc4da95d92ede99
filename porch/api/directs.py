"""Direct chats: the list, opening one by a name, answering."""

from __future__ import annotations

from flask import Response

from porch.access.chats import chat_for
from porch.actions.rooms.chats import own_chat_dict
from porch.actions.rooms.direct_list import DEFAULT_DIRECTS, directs_of
from porch.actions.rooms.directs import answer_direct, open_direct
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import Body, json_answer, json_body, known_parameters, whole


class OpenDirect(Body):
    username: str


class AnswerDirect(Body):
    state: str


@blueprint.get("/directs")
def list_directs() -> Response:
    actor = required_actor()
    known_parameters("limit")
    return json_answer(directs_of(engines(), actor, limit=whole("limit", DEFAULT_DIRECTS)))


@blueprint.post("/directs")
def create_direct() -> Response:
    actor = required_actor()
    chat_id, new = open_direct(engines(), actor, json_body(OpenDirect).username)
    return json_answer(own_chat_dict(chat_for(actor, chat_id), actor), 201 if new else 200)


@blueprint.patch("/directs/<int:chat_id>")
def update_direct(chat_id: int) -> Response:
    actor = required_actor()
    answer_direct(engines(), actor, chat_id, json_body(AnswerDirect).state)
    return json_answer(own_chat_dict(chat_for(actor, chat_id), actor))
