"""Who may write in a chat that they are a member of."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from porch.access.actors import Actor
from porch.access.chats import NO_SUCH_ROOM, confirm_member, confirm_reader
from porch.engines.reading.statements import as_fields
from porch.engines.writing.appending import Appending, Author
from porch.errors import Forbidden, NotFound
from porch.extensions import reading
from porch.models import Chat, Membership, Session, User
from porch.peers import WRITABLE
from porch.ranks import IS_SHUT, refuse_restrained
from porch.texts import lazy_gettext

NOT_TAKING = lazy_gettext("This person is not taking messages.")
BLOCKED_BY_YOU = lazy_gettext("You have blocked this person. Unblock them to write.")

# Who writes in a room by a session: what they are called, and what may keep them from it.
AUTHOR = (
    select(
        User.username,
        User.guest,
        Chat.kind,
        Membership.muted_until,
        IS_SHUT,
    )
    .join(Session, Session.user_id == User.id)
    .join(Membership, Membership.user_id == User.id)
    .join(Chat, Chat.id == Membership.chat_id)
    .where(
        Session.id == bindparam("session"),
        User.disabled_at.is_(None),
        Chat.id == bindparam("chat"),
        Chat.deleted_at.is_(None),
        Membership.state == "member",
    )
)
MUTED_UNTIL = (Membership.__table__.c.muted_until,)


def confirm_writer(actor: Actor, chat_id: int) -> None:
    """`confirm_reader` for whoever wants to write: raises Forbidden too, as `confirm_taken` does."""
    if confirm_reader(actor, chat_id)["kind"] == "direct":
        with reading() as session:
            confirm_taken(session.connection(), actor, chat_id)


def confirm_author(appending: Appending, actor: Actor, chat_id: int) -> Author:
    """`confirm_member` for new messages: what was confirmed is remembered until something changes it.

    Raises Forbidden too, for a direct chat whose other person does not take messages, and for somebody who is
    muted or writes in a closed room.
    """
    author = appending.author(chat_id, actor.session_id)
    if author is None:
        row = appending.first(AUTHOR, {"session": actor.session_id, "chat": chat_id})
        if row is None:
            confirm_member(appending.connection, actor, chat_id)  # which knows what is wrong
            raise NotFound(NO_SUCH_ROOM)
        muted_until = as_fields(MUTED_UNTIL, row[3:4], appending.connection.dialect)["muted_until"]
        refuse_restrained(muted_until, is_shut=bool(row[4]))
        author = Author(row[0], bool(row[1]))
        if row[2] == "direct":  # what the other one wants can change in too many ways to remember it
            refuse_unwanted(*appending.first(WRITABLE, {"user": actor.user_id, "chat": chat_id}))
        else:
            appending.remember(chat_id, actor.session_id, author)
    return author


def confirm_taken(connection: Connection, actor: Actor, chat_id: int) -> None:
    """Inside a write: what a member writes is taken, by the other one of a direct chat, and where it is not a
    new message, too. Raises Forbidden.
    """
    row = connection.execute(WRITABLE, {"user": actor.user_id, "chat": chat_id}).first()
    if row is not None:
        refuse_unwanted(*row)
        return
    restraint = (
        select(Membership.muted_until, IS_SHUT.label("is_shut"))
        .join(Chat, Chat.id == Membership.chat_id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.chat_id == chat_id, Membership.user_id == actor.user_id)
    )
    found = connection.execute(restraint).first()
    if found is not None:
        refuse_restrained(found.muted_until, is_shut=found.is_shut)


def refuse_unwanted(blocks: bool, takes: bool) -> None:
    """Raise Forbidden to somebody who blocks the other, or whose messages the other does not take."""
    if blocks:
        raise Forbidden(BLOCKED_BY_YOU)
    if not takes:
        raise Forbidden(NOT_TAKING)
