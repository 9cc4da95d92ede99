"""What may be saved, and will not work on the page: for the command that checks it, and the editor."""

from __future__ import annotations

from collections.abc import Collection

from porch.site.own_media import missing
from porch.site.policy import blocked
from porch.site.problems import Problem
from porch.site.reading import Files


def warnings(files: Files, media: Collection[str]) -> list[Problem]:
    """What browsers will block, and which images are not there, in the owner's own HTML and style."""
    return [*blocked(files), *missing(files, media)]
