"""Keeping the search index up to date, beside the requests: what was said a moment ago, and what was changed.

New messages are found by their ids, so that sending one costs nothing more. What is changed or deleted is
noted in the same transaction (`note_changed`), as it is in the index, which forgets it at the next look.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import DatabaseError

from porch.engines import Engines
from porch.engines.search.index import Indexed, SearchIndex
from porch.engines.writing.writer import Transaction
from porch.errors import RetryLater
from porch.extensions import db, reading
from porch.models import Message, SearchChange, SearchProgress, SearchSpan
from porch.models.search import BEGIN_CLEANING, CLEAN, CLEANING, SPAN_BITS

log = logging.getLogger(__name__)

PIECE = 200  # messages of one write: those who write meanwhile wait for it
MOST_PIECES = 25  # of one look, so that a site that has just got its index goes on with other things, too

WITH_TEXT = (Message.deleted.is_(False), Message.envelope.is_(None))


def index_messages(engines: Engines, *, most: int = MOST_PIECES) -> bool:
    """Bring the index up to date; returns whether `most` pieces were not enough. Needs an
    application context.

    Each piece is stored together with how far it came: a process that is killed leaves nothing out, and does
    nothing twice. An index that is broken is made anew, from the next look on. Raises RetryLater.
    """
    if not engines.search.is_there:
        return False
    try:
        return _go_on(engines, most)
    except index_errors() as error:
        repair(engines, error)
        return True


def index_errors() -> tuple[type[Exception], ...]:
    """What reading or writing an index may raise, by SQLAlchemy and without it."""
    return (DatabaseError, db.engine.dialect.loaded_dbapi.DatabaseError)


def repair(engines: Engines, error: Exception) -> None:
    """Have a broken index made anew; any other error is raised again."""
    if not engines.search.is_broken(error):
        raise error
    log.error("The search index is broken and is made anew.", exc_info=error)
    index_anew(engines)


def index_anew(engines: Engines) -> None:
    """Have every message indexed anew, beginning with the next look, as soon as there is a search. Raises
    RetryLater.
    """
    engines.writer.write(lambda transaction: begin_anew(transaction.connection), tells_all=True)


def _go_on(engines: Engines, most: int) -> bool:
    index = engines.search
    for _ in range(most):
        if not _is_behind():
            break
        engines.writer.write(lambda transaction: _piece(index, transaction.connection), tells_all=True)
    else:
        return True
    with reading() as session:
        is_clean = session.scalar(select(SearchProgress.cleaning)) == CLEAN
    if not is_clean:
        engines.writer.write(lambda transaction: _clean(index, transaction), tells_all=True)
    return False


def note_changed(connection: Connection, *which: ColumnElement[bool]) -> None:
    """Inside a write, before it changes or deletes these messages: the index has to forget their texts."""
    indexed_up_to = select(SearchProgress.message_id).scalar_subquery()
    known = select(SearchChange.message_id).where(SearchChange.message_id == Message.id).exists()
    columns = (Message.id, Message.chat_id, Message.user_id, Message.content)
    # What is sealed was never indexed.
    noted = select(*columns).where(Message.id <= indexed_up_to, *WITH_TEXT, ~known, *which)
    connection.execute(
        insert(SearchChange).from_select(["message_id", "chat_id", "user_id", "content"], noted)
    )


def forget_now(engines: Engines) -> None:
    """Have the index forget what was just noted, before somebody is told that it is gone. What does not work
    now is done at the next look, which says what is wrong: what was noted is stored, whatever the index does.
    """
    with suppress(RetryLater, *index_errors()):
        index_messages(engines, most=1)


def begin_anew(connection: Connection) -> None:
    """Inside a write: nothing is in the index any more, nor is anything of it kept."""
    connection.execute(update(SearchProgress).values(message_id=0, cleaning=CLEAN))
    connection.execute(delete(SearchChange))
    connection.execute(delete(SearchSpan))


# Asked every second: one statement, made once.
_INDEXED = func.coalesce(select(SearchProgress.message_id).scalar_subquery(), 0)
_BEHIND = select(
    (func.coalesce(select(func.max(Message.id)).scalar_subquery(), 0) > _INDEXED)
    | select(SearchChange.message_id).exists()
)


def _is_behind() -> bool:
    with reading() as session:
        return bool(session.scalar(_BEHIND))


def _piece(index: SearchIndex, connection: Connection) -> None:
    indexed = connection.execute(select(SearchProgress.message_id)).scalar_one()
    if indexed == 0:
        index.make(connection)
    _forget(index, connection)
    columns = (Message.id, Message.chat_id, Message.user_id, Message.content, Message.timestamp)
    rows = connection.execute(
        select(*columns, (WITH_TEXT[0] & WITH_TEXT[1]).label("has_text"))
        .where(Message.id > indexed)
        .order_by(Message.id)
        .limit(PIECE)
    ).all()
    if rows:
        index.add(connection, [Indexed(*row[:4]) for row in rows if row.has_text])
        _widen_spans(connection, rows)
        connection.execute(update(SearchProgress).values(message_id=rows[-1].id))


def _forget(index: SearchIndex, connection: Connection) -> None:
    """Put changed messages in as they are by now."""
    changes = connection.execute(select(*SearchChange.__table__.c).limit(PIECE)).all()
    if not changes:
        return
    ids = [change.message_id for change in changes]
    if index.remove(connection, [Indexed(*change) for change in changes]):
        connection.execute(update(SearchProgress).values(cleaning=BEGIN_CLEANING))
    now = connection.execute(
        select(Message.id, Message.chat_id, Message.user_id, Message.content).where(
            Message.id.in_(ids), *WITH_TEXT
        )
    ).all()
    index.add(connection, [Indexed(*row) for row in now])
    connection.execute(delete(SearchChange).where(SearchChange.message_id.in_(ids)))


def _clean(index: SearchIndex, transaction: Transaction) -> None:
    connection = transaction.connection
    begins = connection.execute(select(SearchProgress.cleaning)).scalar_one() == BEGIN_CLEANING
    if begins and index.is_worn(connection):
        begin_anew(connection)
        return
    goes_on = index.clean(connection, begins=begins)
    connection.execute(update(SearchProgress).values(cleaning=CLEANING if goes_on else CLEAN))


def _widen_spans(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> None:
    spans: dict[int, list[Any]] = {}
    for row in rows:
        spans.setdefault(row.id >> SPAN_BITS, []).append(row.timestamp)
    for span, times in spans.items():
        known = connection.execute(
            select(SearchSpan.oldest, SearchSpan.newest).where(SearchSpan.span == span)
        ).first()
        oldest, newest = min(*times, *(known or times)), max(*times, *(known or times))
        values = {"oldest": oldest, "newest": newest}
        if known:
            connection.execute(update(SearchSpan).where(SearchSpan.span == span).values(values))
        else:
            connection.execute(insert(SearchSpan).values(span=span, **values))
