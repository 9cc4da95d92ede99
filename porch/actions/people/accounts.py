"""Accounts: people with a password. Signing up, logging in, changing and deleting an account; what a password
is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from porch import events, names
from porch.access.actors import Actor, confirm_session, require_account
from porch.actions.encryption.keys import end_keys, forget_keys
from porch.actions.people.names import claim_name, confirm_free, release_name
from porch.actions.people.sessions import Browser, NewSession, begin, counted, end_all, log_out, user_of
from porch.actions.rooms.memberships import leave_all_chats
from porch.actions.upkeep.audit import note
from porch.actions.upkeep.leftovers import begin_leftovers
from porch.actions.uploads import forget_uploads
from porch.claim import forget_claim
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, Forbidden, Invalid, Unauthenticated
from porch.extensions import reading
from porch.lookup import person_named
from porch.models import Block, Upload, User
from porch.models.clock import utc_now
from porch.passwords import enforce_password, prepared
from porch.texts import lazy_gettext

WRONG = lazy_gettext("The name or the password is wrong.")
WRONG_PASSWORD = lazy_gettext("This is not your password.")
DISABLED = lazy_gettext("This account is disabled. The people who run this site can tell you more.")


@dataclass(frozen=True, slots=True)
class Account:
    """Who a name and a password may belong to."""

    user_id: int
    username: str
    password: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A browser, by a random name, and the accounts that have logged in there."""

    name: str
    user_ids: tuple[int, ...]


NOWHERE = KnownDevice("", ())
HOSTS = select(User.id).where(User.role == "admin")


def sign_up(
    engines: Engines,
    username: str,
    password: str,
    browser: Browser,
    *,
    host: bool = False,
) -> NewSession:
    """Make an account. A guest who signs up stays the same person, in one session with a new token.

    `host` makes it the host's, for whoever has the claim link. Raises Invalid, NameTaken, Conflict,
    Forbidden, TooFast.
    """
    if not engines.settings.sign_up and not host:
        raise Forbidden(lazy_gettext("This site makes no new accounts."))
    actor = browser.actor
    if actor is not None and not actor.guest:
        raise Conflict(lazy_gettext("You have an account already. Log out to make another."))
    name = names.enforce(username)
    password = enforce_password(password, username=name, site_name=engines.site_name)

    def run(transaction: Transaction) -> NewSession:
        connection = transaction.connection
        user_id = user_of(connection, actor)
        end_all(transaction, user_id)
        claim_name(transaction, engines, user_id, name)
        connection.execute(update(User).where(User.id == user_id).values(guest=False, password=encoded))
        if host:
            make_host(transaction, user_id)
        announce_user(transaction, user_id)
        return begin(transaction, user_id, browser)

    with counted(engines, "sign_up", browser.address, name):
        confirm_free(engines, actor.user_id if actor else None, name)
        encoded = engines.passwords.hash(password)
        session = engines.writer.write(run)
    if host:
        forget_claim(engines.settings.data)
    return session


def log_in(
    engines: Engines,
    username: str,
    password: str,
    browser: Browser,
    *,
    known: KnownDevice = NOWHERE,
) -> NewSession:
    """Begin a session of an account. Who one was before is left: a guest's name is free again.

    On a `known` device failures are counted apart from those of its network, so that nobody else there can
    lock the owner out. Nothing tells an unknown name from a wrong password, time included.

    Raises Unauthenticated, Forbidden for a disabled account, TooFast.
    """
    account = account_of(username)
    place = known.name if account is not None and account.user_id in known.user_ids else browser.address
    _check(engines, account, username, password, place, WRONG)
    assert account is not None, "nobody has no password"
    if account.disabled:
        raise Forbidden(DISABLED)
    stronger = (
        engines.passwords.hash(prepared(password))
        if engines.passwords.needs_rehash(account.password)
        else account.password
    )

    def run(transaction: Transaction) -> NewSession:
        connection = transaction.connection
        # The password may have been changed, or the account closed, since it was looked at.
        same = (User.id == account.user_id) & (User.password == account.password) & User.disabled_at.is_(None)
        changed = connection.execute(update(User).where(same).values(password=stronger))
        if changed.rowcount == 0:
            raise Unauthenticated(WRONG)
        if browser.actor is not None:
            log_out(transaction, browser.actor)
        return begin(transaction, account.user_id, browser)

    return engines.writer.write(run, tells_all=True)


def rename(engines: Engines, actor: Actor, username: str) -> str:
    """Take another name; returns it as it is shown. What was written keeps the name it was written under.

    Raises Invalid, NameTaken, TooFast.
    """
    name = names.enforce(username)

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        claim_name(transaction, engines, actor.user_id, name)
        announce_user(transaction, actor.user_id)

    if name == actor.username:
        return name
    with counted(engines, "rename", str(actor.user_id), name):
        engines.writer.write(run, tells_all=True)
    return name


def change_password(engines: Engines, actor: Actor, current_password: str, password: str) -> None:
    """Set another password; all other sessions of the account end. Raises Invalid, Unauthenticated, Conflict
    for a guest, TooFast.
    """
    account = _own_account(actor)
    password = enforce_password(password, username=account.username, site_name=engines.site_name)
    _check(engines, account, account.username, current_password, _place(actor), WRONG_PASSWORD)
    encoded = engines.passwords.hash(password)

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        replace_password(transaction, account.user_id, encoded, but=actor.session_id)

    engines.writer.write(run)


def delete_account(engines: Engines, actor: Actor, password: str | None) -> None:
    """Close an account for good. Its name is free, its messages stay as those of a deleted account, its rooms
    stay without a creator. Guests, who have no password, go the same way.

    Raises Unauthenticated for a wrong password, TooFast.
    """
    if not actor.guest:
        account = _own_account(actor)
        _check(engines, account, account.username, password or "", _place(actor), WRONG_PASSWORD)

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        _close(transaction, actor.user_id)

    engines.writer.write(run)
    begin_leftovers(engines)


def give_up_keys(engines: Engines, actor: Actor, password: str) -> None:
    """Let somebody who can open nothing any more begin anew: the account has no keys then, and every contact
    is told when it has others. What was encrypted stays as it is, for who can read it.

    Raises Unauthenticated for a wrong password, Forbidden for a guest, TooFast.
    """
    require_account(actor)
    account = _own_account(actor)
    _check(engines, account, account.username, password, _place(actor), WRONG_PASSWORD)
    engines.limiter.take("key", actor.user_id)

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        end_keys(transaction, actor.user_id)

    engines.writer.write(run, tells_all=True)


def replace_password(transaction: Transaction, user_id: int, encoded: str, *, but: int | None = None) -> None:
    """Inside a write: another password, already hashed; all sessions end, but perhaps one."""
    transaction.connection.execute(update(User).where(User.id == user_id).values(password=encoded))
    end_all(transaction, user_id, but=but)


def make_host(transaction: Transaction, user_id: int) -> None:
    """Inside a write: make an account the host's, where there is none. Raises Conflict."""
    connection = transaction.connection
    if connection.execute(HOSTS).first() is not None:
        raise Conflict(lazy_gettext("This site has a host already."))
    connection.execute(update(User).where(User.id == user_id).values(role="admin"))
    note(transaction, "role", actor_id=user_id, user_id=user_id, detail="admin")


def _close(transaction: Transaction, user_id: int) -> None:
    connection = transaction.connection
    end_all(transaction, user_id)
    release_name(transaction, user_id)
    leave_all_chats(transaction, user_id)
    forget_uploads(transaction, Upload.user_id == user_id, Upload.message_id.is_(None))
    forget_keys(transaction, user_id)
    connection.execute(delete(Block).where(Block.user_id == user_id))
    connection.execute(
        update(User)
        .where(User.id == user_id)
        .values(password=None, role="member", former_name=None, search_name=None, closed_at=utc_now())
    )


def announce_user(transaction: Transaction, user_id: int) -> None:
    """Inside a write: tell a person's pages who they are by now."""
    username, guest, role = transaction.connection.execute(
        select(User.username, User.guest, User.role).where(User.id == user_id)
    ).one()
    assert username is not None, "only people who have a name are announced"
    transaction.announce(events.user(user_id, username, guest=guest, role=role))


def _check(
    engines: Engines, account: Account | None, username: str, password: str, place: str, wrong: str
) -> None:
    """Confirm a password, slowly for those who guess. Raises Unauthenticated, TooFast.

    Unknown names are treated like others in every way that can be seen or timed.
    """
    engines.limiter.take("log_in", place)
    right = None
    try:
        with engines.throttle.attempt(_typed_key(username), place) as attempt:
            right = engines.passwords.verify(account.password if account else None, prepared(password))
            if right:
                attempt.succeeded()
    finally:
        if right is not False:  # only wrong passwords count, not those that were not looked at
            engines.limiter.give_back("log_in", place)
    if not right:
        raise Unauthenticated(wrong)


def _place(actor: Actor) -> str:
    """Where somebody who is signed in guesses from: others on the same network do not count."""
    return f"session {actor.session_id}"


def _typed_key(username: str) -> str:
    try:
        return names.comparison_form(names.enforce(username))
    except Invalid:
        return ""


def account_of(username: str) -> Account | None:
    """The account of exactly this name, in any case; a look-alike of it is not."""
    try:
        name = names.enforce(username)
    except Invalid:
        return None
    with reading() as session:
        row = person_named(session.connection(), name)
    if row is None or row.password is None:
        return None
    return Account(row.id, row.username, row.password, row.disabled_at is not None)


def _own_account(actor: Actor) -> Account:
    with reading() as session:
        row = session.execute(
            select(User.id, User.username, User.password).where(User.id == actor.user_id)
        ).one()
    if row.password is None:
        raise Conflict(lazy_gettext("A guest has no password. Sign up to have one."))
    return Account(row.id, row.username, row.password, False)
