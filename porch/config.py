"""Every setting: environment name, default, one line of meaning. Nothing here reads the database or Flask."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from porch.languages import LANGUAGES, SOURCE

ROOT = Path(__file__).resolve().parent.parent

MEGABYTE = 1_000_000  # bytes

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingError(ValueError):
    """A setting has a value that is not allowed; the text names the setting and what is allowed."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: `burst` at once, then `per_second` more each second."""

    burst: int
    per_second: float


def _text(limit: int) -> Callable[[str], str]:
    def parse(value: str) -> str:
        value = value.strip()
        if not 1 <= len(value) <= limit or not value.isprintable():
            raise ValueError(f"1 to {limit} printable characters")
        return value

    return parse


def _secret(value: str) -> str:
    if not re.fullmatch(r"[!-~]{16,200}", value):
        raise ValueError("empty, or 16 to 200 characters of ASCII without spaces")
    return value


def _optional(parse: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: value and parse(value)


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(" or ".join(allowed))
        return value

    return parse


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value) or not least <= int(value) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return parse


def _rate(value: str) -> Rate | None:
    if value == "off":
        return None
    match = re.fullmatch(r"(\d{1,6})\+(\d{1,6})/([smh])", value)
    if not match or int(match[1]) < 1 or int(match[2]) < 1:
        raise ValueError("off, or BURST+NUMBER/s, /m or /h, for example 20+2/s")
    seconds = {"s": 1, "m": 60, "h": 3600}[match[3]]
    return Rate(int(match[1]), int(match[2]) / seconds)


def _switch(value: str) -> bool:
    return _choice("on", "off")(value) == "on"


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError:
        raise ValueError(
            "addresses or networks with commas between, for example 127.0.0.1, 10.0.0.0/8"
        ) from None


def _hosts(value: str) -> tuple[str, ...]:
    hosts = tuple(part.strip().lower() for part in value.split(",") if part.strip())
    if not all(re.fullmatch(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*", host) for host in hosts):
        raise ValueError(
            "names of hosts with commas between, for example fcm.googleapis.com, .push.apple.com"
        )
    return hosts


def _contact(value: str) -> str:
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


def _redis_url(value: str) -> str:
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


def _public_url(value: str) -> str:
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


def _postgres(value: str) -> str:
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


def _folder(value: str) -> Path:
    if not value.strip() or "\0" in value:
        raise ValueError("the path of a folder")
    return Path(value).expanduser().absolute()


def _file(value: str) -> Path | None:
    if "\0" in value:
        raise ValueError("the path of a file")
    return Path(value).expanduser().absolute() if value.strip() else None


def _setting(default: Any, parse: Callable[[str], Any], meaning: str) -> Any:
    return field(default=default, metadata={"parse": parse, "meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a host may choose. The environment name of a field is `PORCH_` and its name in capitals."""

    data: Path = _setting(ROOT / "data", _folder, "folder that holds all state: chat.db and secrets")
    database_url: str = _setting(
        "", _postgres, "database, where it is PostgreSQL; empty: chat.db in the data folder"
    )
    site: Path = _setting(
        ROOT / "site", _folder, "folder with the owner's own site; where there is none, a sample is shown"
    )
    redis_url: str = _setting(
        "", _redis_url, "Redis or Valkey, by which several processes are one site; empty: there is one"
    )
    workers: int = _setting(
        1, _whole(1, 64), "processes that serve; more than one need PostgreSQL and PORCH_REDIS_URL"
    )
    host: str = _setting("127.0.0.1", _text(253), "address to listen on; 0.0.0.0 for the whole network")
    port: int = _setting(5000, _whole(0, 65535), "port to listen on; 0 takes a free one")
    cert: Path | None = _setting(
        None, _file, "file with the certificate chain (PEM); with PORCH_KEY, Porch serves HTTPS itself"
    )
    key: Path | None = _setting(None, _file, "file with the certificate's private key (PEM)")
    tls: bool = _setting(
        False, _switch, "HTTPS without a certificate of somebody else: Porch makes an authority of its own"
    )
    name: str = _setting(
        "", _optional(_text(60)), "name of the site, shown on every page; empty: the one in its content"
    )
    language: str = _setting(
        SOURCE, _choice(*LANGUAGES), "language of pages for browsers that ask for none that Porch speaks"
    )
    url: str = _setting("", _public_url, "public address used in share links; empty: as the browser asked")
    live: str = _setting(
        "socket", _choice("socket", "poll"), "how pages stay current: by socket or by polling"
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        (), _networks, "addresses whose X-Forwarded-For, -Proto and -Host are believed"
    )
    guests: bool = _setting(True, _switch, "whether people may come in with a name alone")
    sign_up: bool = _setting(True, _switch, "whether people may make an account")
    one_room: str = _setting(
        "user",
        _choice("user", "session", "off"),
        "whether a person, a session or nobody is kept to one room at a time",
    )
    message_rate: Rate | None = _setting(Rate(20, 2), _rate, "messages a person may send to a room")
    visit_rate: Rate | None = _setting(
        Rate(60, 5),
        _rate,
        "times a person may enter a room, ask for a list or for names, or say what they have read",
    )
    typing_rate: Rate | None = _setting(
        Rate(1, 20 / 60), _rate, "times a person may tell a room that they are typing"
    )
    event_rate: Rate | None = _setting(
        Rate(200, 50), _rate, "events that are heard of one socket; those beyond wait"
    )
    room_rate: Rate | None = _setting(Rate(30, 30 / 3600), _rate, "rooms a person may open")
    unclaimed_room_rate: Rate | None = _setting(
        Rate(60, 120 / 3600), _rate, "rooms opened from one address by people who are not signed in"
    )
    talk_rate: Rate | None = _setting(
        Rate(10, 20 / 3600), _rate, "rooms with the host that a person, or an address, may ask for"
    )
    sign_in_rate: Rate | None = _setting(Rate(60, 120 / 3600), _rate, "guests who sign in from one address")
    sign_up_rate: Rate | None = _setting(
        Rate(30, 60 / 3600), _rate, "accounts that may be made from one address"
    )
    log_in_rate: Rate | None = _setting(Rate(60, 120 / 3600), _rate, "failed log-ins from one address")
    rename_rate: Rate | None = _setting(Rate(5, 5 / 3600), _rate, "times a person may change their name")
    invitation_rate: Rate | None = _setting(
        Rate(30, 60 / 3600), _rate, "people a person may invite, and one-time links they may make"
    )
    direct_rate: Rate | None = _setting(
        Rate(20, 30 / 3600), _rate, "people with whom a person may begin a direct chat"
    )
    key_rate: Rate | None = _setting(
        Rate(60, 300 / 3600), _rate, "times a person may change their keys, or begin an epoch of a chat"
    )
    report_rate: Rate | None = _setting(Rate(10, 20 / 3600), _rate, "messages a person may report")
    search_rate: Rate | None = _setting(
        Rate(20, 1), _rate, "times a person may search what was said, or look for a day of a room"
    )
    push_services: tuple[str, ...] = _setting(
        (
            "fcm.googleapis.com",
            ".push.services.mozilla.com",
            ".push.apple.com",
            ".notify.windows.com",
        ),
        _hosts,
        "push services of browsers that are written to; a dot at the beginning stands for all below",
    )
    push_contact: str = _setting(
        "",
        _contact,
        "whom push services write to when something is wrong: a mailto: or https: address; empty: PORCH_URL",
    )
    upload_rate: Rate | None = _setting(Rate(40, 120 / 3600), _rate, "files a person may upload")
    upload_limit: int = _setting(25, _whole(0, 10_000), "megabytes of one file; 0 takes no files at all")
    upload_quota: int = _setting(
        250, _whole(1, 1_000_000), "megabytes of files that a person may store in 24 hours"
    )
    upload_space: int = _setting(10_000, _whole(1, 100_000_000), "megabytes of files that the site stores")
    link_previews: bool = _setting(
        False, _switch, "whether the server fetches title and description of the pages that messages link to"
    )
    name_lease_days: int = _setting(
        7,
        _whole(1, 3650),
        "days without use after which a guest's name is free; so long an account's old name is kept",
    )
    session_idle_days: int = _setting(30, _whole(1, 3650), "days without use after which a session ends")
    admin_idle_hours: int = _setting(
        12, _whole(1, 87_600), "hours without use after which a session of the host ends"
    )
    session_max_days: int = _setting(90, _whole(1, 3650), "days after which a session ends in any case")
    audit_days: int = _setting(
        365, _whole(1, 3650), "days after which the audit log, and reports that were dealt with, are deleted"
    )
    write_queue: int = _setting(
        4096, _whole(1, 1_000_000), "writes that may wait before new ones are refused"
    )
    lock_timeout: int = _setting(
        5, _whole(1, 60), "seconds to wait for another program's lock on the database"
    )
    max_waiting: int = _setting(
        1000, _whole(0, 100_000), "long polls that may wait at once; more answer at once"
    )
    sockets_per_user: int = _setting(20, _whole(1, 10_000), "sockets one person may have open")
    sockets_per_address: int = _setting(500, _whole(1, 1_000_000), "sockets open from one address")
    metrics_token: str = _setting(
        "", _optional(_secret), "token with which /metrics may be read from elsewhere; empty: only from here"
    )
    log_format: str = _setting(
        "text",
        _choice("text", "json"),
        "how `porch run` writes its log: for people, or an object in each line",
    )
    heartbeat: int = _setting(20, _whole(1, 3600), "seconds between announcements of each live room's head")

    @property
    def largest_upload(self) -> int:
        """Bytes; 0 when no files are taken."""
        return self.upload_limit * MEGABYTE

    @property
    def database(self) -> Path:
        """Where SQLite keeps it."""
        return self.data / "chat.db"

    @property
    def is_postgres(self) -> bool:
        return self.database_url != ""

    @property
    def database_address(self) -> str:
        """As SQLAlchemy takes it."""
        return self.database_url or f"sqlite:///{self.database}"

    @property
    def database_name(self) -> str:
        """As it may be shown."""
        return str(make_url(self.database_url)) if self.is_postgres else str(self.database)


def environment_name(setting: str) -> str:
    return f"PORCH_{setting.upper()}"


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables.

    Raises SettingError for a value that is not allowed, for a certificate without its key or the other way
    round, and for a `PORCH_` name that does not exist: a setting with a typing error would otherwise be
    ignored in silence.
    """
    values: dict[str, Any] = {}
    known = {environment_name(f.name): f for f in fields(Settings)}
    for name, value in environ.items():
        if not name.startswith("PORCH_"):
            continue
        if name not in known:
            raise SettingError(f"There is no setting {name}. The settings are: {', '.join(sorted(known))}.")
        setting = known[name]
        try:
            values[setting.name] = setting.metadata["parse"](value)
        except ValueError as error:
            raise SettingError(f"{name}={_shown(value)!r} is not allowed. Allowed: {error}.") from None
    settings = Settings(**values)
    if (settings.cert is None) != (settings.key is None):
        raise SettingError("PORCH_CERT and PORCH_KEY go together: HTTPS needs both, plain HTTP neither.")
    if settings.tls and settings.cert is not None:
        raise SettingError("PORCH_TLS makes a certificate of its own: it does not go with PORCH_CERT.")
    if settings.workers > 1 and not (settings.database_url.startswith("postgres") and settings.redis_url):
        raise SettingError(
            "PORCH_WORKERS: more than one process need PostgreSQL (PORCH_DATABASE_URL) and Redis "
            "(PORCH_REDIS_URL). SQLite's file is written by one process."
        )
    return settings


def _shown(value: str) -> str:
    """Without the password of an address."""
    return re.sub(r"(://[^:/@]*:)[^/]*@", r"\1***@", value)


def default_text(setting: str) -> str:
    """The default of a setting as one would write it in the environment."""
    value = next(f.default for f in fields(Settings) if f.name == setting)
    match value:
        case Rate(burst=burst, per_second=rate):
            # An hour tells small rates best: 120 in an hour is no promise of 2 in each minute.
            unit, seconds = ("s", 1) if rate >= 1 else ("m", 60) if rate >= 1 / 6 else ("h", 3600)
            return f"{burst}+{round(rate * seconds)}/{unit}"
        case Path():
            return f"./{value.relative_to(ROOT)}"
        case bool():
            return "on" if value else "off"
        case None | ():
            return ""
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)
