"""The HTML door: pages, and forms that work without JavaScript."""

from flask import Blueprint

blueprint = Blueprint("pages", __name__)

from porch.pages import chatrooms, home, sessions, theme  # noqa: E402, F401  # they register their routes on the blueprint
