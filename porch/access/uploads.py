"""Files of messages: who may have one, and which a new message may take along."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, or_, select

from porch.access.actors import Actor
from porch.access.chats import room_for
from porch.errors import Invalid, NotFound
from porch.extensions import reading
from porch.models import Upload
from porch.models.ids import id_or_zero, is_id
from porch.models.upload import UPLOAD_COLUMNS
from porch.texts import lazy_gettext

NO_SUCH_FILE = lazy_gettext("There is no such file in this room.")
NOT_TO_SEND = lazy_gettext("These files are not there any more. Attach them again.")


def upload_for(actor: Actor, chat_id: int, upload_id: int) -> RowMapping:
    """A file of a chat that the actor is a member of; one that was not sent yet is its uploader's alone.

    Raises NotFound, RoomDeleted.
    """
    room_for(actor, chat_id)
    known = id_or_zero(upload_id)
    wanted = select(*UPLOAD_COLUMNS).where(
        Upload.id == known,
        Upload.chat_id == chat_id,
        or_(Upload.message_id.is_not(None), Upload.user_id == actor.user_id),
    )
    with reading() as session:
        row = session.execute(wanted).mappings().first()
    if row is None:
        raise NotFound(NO_SUCH_FILE)
    return row


def confirm_uploads(
    connection: Connection, actor: Actor, chat_id: int, upload_ids: Sequence[int]
) -> list[RowMapping]:
    """Inside a write: the rows of uploads, in this order: each is the actor's, of this chat, and in no
    message yet. Raises Invalid.
    """
    wanted = select(*UPLOAD_COLUMNS).where(
        Upload.id.in_([id_ for id_ in upload_ids if is_id(id_)]),
        Upload.chat_id == chat_id,
        Upload.user_id == actor.user_id,
        Upload.message_id.is_(None),
    )
    found = {row["id"]: row for row in connection.execute(wanted).mappings()}
    if found.keys() != set(upload_ids):
        raise Invalid(NOT_TO_SEND, fields={"files": NOT_TO_SEND})
    return [found[id_] for id_ in upload_ids]
