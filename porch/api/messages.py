"""Sending messages and reading the log."""

from __future__ import annotations

from flask import Response, request

from porch.actions import messages
from porch.api import blueprint
from porch.errors import Invalid
from porch.web.identity import engines, required_actor
from porch.web.json import Body, json_answer, json_body

PARAMETERS = frozenset({"after", "before", "limit", "wait"})


class SendMessage(Body):
    content: str
    client_id: str


@blueprint.get("/chats/<int:chat_id>/messages")
def list_messages(chat_id: int) -> Response:
    actor = required_actor()
    unknown = set(request.args) - PARAMETERS
    if unknown:
        raise Invalid("Unknown parameter.", fields=dict.fromkeys(unknown, "There is no such parameter."))
    limit = _whole("limit", messages.DEFAULT_MESSAGES)
    wait = _whole("wait", 0)
    match "after" in request.args, "before" in request.args:
        case True, False:
            page = messages.await_messages(
                engines(), actor, chat_id, after=_whole("after"), limit=limit, wait=wait
            )
        case False, True:
            page = messages.messages_before(actor, chat_id, before=_whole("before"), limit=limit)
        case _:
            raise Invalid("Give either after or before.", fields={"after": "Either this or before."})
    return json_answer(page.as_dict())


@blueprint.post("/chats/<int:chat_id>/messages")
def create_message(chat_id: int) -> Response:
    actor = required_actor()
    body = json_body(SendMessage)
    message, new = messages.send_message(
        engines(), actor, chat_id, content=body.content, client_id=body.client_id
    )
    return json_answer(message, 201 if new else 200)


def _whole(name: str, default: int | None = None) -> int:
    text = request.args.get(name)
    if text is None and default is not None:
        return default
    # Not str.isdigit: that takes digits of every script, and int() takes more still.
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid(f"{name} is out of range.", fields={name: "A whole number."})
    return int(text)
