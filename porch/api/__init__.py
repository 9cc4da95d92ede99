"""The JSON door: handlers translate, actions do."""

from flask import Blueprint

blueprint = Blueprint("api", __name__)

from porch.api import blocks, chats, directs, members, messages, presence, reads, sessions, users  # noqa: E402, F401  # they register their routes on the blueprint
