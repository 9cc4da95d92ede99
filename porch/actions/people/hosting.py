"""The host: who it is, and what only the host's commands do. Those ask for no password and meet no limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import insert, select, update

from porch import names
from porch.access.actors import Actor, confirm_session
from porch.actions.people.accounts import (
    HOSTS,
    Account,
    account_of,
    announce_user,
    make_host,
    replace_password,
)
from porch.actions.people.names import claim_name, confirm_free, suggest_names
from porch.actions.people.sessions import end_all
from porch.actions.upkeep.audit import note
from porch.claim import forget_claim
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Forbidden, NameTaken, NotFound
from porch.extensions import reading
from porch.models import User
from porch.models.clock import utc_now
from porch.passwords import enforce_password
from porch.texts import lazy_gettext


def become_host(engines: Engines, actor: Actor) -> None:
    """Make an account the host's, for whoever has the claim link. Raises Forbidden for a guest, and
    Conflict when there is a host.
    """
    if actor.guest:
        raise Forbidden(lazy_gettext("The host needs an account. Sign up first."))

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        make_host(transaction, actor.user_id)
        announce_user(transaction, actor.user_id)

    engines.writer.write(run)
    forget_claim(engines.settings.data)


def has_host() -> bool:
    """Whether somebody is the host, even if their account is disabled."""
    with reading() as session:
        return session.execute(HOSTS).first() is not None


def list_users() -> list[User]:
    """All accounts, by name."""
    with reading() as session:
        return list(
            session.scalars(
                select(User).where(~User.guest, User.username.is_not(None)).order_by(User.username)
            )
        )


def name_for_new(engines: Engines, username: str) -> str:
    """How a name is written that a new account may have now. Raises Invalid, NameTaken."""
    name = names.enforce(username)
    with _suggesting(engines, name):
        confirm_free(engines, None, name)
    return name


def add_user(engines: Engines, username: str, password: str, *, role: str = "member") -> str:
    """Make an account; returns its name. Raises Invalid, NameTaken."""
    name = name_for_new(engines, username)
    password = enforce_password(password, username=name, site_name=engines.site_name)
    encoded = engines.passwords.hash(password)

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        user_id = connection.execute(
            insert(User).values(guest=False, password=encoded, role=role).returning(User.id)
        ).scalar_one()
        claim_name(transaction, engines, user_id, name)
        if role != "member":
            note(transaction, "role", actor_id=None, user_id=user_id, detail=role)

    with _suggesting(engines, name):
        engines.writer.write(run)
    _void_claim(engines, role)
    return name


@contextmanager
def _suggesting(engines: Engines, name: str) -> Iterator[None]:
    try:
        yield
    except NameTaken as error:
        raise NameTaken(error.message, suggestions=suggest_names(engines, name)) from None


def confirm_account(username: str) -> None:
    """Raises NotFound if there is no such account."""
    _named(username)


def set_password(engines: Engines, username: str, password: str) -> None:
    """Give an account another password; all its sessions end. Raises NotFound, Invalid."""
    account = _named(username)
    password = enforce_password(password, username=account.username, site_name=engines.site_name)
    encoded = engines.passwords.hash(password)

    def run(transaction: Transaction) -> None:
        replace_password(transaction, account.user_id, encoded)
        note(transaction, "password", actor_id=None, user_id=account.user_id)

    engines.writer.write(run)


def set_role(engines: Engines, username: str, role: str) -> None:
    """Make an account the host's (`admin`), or one like any other (`member`). Raises NotFound."""

    def run(transaction: Transaction, user_id: int) -> None:
        _set(transaction, user_id, role=role)
        note(transaction, "role", actor_id=None, user_id=user_id, detail=role)

    _change(engines, username, run)
    _void_claim(engines, role)


def set_disabled(engines: Engines, username: str, *, disabled: bool) -> None:
    """Shut an account out, all its sessions ended, or let it in again. Raises NotFound."""

    def run(transaction: Transaction, user_id: int) -> None:
        _set(transaction, user_id, disabled_at=utc_now() if disabled else None)
        if disabled:
            end_all(transaction, user_id)
        note(transaction, "disable" if disabled else "enable", actor_id=None, user_id=user_id)

    _change(engines, username, run)


def _change(engines: Engines, username: str, change: Callable[[Transaction, int], None]) -> None:
    user_id = _named(username).user_id
    engines.writer.write(lambda transaction: change(transaction, user_id))


def _set(transaction: Transaction, user_id: int, **values: object) -> None:
    transaction.connection.execute(update(User).where(User.id == user_id).values(**values))
    announce_user(transaction, user_id)


def _void_claim(engines: Engines, role: str) -> None:
    """Where there is a host, the link that makes one is void."""
    if role == "admin":
        forget_claim(engines.settings.data)


def _named(username: str) -> Account:
    account = account_of(username)
    if account is None:
        raise NotFound(lazy_gettext("There is no account %(username)s.", username=username))
    return account
