"""The audit log: noting what was done to keep order, and reading it, which the host does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, or_, select
from sqlalchemy.orm import aliased

from porch.access.actors import Actor, has_another_host, require_host
from porch.actions.bounds import confirm_limit, out_of_range
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.extensions import reading
from porch.models import Audit, Chat, Report, User
from porch.models.clock import rfc3339, utc_now
from porch.models.ids import is_id
from porch.peers import shown_name
from porch.texts import lazy_gettext

MOST_ENTRIES = 200  # of one page
DEFAULT_ENTRIES = 50
FORGOTTEN_AT_ONCE = 1000

# What would tell somebody that they were reported.
OF_REPORTS = ("report", "resolve")

Doer, Other = aliased(User), aliased(User)


def note(
    transaction: Transaction,
    action: str,
    *,
    actor_id: int | None,
    chat_id: int | None = None,
    user_id: int | None = None,
    seq: int | None = None,
    detail: str | None = None,
) -> None:
    """Inside a write: write down what it does. Without an actor the host did it, by a command."""
    transaction.connection.execute(
        insert(Audit).values(
            action=action, actor_id=actor_id, chat_id=chat_id, user_id=user_id, seq=seq, detail=detail
        )
    )


def audit_for(actor: Actor, *, before: int | None = None, limit: int = DEFAULT_ENTRIES) -> dict[str, Any]:
    """`entries_before` for the host, but for those of reports about this host, where there is another who
    deals with them. Raises Forbidden for others, Invalid.
    """
    require_host(actor)
    confirm_limit(limit, MOST_ENTRIES)
    if before is not None and not is_id(before):
        raise out_of_range("before", lazy_gettext("A whole number from 1."))
    shown = or_(
        Audit.action.not_in(OF_REPORTS),
        Audit.user_id.is_distinct_from(actor.user_id),
        ~has_another_host(actor.user_id),
    )
    return entries_before(before, limit=limit, shown=shown)


def entries_before(
    before: int | None, *, limit: int, shown: ColumnElement[bool] | None = None
) -> dict[str, Any]:
    """`{entries, more}`: what was done, the newest first, before the entry of this id. `shown` chooses.

    People are called what they are called now. A room that was deleted keeps its name here; a direct chat has
    none.
    """
    wanted = (
        select(
            Audit,
            Chat.name.label("chat_name"),
            *_named(Doer, "doer"),
            *_named(Other, "other"),
        )
        .outerjoin(Chat, Chat.id == Audit.chat_id)
        .outerjoin(Doer, Doer.id == Audit.actor_id)
        .outerjoin(Other, Other.id == Audit.user_id)
        .order_by(Audit.id.desc())
        .limit(limit + 1)
    )
    if shown is not None:
        wanted = wanted.where(shown)
    if before is not None:
        wanted = wanted.where(Audit.id < before)
    with reading() as session:
        rows = session.execute(wanted).all()
    return {"entries": [_entry(row) for row in rows[:limit]], "more": len(rows) > limit}


def forget_old(engines: Engines) -> None:
    """Delete some of what is kept no longer: of the log, and of reports that were dealt with."""
    before = utc_now() - timedelta(days=engines.settings.audit_days)
    old = select(Audit.id).where(Audit.at < before).order_by(Audit.at).limit(FORGOTTEN_AT_ONCE)
    settled = (
        select(Report.id).where(Report.state != "open", Report.created_at < before).limit(FORGOTTEN_AT_ONCE)
    )
    with reading() as session:
        if session.execute(old).first() is None and session.execute(settled).first() is None:
            return

    def run(transaction: Transaction) -> None:
        transaction.connection.execute(delete(Audit).where(Audit.id.in_(old)))
        transaction.connection.execute(delete(Report).where(Report.id.in_(settled)))

    engines.writer.write(run, tells_all=True)


def _named(user: Any, prefix: str) -> list[Any]:
    columns = (user.username, user.former_name, user.closed_at)
    return [column.label(f"{prefix}_{column.key}") for column in columns]


def _entry(row: Any) -> dict[str, Any]:
    entry: Audit = row.Audit
    return {
        "id": entry.id,
        "at": rfc3339(entry.at),
        "action": entry.action,
        "actor": _person(entry.actor_id, row.doer_username, row.doer_former_name, row.doer_closed_at),
        "user": _person(entry.user_id, row.other_username, row.other_former_name, row.other_closed_at),
        "chat": None if entry.chat_id is None else {"id": entry.chat_id, "name": row.chat_name or ""},
        "seq": entry.seq,
        "detail": entry.detail,
    }


def _person(user_id: int | None, username: Any, former_name: Any, closed_at: Any) -> dict[str, Any] | None:
    if user_id is None:
        return None
    name = shown_name(username, former_name, is_closed=closed_at is not None)
    return {"user_id": user_id, "username": name}
