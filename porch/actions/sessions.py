"""Beginning and ending sessions, and the names that guests hold while they last."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from porch import events, names
from porch.access import Actor, confirm_session, token_hash
from porch.actions.chats import claim_chats
from porch.engines import Engines
from porch.engines.writer import Transaction
from porch.errors import Conflict, NameTaken, PorchError
from porch.extensions import reading
from porch.models import NameKey, Session, User
from porch.models.clock import utc_now

SUGGESTIONS = 3
# How many likely names are looked at for suggestions.
CANDIDATES = 20
# A session's last use is written down no more often than this: it decides about days, not seconds.
TOUCH_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just begun. `token` exists here and on the client only."""

    token: str
    session_id: int
    user_id: int
    username: str
    guest: bool


def create_session(
    engines: Engines,
    username: str,
    *,
    address: str,
    actor: Actor | None = None,
    opened_chats: Sequence[int] = (),
) -> NewSession:
    """Sign a guest in under a name of their own.

    `actor` is whoever asks already is: somebody without a name gets one and stays the same person,
    somebody with a name has no need to. `opened_chats` are the ids of chats that this browser opened
    before it had a session; they become this person's. Raises Invalid, NameTaken, Conflict, TooFast.
    """
    if actor is not None and actor.username is not None:
        raise Conflict(f"You are signed in as {actor.username} already. Log out to use another name.")
    name = names.enforce(username)
    engines.limiter.take("sign_in", address)
    try:
        return _store_session(engines, name, actor, opened_chats)
    except PorchError as error:
        engines.limiter.give_back("sign_in", address)  # a refused name does not count
        if isinstance(error, NameTaken):
            # Looked for here, not in the transaction: nobody else's write waits for suggestions.
            raise NameTaken(error.message, suggestions=suggest_names(name)) from None
        raise


def end_session(engines: Engines, actor: Actor) -> None:
    """Log out. A guest's name is free from then on; what was written stays."""

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        connection.execute(delete(Session).where(Session.id == actor.session_id))
        if actor.guest and not _has_sessions(connection, actor.user_id):
            _release_name(connection, actor.user_id)
        transaction.announce(events.session_ended(actor.session_id))

    engines.writer.write(run)


def touch_session(engines: Engines, actor: Actor) -> None:
    """Remember that the session is in use; cheap to call on every request, does not wait."""
    if utc_now() - actor.last_used_at >= TOUCH_EVERY:
        touch_sessions(engines, [actor.session_id])


def touch_sessions(engines: Engines, session_ids: Sequence[int]) -> None:
    """Remember that sessions are in use whose people only listen; does not wait."""
    now = utc_now()
    engines.writer.submit(
        lambda transaction: (
            transaction.connection.execute(
                update(Session).where(Session.id == bindparam("used")).values(last_used_at=now),
                [{"used": session_id} for session_id in session_ids],
            ).rowcount
        )
    )


def suggest_names(name: str) -> list[str]:
    """Up to three free names like this one."""
    with reading() as session:
        return _free_names(session.connection(), name)


def _store_session(
    engines: Engines, name: str, actor: Actor | None, opened_chats: Sequence[int]
) -> NewSession:
    token = secrets.token_urlsafe(32)
    lease = timedelta(days=engines.settings.name_lease_days)

    def run(transaction: Transaction) -> NewSession:
        connection = transaction.connection
        if actor is not None:
            confirm_session(connection, actor)
            user_id, guest = actor.user_id, actor.guest
        else:
            (user_id,), guest = (
                connection.execute(insert(User).values(guest=True).returning(User.id)).one(),
                True,
            )
        _claim_name(connection, user_id, name, lease)
        if actor is not None:
            connection.execute(delete(Session).where(Session.id == actor.session_id))
            transaction.announce(events.session_ended(actor.session_id))
        session_id = connection.execute(
            insert(Session)
            .values(token=token_hash(token), username=name, user_id=user_id)
            .returning(Session.id)
        ).scalar_one()
        claim_chats(connection, user_id, opened_chats)
        return NewSession(token, session_id, user_id, name, guest)

    return engines.writer.write(run)


def _claim_name(connection: Connection, user_id: int, name: str, lease: timedelta) -> None:
    wanted = names.keys(name)
    if names.is_reserved(name):
        raise NameTaken(f"{name} is kept for the people who run this site.", suggestions=[])
    holders = (
        connection.execute(select(NameKey.user_id).where(NameKey.key.in_(wanted)).distinct()).scalars().all()
    )
    for holder in holders:
        if not _lease_is_over(connection, holder, lease):
            raise NameTaken(f"{name} is somebody else here.", suggestions=[])
    for holder in holders:
        _release_name(connection, holder)
    connection.execute(insert(NameKey), [{"key": key, "user_id": user_id} for key in wanted])
    connection.execute(update(User).where(User.id == user_id).values(username=name))


def _lease_is_over(connection: Connection, user_id: int, lease: timedelta) -> bool:
    guest, last_used_at = connection.execute(
        select(User.guest, func.max(Session.last_used_at))
        .outerjoin(Session, Session.user_id == User.id)
        .where(User.id == user_id)
        .group_by(User.id)
    ).one()
    return guest and (last_used_at is None or utc_now() - last_used_at > lease)


def _release_name(connection: Connection, user_id: int) -> None:
    connection.execute(delete(NameKey).where(NameKey.user_id == user_id))
    connection.execute(update(User).where(User.id == user_id).values(username=None))


def _has_sessions(connection: Connection, user_id: int) -> bool:
    return connection.execute(select(Session.id).where(Session.user_id == user_id)).first() is not None


def _free_names(connection: Connection, name: str) -> list[str]:
    keys_of = {
        candidate: names.keys(candidate)
        for candidate in islice(names.alternatives(name), CANDIDATES)
        if not names.is_reserved(candidate)
    }
    wanted = frozenset().union(*keys_of.values())
    taken = set(connection.execute(select(NameKey.key).where(NameKey.key.in_(wanted))).scalars())
    return [candidate for candidate, keys in keys_of.items() if taken.isdisjoint(keys)][:SUGGESTIONS]
