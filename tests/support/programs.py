"""Running the commands that a host types, each to its end."""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib.util import cache_from_source
from pathlib import Path
from typing import Self

from click.testing import CliRunner

import scripts.util
from porch.app import create_app
from porch.config import Settings
from porch.extensions import db
from tests.support import forking, postgres
from tests.support.fresh import database_of
from tests.support.server import ROOT, clean_environ

LIMIT = 180  # seconds


def activated() -> dict[str, str]:
    """The environment after `. venv/bin/activate`, where the tests' own environment is the venv."""
    folder = Path(sys.executable).parent
    return clean_environ() | {
        "VIRTUAL_ENV": str(folder.parent),
        "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def run(
    *command: str, folder: Path = ROOT, typed: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in the activated environment; `typed` is what the host types while it runs."""
    return subprocess.run(
        command,
        cwd=folder,
        env=activated() | dict(environ or {}),
        input=typed,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def util(data: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run `scripts/util.py` on a data folder."""
    environ = _settings(data)
    return run(sys.executable, "scripts/util.py", *arguments, typed=typed, environ=environ)


def _settings(data: Path) -> dict[str, str]:
    """PostgreSQL has the database already: a host makes one before."""
    if postgres.is_chosen():
        postgres.fill(data)
    chosen = {"data": data} | database_of(data)
    return {f"PORCH_{name.upper()}": str(value) for name, value in chosen.items()}


def util_here(data: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """The same within this process, which is much cheaper than a start of the program."""
    done = CliRunner().invoke(scripts.util.util, arguments, input=typed, env=_settings(data))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def porch(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command of `porch` within this process, on the site whose data and own pages are in this folder."""
    data = folder / "data"
    app = create_app("threading", Settings(data=data, site=folder / "site", **database_of(data)))
    done = app.test_cli_runner().invoke(args=arguments)
    app.extensions["porch_engines"].writer.stop()
    with app.app_context():
        db.engine.dispose()
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def app(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    """`python3 app.py ARGUMENTS` to its end, as a fork: for what it says when it does not come to serving."""
    command = [str(argument) for argument in arguments]
    process = forking.parent().start(clean_environ() | environ, command)
    with process.stdout:
        printed = process.stdout.read()
    return subprocess.CompletedProcess(command, process.wait(LIMIT), printed, "")


def said(done: subprocess.CompletedProcess[str]) -> str:
    """All that a terminal would have shown."""
    return done.stdout + done.stderr


def copy_checkout(folder: Path) -> Path:
    """Copy what a fresh checkout would have, with what is not committed yet, into a new folder; and what is
    compiled of it, which would be compiled anew by the first command that is typed there.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if name.endswith(".py"):
            _copy(Path(cache_from_source(str(ROOT / name))), folder)
        _copy(ROOT / name, folder)
    return folder


def _copy(file: Path, folder: Path) -> None:
    if file.is_file():
        place = folder / file.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, place)


class Serving:
    """A server command that runs until the block ends; `url` says where."""

    def __init__(self, *command: str, folder: Path, **environ: str) -> None:
        self._command = command
        self._folder = folder
        self._environ = activated() | environ
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.printed = ""

    def __enter__(self) -> Self:
        self._process = self._start()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        while (line := self._lines.get(timeout=LIMIT)) is not None:
            if match := re.search(r"Running on (http://\S+)", line):
                self.url = match[1]
                return self
        self.__exit__()
        raise AssertionError(f"{' '.join(self._command)} did not start:\n{self.printed}")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._end()

    def stop(self) -> int:
        """Ask it to stop, as a host does with Ctrl+C; returns the exit status."""
        self._process.send_signal(signal.SIGINT)
        return self._end()

    def _start(self) -> subprocess.Popen[str] | forking.Fork:
        return subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=self._environ | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _end(self) -> int:
        status = self._process.wait(timeout=20)
        self._reader.join(timeout=20)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return status

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.printed += line
            self._lines.put(line)
        self._lines.put(None)


class ServingApp(Serving):
    """`python3 app.py ARGUMENTS` as a fork."""

    def __init__(self, *arguments: object, **environ: str) -> None:
        super().__init__(*map(str, arguments), folder=ROOT, **environ)

    def _start(self) -> forking.Fork:
        return forking.parent().start(self._environ, self._command)
