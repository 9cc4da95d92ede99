"""A listener in a process of its own, which can be stopped as a sleeping laptop is.

`python -m tests.faults.stopped URL TOKEN CHAT` writes what it sees, a line of JSON each.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
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
    """`view` is what the process has told; what it sees only counts as soon as it has."""

    def __init__(self, guest: Guest, chat: Json) -> None:
        assert guest.token is not None
        self._command = [
            sys.executable, "-m", "tests.faults.stopped", guest.url, guest.token, str(chat["id"])
        ]  # fmt: skip
        self.view: list[Sight] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(timeout=20)
        self._reader.join(timeout=20)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    @property
    def cursor(self) -> int:
        return self.view[-1].seq if self.view else 0

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if not line.endswith("\n"):
                return  # it was killed in the middle of it
            self.view.append(Sight(*json.loads(line)))


if __name__ == "__main__":
    url, token, chat = sys.argv[1:]
    Telling("stopped", Place(url), token, int(chat), timeout=TIMEOUT).work()
