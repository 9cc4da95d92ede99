"""Where one was called by name."""

from __future__ import annotations

from flask import Response

from porch.actions.notifications.mentions import DEFAULT_MENTIONS, mentions_of
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import json_answer, known_parameters, optional_whole, whole


@blueprint.get("/mentions")
def list_mentions() -> Response:
    actor = required_actor()
    known_parameters("before", "limit")
    return json_answer(
        mentions_of(engines(), actor, before=optional_whole("before"), limit=whole("limit", DEFAULT_MENTIONS))
    )
