"""How templates become pages: without their indentation, which a page that is not compressed would carry, and
with what words need of code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask
from jinja2.ext import Extension

from porch.markdown.blocks import plain_text
from porch.markdown.html import render
from porch.models.message import MORE
from porch.web.wording import bdi, bold, listed, shown_name, stamp_day

INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def init_templates(app: Flask) -> None:
    app.jinja_env.add_extension(Unindented)
    app.jinja_env.filters.update(bdi=bdi, bold=bold, listed=listed, day=stamp_day, shown_name=shown_name)
    app.jinja_env.filters.update(more=more, markdown=lambda content: render(content).html, plain=plain_text)


def more(message: Mapping[str, Any]) -> dict[str, Any]:
    """What scripts need to know of a message besides what stands in the page."""
    found = {name: message[name] for name in MORE if name in message}
    if "envelope" not in message and not render(message["content"]).is_whole:
        found["content"] = message["content"]
    return found


class Unindented(Extension):
    """Takes the spaces at the beginning of a template's lines away, before anything is put in: what people
    have written keeps its own.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return INDENT.sub("", source)
