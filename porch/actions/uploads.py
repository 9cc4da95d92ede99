"""Uploads: putting files into a chat, sending them with a message, and what becomes of them afterwards."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from porch import events
from porch.access.actors import Actor
from porch.access.authors import confirm_taken, confirm_writer
from porch.access.chats import confirm_member, confirm_reader
from porch.access.uploads import confirm_uploads
from porch.config import MEGABYTE, Settings
from porch.engines import Engines
from porch.engines.files.uploads import Read, Taken
from porch.engines.writing.appending import Appending
from porch.engines.writing.writer import Transaction
from porch.errors import Forbidden, Invalid, OverQuota, TooLarge
from porch.extensions import reading
from porch.filenames import file_name
from porch.models import Upload
from porch.models.clock import utc_now
from porch.models.upload import PICTURE, UPLOAD_COLUMNS, upload_dict
from porch.slices import slices
from porch.texts import lazy_gettext

MOST_FILES = 10  # of one message
LONGEST_ALT = 500  # code points
UNSENT_FOR = timedelta(days=1)  # so long an upload waits for its message
QUOTA_FOR = timedelta(days=1)
AT_ONCE = 500  # digests that are looked up in one go
ANY_TYPE = "application/octet-stream"
LOCKED_NAME = "locked"  # of a file that was encrypted in the browser: its name is, too
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,48}/[a-z0-9][a-z0-9!#$&^_.+-]{0,48}")
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that goes with a message: an upload, and what its author says that it shows."""

    id: int
    alt: str | None = None


def add_upload(
    engines: Engines,
    actor: Actor,
    chat_id: int,
    *,
    name: str,
    media_type: str,
    size: int | None,
    read: Read,
) -> dict[str, Any]:
    """Store a file for a message that is yet to be sent in this chat; returns it as messages will tell of it.

    `read(n)` gives up to n bytes of the body, which has `size` in all; nothing is read of one that is too
    large or not wanted. `name` is cleaned, `media_type` is what the sender claims. Where messages are
    encrypted, any bytes are kept as they are, and neither name nor type.

    Raises Invalid, also for a picture that cannot be read, NotFound, RoomDeleted, Forbidden where this person
    may not write, or where the site takes no files, TooLarge, OverQuota, TooFast, NoSpace, RetryLater.
    """
    confirm_writer(actor, chat_id)
    is_locked = confirm_reader(actor, chat_id)["encryption"] != "none"
    if is_locked:
        name, media_type = LOCKED_NAME, ANY_TYPE
    size = _enforce_size(engines.settings, size)
    with reading() as session:
        _confirm_quota(session.connection(), engines.settings, actor, size)
    engines.limiter.take("upload", actor.user_id)
    with engines.uploads.taken(actor.user_id, size, read, as_it_is=is_locked) as taken:
        values = _values(taken, media_type) | {"name": file_name(name)}

        def run(transaction: Transaction) -> dict[str, Any]:
            connection = transaction.connection
            confirm_member(connection, actor, chat_id)
            confirm_taken(connection, actor, chat_id)
            _confirm_quota(connection, engines.settings, actor, values["size"] + values["thumbnail_size"])
            row = connection.execute(
                insert(Upload)
                .values(chat_id=chat_id, user_id=actor.user_id, created_at=utc_now(), **values)
                .returning(*UPLOAD_COLUMNS)
            )
            return upload_dict(row.mappings().one())

        return engines.writer.write(run, tells_all=True)


def open_upload(engines: Engines, digest: str) -> BinaryIO:
    """The bytes of a row that the caller has reached through `access`. Raises NotFound."""
    return engines.uploads.store.open(digest)


def enforce_files(files: Sequence[Sent]) -> list[Sent]:
    """What may go with a message: at most MOST_FILES, each once. Raises Invalid."""
    if len(files) > MOST_FILES:
        raise _refused(lazy_gettext("A message has at most %(most)s files.", most=MOST_FILES))
    if len({file.id for file in files}) != len(files):
        raise _refused(lazy_gettext("A file goes with a message once."))
    return [Sent(file.id, _enforce_alt(file.alt)) for file in files]


def told_files(appending: Appending, actor: Actor, chat_id: int, files: Sequence[Sent]) -> dict[str, Any]:
    """Inside a write: what a message with these files carries. Raises Invalid for one that is not the actor's
    to send.
    """
    if not files:
        return {}
    rows = confirm_uploads(appending.connection, actor, chat_id, [file.id for file in files])
    return {"files": [upload_dict(row, file.alt) for row, file in zip(rows, files, strict=True)]}


def give_files(appending: Appending, message_id: int, files: Sequence[Sent]) -> None:
    """Inside a write, and its last step: the files are this message's."""
    for file in files:
        appending.connection.execute(
            update(Upload).where(Upload.id == file.id).values(message_id=message_id, alt=file.alt)
        )


def forget_uploads(transaction: Transaction, *which: ColumnElement[bool]) -> None:
    """Inside a write: these rows go, and after it the bytes that no other row refers to."""
    gone = transaction.connection.execute(
        delete(Upload).where(*which).returning(Upload.content, Upload.thumbnail)
    ).all()
    if digests := {digest for row in gone for digest in row if digest is not None}:
        transaction.announce(events.files_gone(sorted(digests)))


def referred_files(digests: Collection[str]) -> set[str]:
    """Which of these some row refers to."""
    found: set[str] = set()
    with reading() as session:
        for some in slices(list(digests), AT_ONCE):
            for column in (Upload.content, Upload.thumbnail):
                found.update(filter(None, session.scalars(select(column).where(column.in_(some)))))
    return found


def remove_stray_uploads(engines: Engines) -> None:
    """Forget uploads that were never sent, and remove files that nothing refers to."""
    unsent = (Upload.message_id.is_(None), Upload.created_at < utc_now() - UNSENT_FOR)
    with reading() as session:
        there_are = session.scalar(select(Upload.id).where(*unsent).limit(1)) is not None
    if there_are:
        engines.writer.write(lambda transaction: forget_uploads(transaction, *unsent), tells_all=True)
    engines.uploads.sweep(referred_files)


def _enforce_size(settings: Settings, size: int | None) -> int:
    if not settings.largest_upload:
        raise Forbidden(lazy_gettext("This site takes no files."))
    if size is None:
        raise Invalid(lazy_gettext("Say how long the file is (Content-Length)."))
    if size == 0:
        raise Invalid(lazy_gettext("This file is empty."))
    if size > settings.largest_upload:
        raise TooLarge(
            lazy_gettext("This file is too large. At most %(most)s MB are taken.", most=settings.upload_limit)
        )
    return size


def _confirm_quota(connection: Connection, settings: Settings, actor: Actor, more: int) -> None:
    stored = connection.execute(
        select(func.coalesce(func.sum(Upload.size + Upload.thumbnail_size), 0)).where(
            Upload.user_id == actor.user_id, Upload.created_at > utc_now() - QUOTA_FOR
        )
    ).scalar_one()
    if stored + more > settings.upload_quota * MEGABYTE:
        raise OverQuota(
            lazy_gettext(
                "You may send %(most)s MB of files in a day. Wait until tomorrow.", most=settings.upload_quota
            )
        )


def _values(taken: Taken, media_type: str) -> dict[str, Any]:
    """What the row says of the file."""
    values: dict[str, Any] = {
        "content": taken.content.digest,
        "size": taken.content.size,
        "thumbnail_size": 0,
        "media_type": _claimed(media_type),
    }
    if taken.picture is not None:
        values |= {
            "media_type": PICTURE,
            "width": taken.picture.width,
            "height": taken.picture.height,
        }
    if taken.thumbnail is not None:
        values |= {
            "thumbnail": taken.thumbnail.stored.digest,
            "thumbnail_size": taken.thumbnail.stored.size,
            "thumbnail_width": taken.thumbnail.width,
            "thumbnail_height": taken.thumbnail.height,
        }
    return values


def _claimed(media_type: str) -> str:
    """A picture is only what was made one here."""
    claimed = media_type.lower()
    known = MEDIA_TYPE.fullmatch(claimed) and not claimed.startswith("image/")
    return claimed if known else ANY_TYPE


def _enforce_alt(text: str | None) -> str | None:
    alt = UNSEEN.sub(" ", unicodedata.normalize("NFC", (text or "")[: 4 * LONGEST_ALT])).strip()
    if len(alt) > LONGEST_ALT:
        raise _refused(
            lazy_gettext("What a file shows is said in at most %(most)s characters.", most=LONGEST_ALT)
        )
    return alt or None


def _refused(reason: str) -> Invalid:
    return Invalid(reason, fields={"files": reason})
