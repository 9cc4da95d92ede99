"""The keys of a direct chat: those of the two people, its epochs, and shares of them."""

from __future__ import annotations

from typing import Annotated

from flask import Response, request
from msgspec import Meta

from porch.actions.encryption.chat_keys import keys_of_chat
from porch.actions.encryption.epochs import begin_epoch, epochs_of_chat
from porch.actions.encryption.shares import give_shares
from porch.api import blueprint
from porch.keys.epochs import MOST_SHARES, EpochRecord, Share
from porch.keys.forms import Bytes32
from porch.web.identity import engines, required_actor
from porch.web.json import Body, json_answer, json_body, known_parameters, whole

FROM_THE_FIRST = "-1"


class GiveShares(Body):
    dev: Bytes32
    shares: Annotated[list[Share], Meta(min_length=1, max_length=MOST_SHARES)]


@blueprint.get("/chats/<int:chat_id>/keys")
def show_chat_keys(chat_id: int) -> Response:
    return json_answer(keys_of_chat(required_actor(), chat_id))


@blueprint.get("/chats/<int:chat_id>/epochs")
def list_epochs(chat_id: int) -> Response:
    actor = required_actor()
    known_parameters("after", "dev")
    after = -1 if request.args.get("after", FROM_THE_FIRST) == FROM_THE_FIRST else whole("after")
    return json_answer(epochs_of_chat(actor, chat_id, after=after, dev=request.args.get("dev")))


@blueprint.post("/chats/<int:chat_id>/epochs")
def create_epoch(chat_id: int) -> Response:
    epoch, new = begin_epoch(engines(), required_actor(), chat_id, json_body(EpochRecord))
    return json_answer(epoch, 201 if new else 200)


@blueprint.post("/chats/<int:chat_id>/shares")
def create_shares(chat_id: int) -> Response:
    actor, body = required_actor(), json_body(GiveShares)
    give_shares(engines(), actor, chat_id, dev=body.dev, shares=body.shares)
    return Response(status=204)
