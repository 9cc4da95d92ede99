"""Who can read what: what this site protects, and what it cannot."""

from __future__ import annotations

from flask import render_template

from porch.pages import blueprint
from porch.web.identity import engines


@blueprint.get("/protected/")
def protected() -> str:
    return render_template("protected.html", own_authority=engines().settings.tls)
