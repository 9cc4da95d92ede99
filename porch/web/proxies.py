"""Believing `X-Forwarded-*` from trusted proxies, and from nobody else."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from porch.values import Network

# In the WSGI environment where something on the way has said so, believed or not.
PROXIED = "porch.proxied"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


class TrustedProxies:
    """WSGI middleware: sets address, scheme and host as a trusted proxy saw them.

    The client's address is the last one in `X-Forwarded-For` that is not itself a trusted proxy: those
    before it were written by the client. Headers of anybody else are removed, so nothing further in
    reads them by mistake.
    """

    def __init__(self, app: WSGIApplication, trusted: tuple[Network, ...]) -> None:
        self._app = app
        self._trusted = trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        forwarded = {name: environ.pop(name) for name in FORWARDED if name in environ}
        environ[PROXIED] = bool(forwarded) or "HTTP_VIA" in environ
        if forwarded and self._is_trusted(environ.get("REMOTE_ADDR", "")):
            self._believe(environ, forwarded)
        return self._app(environ, start_response)

    def _believe(self, environ: WSGIEnvironment, forwarded: dict[str, str]) -> None:
        for address in reversed(_list(forwarded, "HTTP_X_FORWARDED_FOR")):
            if not _is_address(address):
                break
            environ["REMOTE_ADDR"] = address
            if not self._is_trusted(address):
                break
        match _list(forwarded, "HTTP_X_FORWARDED_PROTO"):
            case [*_, "http" | "ws"]:
                environ["wsgi.url_scheme"] = "http"
            case [*_, "https" | "wss"]:
                environ["wsgi.url_scheme"] = "https"
        match _list(forwarded, "HTTP_X_FORWARDED_HOST"):
            case [*_, host] if host:
                environ["HTTP_HOST"] = host

    def _is_trusted(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped  # how a socket for both families writes an IPv4 address
        return any(ip in network for network in self._trusted)


def _list(headers: dict[str, str], name: str) -> list[str]:
    return [part.strip() for part in headers.get(name, "").split(",") if part.strip()]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
