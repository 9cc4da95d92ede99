"""The cookies that say who one is: the session's token, and which rooms this browser opened without one."""

from __future__ import annotations

import secrets

from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Request, Response

from porch.access.actors import LONGEST_TOKEN
from porch.actions.people.accounts import KnownDevice

DAY = 24 * 60 * 60  # seconds
YEAR = 365 * DAY
# Rooms one browser may open before it signs in and still get as their creator.
MOST_OPENED = 10
MOST_KNOWN = 10  # accounts that one browser is known for
DEVICE_DAYS = 365


def session_cookie_name(*, secure: bool) -> str:
    """Browsers refuse the `__Host-` prefix on plain http."""
    return "__Host-porch" if secure else "porch"


def read_session_cookie(request: Request) -> str | None:
    return _short(request.cookies.get(session_cookie_name(secure=request.is_secure)))


def write_session_cookie(request: Request, response: Response, token: str, *, days: int) -> None:
    write_cookie(request, response, session_cookie_name(secure=request.is_secure), token, days * DAY)


def delete_session_cookie(request: Request, response: Response) -> None:
    write_cookie(request, response, session_cookie_name(secure=request.is_secure), "", 0)


class DeviceCookie:
    """Which accounts have logged in on this browser: who guesses their passwords elsewhere, even from the
    same network, does not slow its owner down here. It signs nobody in.
    """

    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="device")

    def read(self, request: Request) -> KnownDevice:
        try:
            name, user_ids = self._serializer.loads(
                request.cookies.get(self._name(request), ""), max_age=DEVICE_DAYS * DAY
            )
        except (BadData, TypeError, ValueError):
            return KnownDevice(secrets.token_urlsafe(12), ())
        return KnownDevice(name, tuple(user_ids))

    def add(self, request: Request, response: Response, user_id: int) -> None:
        known = self.read(request)
        user_ids = [*(other for other in known.user_ids if other != user_id), user_id][-MOST_KNOWN:]
        value = self._serializer.dumps([known.name, user_ids])
        assert isinstance(value, str)
        write_cookie(request, response, self._name(request), value, DEVICE_DAYS * DAY)

    @staticmethod
    def _name(request: Request) -> str:
        return session_cookie_name(secure=request.is_secure) + "-device"


class CreationCookie:
    """Signed, so that nobody claims a room that another browser opened."""

    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="opened-chats")

    def read(self, request: Request) -> list[int]:
        try:
            chat_ids = self._serializer.loads(request.cookies.get(self._name(request), ""), max_age=DAY)
        except BadData:
            return []
        return chat_ids if isinstance(chat_ids, list) else []

    def add(self, request: Request, response: Response, chat_id: int) -> None:
        chat_ids = [*self.read(request), chat_id][-MOST_OPENED:]
        value = self._serializer.dumps(chat_ids)
        assert isinstance(value, str)
        write_cookie(request, response, self._name(request), value, DAY)

    def delete(self, request: Request, response: Response) -> None:
        if self._name(request) in request.cookies:
            write_cookie(request, response, self._name(request), "", 0)

    @staticmethod
    def _name(request: Request) -> str:
        return session_cookie_name(secure=request.is_secure) + "-opened"


def _short(token: str | None) -> str | None:
    return token if token and len(token) <= LONGEST_TOKEN else None


def write_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """For the whole site and no script; with 0 seconds it is gone."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=request.is_secure
    )
