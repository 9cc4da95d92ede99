"""Rules of addresses compiled once for all applications of a process: that is most of what making one costs.

To be called before applications are made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from porch.api import blueprint as api
from porch.pages import blueprint as pages

Builder = Callable[..., tuple[str, str]]


def compile_routes_once() -> None:
    """What builds an address is made of the rule's text alone, and takes the rule when it is called."""
    compile_builder, made = Rule._compile_builder, dict[Any, Builder]()

    def compile_or_find(rule: Rule, append_unknown: bool = True) -> Builder:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in made:
            made[key] = compile_builder(rule, append_unknown)
        return made[key]

    Rule._compile_builder = compile_or_find  # type: ignore[assignment, method-assign]


def compile_routes_now() -> None:
    """Have those of Porch ready, for forks."""
    app = Flask(__name__)
    for blueprint in (api, pages):
        app.register_blueprint(blueprint)
