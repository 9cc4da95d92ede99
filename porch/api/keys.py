"""The keys of one's account: its devices, the browsers that ask to be some, and the backup."""

from __future__ import annotations

from typing import Annotated

from flask import Response, request
from msgspec import Meta

from porch.actions.encryption.device_chain import add_entry
from porch.actions.encryption.device_requests import ask_to_join, drop_request
from porch.actions.encryption.epochs import all_epochs
from porch.actions.encryption.keys import FIRST_KINDS, keys_of, publish_keys
from porch.actions.people.accounts import give_up_keys
from porch.api import blueprint
from porch.keys.backup import Backup
from porch.keys.devices import Entry, PublicDevice
from porch.keys.forms import Bytes32
from porch.web.device import device
from porch.web.identity import engines, required_actor
from porch.web.json import Body, json_answer, json_body, known_parameters, whole


class PublishKeys(Body):
    identity: Bytes32
    entries: Annotated[list[Entry], Meta(min_length=len(FIRST_KINDS), max_length=len(FIRST_KINDS))]
    backup: Backup


class AddEntry(Body):
    entry: Entry
    kind: str | None = None
    backup: Backup | None = None


class GiveUp(Body):
    password: str


@blueprint.get("/keys")
def show_keys() -> Response:
    return json_answer(keys_of(required_actor()))


@blueprint.post("/keys")
def create_keys() -> Response:
    actor, body = required_actor(), json_body(PublishKeys)
    publish_keys(
        engines(), actor, identity=body.identity, entries=body.entries, backup=body.backup, label=_label()
    )
    return json_answer(keys_of(actor), 201)


@blueprint.delete("/keys")
def delete_keys() -> Response:
    give_up_keys(engines(), required_actor(), json_body(GiveUp).password)
    return Response(status=204)


@blueprint.post("/keys/entries")
def create_entry() -> Response:
    actor, body = required_actor(), json_body(AddEntry)
    n = add_entry(engines(), actor, body.entry, kind=body.kind, backup=body.backup, label=_label())
    return json_answer({"n": n}, 201)


@blueprint.post("/keys/requests")
def create_request() -> Response:
    actor, body = required_actor(), json_body(PublicDevice)
    return json_answer(ask_to_join(engines(), actor, body, label=_label()), 201)


@blueprint.delete("/keys/requests/<dev>")
def delete_request(dev: str) -> Response:
    drop_request(engines(), required_actor(), dev)
    return Response(status=204)


@blueprint.get("/keys/epochs")
def list_all_epochs() -> Response:
    actor = required_actor()
    known_parameters("after")
    return json_answer(all_epochs(actor, after=whole("after", 0)))


def _label() -> str:
    return device(request.user_agent.string)
