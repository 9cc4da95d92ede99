"""The landing page."""

from __future__ import annotations

from flask import render_template

from porch.pages import blueprint


@blueprint.get("/")
def home() -> str:
    return render_template("home.html", form={"name": ""}, errors={})
