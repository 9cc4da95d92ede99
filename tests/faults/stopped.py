"""A listener in a process of its own, which can be stopped as a sleeping laptop is.

`python -m tests.faults.stopped URL TOKEN CHAT` writes what it sees, a line of JSON each.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import astuple
from typing import Self

from tests.faults.clients import Listener
from tests.faults.history import Sight
from tests.faults.place import Place
from tests.support.people import Guest, Json
from tests.support.server import ROOT

TIMEOUT = 5.0  # seconds of silence after which the listener connects anew; heads come every second


class Telling(Listener):
    receive_buffer = 16 * 1024  # bytes: soon full, once nobody reads

    def _show(self, messages: list[Json], rev: int) -> None:
        shown = len(self.view)
        super()._show(messages, rev)
        for sight in self.view[shown:]:
            sys.stdout.write(json.dumps(astuple(sight)) + "\n")
        sys.stdout.flush()


class StoppedListener:
    """What it sees goes by a file: of what is on its way through a pipe, some systems lose a part when they
    stop whoever writes.
    """

    def __init__(self, guest: Guest, chat: Json) -> None:
        assert guest.token is not None
        self._command = [
            sys.executable, "-m", "tests.faults.stopped", guest.url, guest.token, str(chat["id"])
        ]  # fmt: skip
        self._view: list[Sight] = []
        self._read = 0  # bytes

    def __enter__(self) -> Self:
        self._told = tempfile.TemporaryFile()  # closed on leaving
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=self._told)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(timeout=20)
        self._told.close()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    @property
    def view(self) -> list[Sight]:
        """What it has told so far, in whole lines."""
        written = os.fstat(self._told.fileno()).st_size - self._read
        lines = os.pread(self._told.fileno(), written, self._read).splitlines(keepends=True)
        for line in lines:
            if line.endswith(b"\n"):
                self._view.append(Sight(*json.loads(line)))
                self._read += len(line)
        return self._view

    @property
    def cursor(self) -> int:
        view = self.view
        return view[-1].seq if view else 0


if __name__ == "__main__":
    url, token, chat = sys.argv[1:]
    Telling("stopped", Place(url), token, int(chat), timeout=TIMEOUT).work()
