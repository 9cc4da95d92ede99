"""The JSON door: handlers translate, actions do."""

from flask import Blueprint

blueprint = Blueprint("api", __name__)

from porch.api import chats, members, messages, presence, sessions, users  # noqa: E402, F401  # they register their routes on the blueprint
