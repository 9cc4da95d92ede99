"""Beginning, listing and ending sessions."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, delete, insert, select, true, update

from porch import events, names
from porch.access.actors import Actor, confirm_session, lasting, token_hash
from porch.actions.people.names import claim_name, release_name, suggest_names
from porch.actions.rooms.memberships import claim_chats
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, Forbidden, NameTaken, NotFound, PorchError, RetryLater, TooFast
from porch.extensions import reading
from porch.models import Session, User
from porch.models.clock import rfc3339, utc_now
from porch.models.ids import is_id
from porch.slices import slices
from porch.texts import lazy_gettext

# A session's last use is written down no more often than this: it decides about days, not seconds.
TOUCH_EVERY = timedelta(hours=1)
LONGEST_DEVICE = 80  # characters
MOST_SESSIONS = 100  # of one person
TOUCHED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody comes in. `actor` is who they are there already; `opened_chats` are the ids of chats
    that this browser opened before it had a session.
    """

    address: str
    actor: Actor | None = None
    device: str = ""
    opened_chats: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just begun. `token` exists here and on the client only."""

    token: str
    session_id: int
    user_id: int
    username: str
    guest: bool
    role: str


def create_session(engines: Engines, username: str, browser: Browser) -> NewSession:
    """Sign a guest in under a name of their own.

    Somebody without a name gets one and stays the same person, somebody with a name has no need to. The
    chats that this browser opened become this person's. Raises Invalid, NameTaken, Conflict, Forbidden,
    TooFast.
    """
    actor = browser.actor
    if not engines.settings.guests:
        raise Forbidden(lazy_gettext("This site asks for an account. Log in, or sign up."))
    if actor is not None and actor.username is not None:
        raise Conflict(
            lazy_gettext(
                "You are signed in as %(name)s already. Log out to use another name.", name=actor.username
            )
        )
    name = names.enforce(username)

    def run(transaction: Transaction) -> NewSession:
        user_id = user_of(transaction.connection, actor)
        if actor is not None:
            end(transaction, actor.session_id)
        claim_name(transaction, engines, user_id, name)
        session = begin(transaction, user_id, browser)
        if actor is not None:  # who was here before is known to others, and may have other pages open
            transaction.announce(events.user(user_id, name, guest=session.guest, role=session.role))
        return session

    with counted(engines, "sign_in", browser.address, name):
        # Somebody who was here before may have other sessions, that have the new name too.
        return engines.writer.write(run, tells_all=actor is None)


def user_of(connection: Connection, actor: Actor | None) -> int:
    """Inside a write: the user that somebody is, confirmed; a new one for somebody who is nobody yet."""
    if actor is None:
        return connection.execute(insert(User).values(guest=True).returning(User.id)).scalar_one()
    confirm_session(connection, actor)
    return actor.user_id


@contextmanager
def counted(engines: Engines, rate: str, key: str, name: str) -> Iterator[None]:
    """A block that takes one token of a rate, and gives it back when it comes to nothing: refused names do
    not count. A name that is taken gets suggestions.
    """
    engines.limiter.take(rate, key)
    try:
        yield
    except PorchError as error:
        engines.limiter.give_back(rate, key)
        if isinstance(error, NameTaken) and not error.look_alike:
            raise NameTaken(error.message, suggestions=_suggestions(engines, key, name)) from None
        raise


def _suggestions(engines: Engines, key: str, name: str) -> list[str]:
    """Refused names do not count, but looking for others costs: somebody in a great hurry gets none."""
    try:
        engines.limiter.take("visit", key)
    except TooFast:
        return []
    return suggest_names(engines, name)


def begin(transaction: Transaction, user_id: int, browser: Browser) -> NewSession:
    """Inside a write: a new session, with a new token, for somebody who has a name; what the browser opened
    is theirs.

    Of more than MOST_SESSIONS those end that were not used for longest.
    """
    connection = transaction.connection
    claim_chats(transaction, user_id, browser.opened_chats)
    oldest = (
        select(Session.id)
        .where(Session.user_id == user_id)
        .order_by(Session.last_used_at.desc(), Session.id.desc())
        .offset(MOST_SESSIONS - 1)
    )
    for session_id in connection.execute(oldest).scalars().all():
        end(transaction, session_id)
    token = secrets.token_urlsafe(32)
    username, guest, role = connection.execute(
        select(User.username, User.guest, User.role).where(User.id == user_id)
    ).one()
    assert username is not None, "a session begins with a name"
    session_id = connection.execute(
        insert(Session)
        .values(
            token=token_hash(token),
            username=username,
            user_id=user_id,
            device=browser.device[:LONGEST_DEVICE],
        )
        .returning(Session.id)
    ).scalar_one()
    return NewSession(token, session_id, user_id, username, guest, role)


def end(transaction: Transaction, session_id: int) -> None:
    """Inside a write: end one session."""
    transaction.connection.execute(delete(Session).where(Session.id == session_id))
    transaction.announce(events.session_ended(session_id))


def end_all(transaction: Transaction, user_id: int, *, but: int | None = None) -> None:
    """Inside a write: end all sessions of a person, but perhaps one."""
    ended = transaction.connection.execute(
        delete(Session).where(Session.user_id == user_id, Session.id != (but or 0)).returning(Session.id)
    )
    for session_id in ended.scalars().all():
        transaction.announce(events.session_ended(session_id))


def end_session(engines: Engines, actor: Actor) -> None:
    """Log out. A guest's name is free from then on; what was written stays."""
    engines.writer.write(lambda transaction: log_out(transaction, actor), tells_all=True)


def log_out(transaction: Transaction, actor: Actor) -> None:
    """Inside a write: end the session of who asks. Whoever has signed up meanwhile keeps the name."""
    connection = transaction.connection
    end(transaction, actor.session_id)
    guest = connection.execute(select(User.guest).where(User.id == actor.user_id)).scalar_one()
    if guest and not _has_sessions(connection, actor.user_id):
        release_name(transaction, actor.user_id)


def sessions_of(engines: Engines, actor: Actor) -> list[dict[str, Any]]:
    """Where this person is signed in, last used first; at most MOST_SESSIONS. The host's are listed as long
    as others: where they are too old to act they may still be told by push, until they are ended.
    """
    with reading() as session:
        rows = session.execute(
            select(Session.id, Session.device, Session.created_at, Session.last_used_at)
            .where(Session.user_id == actor.user_id, *lasting(engines.settings))
            .order_by(Session.last_used_at.desc(), Session.id.desc())
        ).all()
    return [
        {
            "id": row.id,
            "current": row.id == actor.session_id,
            "device": row.device,
            "created_at": rfc3339(row.created_at),
            "last_used_at": rfc3339(row.last_used_at),
        }
        for row in rows
    ]


def end_other_session(engines: Engines, actor: Actor, session_id: int) -> None:
    """End one of one's own sessions. Raises NotFound for anybody else's."""

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        ended = transaction.connection.execute(
            delete(Session).where(Session.id == session_id, Session.user_id == actor.user_id)
        )
        if ended.rowcount == 0:
            raise NotFound(lazy_gettext("This session has ended already, or is not yours."))
        transaction.announce(events.session_ended(session_id))

    if not is_id(session_id):
        raise NotFound
    engines.writer.write(run, tells_all=True)


def end_other_sessions(engines: Engines, actor: Actor) -> None:
    """End all of one's sessions but this one."""

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        end_all(transaction, actor.user_id, but=actor.session_id)

    engines.writer.write(run, tells_all=True)


def touch_session(engines: Engines, actor: Actor) -> None:
    """Remember that the session is in use; cheap to call on every request, does not wait.

    A full queue of writes is no error: a later request notes it.
    """
    if utc_now() - actor.last_used_at >= TOUCH_EVERY:
        with suppress(RetryLater):
            touch_sessions(engines, [actor.session_id])


def touch_sessions(engines: Engines, session_ids: Sequence[int]) -> None:
    """Remember that sessions are in use; does not wait. Raises RetryLater."""
    _touch(engines, session_ids, true())


def touch_listening(engines: Engines, session_ids: Sequence[int]) -> None:
    """Remember that sessions are in use whose people only listen; does not wait. The host's are not:
    an open page that nobody looks at would keep them for ever.
    """
    hosts = select(User.id).where(User.role == "admin")
    _touch(engines, session_ids, Session.user_id.not_in(hosts))


def _touch(engines: Engines, session_ids: Sequence[int], which: ColumnElement[bool]) -> None:
    now = utc_now()
    for some in slices(session_ids, TOUCHED_AT_ONCE):
        statement = update(Session).where(Session.id.in_(some), which).values(last_used_at=now)
        engines.writer.submit(partial(_run, statement, some), tells_all=True)


def _run(statement: Update, session_ids: Sequence[int], transaction: Transaction) -> None:
    transaction.connection.execute(statement)
    transaction.changed(sessions=session_ids)


def _has_sessions(connection: Connection, user_id: int) -> bool:
    return connection.execute(select(Session.id).where(Session.user_id == user_id)).first() is not None
