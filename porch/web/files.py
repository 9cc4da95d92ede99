"""Files of messages on their way out: pictures that were made here may be looked at, all else is saved."""

from __future__ import annotations

import time
from typing import BinaryIO

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from porch.engines.files.store import PIECE
from porch.filenames import content_disposition
from porch.models.upload import PICTURE
from porch.web.headers import allow_more


class Pieces(FileWrapper):
    """A file piece by piece; after each of them others have their turn, however quickly this one is taken."""

    def __next__(self) -> bytes:
        time.sleep(0)
        return super().__next__()


def picture_answer(file: BinaryIO, digest: str, size: int, name: str) -> Response:
    """Pixels that were written anew here."""
    return _answer(file, digest, size, PICTURE, content_disposition("inline", name))


def download_answer(file: BinaryIO, digest: str, size: int, name: str) -> Response:
    """Anything: no browser may make a page, a script or a picture of it, and none runs what it is of."""
    allow_more("sandbox")
    return _answer(file, digest, size, "application/octet-stream", content_disposition("attachment", name))


def _answer(file: BinaryIO, digest: str, size: int, mimetype: str, disposition: str) -> Response:
    answer = Response(Pieces(file, PIECE), mimetype=mimetype, direct_passthrough=True)
    answer.headers["Content-Disposition"] = disposition
    # Whoever keeps it asks each time: they may be a member no more, or somebody else at the same browser.
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.content_length = size
    answer.set_etag(digest[:32])
    answer.make_conditional(request, accept_ranges=True, complete_length=size)
    return answer
