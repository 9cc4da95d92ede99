"""The security headers of every answer."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.wrappers import Request

# Nothing may be loaded but what is listed. The socket client needs its own scheme named, since older
# Safari does not count ws: as 'self'.
POLICY = (
    "default-src 'none'; script-src {scripts} 'strict-dynamic'; style-src 'self'; "
    "connect-src 'self' {socket}; img-src 'self' blob: data:; font-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors {framed}; require-trusted-types-for 'script'; trusted-types porch"
)
# Under `nosniff` these are never a document, so what is said about documents means nothing there, and a first
# visit would carry it seven times. A script can become a worker, which has a policy of its own.
PARTS = frozenset({"font/woff2", "image/avif", "image/jpeg", "image/png", "image/webp", "text/css"})
SCRIPT = "text/javascript"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
# In the WSGI environment where the site certifies itself. Browsers are then not bound to HTTPS: who has bound
# them cannot go back to plain HTTP for a year, nor make another authority, since with a bound host no browser
# lets anybody go on past a certificate that it does not know.
OWN_AUTHORITY = "porch.own_authority"
BARE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def init_headers(app: Flask) -> None:
    app.after_request(_add_headers)


def nonce() -> str:
    """This answer's nonce for scripts; made when a page first asks for it."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    found: str = g.nonce
    return found


def allow_by_hash(*hashes: str) -> None:
    """This page is kept, also by browsers, and has no nonce: its scripts are allowed by their content.

    What such a script imports later is not allowed by that, only by a nonce.
    """
    g.scripts = " ".join(f"'{one}'" for one in hashes)


def allow_more(directive: str) -> None:
    """Add a directive to this answer's policy."""
    g.more_policy = [*g.get("more_policy", ()), directive]


def allow_frame() -> None:
    """A page of this site may show this one in a frame."""
    g.framed = "'self'"


def _add_headers(response: Response) -> Response:
    add_headers(request, response)
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = _policy()
    elif "more_policy" in g:
        response.headers["Content-Security-Policy"] = "; ".join([BARE_POLICY, *g.more_policy])
    return response


def _policy() -> str:
    policy = POLICY.format(
        scripts=g.scripts if "scripts" in g else f"'nonce-{nonce()}'",
        socket=f"{'wss' if request.is_secure else 'ws'}://{request.host}",
        framed=g.get("framed", "'none'"),
    )
    return "; ".join([policy, *g.get("more_policy", ())])


def add_headers(request: Request, response: Response) -> None:
    """What every answer carries, as far as it means something for what the answer holds."""
    headers = response.headers
    # What a person sees is nobody else's to keep; static files say otherwise themselves.
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    secure, hostname = request.is_secure, urlsplit(request.host_url).hostname
    if secure and hostname not in LOCAL_HOSTS and OWN_AUTHORITY not in request.environ:
        # There it would hold for whatever else is tried out on this machine, too.
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if response.mimetype in PARTS:
        return
    headers["Content-Security-Policy"] = BARE_POLICY
    if response.mimetype == SCRIPT:
        return
    if secure or hostname in LOCAL_HOSTS:
        # Elsewhere browsers ignore it, and complain on every page.
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
