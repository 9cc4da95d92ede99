"""The switch between languages."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from porch.pages import blueprint
from porch.web.language import remember_language
from porch.web.local import local_path


@blueprint.post("/language/")
def choose_language() -> Response:
    back = redirect(local_path(request.form.get("next")), 303)
    return remember_language(back, request.form.get("language", ""))
