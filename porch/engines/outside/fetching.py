"""Fetches a page that a stranger has named, and nothing that is not for everybody.

The name of a host is looked up once, every address of the answer has to be one of the public internet, and
the connection goes to the very addresses that were looked at: there is no second lookup that could answer
otherwise. Each redirect begins from the start. Nothing of this server's own goes along: no cookies, no
credentials, no proxy of the environment.
"""

from __future__ import annotations

import functools
import http.client
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from porch.engines.outside.deadline import PATIENCE, Deadline, TimedSocket, TimedTlsSocket
from porch.engines.outside.links import LONGEST_LINK
from porch.engines.outside.page_head import PageHead, head_of, is_whole
from porch.markdown.hosts import LONGEST_HOST, LONGEST_LABEL, ascii_host

ALL_IN_ALL = 10.0  # seconds, with all redirects
MOST_REDIRECTS = 3
MOST_TRIED = 3  # addresses of a host
LARGEST_BODY = 512 * 1024  # bytes, as sent and as unpacked; what comes after is not read
LARGEST_HEADERS = 64 * 1024
LONGEST_TYPE = 200  # characters of a Content-Type; longer ones take long to take apart
PIECE = 16 * 1024  # bytes read at once
PORTS = {"http": 80, "https": 443}
NAME = re.compile(rf"[a-z0-9_-]{{1,{LONGEST_LABEL}}}(?:\.[a-z0-9_-]{{1,{LONGEST_LABEL}}})*")
ADDRESS = re.compile(r"[0-9a-f.]*:[0-9a-f:.]*")  # of IPv6
AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:@]*)(?::\d*)?")
PAGES = ("text/html", "application/xhtml+xml")
MOVED = (301, 302, 303, 307, 308)
HEADERS = {
    "User-Agent": "Porch link preview",
    "Accept": ", ".join(PAGES),
    "Accept-Encoding": "gzip",
    "Connection": "close",
}
# What is given out to hosts. So none of the addresses that stand for IPv4 ones: mapped, compatible, NAT64.
GIVEN_OUT = ipaddress.ip_network("2000::/3")
# Beside what `ipaddress` knows, which differs between versions of Python: protocols with Teredo, 6to4, tests,
# documents.
NOT_FOR_ALL = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
         "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)  # fmt: skip


class Unfetched(Exception):
    """There is no page to be had there, or it may not be asked for."""


class Target(NamedTuple):
    """`host` is a name in ASCII, or an address without brackets; `path` is as it goes over the line."""

    scheme: str
    host: str
    path: str


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, by which no host within a network is reached."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip.scope_id is not None or ip not in GIVEN_OUT):
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in NOT_FOR_ALL)


def target_of(url: str) -> Target:
    """The host is read as that of a link is. Raises Unfetched for what is not http or https at its own port,
    and for credentials.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unfetched("no address") from None
    if parts.scheme not in PORTS or port not in (None, PORTS[parts.scheme]):
        raise Unfetched("another scheme or port")
    # Not by `hostname`, whose small letters are not always those that browsers make.
    authority = AUTHORITY.fullmatch(parts.netloc)
    if len(url) > LONGEST_LINK or not authority or re.search(r"[\s\\\x00-\x20\x7f]", url):
        raise Unfetched("no address of a page")
    host = (ascii_host(authority[1]) or "").strip("[]").rstrip(".")
    if len(host) > LONGEST_HOST or not (NAME.fullmatch(host) or ADDRESS.fullmatch(host)):
        raise Unfetched("no name of a host")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    return Target(
        parts.scheme, host, path + (f"?{quote(parts.query, safe='/?%:@!$&()*+,;=~')}" if parts.query else "")
    )


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, in the order in which they are to be tried. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def connect_to(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), seconds)


class Fetching:
    """The means by which it reaches the network are given by tests; the guard is not."""

    def __init__(
        self,
        *,
        look_up: Callable[[str, int], Sequence[str]] = look_up,
        connect: Callable[[str, int, float], socket.socket] = connect_to,
        trusted: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look_up = look_up
        self._connect = connect
        self._trusted = functools.cache(trusted)
        self._clock = clock

    def __call__(self, url: str) -> PageHead | None:
        """What the page says of itself; None when it says nothing. Raises Unfetched."""
        deadline = Deadline(ALL_IN_ALL, self._clock)
        try:
            for _ in range(1 + MOST_REDIRECTS):
                answer = self._ask(target_of(url), deadline)
                if not isinstance(answer, str):
                    return answer
                url = urljoin(url, answer)
        except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
            raise Unfetched(type(error).__name__) from None
        raise Unfetched("too many redirects")

    def _ask(self, target: Target, deadline: Deadline) -> PageHead | str | None:
        """What one server answers: a page, or where else it is."""
        port = PORTS[target.scheme]
        addresses = self._checked_addresses(target.host, port, deadline)
        most = LARGEST_HEADERS + LARGEST_BODY
        with self._connected(addresses, port, deadline) as connected:
            line = (
                TimedTlsSocket(connected, deadline, most, self._trusted(), target.host)
                if target.scheme == "https"
                else TimedSocket(connected, deadline, most)
            )
            connection = http.client.HTTPConnection(target.host, port)
            connection.default_port = port  # it is left out of the Host header
            connection.sock = line  # as much of a socket as it needs
            connection.request("GET", target.path, headers=HEADERS)
            answer = connection.getresponse()
            if answer.status in MOVED and (place := answer.getheader("Location")):
                return place.encode("latin-1").decode("utf-8", "replace")
            if answer.status != HTTPStatus.OK or len(answer.getheader("Content-Type", "")) > LONGEST_TYPE:
                raise Unfetched("no page")
            if answer.headers.get_content_type() not in PAGES:
                raise Unfetched("no page")
            return head_of(_body(answer), answer.headers.get_content_charset())

    def _connected(self, addresses: Sequence[str], port: int, deadline: Deadline) -> socket.socket:
        """A connection to the first that answers, each given its part of the time. Raises OSError."""
        *others, last = addresses[:MOST_TRIED]
        for number, address in enumerate(others):
            with suppress(OSError):
                return self._connect(address, port, deadline.left() / (len(others) + 1 - number))
        return self._connect(last, port, deadline.left())

    def _checked_addresses(self, host: str, port: int, deadline: Deadline) -> Sequence[str]:
        """Where to go, when all addresses of the host are public. A lookup that hangs is not waited for."""
        found: queue.SimpleQueue[Sequence[str] | OSError | UnicodeError] = queue.SimpleQueue()

        def run() -> None:
            try:
                found.put(self._look_up(host, port))
            except (OSError, UnicodeError) as error:
                found.put(error)

        threading.Thread(target=run, daemon=True).start()
        try:
            addresses = found.get(timeout=min(deadline.left(), PATIENCE))
        except queue.Empty:
            raise Unfetched("the lookup takes too long") from None
        if isinstance(addresses, Exception) or not addresses or not all(map(is_public, addresses)):
            raise Unfetched("no public address")
        return addresses


def _body(answer: http.client.HTTPResponse) -> bytes:
    """As much of it as is looked at, unpacked."""
    encoding = answer.getheader("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise Unfetched("an encoding that was not asked for")
    unpacker = None if encoding == "identity" else zlib.decompressobj(zlib.MAX_WBITS | 32)
    body = bytearray()
    before = 0
    while len(body) < LARGEST_BODY and not is_whole(body, before) and (data := answer.read1(PIECE)):
        before = len(body)
        body += unpacker.decompress(data, LARGEST_BODY - before) if unpacker else data
    return bytes(body[:LARGEST_BODY])
