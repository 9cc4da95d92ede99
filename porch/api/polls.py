"""The short way for the request that comes most: a poll that finds nothing new.

Flask takes most of the time of such a request. What is answered here is what the long way would answer, by
the same checks; whatever is not quite as usual, or whose session is not in memory, goes the long way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec
from flask import Response
from werkzeug.wrappers import Request

from porch.access.actors import LONGEST_TOKEN, Actor, remembered_actor
from porch.actions.people.sessions import touch_session
from porch.actions.reading.log import MOST_MESSAGES, Page, nothing_new, remembered_head
from porch.engines import Engines
from porch.engines.reading.memory import Look, Memory
from porch.errors import Moved, RetryLater
from porch.realtime.websocket import CONNECTION
from porch.web.cookies import session_cookie_name
from porch.web.headers import add_headers
from porch.web.hosts import is_host

Headers = list[tuple[str, str]]
Ask = Callable[[Actor, int], int | None]

PATH = re.compile(r"/chats/([1-9][0-9]{0,17})/messages")
QUERY = re.compile(r"after=([0-9]{1,18})(?:&limit=([1-9][0-9]{0,2}))?")
TOKEN = rf"([\w-]{{1,{LONGEST_TOKEN}}})"  # what is given out; other signs may be quoted or taken apart
BEARER = re.compile(rf"[Bb]earer {TOKEN}", re.ASCII)
COOKIES = {
    secure: re.compile(rf"(?:^|; ){session_cookie_name(secure=secure)}={TOKEN}(?:;|$)", re.ASCII)
    for secure in (False, True)
}
COUNTED = ("poll", 200)  # among the requests
MOST_HOSTS = 64  # whose headers are kept


class Asked(NamedTuple):
    """A poll. `page_of` is whose page asks, when that is told; `headers` are those of the answer, but its
    length.
    """

    chat_id: int
    after: int
    token: str
    page_of: str | None
    headers: Headers


class EmptyPolls:
    """WSGI middleware: answers `GET /chats/<id>/messages?after=` when nothing is new.

    Memory alone says so; or where it does not hold what is said, `ask` does, which gives the rev of a chat
    that the actor may read and may wait for the database.
    """

    def __init__(self, app: WSGIApplication, engines: Engines, memory: Memory, ask: Ask | None) -> None:
        self._app = app
        self._ask = ask
        self._engines = engines
        self._memory = memory

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = _asked(environ)
        page = asked and self._page(asked)
        if asked is None or page is None:
            return self._app(environ, start_response)
        body = msgspec.json.encode(page.as_json())
        connection = environ.get(CONNECTION)
        # The event loop can neither wait for the database, nor while other processes are told who is where.
        if connection is not None and self._ask is None and self._engines.cluster.is_alone:
            connection.repeats_while(lambda: self._page(asked) is not None)
        start_response("200 OK", [*asked.headers, ("Content-Length", str(len(body)))])
        return [body]

    def _page(self, asked: Asked) -> Page | None:
        """The empty page that is the answer, when it is."""
        look = self._memory.look()
        actor = remembered_actor(self._engines.settings, look, asked.token)
        if actor is None or actor.username is None or asked.page_of not in (None, str(actor.user_id)):
            return None
        touch_session(self._engines, actor)
        try:
            if self._head(look, actor, asked.chat_id) != asked.after:
                return None
            page = nothing_new(self._engines, actor, asked.chat_id, after=asked.after)
        except (Moved, RetryLater):  # which the long way explains
            return None
        self._engines.meters.requests[COUNTED] += 1
        return page

    def _head(self, look: Look, actor: Actor, chat_id: int) -> int | None:
        return remembered_head(look, actor, chat_id) if self._ask is None else self._ask(actor, chat_id)


def _asked(environ: WSGIEnvironment) -> Asked | None:
    """What is asked, if it is a poll as is usual."""
    if environ["REQUEST_METHOD"] != "GET" or environ.get("SCRIPT_NAME"):
        return None
    place = PATH.fullmatch(environ.get("PATH_INFO", ""))
    cursor = place and QUERY.fullmatch(environ.get("QUERY_STRING", ""))
    if not place or not cursor or int(cursor[2] or 1) > MOST_MESSAGES:
        return None
    headers = _headers(environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""))
    token = _token(environ)
    if headers is None or token is None:
        return None
    return Asked(int(place[1]), int(cursor[1]), token, environ.get("HTTP_PORCH_USER"), headers)


def _token(environ: WSGIEnvironment) -> str | None:
    """The token of the request, if it brings one in the way that is usual."""
    if authorization := environ.get("HTTP_AUTHORIZATION"):
        bearer = BEARER.fullmatch(authorization)
        return bearer and bearer[1]
    secure = environ["wsgi.url_scheme"] == "https"
    cookies = environ.get("HTTP_COOKIE", "")
    if '"' in cookies or cookies.count(f"{session_cookie_name(secure=secure)}=") != 1:
        return None  # within quotes anything may stand; and of two the first counts, however it is written
    found = COOKIES[secure].search(cookies)
    return found and found[1]


@lru_cache(MOST_HOSTS)
def _headers(scheme: str, host: str) -> Headers | None:
    """The headers of an answer, but its length: the same for all under one address. None for no host."""
    request = Request({"wsgi.url_scheme": scheme, "HTTP_HOST": host, "SERVER_NAME": "", "SERVER_PORT": ""})
    if not host or not is_host(request.host):
        return None
    answer = Response(mimetype="application/json")
    add_headers(request, answer)
    return [header for header in answer.headers if header[0] != "Content-Length"]
