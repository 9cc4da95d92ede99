"""Reports: what a member shows to those who keep order, and what they make of it."""

from __future__ import annotations

import unicodedata
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, func, insert, or_, select
from sqlalchemy.orm import Session as ReadSession
from sqlalchemy.orm import aliased

from porch.access.actors import Actor, confirm_host, has_another_host, require_host
from porch.access.chats import confirm_member
from porch.access.messages import confirm_of_another, message_of_another, message_row
from porch.access.order import confirm_moderator, moderated_chat
from porch.actions.bounds import confirm_limit
from porch.actions.messages.contents import CONTROL
from porch.actions.messages.edits import take_back
from porch.actions.order.removals import remove
from porch.actions.upkeep.audit import note
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, Forbidden, Invalid, NotFound, RoomDeleted
from porch.extensions import reading
from porch.models import Chat, Report, User
from porch.models.clock import rfc3339
from porch.models.ids import id_or_zero
from porch.models.report import RESOLUTIONS, SETTLE_REPORTS
from porch.peers import called
from porch.ranks import CREATOR, HOST, rank, rank_in
from porch.text import is_blank
from porch.texts import lazy_gettext

LONGEST_REASON = 500  # code points
MOST_REPORTS = 200  # of one page
DEFAULT_REPORTS = 50
# Of one room that wait for somebody.
MOST_OPEN = 1000
MOST_ROOMS = 20  # that are named as those where reports wait
NO_SUCH_REPORT = lazy_gettext("There is no such report.")

Author, Reporter = aliased(User), aliased(User)
AUTHORS_RANK = rank_in(Chat, Author)
REPORTS = (
    select(Report, Chat, Author, Reporter, AUTHORS_RANK)
    .join(Chat, Chat.id == Report.chat_id)
    .join(Author, Author.id == Report.user_id)
    .join(Reporter, Reporter.id == Report.reporter_id)
    .where(Report.state == "open")
    .order_by(Report.id)
)
COUNT = (
    select(func.count())
    .select_from(Report)
    .join(Chat, Chat.id == Report.chat_id)
    .join(Author, Author.id == Report.user_id)
    .where(Report.state == "open")
)


def report_message(engines: Engines, actor: Actor, chat_id: int, seq: int, reason: str) -> bool:
    """Report somebody else's message, once: whether that is new. A copy of it is kept with the report, which
    in a room those see who keep order there, of a direct chat the host.

    `reason` has 1 to 500 code points. Raises Invalid, NotFound, RoomDeleted, Forbidden for one's own message,
    Conflict for a deleted one or when a thousand wait in this room, TooFast.
    """
    reason = _enforce_reason(reason)
    message_of_another(actor, chat_id, seq)
    engines.limiter.take("report", actor.user_id)

    def run(transaction: Transaction) -> bool:
        connection = transaction.connection
        confirm_member(connection, actor, chat_id)
        message = confirm_of_another(message_row(connection, chat_id, seq), actor)
        before = select(Report.id).where(
            Report.chat_id == chat_id, Report.seq == seq, Report.reporter_id == actor.user_id
        )
        if connection.execute(before).first() is not None:
            return False
        if message["deleted"]:
            raise Conflict(lazy_gettext("This message was deleted; there is nothing left to report."))
        waiting = select(func.count()).where(Report.chat_id == chat_id, Report.state == "open")
        if connection.execute(waiting).scalar_one() >= MOST_OPEN:
            raise Conflict(lazy_gettext("A thousand reports wait in this room already."))
        connection.execute(
            insert(Report).values(
                chat_id=chat_id,
                seq=seq,
                user_id=message["user_id"],
                content=message["content"],
                reporter_id=actor.user_id,
                reason=reason,
            )
        )
        note(
            transaction,
            "report",
            actor_id=actor.user_id,
            chat_id=chat_id,
            user_id=message["user_id"],
            seq=seq,
        )
        return True

    return engines.writer.write(run, tells_all=True)


def audience(user_id: int) -> Literal["order", "other_host", "only_host"]:
    """Who deals with reports about somebody: those who keep order, the host among them; for a host another
    one, or, where there is no other, the host who is reported.
    """
    wanted = select(User.role, has_another_host(user_id).label("another")).where(User.id == user_id)
    with reading() as session:
        row = session.execute(wanted).one()
    if row.role != "admin":
        return "order"
    return "other_host" if row.another else "only_host"


def reports_in(actor: Actor, chat_id: int, *, after: int = 0, limit: int = DEFAULT_REPORTS) -> dict[str, Any]:
    """`{reports, more}`: what waits in a room, oldest first, from the report after the id `after`; but for
    reports about oneself, and about whoever has as much to say here. Raises NotFound, RoomDeleted, Forbidden.
    """
    confirm_limit(limit, MOST_REPORTS)
    chat = moderated_chat(actor, chat_id)
    with reading() as session:
        return _page(session, REPORTS.where(*_seen_in(session, chat, actor)), after, limit)


def all_reports(actor: Actor, *, after: int = 0, limit: int = DEFAULT_REPORTS) -> dict[str, Any]:
    """The same of all rooms, also of deleted ones, and direct chats, for the host; those about this host only
    where there is no other. Raises Forbidden for others.
    """
    confirm_limit(limit, MOST_REPORTS)
    require_host(actor)
    with reading() as session:
        return _page(session, REPORTS.where(_of_host(actor)), after, limit)


def waiting_reports(actor: Actor) -> int:
    """How many of `all_reports` wait for a host."""
    with reading() as session:
        return session.execute(COUNT.where(_of_host(actor))).scalar_one()


def waiting_in(actor: Actor, chat_id: int) -> int:
    """How many of `reports_in` wait. Raises NotFound, RoomDeleted, Forbidden."""
    chat = moderated_chat(actor, chat_id)
    with reading() as session:
        return session.execute(COUNT.where(*_seen_in(session, chat, actor))).scalar_one()


def rooms_with_reports(actor: Actor) -> list[dict[str, Any]]:
    """`{name, url, count}` of the rooms in which some of `reports_in` wait, at most MOST_ROOMS."""
    me = aliased(User)
    wanted = (
        COUNT.add_columns(Chat.name, Chat.hash_key)
        .join(me, me.id == actor.user_id)
        .where(Chat.deleted_at.is_(None), Chat.kind != "direct", rank_in(Chat, me) > AUTHORS_RANK)
        .group_by(Chat.id)
        .order_by(Chat.id)
        .limit(MOST_ROOMS)
    )
    with reading() as session:
        return [
            {"name": name, "url": f"/chatrooms/{hash_key}/", "count": count}
            for count, name, hash_key in session.execute(wanted)
        ]


def resolve(engines: Engines, actor: Actor, report_id: int, state: str) -> None:
    """Deal with a report, and with all others about the same message: `dismissed`, `taken_back`, which takes
    the message back, or `removed`, which takes it back and puts its author out. What was dealt with stays so.

    The host deals with any, also where they are no member. Of a deleted room nothing is left to take back.
    Raises Invalid, NotFound for somebody who does not see the report, Conflict for `removed` in a direct or
    deleted chat or of whoever opened the room, TooFast.
    """
    if state not in RESOLUTIONS:
        raise Invalid(
            lazy_gettext("There is no such choice."),
            fields={"state": lazy_gettext("One of: %(choices)s.", choices=", ".join(RESOLUTIONS))},
        )
    engines.limiter.take("visit", actor.user_id)

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        row = connection.execute(select(Report.__table__).where(Report.id == id_or_zero(report_id))).first()
        if row is None:
            raise NotFound(NO_SUCH_REPORT)
        chat = _confirm_may_resolve(transaction, actor, row)
        if row.state != "open":
            return
        if state == "removed":
            if why := _why_not_removed(chat, rank(connection, chat, row.user_id)):
                raise Conflict(why)
            remove(transaction, actor, chat.id, row.user_id, ban=True, take_back=False)
        connection.execute(SETTLE_REPORTS, {"chat": row.chat_id, "place": row.seq, "outcome": state})
        if state != "dismissed" and chat.deleted_at is None:
            take_back(transaction, actor, chat, row.seq)
        note(
            transaction,
            "resolve",
            actor_id=actor.user_id,
            chat_id=row.chat_id,
            user_id=row.user_id,
            seq=row.seq,
            detail=state,
        )

    engines.writer.write(run, tells_all=True)


def _confirm_may_resolve(transaction: Transaction, actor: Actor, report: Row[Any]) -> Row[Any]:
    """The room of a report that the actor sees. Raises Unauthenticated, NotFound."""
    connection = transaction.connection
    chat = connection.execute(select(Chat.__table__).where(Chat.id == report.chat_id)).one()
    try:
        if actor.role == "admin":
            confirm_host(connection, actor)
            is_own = report.user_id == actor.user_id
            if is_own and connection.execute(select(has_another_host(actor.user_id))).scalar_one():
                raise NotFound(NO_SUCH_REPORT)
        else:
            confirm_moderator(connection, actor, report.chat_id, over=report.user_id)
    except (Forbidden, RoomDeleted):
        raise NotFound(NO_SUCH_REPORT) from None
    return chat


def _why_not_removed(chat: Chat | Row[Any], author_rank: int) -> str | None:
    """Why `removed` is no way to deal with a report, if it is none."""
    if chat.kind == "direct":
        return lazy_gettext("Nobody is put out of a direct chat.")
    if chat.deleted_at is not None:
        return lazy_gettext("This room was deleted; there is nobody to put out.")
    if author_rank >= CREATOR:
        return lazy_gettext("Whoever opened the room stays in it, and so does the host.")
    return None


def _of_host(actor: Actor) -> ColumnElement[bool]:
    """Which reports a host sees: not those about themselves, unless nobody else could."""
    return or_(Report.user_id != actor.user_id, ~has_another_host(actor.user_id))


def _seen_in(session: ReadSession, chat: Chat, actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Which reports those who keep order in a room see there."""
    own = rank(session.connection(), chat, actor.user_id)
    return Report.chat_id == chat.id, _of_host(actor) if own == HOST else own > AUTHORS_RANK


def _page(session: ReadSession, wanted: Select[*tuple[Any, ...]], after: int, limit: int) -> dict[str, Any]:
    rows = session.execute(wanted.where(Report.id > id_or_zero(after)).limit(limit + 1)).all()
    return {"reports": [_report_dict(*row) for row in rows[:limit]], "more": len(rows) > limit}


def _report_dict(
    report: Report, chat: Chat, author: User, reporter: User, author_rank: int
) -> dict[str, Any]:
    return {
        "id": report.id,
        "chat": {
            "id": chat.id,
            "name": chat.name,
            "kind": chat.kind,
            "deleted": chat.deleted_at is not None,
        },
        "seq": report.seq,
        "content": report.content,
        "author": _person(author),
        "removable": _why_not_removed(chat, author_rank) is None,
        "reason": report.reason,
        "reporter": _person(reporter),
        "created_at": rfc3339(report.created_at),
    }


def _person(user: User) -> dict[str, Any]:
    return {"user_id": user.id, "username": called(user)}


def _enforce_reason(text: str) -> str:
    reason = unicodedata.normalize(
        "NFC", text.replace("\r\n", "\n").replace("\r", "\n")[: 4 * LONGEST_REASON]
    )
    if is_blank(reason):
        raise _refused(lazy_gettext("Say in a few words what is wrong with it."))
    if len(reason) > LONGEST_REASON:
        raise _refused(lazy_gettext("A reason has at most %(most)s characters.", most=LONGEST_REASON))
    if CONTROL.search(reason) or any("\ud800" <= character <= "\udfff" for character in reason):
        raise _refused(lazy_gettext("A reason cannot have control characters."))
    return reason


def _refused(words: str) -> Invalid:
    return Invalid(words, fields={"reason": words})
