"""Taking and giving up names. A name belongs to one person at a time."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from porch import events, names
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import NameTaken
from porch.extensions import reading
from porch.models import Direct, NameKey, Session, User
from porch.models.clock import utc_now
from porch.text import folded
from porch.texts import lazy_gettext

SUGGESTIONS = 3
# How many likely names are looked at for suggestions.
CANDIDATES = 20
# People with direct chats who had this name, or one like it, and have none now; of many only some are told.
FORMER = (
    select(User.id)
    .where(User.search_name == bindparam("name"), User.username.is_(None))
    .where(exists().where(Direct.user_id == User.id))
    .limit(100)
)


def claim_name(transaction: Transaction, engines: Engines, user_id: int, name: str) -> None:
    """Inside a write: give a person an enforced name, and take the one they had. Raises NameTaken.

    The old name of an account is kept from others for a while; a guest's is free at once.
    """
    connection = transaction.connection
    for holder in _confirm_free(connection, engines, user_id, name):
        release_name(transaction, holder)
        theirs = connection.execute(select(Session.id).where(Session.user_id == holder))
        transaction.changed(sessions=theirs.scalars().all())
    wanted = names.keys(name)
    _give_up(connection, user_id, timedelta(days=engines.settings.name_lease_days))
    connection.execute(delete(NameKey).where(NameKey.key.in_(wanted)))
    connection.execute(insert(NameKey), [{"key": key, "user_id": user_id} for key in wanted])
    connection.execute(
        update(User)
        .where(User.id == user_id)
        .values(username=name, former_name=None, search_name=folded(name))
    )
    for former in connection.execute(FORMER, {"name": folded(name)}).scalars().all():
        transaction.announce(events.nameless(former))  # what they were called is somebody else's from now on


def confirm_free(engines: Engines, user_id: int | None, name: str) -> None:
    """Raise NameTaken if a name would be refused now. Whether it is in the end, `claim_name` decides: this
    spares the work that comes before.
    """
    with reading() as session:
        _confirm_free(session.connection(), engines, user_id, name)


def release_name(transaction: Transaction, user_id: int) -> None:
    """Inside a write: a person has no name from now on, and anybody may take it. What they were called is
    kept for those who talked with them.
    """
    connection = transaction.connection
    connection.execute(delete(NameKey).where(NameKey.user_id == user_id))
    connection.execute(
        update(User)
        .where(User.id == user_id, User.username.is_not(None))
        .values(username=None, former_name=User.username)
    )
    transaction.announce(events.nameless(user_id))


def suggest_names(engines: Engines, name: str) -> list[str]:
    """Up to three free names like this one.

    Looked for outside of writes: nobody else's write waits for suggestions.
    """
    keys_of = {
        candidate: names.keys(candidate)
        for candidate in islice(names.alternatives(name), CANDIDATES)
        if not names.is_reserved(candidate, also=(engines.site_name,))
    }
    wanted = frozenset().union(*keys_of.values())
    with reading() as session:
        taken = set(session.scalars(select(NameKey.key).where(NameKey.key.in_(wanted), _is_held())))
    return [candidate for candidate, keys in keys_of.items() if taken.isdisjoint(keys)][:SUGGESTIONS]


def _confirm_free(connection: Connection, engines: Engines, user_id: int | None, name: str) -> list[int]:
    """Who has to give the name up, because their lease is over. Raises NameTaken."""
    if names.is_reserved(name, also=(engines.site_name,)):
        raise NameTaken(
            lazy_gettext("%(name)s is kept for the people who run this site.", name=name), suggestions=[]
        )
    lease = timedelta(days=engines.settings.name_lease_days)
    holders = connection.execute(
        select(NameKey.user_id)
        .where(NameKey.key.in_(names.keys(name)), NameKey.user_id != (user_id or 0), _is_held())
        .distinct()
    ).scalars()
    lapsed = []
    for holder in holders.all():
        if not _lease_is_over(connection, holder, lease):
            raise _taken(connection, holder, name)
        lapsed.append(holder)
    return lapsed


def _is_held() -> ColumnElement[bool]:
    return or_(NameKey.kept_until.is_(None), NameKey.kept_until > utc_now())


def _taken(connection: Connection, holder: int, name: str) -> NameTaken:
    """What is said of a name that somebody has. Names like a look-alike would look alike as well."""
    theirs = connection.execute(select(User.username).where(User.id == holder)).scalar_one()
    if theirs is None or names.same(theirs, name):
        return NameTaken(lazy_gettext("%(name)s is somebody else here.", name=name), suggestions=[])
    return NameTaken(
        lazy_gettext("%(name)s looks like the name of somebody else here.", name=name),
        suggestions=[],
        look_alike=True,
    )


def _lease_is_over(connection: Connection, user_id: int, lease: timedelta) -> bool:
    guest, last_used_at = connection.execute(
        select(User.guest, func.max(Session.last_used_at))
        .outerjoin(Session, Session.user_id == User.id)
        .where(User.id == user_id)
        .group_by(User.id)
    ).one()
    return guest and (last_used_at is None or utc_now() - last_used_at > lease)


def _give_up(connection: Connection, user_id: int, lease: timedelta) -> None:
    connection.execute(delete(NameKey).where(NameKey.user_id == user_id, NameKey.kept_until <= utc_now()))
    current = (NameKey.user_id == user_id) & NameKey.kept_until.is_(None)
    guest = connection.execute(select(User.guest).where(User.id == user_id)).scalar_one()
    if guest:
        connection.execute(delete(NameKey).where(current))
    else:
        connection.execute(update(NameKey).where(current).values(kept_until=utc_now() + lease))
