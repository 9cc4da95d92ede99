"""Pages that are the same for every stranger: rendered once, compressed once, answered by their tag.

For whoever is signed in a page is made anew and kept nowhere.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property

from flask import Flask, Response, current_app, make_response, request

from porch.web.identity import current_actor

# The host's name in the address is a part of the pages' keys, and anybody may send one.
MOST_KEPT = 256  # pages
MOST_BYTES = 16 * 1024**2  # of all of them, before they are compressed
LEVEL = 6


@dataclass(frozen=True)
class Kept:
    content: bytes

    # For strangers alone. The length of a compressed page tells how much of it repeats: who can put a guess
    # into it (by a query, a name, a message) and watch its length finds a secret in it letter by letter
    # (BREACH). A stranger's front page holds no secret; a room's page is sent as it is, and kept small.
    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.content, LEVEL, mtime=0)

    @cached_property
    def tag(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:20]


class KeptPages:
    """At most MOST_KEPT, and MOST_BYTES; those that were asked for longest ago go first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, render: Callable[[], str]) -> Kept:
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
                return found
        made = Kept(render().encode())
        with self._lock:
            before = self._pages.pop(key, None)  # by another thread, meanwhile
            self._bytes += len(made.content) - (len(before.content) if before else 0)
            self._pages[key] = made
            while len(self._pages) > MOST_KEPT or self._bytes > MOST_BYTES:
                _, oldest = self._pages.popitem(last=False)
                self._bytes -= len(oldest.content)
        return made


def init_kept(app: Flask) -> None:
    app.extensions["porch_kept"] = KeptPages()


def kept(key: Hashable, render: Callable[[], str], mimetype: str = "text/html") -> Response:
    """The page; for strangers the one that was made for this key, which names all that `render` uses."""
    if mimetype == "text/html" and current_actor() is not None:
        answer = make_response(render())
    else:
        pages: KeptPages = current_app.extensions["porch_kept"]
        page = pages.get((mimetype, key), render)
        zipped = request.accept_encodings.quality("gzip") > 0
        answer = Response(page.compressed if zipped else page.content, mimetype=mimetype)
        if zipped:
            answer.headers["Content-Encoding"] = "gzip"
        answer.vary.add("Accept-Encoding")
        answer.set_etag(f"{page.tag}-gzip" if zipped else page.tag)
        # Whoever keeps it asks each time whether it still holds: after a log-in it does not.
        answer.headers["Cache-Control"] = "no-cache"
        answer.make_conditional(request)
    if mimetype == "text/html":
        answer.vary.update(("Cookie", "Accept-Language"))
    return answer
