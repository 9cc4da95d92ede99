"""The page of where one was called by name."""

from __future__ import annotations

from flask import render_template, request

from porch.actions.notifications.mentions import mentions_of
from porch.models.ids import is_id
from porch.pages import blueprint
from porch.pages.entrance import person
from porch.pages.times import since
from porch.web.identity import engines


@blueprint.get("/mentions/")
def mentions() -> str:
    actor = person("/mentions/")
    before = request.args.get("before", type=int)
    if before is not None and not is_id(before):
        before = None
    listing = mentions_of(engines(), actor, before=before)
    return render_template("mentions/index.html", before=before, since=since, **listing)
