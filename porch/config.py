"""Every setting: environment name, default, one line of meaning. Nothing here reads the database or Flask."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from porch import values
from porch.languages import LANGUAGES, SOURCE
from porch.values import Network, Rate

ROOT = Path(__file__).resolve().parent.parent

MEGABYTE = 1_000_000  # bytes


class SettingError(ValueError):
    """A setting has a value that is not allowed; the text names the setting and what is allowed."""


def _setting(default: Any, parse: Callable[[str], Any], meaning: str) -> Any:
    return field(default=default, metadata={"parse": parse, "meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a host may choose. The environment name of a field is `PORCH_` and its name in capitals."""

    data: Path = _setting(ROOT / "data", values.folder, "folder that holds all state: chat.db and secrets")
    database_url: str = _setting(
        "", values.postgres, "database, where it is PostgreSQL; empty: chat.db in the data folder"
    )
    site: Path = _setting(
        ROOT / "site",
        values.folder,
        "folder with the owner's own site; where there is none, a sample is shown",
    )
    redis_url: str = _setting(
        "", values.redis_url, "Redis or Valkey, by which several processes are one site; empty: there is one"
    )
    workers: int = _setting(
        1, values.whole(1, 64), "processes that serve; more than one need PostgreSQL and PORCH_REDIS_URL"
    )
    host: str = _setting("127.0.0.1", values.text(253), "address to listen on; 0.0.0.0 for the whole network")
    port: int = _setting(5000, values.whole(0, 65535), "port to listen on; 0 takes a free one")
    cert: Path | None = _setting(
        None, values.file, "file with the certificate chain (PEM); with PORCH_KEY, Porch serves HTTPS itself"
    )
    key: Path | None = _setting(None, values.file, "file with the certificate's private key (PEM)")
    tls: bool = _setting(
        False,
        values.switch,
        "HTTPS without a certificate of somebody else: Porch makes an authority of its own",
    )
    name: str = _setting(
        "",
        values.optional(values.text(60)),
        "name of the site, shown on every page; empty: the one in its content",
    )
    language: str = _setting(
        SOURCE,
        values.choice(*LANGUAGES),
        "language of pages for browsers that ask for none that Porch speaks",
    )
    url: str = _setting(
        "", values.public_url, "public address used in share links; empty: as the browser asked"
    )
    live: str = _setting(
        "socket", values.choice("socket", "poll"), "how pages stay current: by socket or by polling"
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        (), values.networks, "addresses whose X-Forwarded-For, -Proto and -Host are believed"
    )
    guests: bool = _setting(True, values.switch, "whether people may come in with a name alone")
    sign_up: bool = _setting(True, values.switch, "whether people may make an account")
    one_room: str = _setting(
        "user",
        values.choice("user", "session", "off"),
        "whether a person, a session or nobody is kept to one room at a time",
    )
    message_rate: Rate | None = _setting(Rate(20, 2), values.rate, "messages a person may send to a room")
    volume_rate: Rate | None = _setting(
        Rate(2000, 10),
        values.rate,
        "thousands of characters a person may send in messages of a thousand or more",
    )
    visit_rate: Rate | None = _setting(
        Rate(60, 5),
        values.rate,
        "times a person may enter a room, ask for a list or for names, or say what they have read",
    )
    typing_rate: Rate | None = _setting(
        Rate(1, 20 / 60), values.rate, "times a person may tell a room that they are typing"
    )
    event_rate: Rate | None = _setting(
        Rate(200, 50), values.rate, "events that are heard of one socket; those beyond wait"
    )
    room_rate: Rate | None = _setting(Rate(30, 30 / 3600), values.rate, "rooms a person may open")
    unclaimed_room_rate: Rate | None = _setting(
        Rate(60, 120 / 3600), values.rate, "rooms opened from one address by people who are not signed in"
    )
    talk_rate: Rate | None = _setting(
        Rate(10, 20 / 3600), values.rate, "rooms with the host that a person, or an address, may ask for"
    )
    sign_in_rate: Rate | None = _setting(
        Rate(60, 120 / 3600), values.rate, "guests who sign in from one address"
    )
    sign_up_rate: Rate | None = _setting(
        Rate(30, 60 / 3600), values.rate, "accounts that may be made from one address"
    )
    log_in_rate: Rate | None = _setting(Rate(60, 120 / 3600), values.rate, "failed log-ins from one address")
    rename_rate: Rate | None = _setting(
        Rate(5, 5 / 3600), values.rate, "times a person may change their name"
    )
    invitation_rate: Rate | None = _setting(
        Rate(30, 60 / 3600), values.rate, "people a person may invite, and one-time links they may make"
    )
    direct_rate: Rate | None = _setting(
        Rate(20, 30 / 3600), values.rate, "people with whom a person may begin a direct chat"
    )
    key_rate: Rate | None = _setting(
        Rate(60, 300 / 3600), values.rate, "times a person may change their keys, or begin an epoch of a chat"
    )
    report_rate: Rate | None = _setting(Rate(10, 20 / 3600), values.rate, "messages a person may report")
    search_rate: Rate | None = _setting(
        Rate(20, 1), values.rate, "times a person may search what was said, or look for a day of a room"
    )
    push_services: tuple[str, ...] = _setting(
        (
            "fcm.googleapis.com",
            ".push.services.mozilla.com",
            ".push.apple.com",
            ".notify.windows.com",
        ),
        values.hosts,
        "push services of browsers that are written to; a dot at the beginning stands for all below",
    )
    push_contact: str = _setting(
        "",
        values.contact,
        "whom push services write to when something is wrong: a mailto: or https: address; empty: PORCH_URL",
    )
    upload_rate: Rate | None = _setting(Rate(40, 120 / 3600), values.rate, "files a person may upload")
    upload_limit: int = _setting(
        25, values.whole(0, 10_000), "megabytes of one file; 0 takes no files at all"
    )
    upload_quota: int = _setting(
        250, values.whole(1, 1_000_000), "megabytes of files that a person may store in 24 hours"
    )
    upload_space: int = _setting(
        10_000, values.whole(1, 100_000_000), "megabytes of files that the site stores"
    )
    link_previews: bool = _setting(
        False,
        values.switch,
        "whether the server fetches title and description of the pages that messages link to",
    )
    name_lease_days: int = _setting(
        7,
        values.whole(1, 3650),
        "days without use after which a guest's name is free; so long an account's old name is kept",
    )
    session_idle_days: int = _setting(
        30, values.whole(1, 3650), "days without use after which a session ends"
    )
    admin_idle_hours: int = _setting(
        12, values.whole(1, 87_600), "hours without use after which a session of the host ends"
    )
    session_max_days: int = _setting(90, values.whole(1, 3650), "days after which a session ends in any case")
    audit_days: int = _setting(
        365,
        values.whole(1, 3650),
        "days after which the audit log, and reports that were dealt with, are deleted",
    )
    write_queue: int = _setting(
        4096, values.whole(1, 1_000_000), "writes that may wait before new ones are refused"
    )
    lock_timeout: int = _setting(
        5, values.whole(1, 60), "seconds to wait for another program's lock on the database"
    )
    max_waiting: int = _setting(
        1000,
        values.whole(0, 100_000),
        "long polls that may wait at once, 20 of them one person's; more answer at once",
    )
    sockets_per_user: int = _setting(20, values.whole(1, 10_000), "sockets one person may have open")
    sockets_per_address: int = _setting(500, values.whole(1, 1_000_000), "sockets open from one address")
    metrics_token: str = _setting(
        "",
        values.optional(values.secret),
        "token with which /metrics may be read from elsewhere; empty: only from here",
    )
    log_format: str = _setting(
        "text",
        values.choice("text", "json"),
        "how `porch run` writes its log: for people, or an object in each line",
    )
    heartbeat: int = _setting(
        20, values.whole(1, 3600), "seconds between announcements of each live room's head"
    )

    @property
    def rates(self) -> dict[str, Rate | None]:
        """By what is limited: `message` for `message_rate`."""
        named = (setting.name for setting in fields(self) if setting.name.endswith("_rate"))
        return {name.removesuffix("_rate"): getattr(self, name) for name in named}

    @property
    def open_to_strangers(self) -> bool:
        """Whether one may come in without having an account already."""
        return self.guests or self.sign_up

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
    chosen: dict[str, Any] = {}
    known = {environment_name(f.name): f for f in fields(Settings)}
    for name, value in environ.items():
        if not name.startswith("PORCH_"):
            continue
        if name not in known:
            typed, names = name.removeprefix("PORCH_"), [one.removeprefix("PORCH_") for one in known]
            near = difflib.get_close_matches(typed, names, 1)
            hint = f"Did you mean PORCH_{near[0]}? " if near else ""
            raise SettingError(
                f"There is no setting {name}. {hint}The settings are: {', '.join(sorted(known))}."
            )
        setting = known[name]
        try:
            chosen[setting.name] = setting.metadata["parse"](value)
        except ValueError as error:
            raise SettingError(f"{name}={_shown(name, value)!r} is not allowed. Allowed: {error}.") from None
    settings = Settings(**chosen)
    if (settings.cert is None) != (settings.key is None):
        raise SettingError("PORCH_CERT and PORCH_KEY go together: HTTPS needs both, plain HTTP neither.")
    if settings.tls and settings.cert is not None:
        raise SettingError("PORCH_TLS makes a certificate of its own: it does not go with PORCH_CERT.")
    if settings.workers > 1 and not (settings.is_postgres and settings.redis_url):
        raise SettingError(
            "PORCH_WORKERS: more than one process need PostgreSQL (PORCH_DATABASE_URL) and Redis "
            "(PORCH_REDIS_URL). SQLite's file is written by one process."
        )
    return settings


def _shown(name: str, value: str) -> str:
    """Nothing of a token, and of an address no password, not even one that is no good in an address."""
    if name.endswith("_TOKEN"):
        return "***"
    return re.sub(r"(?s)(://[^:/@]*:).*(?=@)|(password=)[^&]*", r"\1\2***", value)
