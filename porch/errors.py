"""The tree of domain errors. Flask is not known here; doors translate these once.

PorchError
├── Invalid            400 invalid
├── Unauthenticated    401 unauthenticated
├── Forbidden          403 forbidden
├── ForeignOrigin      403 foreign_origin
├── NotFound           404 not_found
├── NameTaken          409 name_taken
├── Conflict           409 conflict
├── Moved              409 moved
├── RoomDeleted        410 room_deleted
├── TooLarge           413 too_large
├── TooFast            429 too_fast
└── RetryLater         503 retry_later
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

# What is said of an error that nobody has thought of.
UNEXPECTED = "Something went wrong here. It has been noted."


class PorchError(Exception):
    """What a person did wrong or has to know, with a text that is safe to show.

    `cause` is for the log alone; `retry_after` are seconds after which another try has a chance, above 0.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retry_after: int | None = None

    def __init__(self, message: str, *, cause: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause

    def as_dict(self) -> dict[str, Any]:
        """The `error` object of the JSON and socket doors: at least `code` and `message`."""
        return {"code": self.code, "message": self.message}


class Invalid(PorchError):
    """Input outside its bounds. `fields` maps the name of a field to what is wrong with it."""

    code = "invalid"
    status = 400

    def __init__(self, message: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}

    def as_dict(self) -> dict[str, Any]:
        answer = super().as_dict()
        if self.fields:
            answer["fields"] = self.fields
        return answer


class Unauthenticated(PorchError):
    code = "unauthenticated"
    status = 401

    def __init__(self, message: str = "Sign in first.") -> None:
        super().__init__(message)


class Forbidden(PorchError):
    code = "forbidden"
    status = 403


class ForeignOrigin(PorchError):
    code = "foreign_origin"
    status = 403

    def __init__(self, *, cause: str) -> None:
        super().__init__("This request came from another site and was refused.", cause=cause)


class NotFound(PorchError):
    """Absent, or not for this person: a stranger cannot tell which."""

    code = "not_found"
    status = 404

    def __init__(self, message: str = "There is nothing here.") -> None:
        super().__init__(message)


class NameTaken(PorchError):
    """Somebody else has this name, or one that looks like it (`look_alike`). `suggestions` are free names
    like it, at most three.
    """

    code = "name_taken"
    status = 409

    def __init__(self, message: str, *, suggestions: list[str], look_alike: bool = False) -> None:
        super().__init__(message)
        self.suggestions = suggestions
        self.look_alike = look_alike

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"suggestions": self.suggestions}


class Conflict(PorchError):
    code = "conflict"
    status = 409


class Moved(PorchError):
    """The person has gone to another room since. `to` is that room: `{id, name, url}`."""

    code = "moved"
    status = 409

    def __init__(self, to: dict[str, Any]) -> None:
        super().__init__("You are in another room now. One room at a time.")
        self.to = to

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"to": self.to}


class RoomDeleted(PorchError):
    """Told to those who were members; to others the room is NotFound. `name` is what it was called."""

    code = "room_deleted"
    status = 410

    def __init__(self, name: str) -> None:
        super().__init__("This room was deleted.")
        self.name = name


class TooLarge(PorchError):
    code = "too_large"
    status = 413


class TooFast(PorchError):
    """Over a limit."""

    code = "too_fast"
    status = 429
    retry_after: int

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = max(1, math.ceil(retry_after))

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"retry_after": self.retry_after}


class RetryLater(PorchError):
    """The engine below cannot do it now, or does not know whether it did; a repeat ends well."""

    code = "retry_later"
    status = 503
    retry_after = 1

    def __init__(self, *, cause: str) -> None:
        super().__init__("This could not be done just now. Try again in a moment.", cause=cause)
