"""Searching what was said in the rooms and direct chats that somebody may read, newest first."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, or_, select

from porch.access.actors import Actor
from porch.access.chats import chat_for, readable_chats
from porch.access.messages import AT_ONCE, readable_messages
from porch.actions.bounds import confirm_limit, out_of_range
from porch.actions.upkeep.indexing import index_errors, repair
from porch.engines import Engines
from porch.engines.reading.snapshots import Snapshot, snapshot
from porch.engines.reading.statements import as_stored
from porch.engines.search.index import NO_SEARCH, Finding, SearchIndex
from porch.engines.search.words import Sought, sought_in
from porch.errors import RetryLater, Unavailable
from porch.extensions import reading
from porch.markdown.blocks import plain_text
from porch.models import SearchProgress, SearchSpan, User
from porch.models.ids import LARGEST_ID, is_id
from porch.models.message import stored_message
from porch.models.search import SPAN_BITS
from porch.peers import side_of
from porch.text import folded
from porch.texts import lazy_gettext

LONGEST_QUERY = 200  # code points
MOST_WORDS = 16
MOST_HITS = 50  # of one page
DEFAULT_HITS = 20
# Milliseconds of processor time for one page, of finding and of looking at what was found. A search that
# needs more ends early, with a cursor.
MOST_WORK = 2.4
# Whoever is in at most so many rooms is searched for by these; in so many at most where what is sought is
# common, too. In more rooms all that was said is looked through, and what is not theirs left out.
FEW_ROOMS = 4
MANY_ROOMS = 100
LONGEST_PERSON = 64  # code points
MANY_AT_ONCE = 1024  # messages that are asked of the index, when a few were not enough
FEW_AT_ONCE = 16  # messages that are not looked at before there are more, or nothing else is to be found
MOST_NAMESAKES = 8  # people who have or had a name
LONGEST_EXCERPT = 240  # code points
BEFORE_MARK = 60  # code points of it before what was found

INDEXED = select(SearchProgress.message_id).where(SearchProgress.id == 1)
SPANS = (
    select(SearchSpan.span)
    .where(SearchSpan.span <= bindparam("last"))
    .where(SearchSpan.newest >= bindparam("after"), SearchSpan.oldest < bindparam("before"))
    .order_by(SearchSpan.span.desc())
)
CALLED = (
    select(User.id)
    .where(or_(User.search_name == bindparam("name"), User.id == bindparam("number")))
    .limit(MOST_NAMESAKES)
)
# Stand for no bound.
LONG_AGO = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
FAR_OFF = datetime.fromisoformat("9999-12-30T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched. `rooms` are all that come into question, None for too many to name them; `people` who
    wrote it, None for anybody; it was written from `after` until before `before`.
    """

    sought: Sought
    chat_id: int | None
    rooms: list[int] | None
    people: list[int] | None
    after: datetime
    before: datetime

    def has(self, chat: dict[str, Any], message: dict[str, Any]) -> bool:
        """Whether a message is of the right room, person and time."""
        return (
            self.chat_id in (None, chat["id"])
            and (self.people is None or message["user_id"] in self.people)
            and self.after <= datetime.fromisoformat(message["timestamp"]) < self.before
        )


def search(
    engines: Engines,
    actor: Actor,
    q: str,
    *,
    chat_id: int | None = None,
    person: str | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
    cursor: int | None = None,
    limit: int = DEFAULT_HITS,
) -> dict[str, Any]:
    """`{hits, cursor}`: messages with all the words of `q`, newest first, 1 to 50 of them.

    Each hit is `{chat: {id, name, url}, message, excerpt: {text, marks, cut_before, cut_after}}`; `marks` are
    `[start, end]` in code points of `text`. `person` is a user id, or a name that somebody has or had last.
    `cursor` is where the next page begins, None at the end: a page that has one may be short, or empty, when
    much had to be looked through. Raises Invalid, NotFound, RoomDeleted, TooFast, Unavailable, and RetryLater
    while a broken index is made anew.
    """
    _confirm_bounds(q, person, cursor, limit)
    sought = sought_in(q)
    if chat_id is not None:
        chat_for(actor, chat_id)
    if not engines.search.is_there:
        raise Unavailable(NO_SEARCH)
    engines.limiter.take("search", actor.user_id)
    if not sought.phrases:
        return {"hits": [], "cursor": None}
    with snapshot() as found:
        rooms = [chat_id] if chat_id is not None else readable_chats(found, actor, MANY_ROOMS + 1)
        wanted = Wanted(
            sought,
            chat_id,
            rooms if len(rooms) <= MANY_ROOMS else None,
            None if person is None else _people(found, person),
            after or LONG_AGO,
            before or FAR_OFF,
        )
        try:
            hits, left = _hits(engines.search, found, actor, wanted, cursor, limit)
        except index_errors() as error:
            repair(engines, error)
            raise RetryLater(cause="the search index is broken") from error
    return {"hits": _named(actor, hits), "cursor": left}


def _hits(
    index: SearchIndex, found: Snapshot, actor: Actor, wanted: Wanted, cursor: int | None, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """One page, and where the next one begins: before the id that is returned."""
    hits: list[dict[str, Any]] = []
    ids: list[int] = []  # found, and not looked at: to look at some together costs little more than at one
    work = 0.0
    for some, took, before in _candidates(index, found, wanted, cursor):
        ids += some
        work += took
        while ids and (len(ids) > max(limit - len(hits), FEW_AT_ONCE) or work >= MOST_WORK or before is None):
            together, ids = ids[:AT_ONCE], ids[AT_ONCE:]
            began = time.thread_time()
            hits += _among(found, actor, together, wanted)
            work += (time.thread_time() - began) * 1000
            if len(hits) > limit:
                return hits[:limit], hits[limit - 1]["message"]["id"]
            if ids and work >= MOST_WORK:
                return hits, ids[0] + 1
        if work >= MOST_WORK:
            return hits, before
    return hits, None


def _candidates(
    index: SearchIndex, found: Snapshot, wanted: Wanted, cursor: int | None
) -> Iterator[tuple[list[int], float, int | None]]:
    """What the index has, the newest first, piece by piece: the ids, what finding them took (`Finding`), and
    before which id the next piece begins, None at the end. The first has no ids.
    """
    piece = Finding([], 0.0)
    few = wanted.rooms if wanted.rooms and len(wanted.rooms) <= FEW_ROOMS else None
    for newest, oldest in _stretches(index, found, wanted, cursor):
        at, rooms, most = newest, few, AT_ONCE
        while at >= oldest:
            yield *piece, at + 1
            piece = index.find(
                found,
                wanted.sought,
                chat_ids=rooms,
                user_ids=wanted.people,
                newest=at,
                oldest=oldest,
                most=most,
            )
            at = piece.ids[-1] - 1 if len(piece.ids) == most else oldest - 1
            # What is sought is common: one's own rooms may have little of it, and to begin again costs most.
            rooms, most = wanted.rooms, MANY_AT_ONCE
    yield *piece, None


def _stretches(
    index: SearchIndex, found: Snapshot, wanted: Wanted, cursor: int | None
) -> Iterator[tuple[int, int]]:
    """The ids that come into question, newest first, in stretches (newest, oldest) of one era each."""
    if wanted.rooms == [] or wanted.people == []:
        return
    row = found.first(INDEXED, {})
    newest = min(row[0] if row else 0, LARGEST_ID if cursor is None else cursor - 1)
    if newest < 1:
        return
    if wanted.after == LONG_AGO and wanted.before == FAR_OFF:
        yield from index.eras(newest, 1)
        return
    stored = as_stored(SearchSpan.oldest.type, found.dialect)
    bounds = {"after": stored(wanted.after), "before": stored(wanted.before), "last": newest >> SPAN_BITS}
    spans = [row[0] for row in found.rows(SPANS, bounds)]
    # Those that lie side by side are one.
    for _, run in groupby(enumerate(spans), lambda place: place[0] + place[1]):
        together = [span for _, span in run]
        last = ((together[0] + 1) << SPAN_BITS) - 1
        yield from index.eras(min(newest, last), max(1, together[-1] << SPAN_BITS))


def _among(found: Snapshot, actor: Actor, ids: Sequence[int], wanted: Wanted) -> list[dict[str, Any]]:
    """Which of the ids are hits: what the index has is a second old, and knows neither access nor time."""
    hits = []
    for row, chat in readable_messages(found, actor, ids):
        message = stored_message(row)
        marks = wanted.sought.marks(message["content"]) if wanted.has(chat, message) else None
        if marks:
            excerpt = _excerpt(wanted.sought, message["content"], marks)
            hits.append({"chat": chat, "message": message, "excerpt": excerpt})
    return hits


def _excerpt(sought: Sought, content: str, marks: list[tuple[int, int]]) -> dict[str, Any]:
    """The part of a text around what was found first, beginning with a word if there is one near: of the text
    as it is read. What was found where nobody reads it, as in the address of a link, is shown in what was
    typed.
    """
    read = plain_text(content)
    if read != content and (marks_read := sought.marks(read)):
        content, marks = read, marks_read
    first = marks[0][0]
    start = 0
    if first > BEFORE_MARK and len(content) > LONGEST_EXCERPT:
        start = content.find(" ", first - BEFORE_MARK, first) + 1 or first - BEFORE_MARK
    text = content[start : start + LONGEST_EXCERPT]
    inside = [
        (begin - start, min(end - start, len(text))) for begin, end in marks if begin - start < len(text)
    ]
    return {
        "text": text,
        "marks": inside,
        "cut_before": start > 0,
        "cut_after": start + len(text) < len(content),
    }


def _people(found: Snapshot, person: str) -> list[int]:
    """The ids of whoever has this name now, or had it last; or whose id it is."""
    if "\0" in person:  # which no name has, and PostgreSQL does not even take to look for
        return []
    is_id = person.isascii() and person.isdigit() and len(person) <= 18
    values = {"name": folded(person), "number": int(person) if is_id else 0}
    return [row[0] for row in found.rows(CALLED, values)]


def _named(actor: Actor, hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the name that each direct chat has to this person, and no more of the chats than is told."""
    directs = {hit["chat"]["id"] for hit in hits if hit["chat"]["kind"] == "direct"}
    names: dict[int, str] = {}
    if directs:
        with reading() as session:
            names = {id_: side_of(session.connection(), id_, actor.user_id).name for id_ in directs}
    for hit in hits:
        chat = hit["chat"]
        hit["chat"] = {"id": chat["id"], "name": names.get(chat["id"], chat["name"]), "url": chat["url"]}
    return hits


def _confirm_bounds(q: str, person: str | None, cursor: int | None, limit: int) -> None:
    if not 1 <= len(q) <= LONGEST_QUERY:
        raise out_of_range("q", lazy_gettext("1 to %(most)s characters.", most=LONGEST_QUERY))
    if len(q.split()) > MOST_WORDS:
        raise out_of_range("q", lazy_gettext("At most %(most)s words.", most=MOST_WORDS))
    if person is not None and not 1 <= len(person) <= LONGEST_PERSON:
        raise out_of_range(
            "from", lazy_gettext("A name, or a user's id, of 1 to %(most)s characters.", most=LONGEST_PERSON)
        )
    if cursor is not None and not is_id(cursor):
        raise out_of_range("cursor", lazy_gettext("The cursor of the page before."))
    confirm_limit(limit, MOST_HITS)
