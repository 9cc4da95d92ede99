"""The file that a form without scripts sends along with a message."""

from __future__ import annotations

import os

from flask import request

from porch.access.actors import Actor
from porch.access.chats import confirm_reader
from porch.actions.encryption.envelopes import enforce_kind_of_text
from porch.actions.uploads import Sent, add_upload
from porch.errors import Forbidden, Invalid, NoSpace, OverQuota, RetryLater, TooFast, TooLarge
from porch.web.identity import engines

REFUSALS = (Invalid, Forbidden, TooLarge, OverQuota, TooFast, RetryLater, NoSpace)
FORM = 256 * 1024  # bytes of all else in the form


def with_room_for_a_file() -> None:
    """This request may be as large as a file and its form. To be said before anything of the form is read."""
    if request.mimetype == "multipart/form-data":
        request.max_content_length = engines().settings.largest_upload + FORM


def has_file() -> bool:
    return "file" in request.files and bool(request.files["file"].filename)


def uploaded(actor: Actor, chat_id: int) -> list[Sent]:
    """What was chosen in the form's field, stored; nothing, or one file. Where messages are encrypted no form
    sends any: it would be readable. Raises REFUSALS and NotFound.
    """
    if not has_file():
        return []
    enforce_kind_of_text(confirm_reader(actor, chat_id)["encryption"], "", None)
    file = request.files["file"]
    size = file.stream.seek(0, os.SEEK_END)
    file.stream.seek(0)
    upload = add_upload(
        engines(),
        actor,
        chat_id,
        name=file.filename or "",
        media_type=file.mimetype,
        size=size,
        read=file.stream.read,
    )
    return [Sent(upload["id"])]
