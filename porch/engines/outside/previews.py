"""Looks at the pages that messages link to, beside the requests, and has what they say of themselves kept."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from porch.engines.outside.fetching import Unfetched
from porch.engines.outside.links import first_link
from porch.engines.outside.page_head import PageHead
from porch.events import Event

log = logging.getLogger(__name__)

FETCHERS = 2  # pages that are looked at at once
MOST_WAITING = 500  # messages whose page waits; what is over has no preview
REMEMBERED = 3600.0  # seconds that a page is not asked again, whatever it has answered
MOST_REMEMBERED = 1000  # pages

Fetch = Callable[[str], PageHead | None]


class Place(NamedTuple):
    chat_id: int
    seq: int


class Previews:
    """`fetch` gives what a page says, or raises Unfetched; `wanted` says whether a message still has this as
    its first link, `keep` gives it its preview: `{url, title, description, site}`.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        wanted: Callable[[Place, str], bool],
        keep: Callable[[Place, dict[str, Any]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._wanted = wanted
        self._keep = keep
        self._clock = clock
        self._lock = threading.Lock()
        self._count = 0
        self._places: dict[str, list[Place]] = {}  # by link, also of those that are being fetched
        self._links: queue.SimpleQueue[str] = queue.SimpleQueue()  # each that waits, once
        self._known: dict[str, tuple[float, PageHead | None]] = {}  # until when, the oldest first

    def observe(self, event: Event) -> None:
        if not event.is_new_message and event.name != "link_changed":
            return
        message = event.payload
        link = first_link(message["content"])
        if link is None:
            return
        with self._lock:
            if self._count >= MOST_WAITING:
                return
            self._count += 1
            if link not in self._places:
                self._links.put(link)
            self._places.setdefault(link, []).append(Place(message["chat_id"], message["seq"]))

    def work(self) -> None:
        """See to what waits, one after another, for ever."""
        while True:
            self.see_to(self._links.get())

    def see_to(self, link: str) -> None:
        page = None
        try:
            if any(self._wanted(place, link) for place in list(self._places[link])):
                page = self._page(link)
        except Exception:  # the next one may go well
            log.exception("a link could not be looked at")
        with self._lock:
            places = self._places.pop(link)
            self._count -= len(places)
        if page is None:
            return
        for place in places:
            try:
                self._keep(place, {"url": link, **page._asdict()})
            except Exception:
                log.exception("a preview could not be kept")

    def _page(self, link: str) -> PageHead | None:
        now = self._clock()
        with self._lock:
            while self._known and next(iter(self._known.values()))[0] <= now:
                del self._known[next(iter(self._known))]
            if link in self._known:
                return self._known[link][1]
        try:
            page = self._fetch(link)
        except Unfetched as error:
            log.info("A page could not be previewed: %s", error)
            page = None
        with self._lock:
            if len(self._known) >= MOST_REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[link] = (now + REMEMBERED, page)
        return page
