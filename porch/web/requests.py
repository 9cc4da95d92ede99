"""What becomes of each request: counted, and written into the log where that is a line of JSON for each."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request

from porch.engines.meters import Meters

log = logging.getLogger(__name__)

OUTSIDE = "none"  # the kind of a request for what is no route


def init_requests(app: Flask, meters: Meters) -> None:
    """Call it before whatever else looks at requests."""

    def answered(response: Response) -> Response:
        meters.requests[request.blueprint or request.endpoint or OUTSIDE, response.status_code] += 1
        if "error" in g:
            meters.errors["http", g.error] += 1
        if log.isEnabledFor(logging.INFO):
            _write(response)
        return response

    app.before_request(_begin)
    app.after_request(answered)


def route() -> str | None:
    """The rule that this request came by. The path itself may hold the secret part of a link."""
    return request.url_rule.rule if request.url_rule else None


def refused(code: str) -> None:
    """Note why this request is refused."""
    g.error = code


def _begin() -> None:
    if log.isEnabledFor(logging.INFO):
        g.began = time.perf_counter()


def _write(response: Response) -> None:
    told = {"method": request.method, "route": route(), "status": response.status_code}
    if "began" in g:
        told["ms"] = round((time.perf_counter() - g.began) * 1000, 1)
    if "error" in g:
        told["code"] = g.error
    log.info("request", extra=told)
