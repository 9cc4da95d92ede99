"""Web push: where this browser is reached when it is not open, and whether somebody looks at it."""

from __future__ import annotations

from flask import Response

from porch.actions.notifications import push
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import Body, json_answer, json_body


class Subscribe(Body):
    endpoint: str
    p256dh: str
    auth: str


class Active(Body):
    active: bool


@blueprint.get("/push")
def push_key() -> Response:
    actor = required_actor()
    return json_answer({"key": engines().push.public_key, "told": push.is_told(engines(), actor)})


@blueprint.put("/push/subscription")
def subscribe() -> Response:
    actor, body = required_actor(), json_body(Subscribe)
    push.subscribe(engines(), actor, endpoint=body.endpoint, p256dh=body.p256dh, auth=body.auth)
    return Response(status=204)


@blueprint.delete("/push/subscription")
def unsubscribe() -> Response:
    push.unsubscribe(engines(), required_actor())
    return Response(status=204)


@blueprint.put("/sessions/current/active")
def note_activity() -> Response:
    push.note_activity(engines(), required_actor(), active=json_body(Active).active)
    return Response(status=204)
