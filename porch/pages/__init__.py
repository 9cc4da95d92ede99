"""The HTML door: pages, and forms that work without JavaScript."""

from flask import Blueprint

blueprint = Blueprint("pages", __name__)

from porch.pages import account, accounts, chatrooms, claim, home, invitations, rooms, sessions, theme  # noqa: E402, F401  # they register their routes on the blueprint
