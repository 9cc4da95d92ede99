"""Putting files into a chat, and getting them."""

from __future__ import annotations

from urllib.parse import unquote

from flask import Response, request

from porch.access.uploads import NO_SUCH_FILE, upload_for
from porch.actions.uploads import add_upload, open_upload
from porch.api import blueprint
from porch.errors import NotFound
from porch.models.upload import served_name
from porch.web.files import download_answer, picture_answer
from porch.web.identity import engines, required_actor
from porch.web.json import json_answer, known_parameters

# The name of the file, in UTF-8 with percent signs: headers hold nothing else.
NAME_HEADER = "Porch-File-Name"


@blueprint.post("/chats/<int:chat_id>/uploads")
def create_upload(chat_id: int) -> Response:
    actor = required_actor()
    known_parameters()
    request.max_content_length = engines().settings.largest_upload

    def read(most: int) -> bytes:
        return request.stream.read(most)  # which looks for the limit when it is first asked for

    upload = add_upload(
        engines(),
        actor,
        chat_id,
        name=unquote(request.headers.get(NAME_HEADER, "")),
        media_type=request.mimetype,
        size=request.content_length,
        read=read,
    )
    return json_answer(upload, 201)


@blueprint.get("/chats/<int:chat_id>/uploads/<int:upload_id>/<name>")
def show_upload(chat_id: int, upload_id: int, name: str) -> Response:
    """The name is for whoever reads the address, or saves from it."""
    row = upload_for(required_actor(), chat_id, upload_id)
    file = open_upload(engines(), row["content"])
    answer = download_answer if row["width"] is None else picture_answer
    return answer(file, row["content"], row["size"], served_name(row))


@blueprint.get("/chats/<int:chat_id>/thumbnails/<int:upload_id>")
def show_thumbnail(chat_id: int, upload_id: int) -> Response:
    row = upload_for(required_actor(), chat_id, upload_id)
    if row["thumbnail"] is None:
        raise NotFound(NO_SUCH_FILE)
    file = open_upload(engines(), row["thumbnail"])
    return picture_answer(file, row["thumbnail"], row["thumbnail_size"], served_name(row))
