"""A real `porch run` in a process of its own, on a port of its own."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from tests.support import forking
from tests.support.fresh import database_of, fill

ROOT = Path(__file__).resolve().parent.parent.parent
START_LIMIT = 60.0  # seconds


def clean_environ(**settings: object) -> dict[str, str]:
    """This process's environment with these PORCH_ settings and no other."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PORCH_", "FLASK_"))}
    return environ | {f"PORCH_{name.upper()}": str(value) for name, value in settings.items()}


class Server:
    """Started on entering; `url` says where. Killed on leaving, if it is still there.

    `command` is what Python runs, `prefix` a command that runs that, `environ` adds to its environment.
    `app.py` and modules of the tests are run by a fork; anything else is started the long way, and so are
    they with a prefix or an environment.
    """

    def __init__(
        self,
        data: Path,
        *,
        command: tuple[str, ...] = (),
        prefix: tuple[str, ...] = (),
        environ: Mapping[str, str] | None = None,
        **settings: object,
    ) -> None:
        self.data = data
        self._command = command or ("app.py",)
        self._prefix = prefix
        self._environ = dict(environ or {})
        self.site = data.with_name(f"{data.name}-site")  # not there, unless a test writes it
        self._settings = {"port": 0, "data": data, "site": self.site} | database_of(data) | settings
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.output: list[str] = []

    def __enter__(self) -> Server:
        assert not hasattr(self, "process"), "it has been started already"
        fill(self.data)
        environ = clean_environ(**self._settings) | {"PYTHONUNBUFFERED": "1"} | self._environ
        self.process = self._start(environ)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.url = self._wait_for_url()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _start(self, environ: Mapping[str, str]) -> subprocess.Popen[str] | forking.Fork:
        if not (self._prefix or self._environ):
            match self._command:
                case ["app.py", *arguments]:
                    return forking.parent().start(environ, arguments)
                case ["-m", module, *arguments] if module.startswith("tests."):
                    return forking.parent().start(environ, arguments, module=module)
        return subprocess.Popen(
            [*self._prefix, sys.executable, *self._command],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def stop(self) -> int:
        """Ask it to stop, as a host does; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=20)
        self._reader.join(timeout=10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def _wait_for_url(self) -> str:
        while (line := self._lines.get(timeout=START_LIMIT)) is not None:
            if match := re.search(r'Running on (https?://[^\s"]+)', line):
                return match[1]
        raise AssertionError("the server did not start:\n" + "".join(self.output))
