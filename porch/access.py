"""Who may reach which row: each function answers for one person, or raises.

Forbidden and absent look alike to a stranger (NotFound). All reads need an application context.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import Session as ReadSession

from porch.config import Settings
from porch.errors import NotFound, Unauthenticated
from porch.extensions import reading
from porch.models import Chat, Membership, Session, User
from porch.models.clock import utc_now

# Longer than any token that is given out; a longer one is not worth hashing.
LONGEST_TOKEN = 128

SESSION_ENDED = "Your session has ended. Sign in again."
NO_SUCH_ROOM = "There is no such room, or it is not yours to enter."


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: one session of one user. `username` is None when the person's name has passed on."""

    session_id: int
    user_id: int
    username: str | None
    guest: bool
    last_used_at: datetime


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def actor_for_token(settings: Settings, token: str) -> Actor | None:
    """Whose token this is; None when it is nobody's, or its session is over."""
    if not token or len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    with reading() as session:
        return _actor(settings, session, Session.token == token_hash(token))


def actor_for_session(settings: Settings, session_id: int) -> Actor:
    """The actor behind a session that was accepted before. Raises Unauthenticated when it is over."""
    with reading() as session:
        actor = _actor(settings, session, Session.id == session_id)
    if actor is None:
        raise Unauthenticated(SESSION_ENDED)
    return actor


def chat_for(actor: Actor, chat_id: int) -> Chat:
    """A chat that the actor is a member of. Raises NotFound."""
    with reading() as session:
        return member_chat(session, actor, chat_id)


def member_chat(session: ReadSession, actor: Actor, chat_id: int) -> Chat:
    """`chat_for` within a snapshot that goes on being read."""
    chat = session.scalar(_membership(chat_id, actor.user_id)) if 0 < chat_id < 2**63 else None
    if chat is None:
        raise NotFound(NO_SUCH_ROOM)
    return chat


def chat_by_link(hash_key: str) -> Chat:
    """The chat that a link opens; the link itself is the proof. Raises NotFound."""
    with reading() as session:
        chat = session.scalar(select(Chat).where(Chat.hash_key == hash_key))
    if chat is None:
        raise NotFound("This link does not lead to a room. Maybe a letter got lost when it was copied.")
    return chat


def chats_of(actor: Actor, *, limit: int = 100) -> list[Chat]:
    """The chats that the actor is a member of, last joined first."""
    with reading() as session:
        return list(
            session.scalars(
                select(Chat)
                .join(Membership, Membership.chat_id == Chat.id)
                .where(Membership.user_id == actor.user_id)
                .order_by(Membership.joined_at.desc())
                .limit(limit)
            )
        )


def is_member(actor: Actor, chat_id: int) -> bool:
    with reading() as session:
        return session.scalar(_membership(chat_id, actor.user_id)) is not None


def confirm_session(connection: Connection, actor: Actor) -> None:
    """Inside a write: the session is still there. Raises Unauthenticated."""
    if connection.execute(select(Session.id).where(Session.id == actor.session_id)).first() is None:
        raise Unauthenticated(SESSION_ENDED)


def confirm_member(connection: Connection, actor: Actor, chat_id: int) -> None:
    """Inside a write: session and membership are still there. Raises Unauthenticated or NotFound."""
    confirm_session(connection, actor)
    if connection.execute(_membership(chat_id, actor.user_id)).first() is None:
        raise NotFound(NO_SUCH_ROOM)


def _membership(chat_id: int, user_id: int) -> Select[Chat]:
    return (
        select(Chat)
        .join(Membership, Membership.chat_id == Chat.id)
        .where(Chat.id == chat_id, Membership.user_id == user_id)
    )


def _actor(settings: Settings, session: ReadSession, condition: object) -> Actor | None:
    now = utc_now()
    row = session.execute(
        select(Session.id, Session.user_id, User.username, User.guest, Session.last_used_at)
        .join(User, User.id == Session.user_id)
        .where(
            condition,  # type: ignore[arg-type]  # a column comparison; SQLAlchemy has no public name for it
            Session.last_used_at > now - timedelta(days=settings.session_idle_days),
            Session.created_at > now - timedelta(days=settings.session_max_days),
        )
    ).one_or_none()
    return None if row is None else Actor(*row)
