"""Two people whose browsers have keys."""

from __future__ import annotations

from functools import partial

from tests.support.browser import Person
from tests.support.people import Json


def begin_encrypted(ann: Person, bob: Person) -> Json:
    """The direct chat of two people with accounts, when the browsers of both have made their keys."""
    chat = ann.guest.post("/directs", {"username": bob.name})
    bob.guest.patch(f"/directs/{chat['id']}", {"state": "open"})
    for one in (ann, bob):
        one.open("/chatrooms/")
    for one in (ann, bob):
        one.until(partial(has_keys, one))
    return chat


def has_keys(one: Person) -> bool:
    return one.guest.get("/keys")["identity"] is not None
