"""The landing page: the owner's own site, and the way from it into the rooms."""

from __future__ import annotations

from flask import render_template

from porch.pages import blueprint


@blueprint.get("/")
def home() -> str:
    return render_template("home.html")
