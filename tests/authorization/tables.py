"""What the tables mean, and how they are read.

The people, and how each stands to a room that is listed:

    stranger  is not signed in               admin    the host, who is not a member
    guest     has a name, is not a member    removed  was a member and was put out
    member    came in by the link            revoked  was a member, and their session has been ended
    creator   opened it, with an account     gone     is a member, but the room has been deleted

On a direct chat "opener" and "other" are the two, who have both written there; "blocker" and "blocked" are
the two after one has blocked the other. The third and the host share a room with one.

Whoever is or was a member has written the message that a call may name; else it is the creator's. A cell of
a route is the status; "login" and "name" are redirects to where one logs in, or gives a name; "-" is for
routes that have to do with no room. A cell of an event is "ok", or the code of the error.
"""

from __future__ import annotations

Cells = dict[str, dict[str, str]]


def cells(*tables: str) -> Cells:
    """From the name of each row to what stands under each person."""
    found: Cells = {}
    for table in tables:
        first, *lines = [line for line in table.splitlines() if line]
        people = first.split()
        for line in lines:
            words = line.split()
            name, answers = " ".join(words[: -len(people)]), words[-len(people) :]
            assert name not in found, f"{name} stands twice"
            found[name] = dict(zip(people, answers, strict=True))
    return found
