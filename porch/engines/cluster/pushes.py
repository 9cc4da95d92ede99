"""What Redis sends over a connection that listens, taken apart: what was published, and what is listened to.

It comes in few forms, so an expression for each does what costs a general reader many times as much.
"""

from __future__ import annotations

import re

from redis.exceptions import InvalidResponse, ResponseError

PUBLISHED = re.compile(rb"\*3\r\n\$7\r\nmessage\r\n\$\d+\r\n([^\r]*)\r\n\$(\d+)\r\n")
SUBSCRIBED = re.compile(rb"\*3\r\n\$\d+\r\n((?:un)?subscribe)\r\n\$\d+\r\n([^\r]*)\r\n:\d+\r\n")
REFUSED = re.compile(rb"-([^\r]*)\r\n")
LONGEST_HEAD = 1024  # bytes of what stands before a content: the names of channels are ours

# `message`, `subscribe` or `unsubscribe`; the channel; what was told there.
Push = tuple[bytes, bytes, bytes]


class Pushes:
    """Keeps what is not complete yet."""

    def __init__(self) -> None:
        self._kept = b""

    def take(self, came: bytes) -> list[Push]:
        """What is complete with these bytes. Raises RedisError where Redis refuses something, or says what it
        does not say to who listens.
        """
        came, start = self._kept + came, 0
        pushes = []
        while (found := _first(came, start)) is not None:
            push, start = found
            pushes.append(push)
        self._kept = came[start:]
        return pushes


def _first(came: bytes, start: int) -> tuple[Push, int] | None:
    """What begins there, and where it ends; None when it is not complete."""
    if head := PUBLISHED.match(came, start):
        end = head.end() + int(head[2])
        return ((b"message", head[1], came[head.end() : end]), end + 2) if len(came) >= end + 2 else None
    if head := SUBSCRIBED.match(came, start):
        return (head[1], head[2], b""), head.end()
    if head := REFUSED.match(came, start):
        raise ResponseError(head[1].decode(errors="replace"))
    if len(came) - start > LONGEST_HEAD:
        raise InvalidResponse(f"{came[start : start + 40]!r} was not expected")
    return None
