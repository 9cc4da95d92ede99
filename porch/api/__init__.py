"""The JSON door: handlers translate, actions do."""

from flask import Blueprint

blueprint = Blueprint("api", __name__)

# They register their routes on the blueprint.
from porch.api import (  # noqa: E402, F401
    audit,
    blocks,
    chat_keys,
    chats,
    directs,
    health,
    keys,
    members,
    memberships,
    mentions,
    messages,
    metrics,
    order,
    pins,
    presence,
    previews,
    push,
    reactions,
    reads,
    reports,
    search,
    sessions,
    uploads,
    users,
)
