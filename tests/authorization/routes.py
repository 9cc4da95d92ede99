"""The rows of all subjects, and how a route is called."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

from tests.authorization import accounts, keys, messages, order, rooms, site_pages
from tests.authorization.scenes import Scene
from tests.authorization.tables import cells
from tests.support.openapi import OPENAPI

ROUTES = cells(site_pages.ROUTES, accounts.ROUTES, keys.ROUTES, rooms.ROUTES, messages.ROUTES, order.ROUTES)
# The same calls on a direct chat.
OF_TWO = cells(keys.OF_TWO, rooms.OF_TWO, messages.OF_TWO, order.OF_TWO)
# What is asked for, and what is sent along, well-formed.
QUERIES = accounts.QUERIES | messages.QUERIES
SENT = site_pages.SENT | accounts.SENT | keys.SENT | rooms.SENT | messages.SENT | order.SENT


def call(scene: Scene, route: str, **names: str) -> TestResponse:
    """Call as the one person of a scene; `names` replace what the scene would name."""
    method, path = route.split()
    for name, value in (scene.names(route) | names).items():
        path = re.sub(f"<(?:int:|path:|name:)?{name}>", value, path)
    path += QUERIES.get(route, "")
    body = SENT[route](scene) if route in SENT else None
    sent = {"json": body} if is_api(route) and not isinstance(body, bytes) else {"data": body}
    return scene.site.open(method, path, scene.person, **sent)


def is_api(route: str) -> bool:
    return described(route) in OPENAPI["paths"]


def described(route: str) -> str:
    """The path of a route as docs/openapi.json has it."""
    return re.sub(r"<(?:int:)?(\w+)>", r"{\1}", route.split()[1])
