"""Compressing the pages that hold nothing secret."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

from porch.web.identity import current_actor

# These alone, and for strangers alone. The length of a compressed page tells how much of it repeats: who
# can put a guess into it (by a query, a name, a message) and watch its length finds a secret in it letter by
# letter (BREACH). A room's page holds its link beside what others wrote: it is sent as it is, and kept small.
OPEN_PAGES = frozenset({"pages.home"})
LEVEL = 6  # 0.3 ms for 30 KB; more costs much and saves little


def init_compression(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if request.endpoint not in OPEN_PAGES or response.status_code != 200 or current_actor() is not None:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
