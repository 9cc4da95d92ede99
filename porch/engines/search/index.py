"""The index of what was said: FTS5 of SQLite. What another database has in its place has the same methods.

Each message is a row of terms, under its own id: its words, the room it is in, who wrote it. All terms begin
with the number of the stretch of ids (`ERA_BITS`) that the message belongs to, so that nothing that is looked
for, however common, costs more than what one stretch holds. Stretches are searched one by one, newest first.
Texts are not kept: what is taken out is given once more, as it was put in.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from porch.engines.reading.snapshots import Snapshot
from porch.engines.search.words import Phrase, Sought, is_tail, terms_of, words_of
from porch.texts import lazy_gettext

ERA_BITS = 16
NO_SEARCH = lazy_gettext("Search is not available: the SQLite of this server has no full-text index (FTS5).")
# Pages rewritten in one write to be rid of erased words.
CLEANED = 64
# All that is not ASCII belongs to a term: which letters Unicode has is for `words` to know, not for SQLite.
MAKE = "CREATE VIRTUAL TABLE search_text USING fts5(terms, content='', columnsize=0, tokenize='ascii')"
DROP = "DROP TABLE IF EXISTS search_text"
ADD = "INSERT INTO search_text (rowid, terms) VALUES (?, ?)"
REMOVE = "INSERT INTO search_text (search_text, rowid, terms) VALUES ('delete', ?, ?)"
CLEAN = "INSERT INTO search_text (search_text, rank) VALUES ('merge', ?)"
# FTS5's structure record: four bytes, the number of levels that its index has, and what is on them.
STRUCTURE = "SELECT block FROM search_text_data WHERE id = 10"
# A cleaning puts a level or two on it, and with more than 2,000 FTS5 takes it for broken.
MOST_LEVELS = 1_000
# Makes a broken index an empty one, without which FTS5 would not even drop it: no levels, and nothing else.
EMPTY = (
    "DELETE FROM search_text_data",
    "DELETE FROM search_text_idx",
    "INSERT INTO search_text_data (id, block) VALUES (1, x''), (10, x'00000000000000')",
)
FIND = text(
    "SELECT rowid FROM search_text WHERE search_text MATCH :terms AND rowid <= :newest AND rowid >= :oldest"
    " ORDER BY rowid DESC LIMIT :most"
)


class Indexed(NamedTuple):
    """A message as the index has it."""

    id: int
    chat_id: int
    user_id: int
    content: str


class Finding(NamedTuple):
    """The ids of messages, the newest first, and the milliseconds of processor time that it took: how many
    messages have a word, and so how long an index goes through them, is not known before.
    """

    ids: list[int]
    took: float


class SearchIndex:
    """`is_there` says whether this SQLite has FTS5; nothing else may be called without it."""

    def __init__(self) -> None:
        self.is_there = _has_fts5()
        # Words that are taken out leave the file at once since SQLite 3.42; before, when they are merged.
        self._erases = sqlite3.sqlite_version_info >= (3, 42)

    # For the writer's thread, inside a write.

    def make(self, connection: Connection) -> None:
        """Begin anew, with nothing in it."""
        try:
            connection.exec_driver_sql(DROP)
        except DatabaseError as error:
            if not self.is_broken(error):
                raise
            for statement in (*EMPTY, DROP):
                connection.exec_driver_sql(statement)
        connection.exec_driver_sql(MAKE)
        if self._erases:
            connection.exec_driver_sql(
                "INSERT INTO search_text (search_text, rank) VALUES ('secure-delete', 1)"
            )

    def add(self, connection: Connection, messages: Iterable[Indexed]) -> None:
        rows = [(message.id, _row(message)) for message in messages]
        if rows:
            connection.exec_driver_sql(ADD, rows)

    def remove(self, connection: Connection, messages: Iterable[Indexed]) -> bool:
        """Take messages out that are in it; returns whether their words may still be in the file."""
        rows = [(message.id, _row(message)) for message in messages]
        if rows:
            connection.exec_driver_sql(REMOVE, rows)
        return bool(rows) and not self._erases

    def clean(self, connection: Connection, *, begins: bool) -> bool:
        """Rewrite a part of the file without the words that were taken out; returns whether there is more."""
        before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        connection.exec_driver_sql(CLEAN, (-CLEANED if begins else CLEANED,))
        after = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        return int(after) - int(before) >= 2  # FTS5's documented sign that something was merged

    def is_worn(self, connection: Connection) -> bool:
        """Whether it is to be made anew before it is cleaned once more."""
        structure: bytes = connection.exec_driver_sql(STRUCTURE).scalar_one()
        first, second = structure[4], structure[5]
        return (first if first < 0x80 else (first & 0x7F) << 7 | second) >= MOST_LEVELS

    # For whoever searches.

    def is_broken(self, error: Exception) -> bool:
        """Whether this is FTS5, which can make nothing of its index any more, or has none: somebody may
        have dropped it.
        """
        cause = error.orig if isinstance(error, DatabaseError) else error
        code = getattr(cause, "sqlite_errorcode", None)
        return code == sqlite3.SQLITE_CORRUPT_VTAB or str(cause) == "no such table: search_text"

    def find(
        self,
        found: Snapshot,
        sought: Sought,
        *,
        chat_ids: Sequence[int] | None,
        user_ids: Sequence[int] | None,
        newest: int,
        oldest: int,
        most: int,
    ) -> Finding:
        """Messages from `newest` down to `oldest`, which belong to one era, at most `most`; of these rooms
        and people, where they are given.
        """
        began = time.thread_time()
        terms = _query(newest >> ERA_BITS, sought, chat_ids, user_ids)
        values = {"terms": terms, "newest": newest, "oldest": oldest, "most": most}
        ids = [row[0] for row in found.rows(FIND, values)]
        return Finding(ids, (time.thread_time() - began) * 1000)

    @staticmethod
    def eras(newest: int, oldest: int) -> Iterator[tuple[int, int]]:
        """The ids from `newest` down to `oldest`, era by era: (newest, oldest) of each."""
        while newest >= oldest:
            first = newest >> ERA_BITS << ERA_BITS
            yield newest, max(first, oldest)
            newest = first - 1


def terms_in(message: Indexed) -> list[str]:
    """What a message is found by, its words in their order and last."""
    era = message.id >> ERA_BITS
    words = terms_of(words_of(message.content))
    found_by = [f"{era:x}r{message.chat_id}", f"{era:x}u{message.user_id}"]
    return found_by + [f"{era:x}t{word}" for word in words]


def sought_terms(era: int, phrase: Phrase) -> tuple[list[str], bool]:
    """The terms of a phrase, and whether the last one may go on."""
    terms = [f"{era:x}t{term}" for term in terms_of(phrase.words, whole=False)]
    return terms, phrase.is_open and not is_tail(phrase.words)


def _row(message: Indexed) -> str:
    return " ".join(terms_in(message))


def _query(era: int, sought: Sought, chat_ids: Sequence[int] | None, user_ids: Sequence[int] | None) -> str:
    wanted = [_any(era, "r", chat_ids), _any(era, "u", user_ids)]
    wanted += [_phrase(era, phrase) for phrase in sought.phrases]
    query = " AND ".join(part for part in wanted if part)
    if not sought.without:
        return query
    return f"({query}) NOT ({' OR '.join(_phrase(era, phrase) for phrase in sought.without)})"


def _any(era: int, kind: str, ids: Sequence[int] | None) -> str:
    return "" if ids is None else "(" + " OR ".join(f'"{era:x}{kind}{id_}"' for id_ in ids) + ")"


def _phrase(era: int, phrase: Phrase) -> str:
    """In FTS5's own words: everything is quoted, and no term has a quote in it (see `words`)."""
    terms, is_open = sought_terms(era, phrase)
    words = " ".join(terms)
    return f'"{words}" *' if is_open else f'"{words}"'


def _has_fts5() -> bool:
    with closing(sqlite3.connect(":memory:")) as connection, suppress(sqlite3.OperationalError):
        connection.execute(MAKE)
        return True
    return False
