"""Two people whose browsers have keys."""

from __future__ import annotations

from functools import partial

from tests.support.browser import Person
from tests.support.people import Json

# What the pages of one's keys begin with, for scripts that are given `user`.
KEYS = """
const { confirmIdentity, ownKeys, requestApproval, recoverySecret } =
  await import("/static/js/keys/own_keys.js");
const { approve, recover, renewRecovery, revoke } = await import("/static/js/keys/approving.js");
const { request: ask } = await import("/static/js/base/api.js");
const { toGroups, fromGroups } = await import("/static/js/keys/recovery.js");
const keys = await ownKeys({ user, ask });
"""


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
