"""What stands before Socket.IO: the check of where a request comes from, and the headers of every answer."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Response
from werkzeug.wrappers import Request

from porch.errors import ForeignOrigin
from porch.web.headers import add_headers
from porch.web.json import json_error
from porch.web.origin import refuse_foreign_origin

log = logging.getLogger(__name__)


class SocketGuard:
    """WSGI middleware: a foreign page cannot open a socket, or speak on one, in a visitor's name."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith("/socket.io"):
            try:
                refuse_foreign_origin(environ)
            except ForeignOrigin as error:
                log.warning("socket refused: %s", error.cause)
                answer = json_error(error)
                add_headers(Request(environ), answer)
                return answer(environ, start_response)
            return self._app(environ, _with_headers(environ, start_response))
        return self._app(environ, start_response)


def _with_headers(environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
    """What Socket.IO answers is a document to a browser, too."""

    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        answer = Response(status=status, headers=headers)
        add_headers(Request(environ), answer)
        return start_response(status, list(answer.headers), *error)

    return start
