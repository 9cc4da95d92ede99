"""Telling people by push who are not looking: where their browsers are reached, and what they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from porch.access.actors import Actor, confirm_session, lasting
from porch.actions.notifications.notices import notices
from porch.engines import Engines
from porch.engines.outside.push import Subscription
from porch.engines.outside.push_news import Sending
from porch.engines.writing.writer import Transaction
from porch.extensions import reading
from porch.models import Membership, PushSubscription, Session

# In the order of engines.push.Subscription.
SUBSCRIPTION = tuple(PushSubscription.__table__.c[name] for name in ("id", "endpoint", "p256dh", "auth"))


def subscribe(engines: Engines, actor: Actor, *, endpoint: str, p256dh: str, auth: str) -> None:
    """From now on tell this session's browser, which the endpoint is of. Raises Invalid, TooFast."""
    engines.push.confirm(endpoint, p256dh, auth)
    engines.limiter.take("visit", actor.user_id)

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        confirm_session(connection, actor)
        # A browser has one subscription, whoever was logged in before.
        connection.execute(
            delete(PushSubscription).where(
                (PushSubscription.session_id == actor.session_id) | (PushSubscription.endpoint == endpoint)
            )
        )
        connection.execute(
            insert(PushSubscription).values(
                session_id=actor.session_id,
                user_id=actor.user_id,
                endpoint=endpoint,
                p256dh=p256dh,
                auth=auth,
            )
        )

    engines.writer.write(run, tells_all=True)


def unsubscribe(engines: Engines, actor: Actor) -> None:
    """Tell this session's browser nothing any more. Doing so twice changes nothing."""

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        own = PushSubscription.session_id == actor.session_id
        transaction.connection.execute(delete(PushSubscription).where(own))

    engines.writer.write(run, tells_all=True)


def forget_subscription(engines: Engines, subscription_id: int) -> None:
    """Its push service says that it has ended."""

    def run(transaction: Transaction) -> None:
        ended = PushSubscription.id == subscription_id
        transaction.connection.execute(delete(PushSubscription).where(ended))

    engines.writer.write(run, tells_all=True)


def is_told(engines: Engines, actor: Actor) -> bool:
    """Whether the person is told by push, on any device."""
    own = (
        select(PushSubscription.id)
        .join(Session, Session.id == PushSubscription.session_id)
        .where(PushSubscription.user_id == actor.user_id, *lasting(engines.settings))
    )
    with reading() as session:
        return session.execute(own.limit(1)).first() is not None


def note_activity(engines: Engines, actor: Actor, *, active: bool) -> None:
    """Somebody looks at this device, or does not any more. It holds for 90 seconds."""
    engines.activity.note(actor.user_id, actor.session_id, active=active)


def push_sendings(engines: Engines, messages: Sequence[Mapping[str, Any]]) -> list[Sending]:
    """Whom these new messages are to be told by push, and where: those who want them, have not read them and
    look at none of their devices. Where somebody's session is too old they are told nothing.
    """
    last = {message["chat_id"]: message["seq"] for message in messages}
    with reading() as session:
        rows = session.execute(
            select(Membership.chat_id, PushSubscription.user_id, Membership.read_seq, *SUBSCRIPTION)
            .join(Membership, Membership.user_id == PushSubscription.user_id)
            .join(Session, Session.id == PushSubscription.session_id)
            .where(Membership.chat_id.in_(last), Membership.state == "member", *lasting(engines.settings))
        ).all()
    away: dict[tuple[int, int], list[Subscription]] = {}
    for chat_id, user_id, read_seq, *subscription in rows:
        if read_seq < last[chat_id] and not engines.activity.is_active(user_id):
            away.setdefault((chat_id, user_id), []).append(Subscription(*subscription))
    told = notices(messages, {user_id for _, user_id in away}, there=lambda _: frozenset())
    return [
        Sending(subscription, notice)
        for user_id, notice in told
        for subscription in away.get((notice["chat_id"], user_id), ())
    ]
