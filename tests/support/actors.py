"""People who act without a door: of whoever calls actions themselves."""

from __future__ import annotations

from porch.access.actors import Actor, actor_for_token
from porch.actions.people.sessions import Browser, create_session
from porch.engines import Engines
from tests.support.people import a_name


def an_actor(engines: Engines) -> Actor:
    """A guest that nobody has met."""
    session = create_session(engines, a_name(), Browser("test"))
    actor = actor_for_token(engines.settings, session.token)
    assert actor is not None
    return actor
