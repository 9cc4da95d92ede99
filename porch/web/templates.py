"""How templates become pages: without their indentation, which a page that is not compressed would carry."""

from __future__ import annotations

import re

from flask import Flask
from jinja2.ext import Extension

INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def init_templates(app: Flask) -> None:
    app.jinja_env.add_extension(Unindented)


class Unindented(Extension):
    """Takes the spaces at the beginning of a template's lines away, before anything is put in: what people
    have written keeps its own.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return INDENT.sub("", source)
