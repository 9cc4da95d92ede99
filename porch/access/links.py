"""Chats by what opens them: their own link, or an invitation that lets one person in."""

from __future__ import annotations

from sqlalchemy import Select, or_, select

from porch import lookup
from porch.access.actors import LONGEST_TOKEN, Actor, token_hash
from porch.access.chats import refuse_deleted
from porch.errors import NotFound
from porch.extensions import reading
from porch.models import Chat, Invitation
from porch.models.chat import OPEN_KINDS
from porch.models.clock import utc_now
from porch.texts import lazy_gettext

NO_SUCH_LINK = lazy_gettext(
    "This link does not lead to a room that you may enter. If the room is private, log in, or ask for an "
    "invitation; or a letter got lost when the link was copied."
)
USED_UP = lazy_gettext("This invitation has been used or is too old. Ask for another one.")


def chat_by_link(hash_key: str, actor: Actor | None = None) -> Chat:
    """The chat that a link opens. The link itself is the proof, but for private rooms and direct chats, and
    for somebody who was put out. Raises NotFound, and RoomDeleted to those who were members.
    """
    room, standing = lookup.room_of_link(hash_key, actor.user_id if actor else None)
    state = standing.state
    is_gone = room is None or room.fields["deleted_at"] is not None
    is_open = not is_gone and state == "left" and room is not None and room.fields["kind"] in OPEN_KINDS
    if room is None or not (state == "member" or is_open):
        raise NotFound(NO_SUCH_LINK)
    refuse_deleted(room)
    return room.chat()


def chat_by_invitation(token: str, actor: Actor | None = None) -> Chat:
    """The chat that a one-time link lets somebody into, or has let this person into. Raises NotFound."""
    with reading() as session:
        chat = session.scalar(invited(token, actor))
    if chat is None:
        raise NotFound(USED_UP)
    return chat


def invited(token: str, actor: Actor | None = None) -> Select[Chat]:
    """The chat of a one-time link that nobody has used, or only this person. Raises NotFound for what cannot
    be a token.
    """
    if not token.isascii() or len(token) > LONGEST_TOKEN:
        raise NotFound(USED_UP)
    return (
        select(Chat)
        .join(Invitation, Invitation.chat_id == Chat.id)
        .where(
            Invitation.token == token_hash(token),
            Invitation.expires_at > utc_now(),
            or_(Invitation.used_by.is_(None), Invitation.used_by == (actor.user_id if actor else None)),
            Chat.deleted_at.is_(None),
        )
    )
