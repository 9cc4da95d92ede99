"""The images of media/ in what the owner writes: where one is named, and which are named and not there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from porch.site.lines import Lines
from porch.site.policy import CSS_COMMENT, without
from porch.site.problems import Problem
from porch.site.reading import STYLE, Files
from porch.site.tags import COMMENT
from porch.texts import lazy_gettext

SIGN = r"A-Za-z0-9_.\-"  # of a name
# In HTML or a style sheet: the image of that name, whatever address it is served at.
OWN_MEDIA = re.compile(rf"(?<=[\"'(])(?:\./)?media/([A-Za-z0-9][{SIGN}]*)(?=[\"')])")


def users(files: Files, name: str) -> list[str]:
    """The files that name this image, in any way, also those that have mistakes."""
    whole = re.compile(rf"(?<![{SIGN}]){re.escape(name)}(?![{SIGN}])".encode())
    return [path for path, content in sorted(files.items()) if whole.search(content)]


def missing(files: Files, media: Collection[str]) -> Iterator[Problem]:
    """What the owner's own HTML and style show that is not there; of Markdown `reading` says it."""
    for path, content in sorted(files.items()):
        if path.endswith(".html"):
            comment = COMMENT
        elif path == STYLE:
            comment = CSS_COMMENT
        else:
            continue
        text = without(comment, content.decode(errors="replace"))
        lines = Lines(text)
        for found in OWN_MEDIA.finditer(text):
            if found[1] not in media:
                words = lazy_gettext("there is no image media/%(name)s", name=found[1][:80])
                yield Problem(path, words, line=lines.line_of(found.start()))
