"""Who is in a room: inviting, removing, leaving for good."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, or_, select, update

from porch import events, lookup, names
from porch.access.actors import Actor, confirm_session, token_hash
from porch.access.chats import chat_for, known_chat
from porch.access.links import USED_UP, invited
from porch.access.order import confirm_manager, managed_chat, may_moderate
from porch.actions.bounds import confirm_limit
from porch.actions.order.removals import put_out
from porch.actions.people.finding import begins_like
from porch.actions.rooms.directs import nobody_called
from porch.actions.rooms.memberships import delete_abandoned, enrol, leave_all_chats
from porch.actions.rooms.standings import NOT_IN_THE_ROOM, told_mute
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, Forbidden, NotFound
from porch.extensions import reading
from porch.lookup import person_named
from porch.models import Chat, Invitation, Membership, User
from porch.models.clock import utc_now
from porch.peers import Other, takes_messages
from porch.texts import lazy_gettext

MOST_MEMBERS = 200  # of one page
DEFAULT_MEMBERS = 50
INVITATION_LASTS = timedelta(days=7)
# One-time links of a room that may wait to be used.
MOST_INVITATIONS = 1000
NOT_INVITED = lazy_gettext("This person takes no invitations by name. Send them a one-time link.")


def members_of(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    *,
    after: int = 0,
    limit: int = DEFAULT_MEMBERS,
    q: str | None = None,
) -> dict[str, Any]:
    """`{members, more}`: the members by user id, from the one after the id `after`, 1 to 200 of them; with
    `q` those whose name begins like this, whatever the case and the accents, by name. To those who keep order
    in the room with `muted_until`.

    Raises Invalid, NotFound, RoomDeleted.
    """
    confirm_limit(limit, MOST_MEMBERS)
    chat = known_chat(actor, chat_id)
    member = (Membership.chat_id == chat_id, Membership.state == "member")
    query = (
        select(User.id, User.username, User.guest, Membership.role, Membership.muted_until)
        .join(Membership, Membership.user_id == User.id)
        .where(*member)
        .limit(limit + 1)
    )
    if q is None:
        query = query.where(User.id > after).order_by(User.id)
    else:  # by the index of names, however many the members are
        query = query.where(*begins_like(User.search_name, q), User.username.is_not(None))
        query = query.order_by(User.search_name, User.id)
    with reading() as session:
        rows = session.execute(query).all()
    here = engines.presence.user_ids(chat_id)
    keeps_order = may_moderate(chat, actor, lookup.known_room(chat_id, actor.user_id).standing)
    members = [
        _member_dict(row.id, row.username, row.guest, chat, row.id in here)
        | {"moderator": row.role == "moderator"}
        | ({"muted_until": told_mute(row.muted_until)} if keeps_order else {})
        for row in rows[:limit]
    ]
    return {"members": members, "more": len(rows) > limit}


def add_member(engines: Engines, actor: Actor, chat_id: int, username: str) -> dict[str, Any]:
    """Invite somebody by name: the room is in their lobby from then on.

    Raises NotFound, RoomDeleted, Forbidden, also where they take no messages from the actor, Invalid when
    nobody has the name, TooFast.
    """
    chat = managed_chat(actor, chat_id)
    name = names.enforce(username)
    engines.limiter.take("invitation", actor.user_id)

    def run(transaction: Transaction) -> tuple[int, str, bool]:
        connection = transaction.connection
        confirm_manager(connection, actor, chat_id)
        row = person_named(connection, name)
        if row is None:
            raise nobody_called(name)
        _confirm_invitable(connection, actor, chat_id, row.id)
        enrol(transaction, chat_id, row.id)
        return row.id, row.username, row.guest

    user_id, found, guest = engines.writer.write(run, tells_all=True)
    return _member_dict(user_id, found, guest, chat, user_id in engines.presence.user_ids(chat_id))


def remove_member(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    user_id: int,
    *,
    ban: bool = True,
    take_back: bool = False,
) -> None:
    """Put somebody out, as `put_out` does; or leave for good oneself, and be able to come back.

    Raises NotFound, RoomDeleted, Forbidden, TooFast, and Conflict for the creator, who deletes the room
    instead.
    """
    if user_id != actor.user_id:
        put_out(engines, actor, chat_id, user_id, ban=ban, take_back=take_back)
        return
    engines.limiter.take("visit", actor.user_id)
    chat = chat_for(actor, chat_id)
    if chat.kind == "direct":
        raise Conflict(lazy_gettext("A direct chat stays with both. Ignore it, or block the person."))
    if user_id == chat.creator_id:
        raise Conflict(lazy_gettext("Whoever opened the room stays in it. Delete the room instead."))

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        confirm_session(connection, actor)
        done = connection.execute(
            update(Membership)
            .where(Membership.chat_id == chat_id, Membership.user_id == user_id, Membership.state == "member")
            .values(state="left", role="member")
        )
        if done.rowcount == 0:
            raise NotFound(NOT_IN_THE_ROOM)
        transaction.announce(events.removed(chat_id, user_id))
        delete_abandoned(transaction, user_id)

    engines.writer.write(run, tells_all=True)


def leave_for_good(engines: Engines, actor: Actor) -> None:
    """Be a member of no room any more. What one opened is nobody's then, and what one wrote stays."""
    engines.writer.write(lambda transaction: leave_all_chats(transaction, actor.user_id))


def invite(engines: Engines, actor: Actor, chat_id: int) -> tuple[str, datetime]:
    """Make a one-time link's token; it is good for seven days: (token, when it ends).

    Raises NotFound, RoomDeleted, Forbidden, TooFast, Conflict for more than a thousand unused ones.
    """
    managed_chat(actor, chat_id)
    engines.limiter.take("invitation", actor.user_id)
    token = secrets.token_urlsafe(24)
    expires_at = utc_now() + INVITATION_LASTS

    def run(transaction: Transaction) -> None:
        connection = transaction.connection
        confirm_manager(connection, actor, chat_id)
        connection.execute(
            delete(Invitation).where(Invitation.chat_id == chat_id, Invitation.expires_at <= utc_now())
        )
        unused = select(Invitation.id).where(Invitation.chat_id == chat_id, Invitation.used_by.is_(None))
        waiting = connection.execute(unused).all()
        if len(waiting) >= MOST_INVITATIONS:
            raise Conflict(lazy_gettext("This room has a thousand one-time links that nobody used yet."))
        connection.execute(
            insert(Invitation).values(token=token_hash(token), chat_id=chat_id, expires_at=expires_at)
        )

    engines.writer.write(run, tells_all=True)
    return token, expires_at


def join_by_invitation(engines: Engines, actor: Actor, token: str) -> Chat:
    """Become a member by a one-time link. A member's visit does not use it up.

    Who was put out gets in only by a link that was made afterwards. Raises NotFound.
    """

    def run(transaction: Transaction) -> int:
        connection = transaction.connection
        confirm_session(connection, actor)
        row = connection.execute(wanted).first()
        if row is None:
            raise NotFound(USED_UP)
        chat_id: int = row.id
        invitation = Invitation.token == token_hash(token)
        made_at = connection.execute(select(Invitation.created_at).where(invitation)).scalar_one()
        membership = connection.execute(
            select(Membership.state, Membership.removed_at).where(
                Membership.chat_id == chat_id, Membership.user_id == actor.user_id
            )
        ).first()
        if membership and membership.removed_at and membership.removed_at >= made_at:
            raise NotFound(USED_UP)
        if membership is None or membership.state != "member":
            used = (
                update(Invitation)
                .where(invitation, Invitation.used_by.is_(None))
                .values(used_by=actor.user_id)
            )
            if connection.execute(used).rowcount == 0:
                raise NotFound(USED_UP)  # by this person, who has left since
            enrol(transaction, chat_id, actor.user_id)
        return chat_id

    wanted = invited(token, actor)
    return chat_for(actor, engines.writer.write(run, tells_all=True))


def _confirm_invitable(connection: Connection, actor: Actor, chat_id: int, user_id: int) -> None:
    """Inside a write: somebody takes messages from the actor, or is in the room already. Nobody is made to
    share a room with whom they want nothing from. Raises Forbidden.
    """
    is_member = exists().where(
        Membership.chat_id == chat_id, Membership.user_id == Other.id, Membership.state == "member"
    )
    wanted = select(or_(takes_messages(actor.user_id), is_member, Other.id == actor.user_id))
    if not connection.execute(wanted.where(Other.id == user_id)).scalar_one():
        raise Forbidden(NOT_INVITED)


def _member_dict(
    user_id: int, username: str | None, guest: bool, chat: Chat, present: bool
) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "username": username,
        "guest": guest,
        "creator": user_id == chat.creator_id,
        "moderator": False,
        "present": present,
    }
