"""The tree of domain errors. Requests are not known here; doors translate these once.

PorchError
├── Invalid            400 invalid
├── Unauthenticated    401 unauthenticated
├── Forbidden          403 forbidden
├── ForeignOrigin      403 foreign_origin
├── NotFound           404 not_found
├── NameTaken          409 name_taken
├── Conflict           409 conflict
│   └── EpochTaken     409 conflict
├── EpochPassed        409 epoch_passed
├── Moved              409 moved
├── RoomDeleted        410 room_deleted
├── TooLarge           413 too_large
├── OverQuota          413 over_quota
├── TooFast            429 too_fast
├── RetryLater         503 retry_later
├── Unavailable        503 unavailable
└── NoSpace            507 no_space
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from porch.texts import lazy_gettext

# What is said of an error that nobody has thought of.
UNEXPECTED = lazy_gettext("Something went wrong here. It has been noted.")

SIGN_IN = lazy_gettext("Sign in first.")
NOTHING_HERE = lazy_gettext("There is nothing here.")


class PorchError(Exception):
    """What a person did wrong or has to know, with a text that is safe to show.

    `cause` is for the log alone; `retry_after` are seconds after which another try has a chance, above 0.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retry_after: int | None = None

    def __init__(self, message: str, *, cause: str | None = None) -> None:
        super().__init__(message)
        self._message = message
        self.cause = cause

    @property
    def message(self) -> str:
        """In the language of whoever asks for it."""
        return str(self._message)

    def as_dict(self) -> dict[str, Any]:
        """The `error` object of the JSON and socket doors: at least `code` and `message`."""
        return {"code": self.code, "message": self.message}


class Invalid(PorchError):
    """Input outside its bounds. `fields` maps the name of a field to what is wrong with it."""

    code = "invalid"
    status = 400

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self._fields = fields or {}

    @property
    def fields(self) -> dict[str, str]:
        return {name: str(text) for name, text in self._fields.items()}

    def as_dict(self) -> dict[str, Any]:
        answer = super().as_dict()
        if self.fields:
            answer["fields"] = self.fields
        return answer


class Unauthenticated(PorchError):
    code = "unauthenticated"
    status = 401

    def __init__(self, message: str = SIGN_IN) -> None:
        super().__init__(message)


class Forbidden(PorchError):
    code = "forbidden"
    status = 403


class ForeignOrigin(PorchError):
    code = "foreign_origin"
    status = 403

    def __init__(self, *, cause: str) -> None:
        super().__init__(lazy_gettext("This request came from another site and was refused."), cause=cause)


class NotFound(PorchError):
    """Absent, or not for this person: a stranger cannot tell which."""

    code = "not_found"
    status = 404

    def __init__(self, message: str = NOTHING_HERE) -> None:
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


class EpochTaken(Conflict):
    """This epoch cannot begin: another one has, or who is there has changed. `newest` is the number of the
    one that there is, None before the first.
    """

    def __init__(self, message: str, *, newest: int | None) -> None:
        super().__init__(message)
        self.newest = newest

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"newest": self.newest}


class EpochPassed(PorchError):
    """A message was locked with the key of another epoch than the newest, whose number is `newest`, or
    somebody's devices have changed since that one began.
    """

    code = "epoch_passed"
    status = 409

    def __init__(self, *, newest: int) -> None:
        super().__init__(
            lazy_gettext("The keys of this chat have changed. The message has to be locked anew.")
        )
        self.newest = newest

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"newest": self.newest}


class Moved(PorchError):
    """The person has gone to another room since. `to` is that room: `{id, name, url}`."""

    code = "moved"
    status = 409

    def __init__(self, to: dict[str, Any]) -> None:
        super().__init__(lazy_gettext("You are in another room now. One room at a time."))
        self.to = to

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"to": self.to}


class RoomDeleted(PorchError):
    """Told to those who were members; to others the room is NotFound. `name` is what it was called."""

    code = "room_deleted"
    status = 410

    def __init__(self, name: str) -> None:
        super().__init__(lazy_gettext("This room was deleted."))
        self.name = name


class TooLarge(PorchError):
    code = "too_large"
    status = 413


class OverQuota(PorchError):
    """More than one person may store in a day."""

    code = "over_quota"
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
        super().__init__(lazy_gettext("This could not be done just now. Try again in a moment."), cause=cause)


class Unavailable(PorchError):
    """What this server cannot do at all, whenever it is asked."""

    code = "unavailable"
    status = 503


class NoSpace(PorchError):
    """The site has no room left for files: its host has to make some."""

    code = "no_space"
    status = 507

    def __init__(self) -> None:
        super().__init__(lazy_gettext("This site has no room left for files."))
