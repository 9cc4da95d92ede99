"""How the values of settings are read. Each raises ValueError, whose text says what is allowed."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: `burst` at once, then `per_second` more each second."""

    burst: int
    per_second: float


def text(limit: int) -> Callable[[str], str]:
    def parse(value: str) -> str:
        value = value.strip()
        if not 1 <= len(value) <= limit or not value.isprintable():
            raise ValueError(f"1 to {limit} printable characters")
        return value

    return parse


def secret(value: str) -> str:
    if not re.fullmatch(r"[!-~]{16,200}", value):
        raise ValueError("empty, or 16 to 200 characters of ASCII without spaces")
    return value


def optional(parse: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: value and parse(value)


def choice(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(" or ".join(allowed))
        return value

    return parse


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value) or not least <= int(value) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return parse


def rate(value: str) -> Rate | None:
    if value == "off":
        return None
    match = re.fullmatch(r"(\d{1,6})\+(\d{1,6})/([smh])", value)
    if not match or int(match[1]) < 1 or int(match[2]) < 1:
        raise ValueError("off, or BURST+NUMBER/s, /m or /h, for example 20+2/s")
    seconds = {"s": 1, "m": 60, "h": 3600}[match[3]]
    return Rate(int(match[1]), int(match[2]) / seconds)


def switch(value: str) -> bool:
    return choice("on", "off")(value) == "on"


def _parts(value: str) -> list[str]:
    """What stands between commas; nothing between two is no part."""
    return [part.strip() for part in value.split(",") if part.strip()]


def networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part) for part in _parts(value))
    except ValueError:
        raise ValueError(
            "addresses or networks with commas between, for example 127.0.0.1, 10.0.0.0/8"
        ) from None


def hosts(value: str) -> tuple[str, ...]:
    hosts = tuple(part.lower() for part in _parts(value))
    if not all(re.fullmatch(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*", host) for host in hosts):
        raise ValueError(
            "names of hosts with commas between, for example fcm.googleapis.com, .push.apple.com"
        )
    return hosts


def contact(value: str) -> str:
    if value and not re.fullmatch(r"mailto:[^@\s]+@[^@\s]+|https://\S+", value):
        raise ValueError("empty, a mailto: address or an https: address")
    return value


def _split(value: str, allowed: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError(allowed) from None
    return parts


def redis_url(value: str) -> str:
    if value == "":
        return value
    allowed = "empty, or an address such as redis://127.0.0.1:6379/0; also rediss:// and unix:///path"
    parts = _split(value, allowed)
    is_there = bool(parts.hostname) and bool(re.fullmatch(r"(/\d{0,4})?", parts.path))
    if parts.scheme == "unix":
        is_there = len(parts.path) > 1 and not parts.netloc
    if parts.scheme not in ("redis", "rediss", "unix") or not is_there:
        raise ValueError(allowed)
    return value


def public_url(value: str) -> str:
    if value == "":
        return value
    allowed = "empty, or an address such as https://chat.example.org without a path"
    parts = _split(value, allowed)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(allowed)
    if (
        parts.query
        or parts.fragment
        or parts.username
        or not re.fullmatch(r"[\w.\-\[\]:]+", parts.netloc, re.ASCII)
    ):
        raise ValueError(allowed)
    return f"{parts.scheme}://{parts.netloc}"


def postgres(value: str) -> str:
    """Its password stays in it: this goes to the driver, and nowhere else."""
    if value == "":
        return value
    allowed = "empty for chat.db in the data folder, or postgresql+psycopg://user:password@host:port/database"
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError(allowed) from None
    if url.drivername not in ("postgresql+psycopg", "postgresql", "postgres") or not url.database:
        raise ValueError(allowed)
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def folder(value: str) -> Path:
    if not value.strip() or "\0" in value:
        raise ValueError("the path of a folder")
    return Path(value).expanduser().absolute()


def file(value: str) -> Path | None:
    if "\0" in value:
        raise ValueError("the path of a file")
    return Path(value).expanduser().absolute() if value.strip() else None
