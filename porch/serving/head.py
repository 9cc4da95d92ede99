"""The head of a request, read by RFC 9112: what another server on the way might read otherwise is refused."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple, Protocol

from porch.realtime.takeover import connection_options

LARGEST = 32 * 1024  # bytes of all fields
MOST = 100  # fields
MOST_NAMES = 128  # that are kept
MOST_DIGITS = 18  # of a length: more than any body has, and no more than 64 bits hold

SIGN = r"!#$%&'*+.^_`|~0-9A-Za-z-"  # of a token, RFC 9110 5.6.2
LINE = re.compile(rf"([{SIGN}]+) ([^\x00-\x20\x7f]+) (HTTP/1\.[0-9])\r?\n")
ABSOLUTE = re.compile(r"(?i:https?)://([^/?#@,]+)((?:[/?].*)?)")
FIELD = re.compile(rf"([{SIGN}]+):([^\x00\r\n]*)\r?\n".encode())
ENDS = (b"\r\n", b"\n")
BESIDE_HTTP = ("CONTENT_TYPE", "CONTENT_LENGTH")


class HeadTooLarge(ValueError):
    """More than LARGEST, or MOST."""


class Lines(Protocol):
    def readline(self, size: int, /) -> bytes: ...


class Head(NamedTuple):
    """`fields` have the names of WSGI: those that were sent twice are joined, those with a `_`, which would
    be taken for others, are left out. `length` is None when none is told.
    """

    method: str
    target: str
    version: str
    fields: dict[str, str]
    length: int | None
    is_chunked: bool

    @property
    def is_last(self) -> bool:
        """Whether the client asks nothing more on this connection."""
        options = connection_options(self.fields)
        return "close" in options or (self.version != "HTTP/1.1" and "keep-alive" not in options)


def read_head(line: str, rest: Lines) -> Head:
    """The head that begins with this line. Raises ValueError when it cannot be read, or in two ways;
    ConnectionAbortedError when it ends in the middle.
    """
    if not line.endswith("\n"):
        raise ConnectionAbortedError
    begun = LINE.fullmatch(line)
    if begun is None:
        raise ValueError("no request")
    method, target, version = begun.groups()
    fields = read_fields(rest)
    coding, length = fields.get("HTTP_TRANSFER_ENCODING"), fields.get("CONTENT_LENGTH")
    if coding is not None and (coding.lower() != "chunked" or length is not None or version == "HTTP/1.0"):
        raise ValueError("no clear end")
    host = fields.get("HTTP_HOST", "" if version == "HTTP/1.0" else None)
    if host is None or "," in host:
        raise ValueError("no clear host")
    if not target.startswith("/"):
        target = _path(target, fields)
    if length is not None and not (length.isascii() and length.isdigit() and len(length) <= MOST_DIGITS):
        raise ValueError("no clear length")
    size = None if length is None else int(length)
    if size and method == "HEAD":
        raise ValueError("a body of what has none")
    return Head(method, target, version, fields, size, is_chunked=coding is not None)


def _path(target: str, fields: dict[str, str]) -> str:
    """The path of a whole address, as proxies are asked for one; its host counts, not the field's (RFC 9112
    3.2.2). Raises ValueError.
    """
    if target == "*":
        return target
    absolute = ABSOLUTE.fullmatch(target)
    if absolute is None:
        raise ValueError("no address")
    fields["HTTP_HOST"], path = absolute.groups()
    return path if path.startswith("/") else f"/{path}"


def read_fields(lines: Lines) -> dict[str, str]:
    """Fields up to the empty line, as of a head or behind the last chunk of a body. Raises as `read_head`."""
    fields: dict[str, str] = {}
    left = LARGEST
    for _ in range(MOST + 1):
        line = lines.readline(left + 1)
        left -= len(line)
        if left < 0:
            raise HeadTooLarge
        if line in ENDS:
            return fields
        field = FIELD.fullmatch(line)
        if field is None:
            # No line of a head, as the second of a field that was folded; or the end of the connection.
            raise ValueError("no field") if line.endswith(b"\n") else ConnectionAbortedError
        if (name := _variable(field[1])) is not None:
            value = field[2].strip(b" \t").decode("latin-1")
            between = "; " if name == "HTTP_COOKIE" else ","
            fields[name] = f"{fields[name]}{between}{value}" if name in fields else value
    raise HeadTooLarge


@lru_cache(MOST_NAMES)
def _variable(name: bytes) -> str | None:
    """What WSGI calls a field; None for one that is left out."""
    if b"_" in name:
        return None
    variable = name.decode().replace("-", "_").upper()
    return variable if variable in BESIDE_HTTP else f"HTTP_{variable}"
