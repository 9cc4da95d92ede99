"""The audit log, for the host."""

from __future__ import annotations

from flask import Response

from porch.actions.upkeep.audit import DEFAULT_ENTRIES, audit_for
from porch.api import blueprint
from porch.web.identity import required_actor
from porch.web.json import json_answer, known_parameters, optional_whole, whole


@blueprint.get("/audit")
def show_audit() -> Response:
    actor = required_actor()
    known_parameters("before", "limit")
    return json_answer(
        audit_for(actor, before=optional_whole("before"), limit=whole("limit", DEFAULT_ENTRIES))
    )
