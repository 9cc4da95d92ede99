"""`porch user ...`: accounts, from the command line. A running server takes note within a second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from porch.actions.people import hosting
from porch.cli.migrations import upgrade
from porch.errors import Invalid, NameTaken, PorchError
from porch.models.user import ROLES
from porch.web.identity import engines

users = AppGroup("user", help="List and change accounts; a running server takes note.")
password_from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking."
)


@users.command("list")
def list_users() -> None:
    """List all accounts: name, role, since when, and whether disabled."""
    upgrade()
    for user in hosting.list_users():
        words = [user.username, user.role, f"{user.created_at:%Y-%m-%d}", "disabled" * bool(user.disabled_at)]
        click.echo("\t".join(filter(None, words)))


@users.command("add")
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES), default="member", help="admin: the host.")
@password_from_stdin
def add(username: str, role: str, password_stdin: bool) -> None:
    """Make an account."""
    upgrade()
    with _explained():
        hosting.name_for_new(engines(), username)  # before anybody types a password for it
        name = hosting.add_user(engines(), username, _password(password_stdin), role=role)
    click.echo(f"{name} can log in now.")


@users.command("passwd")
@click.argument("username")
@password_from_stdin
def passwd(username: str, password_stdin: bool) -> None:
    """Give an account another password; it is logged out everywhere."""
    upgrade()
    with _explained():
        hosting.confirm_account(username)  # before anybody types a password for it
        hosting.set_password(engines(), username, _password(password_stdin))
    click.echo(f"{username} has another password, and is logged out everywhere.")


@users.command("role")
@click.argument("username")
@click.argument("role", type=click.Choice(ROLES))
def role(username: str, role: str) -> None:
    """Make an account the host's (admin), or one like any other (member)."""
    upgrade()
    with _explained():
        hosting.set_role(engines(), username, role)
    click.echo(f"{username} is {'a host' if role == 'admin' else 'a member'} now.")
    _warn_without_host()


@users.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """Shut an account out, at once and everywhere; its messages stay."""
    upgrade()
    with _explained():
        hosting.set_disabled(engines(), username, disabled=True)
    click.echo(f"{username} cannot log in any more. To let them in again: porch user enable")
    _warn_without_host()


@users.command("enable")
@click.argument("username")
def enable(username: str) -> None:
    """Let a disabled account in again."""
    upgrade()
    with _explained():
        hosting.set_disabled(engines(), username, disabled=False)
    click.echo(f"{username} can log in again.")


def _warn_without_host() -> None:
    if not any(user.role == "admin" and user.disabled_at is None for user in hosting.list_users()):
        click.echo("Nobody is the host now. To make somebody that: porch user role NAME admin", err=True)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    return typed


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except PorchError as error:
        words = "; ".join(error.fields.values()) if isinstance(error, Invalid) else ""
        also = f" Free: {', '.join(error.suggestions)}." if isinstance(error, NameTaken) else ""
        raise click.ClickException((words or error.message) + also) from None
