"""For what watches over the process: whether it is alive, and whether it can serve."""

from __future__ import annotations

from flask import Response

from porch.api import blueprint
from porch.web.identity import engines
from porch.web.json import json_answer


@blueprint.get("/healthz")
def healthz() -> Response:
    return json_answer({"ok": True})


@blueprint.get("/readyz")
def readyz() -> Response:
    missing = engines().readiness.missing()
    answer = {"ok": not missing, "missing": [*missing, *engines().cluster.lacks()]}
    return json_answer(answer, 503 if missing else 200)
