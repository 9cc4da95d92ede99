"""Inside writes: who comes into a room or goes for good, and the rooms that are nobody's any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, exists, select, update

from porch import events
from porch.actions.uploads import forget_uploads
from porch.engines.writing.writer import Transaction
from porch.models import Chat, Membership, Report, Upload, User
from porch.models.clock import utc_now
from porch.models.upserts import upsert

# A room that was opened by somebody who never signed in, and that nobody joined, is kept this long.
UNCLAIMED_FOR = timedelta(days=1)
# Expired rooms removed each time a room is opened, so that one opening never pays for thousands.
EXPIRED_AT_ONCE = 20


def enrol(transaction: Transaction, chat_id: int, user_id: int) -> None:
    """Inside a write: make somebody a member, also one who had left or was put out. What was said before is
    not unread to them.
    """
    head = select(Chat.rev).where(Chat.id == chat_id).scalar_subquery()
    row = upsert(Membership).values(chat_id=chat_id, user_id=user_id, state="member", read_seq=head)
    transaction.connection.execute(
        row.on_conflict_do_update(
            index_elements=["chat_id", "user_id"],
            set_={
                "state": "member",
                "removed_at": None,
                "joined_at": row.excluded.joined_at,
                "read_seq": row.excluded.read_seq,
            },
            where=Membership.state != "member",
        )
    )
    transaction.announce(events.added(chat_id, user_id))


def claim_chats(transaction: Transaction, user_id: int, chat_ids: Sequence[int]) -> None:
    """Inside a write: make a person the creator of those of the chats that have none, and that they were not
    put out of: whoever opened one may have given it up since.
    """
    was_put_out = exists().where(
        Membership.chat_id == Chat.id, Membership.user_id == user_id, Membership.state == "removed"
    )
    for chat_id in chat_ids:
        claimed = transaction.connection.execute(
            update(Chat)
            .where(Chat.id == chat_id, Chat.creator_id.is_(None), Chat.kind != "direct")
            .where(Chat.deleted_at.is_(None), ~was_put_out)
            .values(creator_id=user_id)
            .returning(Chat.id)
        ).first()
        if claimed:
            transaction.changed(rooms=[chat_id])
            enrol(transaction, chat_id, user_id)


def leave_all_chats(transaction: Transaction, user_id: int) -> None:
    """Inside a write: somebody goes for good. Their rooms stay, but for private ones with nobody left."""
    connection = transaction.connection
    connection.execute(
        update(Membership)
        .where(Membership.user_id == user_id, Membership.state == "member")
        .values(state="left", role="member")
    )
    connection.execute(delete(Report).where(Report.reporter_id == user_id))
    delete_abandoned(transaction, user_id)
    connection.execute(update(Chat).where(Chat.creator_id == user_id).values(creator_id=None))


def delete_abandoned(transaction: Transaction, user_id: int) -> None:
    """Inside a write: delete the private rooms of somebody who has gone that nobody can enter any more."""
    abandoned = select(Chat.id).where(
        Chat.id.in_(select(Membership.chat_id).where(Membership.user_id == user_id)),
        Chat.kind == "private",
        Chat.deleted_at.is_(None),
        ~exists().where(Membership.chat_id == Chat.id, Membership.state == "member"),
    )
    for chat_id in transaction.connection.execute(abandoned).scalars().all():
        mark_deleted(transaction, chat_id)


def remove_expired(transaction: Transaction) -> None:
    """Inside a write: remove some of the rooms that nobody who opened them came back for."""
    connection = transaction.connection
    # The host is a member of a room that a visitor wanted to talk in, and does not keep it alone.
    visitor = exists().where(
        Membership.chat_id == Chat.id, Membership.user_id == User.id, User.role != "admin"
    )
    expired = (
        select(Chat.id)
        .where(
            Chat.creator_id.is_(None),  # so is a room whose creator's account is gone ...
            Chat.kind == "link",
            Chat.rev == 0,  # ... but there something was said, or it is empty and nobody can find it
            Chat.created_at < utc_now() - UNCLAIMED_FOR,
            ~visitor,
        )
        .limit(EXPIRED_AT_ONCE)
    )
    chat_ids = connection.execute(expired).scalars().all()
    members = connection.execute(
        delete(Membership)
        .where(Membership.chat_id.in_(chat_ids))
        .returning(Membership.chat_id, Membership.user_id)
    ).all()
    for chat_id, user_id in members:
        transaction.announce(events.removed(chat_id, user_id))
    connection.execute(delete(Chat).where(Chat.id.in_(chat_ids)))


def mark_deleted(transaction: Transaction, chat_id: int) -> None:
    """Inside a write: delete a room for everybody; what was said there is left to `leftovers`. What was
    reported stays for the host: who is reported cannot make it vanish with the room.
    """
    kind = transaction.connection.execute(
        update(Chat).where(Chat.id == chat_id).values(deleted_at=utc_now()).returning(Chat.kind)
    ).scalar_one()
    forget_uploads(transaction, Upload.chat_id == chat_id)
    transaction.announce(events.room_deleted(chat_id))
    if kind == "listed":
        transaction.announce(events.unlisted(chat_id))
