"""A PostgreSQL of the tests' own: started once for a run, with a database for each data folder.

Its programs refuse to be run by root, and are then run by somebody else. It listens on a socket in its folder
and on no port. Nothing is flushed: that a commit is on the disk is PostgreSQL's promise, not ours to test.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.support.certificates import Certificate

# Tells the processes of the tests where it is.
WHERE = "TEST_POSTGRES"
OWNER = "porch"
TEMPLATE = "porch_template"
LIMIT = 60.0  # seconds to start in
SPARSE = {
    "listen_addresses": "",
    "max_connections": "500",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",
}
HASTY = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
# Text is sorted as people do, where that can be had: nothing may rely on the order of bytes.
AS_PEOPLE_SORT = ("--locale-provider=icu", "--icu-locale=en-US")


def is_chosen() -> bool:
    """Whether the tests run on it."""
    return WHERE in os.environ


def address_of(data: Path) -> str:
    """Of the database of a data folder."""
    return _address(_name_of(data))


def connect(data: Path, **options: Any) -> Any:
    """A connection of psycopg to the database of a data folder."""
    return _connect(_name_of(data), **options)


def contents(data: Path) -> bytes:
    """Every row of every table of the database of a data folder, as text."""
    with connect(data) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        found = [connection.execute(f'SELECT t::text FROM "{name}" AS t').fetchall() for (name,) in tables]
    return "\n".join(row for rows in found for (row,) in rows).encode()


def fill(data: Path) -> None:
    """Make the database of a data folder, of the newest migration, unless there is one."""
    name = _name_of(data)
    with _administration() as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")


def make(data: Path) -> None:
    """Make the database of a data folder, with nothing in it."""
    with _administration() as connection:
        connection.execute(f"CREATE DATABASE {_name_of(data)}")


def drop(data: Path) -> None:
    with _administration() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {_name_of(data)} WITH (FORCE)")


def make_template() -> str:
    """An empty database, and its address; what is in it then is what `fill` makes."""
    with _administration() as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    return _address(TEMPLATE)


class Instance:
    """A server over its folder, which may go and come back."""

    def __init__(self, folder: Path, options: Mapping[str, str]) -> None:
        self._folder = folder
        self._options = [f"-c{name}={value}" for name, value in options.items()]
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._server = _start(
            "postgres", "-D", str(self._folder / "data"), f"-k{self._folder}", *self._options
        )
        _wait(self._server)

    def stop(self) -> None:
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)  # else it waits for connections whose other end is gone
            self._server.wait(LIMIT)


@contextmanager
def running(
    *, durable: bool = False, listen: str = "", certificate: Certificate | None = None
) -> Iterator[Instance]:
    """It runs, and the processes that are started within know of it. `durable`: as it is set by itself.
    `listen` is an address at which everybody may come, too; with a certificate by TLS alone.
    """
    folder = Path(tempfile.mkdtemp(prefix="porch-postgres-"))
    options = (SPARSE if durable else SPARSE | HASTY) | {"listen_addresses": listen}
    if certificate is not None:
        options |= _secret(folder, certificate)
    instance = Instance(folder, options)
    before = os.environ.get(WHERE)
    try:
        os.chown(folder, *_user()[:2])
        _make(folder / "data")
        if listen:
            with (folder / "data" / "pg_hba.conf").open("a") as who:
                who.write(f"{'host' if certificate is None else 'hostssl'} all all all trust\n")
        os.environ[WHERE] = str(folder)
        instance.start()
        yield instance
    finally:
        instance.stop()
        if before is None:
            os.environ.pop(WHERE, None)
        else:
            os.environ[WHERE] = before
        shutil.rmtree(folder, ignore_errors=True)


def _secret(folder: Path, certificate: Certificate) -> dict[str, str]:
    """The options by which it speaks TLS: it refuses a key that others own, or may read."""
    made = {"ssl_cert_file": folder / "cert.pem", "ssl_key_file": folder / "key.pem"}
    for place, part in zip(made.values(), (certificate.cert, certificate.key), strict=True):
        shutil.copy(part, place)
        place.chmod(0o600)
        os.chown(place, *_user()[:2])
    return {"ssl": "on"} | {name: str(place) for name, place in made.items()}


def missing() -> str | None:
    """What keeps it from being started."""
    return (
        None
        if _program("initdb")
        else "PostgreSQL was not found (Debian and Ubuntu: apt install postgresql)."
    )


def _make(folder: Path) -> None:
    said = b""
    usual = ("-D", str(folder), "-U", OWNER, "--auth=trust", "--no-sync", "--encoding=UTF8")
    for more in (AS_PEOPLE_SORT, ("--locale=C.UTF-8",)):
        made = _start("initdb", *usual, *more, stdout=subprocess.PIPE)
        said = made.communicate()[0]
        if made.returncode == 0:
            return
    raise AssertionError(f"initdb failed: {said!r}")


def _start(program: str, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    path = _program(program)
    assert path is not None
    own, group, name = _user()
    prefix = (
        [] if own == os.geteuid() else ["setpriv", f"--reuid={own}", f"--regid={group}", "--clear-groups"]
    )
    return subprocess.Popen(
        [*prefix, path, *arguments],
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/", "USER": name},
        stderr=subprocess.STDOUT if options else subprocess.DEVNULL,
        **options,
    )


def _wait(server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            with _administration():
                return
        except _psycopg().OperationalError:
            assert server.poll() is None, "PostgreSQL did not start"
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            time.sleep(0.05)


def _program(name: str) -> str | None:
    """The newest that there is: Debian has them out of the way."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return shutil.which(name, path=os.pathsep.join([*map(str, reversed(folders)), os.environ["PATH"]]))


@cache
def _user() -> tuple[int, int, str]:
    """By whom it is run: by whoever runs the tests, but not by root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid(), pwd.getpwuid(os.geteuid()).pw_name
    names = {user.pw_name: user for user in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return user.pw_uid, user.pw_gid, user.pw_name


def _name_of(data: Path) -> str:
    return f"porch_{hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:24]}"


def _address(name: str) -> str:
    return f"postgresql+psycopg://{OWNER}@/{name}?host={os.environ[WHERE]}"


def _administration() -> Any:
    return _connect("postgres", autocommit=True)


def _connect(name: str, **options: Any) -> Any:
    return _psycopg().connect(host=os.environ[WHERE], user=OWNER, dbname=name, **options)


def _psycopg() -> Any:
    """Tests on SQLite do without it: its import takes as long as some of them."""
    return import_module("psycopg")
