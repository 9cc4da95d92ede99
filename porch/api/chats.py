"""Opening a room, joining it by its link, its fields."""

from __future__ import annotations

from flask import Response, request

from porch.actions.chats import join_chat, open_chat
from porch.actions.messages import newest_messages, own_chat_dict
from porch.api import blueprint
from porch.models.chat import chat_dict
from porch.web.identity import creation_cookie, current_actor, engines, required_actor
from porch.web.json import Body, json_answer, json_body


class OpenChat(Body):
    name: str
    kind: str = "link"


@blueprint.post("/chats")
def create_chat() -> Response:
    body = json_body(OpenChat)
    actor = required_actor() if current_actor() else None
    chat = open_chat(engines(), actor, name=body.name, kind=body.kind, address=request.remote_addr or "")
    if actor is not None:
        return json_answer(own_chat_dict(chat, actor), 201)
    # The browser that opened the room is its creator as soon as it has a session.
    answer = json_answer(chat_dict(chat) | {"mine": True}, 201)
    creation_cookie().add(request, answer, chat.id)
    return answer


@blueprint.post("/chatrooms/<hash_key>/join")
def join_chatroom(hash_key: str) -> Response:
    actor = required_actor()
    return json_answer(own_chat_dict(join_chat(engines(), actor, hash_key), actor))


@blueprint.get("/chats/<int:chat_id>/")
def show_chat(chat_id: int) -> Response:
    actor = required_actor()
    chat, page = newest_messages(actor, chat_id)
    return json_answer(chat | {"messages": page.messages, "rev": page.rev, "more": page.more})
