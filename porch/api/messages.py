"""Reading the log, sending messages, editing and deleting one's own."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from porch.actions.messages.edits import delete_message, edit_message
from porch.actions.messages.sending import send_message
from porch.actions.reading import log
from porch.actions.rooms.presence import keep_present
from porch.api import blueprint
from porch.errors import Invalid
from porch.texts import lazy_gettext
from porch.web.identity import engines, required_actor
from porch.web.json import Body, json_answer, json_body, known_parameters, whole
from porch.web.messages import SentMessage


class EditMessage(Body):
    content: str
    envelope: dict[str, Any] | None = None


@blueprint.get("/chats/<int:chat_id>/messages")
def list_messages(chat_id: int) -> Response:
    actor = required_actor()
    known_parameters("after", "before", "limit", "wait")
    limit = whole("limit", log.DEFAULT_MESSAGES)
    wait = whole("wait", 0)
    match "after" in request.args, "before" in request.args:
        case True, False:
            page = log.await_messages(engines(), actor, chat_id, after=whole("after"), limit=limit, wait=wait)
        case False, True:
            keep_present(engines(), actor, chat_id)
            page = log.messages_before(actor, chat_id, before=whole("before"), limit=limit)
        case _:
            raise Invalid(
                lazy_gettext("Give either after or before."),
                fields={"after": lazy_gettext("Either this or before.")},
            )
    return json_answer(page.as_json())


@blueprint.post("/chats/<int:chat_id>/messages")
def create_message(chat_id: int) -> Response:
    actor = required_actor()
    message, new = send_message(engines(), actor, chat_id, json_body(SentMessage).said())
    return json_answer(message, 201 if new else 200)


@blueprint.get("/chats/<int:chat_id>/messages/<int:seq>")
def show_message(chat_id: int, seq: int) -> Response:
    actor = required_actor()
    keep_present(engines(), actor, chat_id)
    return json_answer(log.message_at(actor, chat_id, seq))


@blueprint.patch("/chats/<int:chat_id>/messages/<int:seq>")
def change_message(chat_id: int, seq: int) -> Response:
    actor = required_actor()
    body = json_body(EditMessage)
    message = edit_message(engines(), actor, chat_id, seq, content=body.content, envelope=body.envelope)
    return json_answer(message)


@blueprint.delete("/chats/<int:chat_id>/messages/<int:seq>")
def remove_message(chat_id: int, seq: int) -> Response:
    return json_answer(delete_message(engines(), required_actor(), chat_id, seq))
