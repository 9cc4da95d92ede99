"""Who acts: whose a session is, whether it is over, and what somebody is to the whole site."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, Connection, exists, or_, select

from porch import lookup
from porch.config import Settings
from porch.engines.reading.memory import KnownSession, Look
from porch.errors import Forbidden, Unauthenticated
from porch.extensions import reading
from porch.models import Session, User
from porch.models.clock import utc_now
from porch.slices import slices
from porch.texts import lazy_gettext

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Longer than any token that is given out; a longer one is not worth hashing.
LONGEST_TOKEN = 128

SESSION_ENDED = lazy_gettext("Your session has ended. Sign in again.")
NAME_GONE = lazy_gettext("Your name went to somebody else. Choose another.")
NOT_HOST = lazy_gettext("Only the host may do that.")
NO_ACCOUNT = lazy_gettext("Only accounts have keys to encrypt with. Sign up to have some.")


class Actor(msgspec.Struct, frozen=True):
    """Who acts: one session of one user. `username` is None when the person's name has passed on;
    `role` is `member`, or `admin` for the host. Made for each request and event: a dataclass costs twenty
    times as much.
    """

    session_id: int
    user_id: int
    username: str | None
    guest: bool
    role: str
    last_used_at: datetime


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def actor_for_token(settings: Settings, token: str) -> Actor | None:
    """Whose token this is; None when it is nobody's, or its session is over."""
    return _actor(settings, lookup.session_of_token(token_hash(token))) if _is_likely(token) else None


def remembered_actor(settings: Settings, look: Look, token: str) -> Actor | None:
    """`actor_for_token` from memory alone, without an application context; None also when memory does not
    know.
    """
    found = lookup.remembered_session(look, token_hash(token)) if _is_likely(token) else None
    return _actor(settings, found)


def actor_for_session(settings: Settings, session_id: int) -> Actor:
    """The actor behind a session that was accepted before. Raises Unauthenticated when it is over."""
    actor = _actor(settings, lookup.session_of_id(session_id))
    if actor is None:
        raise Unauthenticated(SESSION_ENDED)
    return actor


def remembered_actor_for_session(settings: Settings, look: Look, session_id: int) -> Actor | None:
    """The same from memory alone, without an application context; None also when memory does not know."""
    return _actor(settings, look.get(look.memory.sessions, session_id))


def live_sessions(settings: Settings, session_ids: Sequence[int]) -> set[int]:
    """Those of the sessions that are not over."""
    with reading() as session:
        return {
            found
            for some in slices(session_ids, 500)
            for found in session.scalars(
                select(Session.id)
                .join(User, User.id == Session.user_id)
                .where(Session.id.in_(some), *_live(settings))
            )
        }


def confirm_session(connection: Connection, actor: Actor) -> Actor:
    """Inside a write: the session is still there; the actor as they are by now. Raises Unauthenticated."""
    row = connection.execute(
        select(User.username, User.guest, User.role)
        .join(Session, Session.user_id == User.id)
        .where(Session.id == actor.session_id, User.disabled_at.is_(None))
    ).first()
    if row is None:
        raise Unauthenticated(SESSION_ENDED)
    return msgspec.structs.replace(actor, username=row.username, guest=row.guest, role=row.role)


def confirm_host(connection: Connection, actor: Actor) -> Actor:
    """Inside a write: the session is still there, and the host's. Raises Unauthenticated, Forbidden."""
    actor = confirm_session(connection, actor)
    require_host(actor)
    return actor


def require_host(actor: Actor) -> None:
    """Raise Forbidden to anybody but the host."""
    if actor.role != "admin":
        raise Forbidden(NOT_HOST)


def has_another_host(user_id: int) -> ColumnElement[bool]:
    """Whether somebody who can log in is the host, beside this person."""
    return exists().where(
        User.role == "admin", User.id != user_id, User.disabled_at.is_(None), User.closed_at.is_(None)
    )


def require_account(actor: Actor) -> None:
    """Raise Forbidden to a guest."""
    if actor.guest:
        raise Forbidden(NO_ACCOUNT)


def _is_likely(token: str) -> bool:
    return 0 < len(token) <= LONGEST_TOKEN and token.isascii()


def lasting(settings: Settings) -> tuple[ColumnElement[bool], ...]:
    """Which sessions are not too old to be told of something. The host's count as long as others here: what
    they are kept short for is to act.
    """
    now = utc_now()
    return (
        Session.created_at > now - DAY * settings.session_max_days,
        Session.last_used_at > now - DAY * settings.session_idle_days,
    )


def _live(settings: Settings) -> tuple[ColumnElement[bool], ...]:
    """Which sessions, joined with their users, are not over."""
    return (
        User.disabled_at.is_(None),
        *lasting(settings),
        or_(
            User.role != "admin",
            Session.last_used_at > utc_now() - HOUR * settings.admin_idle_hours,
        ),
    )


def _actor(settings: Settings, session: KnownSession | None) -> Actor | None:
    """Who acts by a session, unless it is too old: as `_live` has it, but for one."""
    if session is None:
        return None
    now = utc_now()
    idle = DAY * settings.session_idle_days
    if session.role == "admin":
        idle = min(idle, HOUR * settings.admin_idle_hours)
    if now - session.created_at >= DAY * settings.session_max_days or now - session.last_used_at >= idle:
        return None
    return Actor(
        session.session_id,
        session.user_id,
        session.username,
        session.guest,
        session.role,
        session.last_used_at,
    )
