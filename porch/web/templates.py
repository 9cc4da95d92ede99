"""How templates become pages: without their indentation, which a page that is not compressed would carry, and
with what words need of code.
"""

from __future__ import annotations

import re

from flask import Flask
from jinja2.ext import Extension

from porch.models.message import MORE
from porch.web.wording import bdi, bold, listed, stamp_day

INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def init_templates(app: Flask) -> None:
    app.jinja_env.add_extension(Unindented)
    app.jinja_env.filters["more"] = lambda message: {name: message[name] for name in MORE if name in message}
    app.jinja_env.filters.update(bdi=bdi, bold=bold, listed=listed, day=stamp_day)


class Unindented(Extension):
    """Takes the spaces at the beginning of a template's lines away, before anything is put in: what people
    have written keeps its own.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return INDENT.sub("", source)
