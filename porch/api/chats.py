"""The lobby; opening, joining, changing and deleting a room; its fields."""

from __future__ import annotations

from flask import Response, request

from porch.actions.reading.log import newest_messages
from porch.actions.rooms.chats import (
    change_chat,
    delete_chat,
    join_chat,
    open_chat,
    own_chat_dict,
    renew_link,
)
from porch.actions.rooms.lobby import DEFAULT_ROOMS, lobby
from porch.actions.rooms.presence import keep_present
from porch.api import blueprint
from porch.models.chat import chat_dict
from porch.web.identity import creation_cookie, current_actor, engines, network, required_actor
from porch.web.json import Body, json_answer, json_body, known_parameters, whole


class OpenChat(Body):
    name: str
    kind: str | None = None
    encryption: str = "none"
    join_hash: str | None = None


class Join(Body):
    token: str | None = None


class ChangeChat(Body):
    name: str | None = None
    kind: str | None = None
    closed: bool | None = None
    slow_mode: int | None = None


@blueprint.get("/chats")
def list_chats() -> Response:
    actor = required_actor()
    known_parameters("limit", "q")
    return json_answer(lobby(engines(), actor, limit=whole("limit", DEFAULT_ROOMS), q=request.args.get("q")))


@blueprint.post("/chats")
def create_chat() -> Response:
    body = json_body(OpenChat)
    actor = required_actor() if current_actor() else None
    chat = open_chat(
        engines(),
        actor,
        name=body.name,
        kind=body.kind,
        address=network(),
        encryption=body.encryption,
        join_hash=body.join_hash,
    )
    if actor is not None:
        return json_answer(own_chat_dict(chat, actor), 201)
    # The browser that opened the room is its creator as soon as it has a session.
    own = {"mine": True, "may_manage": True, "may_moderate": True, "muted_until": None}
    answer = json_answer(chat_dict(chat) | own, 201)
    creation_cookie().add(request, answer, chat.id)
    return answer


@blueprint.post("/chatrooms/<hash_key>/join")
def join_chatroom(hash_key: str) -> Response:
    actor = required_actor()
    token = json_body(Join).token if request.get_data() else None
    return json_answer(own_chat_dict(join_chat(engines(), actor, hash_key, token), actor))


@blueprint.get("/chats/<int:chat_id>/")
def show_chat(chat_id: int) -> Response:
    actor = required_actor()
    keep_present(engines(), actor, chat_id)
    chat, page = newest_messages(actor, chat_id)
    return json_answer(chat | {"messages": page.raw, "rev": page.rev, "more": page.more})


@blueprint.patch("/chats/<int:chat_id>/")
def update_chat(chat_id: int) -> Response:
    actor = required_actor()
    body = json_body(ChangeChat)
    changed = change_chat(
        engines(),
        actor,
        chat_id,
        name=body.name,
        kind=body.kind,
        closed=body.closed,
        slow_mode=body.slow_mode,
    )
    return json_answer(changed)


@blueprint.post("/chats/<int:chat_id>/link")
def create_link(chat_id: int) -> Response:
    return json_answer(renew_link(engines(), required_actor(), chat_id))


@blueprint.delete("/chats/<int:chat_id>/")
def remove_chat(chat_id: int) -> Response:
    delete_chat(engines(), required_actor(), chat_id)
    return Response(status=204)
