"""The switch between light and dark."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from porch.pages import blueprint
from porch.web.local import local_path
from porch.web.theme import remember_theme


@blueprint.post("/theme/")
def choose_theme() -> Response:
    back = redirect(local_path(request.form.get("next")), 303)
    return remember_theme(back, request.form.get("theme", ""))
