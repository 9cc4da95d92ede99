"""Refusing what another site makes a browser send."""

from __future__ import annotations

from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment

from werkzeug.sansio.http import parse_cookie

from porch.errors import ForeignOrigin
from porch.web.cookies import session_cookie_name

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def refuse_foreign_origin(environ: WSGIEnvironment) -> None:
    """Raise ForeignOrigin unless this request was made by our own pages, or by no browser at all.

    `Origin` decides; without it `Sec-Fetch-Site`; without that, as in a same-origin GET on plain http,
    `Referer`. With none of them it is no browser, and passes if it does not bring a session cookie.
    """
    own = _origin(environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""))
    origin = environ.get("HTTP_ORIGIN")
    site = environ.get("HTTP_SEC_FETCH_SITE")
    referrer = environ.get("HTTP_REFERER")
    if site == "cross-site":
        raise ForeignOrigin(cause="Sec-Fetch-Site: cross-site")
    if origin is not None:
        if _origin_of(origin) != own:
            raise ForeignOrigin(cause=f"Origin {origin!r} is not {own!r}")
    elif site is not None:
        if site not in ("same-origin", "none"):
            raise ForeignOrigin(cause=f"Sec-Fetch-Site: {site!r}")
    elif referrer is not None:
        if _origin_of(referrer) != own:
            raise ForeignOrigin(cause=f"Referer is not of {own!r}")
    elif _has_session_cookie(environ):
        raise ForeignOrigin(cause="a session cookie without Origin, Sec-Fetch-Site or Referer")


def _origin_of(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        return _origin(parts.scheme, parts.netloc) if parts.scheme and parts.netloc else None
    except ValueError:
        return None


def _origin(scheme: str, host: str) -> str:
    host = host.lower()
    default = {"http": ":80", "https": ":443"}.get(scheme, "")
    return f"{scheme}://{host.removesuffix(default) if default else host}"


def _has_session_cookie(environ: WSGIEnvironment) -> bool:
    cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
    return any(session_cookie_name(secure=secure) in cookies for secure in (False, True))
