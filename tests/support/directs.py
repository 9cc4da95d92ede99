"""Direct chats as the list of one of the two has them."""

from __future__ import annotations

from tests.support.people import Guest, Json

NOT_TAKING = "This person is not taking messages."


def named(somebody: Guest, **changed: object) -> Json:
    """How the other one sees somebody, in `with`."""
    known = {"user_id": somebody.user_id, "username": somebody.username, "guest": True, "passed_on": False}
    return known | changed
