"""The index of what was said, on PostgreSQL: the same terms as `tsvector`s, in a table of their own.

Of PostgreSQL's text search only the types are used, which keep terms and their places: what a word is,
`engines.words` alone says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

from porch.engines.postgres.connection import state_of
from porch.engines.reading.snapshots import Snapshot
from porch.engines.search.index import ERA_BITS, Finding, Indexed, SearchIndex, sought_terms, terms_in
from porch.engines.search.words import Phrase, Sought

MAKE = (
    "DROP TABLE IF EXISTS search_text",
    "CREATE TABLE search_text (id bigint CONSTRAINT pk_search_text PRIMARY KEY, terms tsvector NOT NULL)",
    # What waits for its place in the index is read whole by each search, and with much of it PostgreSQL would
    # rather read the table: at most so many kB of it.
    "CREATE INDEX ix_search_text_terms ON search_text USING gin (terms) WITH (gin_pending_list_limit = 256)",
)
ADD = "INSERT INTO search_text (id, terms) VALUES (%s, %s::tsvector)"
REMOVE = "DELETE FROM search_text WHERE id = ANY(%s)"
UNDEFINED_TABLE = "42P01"
# Of PostgreSQL's time nothing is known here: what looking through an era is taken for, in milliseconds.
TOOK = 0.1
FIND = text(
    "SELECT id FROM search_text WHERE terms @@ CAST(:terms AS tsquery) AND id <= :newest AND id >= :oldest"
    " ORDER BY id DESC LIMIT :most"
)


class PostgresSearch(SearchIndex):
    """Words that are taken out are in the files until PostgreSQL's own autovacuum has been there."""

    def __init__(self) -> None:
        self.is_there = True

    def make(self, connection: Connection) -> None:
        for statement in MAKE:
            connection.exec_driver_sql(statement)

    def add(self, connection: Connection, messages: Iterable[Indexed]) -> None:
        rows = [(message.id, _vector(terms_in(message))) for message in messages]
        if rows:
            connection.exec_driver_sql(ADD, rows)

    def remove(self, connection: Connection, messages: Iterable[Indexed]) -> bool:
        connection.exec_driver_sql(REMOVE, ([message.id for message in messages],))
        return False

    def clean(self, connection: Connection, *, begins: bool) -> bool:
        return False

    def is_broken(self, error: Exception) -> bool:
        return state_of(error) == UNDEFINED_TABLE

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
        terms = _query(newest >> ERA_BITS, sought, chat_ids, user_ids)
        values = {"terms": terms, "newest": newest, "oldest": oldest, "most": most}
        return Finding([row[0] for row in found.rows(FIND, values)], TOOK)


def _vector(terms: Sequence[str]) -> str:
    """No term has a quote in it, nor a backslash (see `words`)."""
    return " ".join(f"'{term}':{place}" for place, term in enumerate(terms, 1))


def _query(era: int, sought: Sought, chat_ids: Sequence[int] | None, user_ids: Sequence[int] | None) -> str:
    wanted = [_any(era, "r", chat_ids), _any(era, "u", user_ids)]
    wanted += [_phrase(era, phrase) for phrase in sought.phrases]
    wanted += [f"!{_phrase(era, phrase)}" for phrase in sought.without]
    return " & ".join(part for part in wanted if part)


def _any(era: int, kind: str, ids: Sequence[int] | None) -> str:
    if ids is None:
        return ""
    terms = " | ".join(f"'{era:x}{kind}{id_}'" for id_ in ids)
    return f"({terms})"


def _phrase(era: int, phrase: Phrase) -> str:
    terms, is_open = sought_terms(era, phrase)
    words = " <-> ".join(f"'{term}'" for term in terms)
    return f"({words}:*)" if is_open else f"({words})"
