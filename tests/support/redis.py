"""A private Redis on a port of its own, that forgets everything when it ends."""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
from contextlib import closing, suppress
from typing import Self

from tests.support.sockets import lasting_port
from tests.support.waiting import eventually

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")
MISSING = "redis-server was not found (Debian and Ubuntu: apt install redis-server)"


class Redis:
    """Runs from entering until leaving, but for what `kill` and `start` do between."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._host = host
        self.port = lasting_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count()

    def site(self) -> str:
        """The URL for a site of its own, whose processes hear nothing of another's."""
        return f"redis://{self._host}:{self.port}/{next(self._numbers)}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        assert PROGRAM is not None
        where = f"--port {self.port} --bind {self._host} --protected-mode no"
        options = f"{where} --appendonly no --databases 9999".split()
        self._process = subprocess.Popen([PROGRAM, *options, "--save", ""], stdout=subprocess.DEVNULL)
        eventually(self.answers)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def answers(self) -> bool:
        return self.ask("PING") == b"+PONG\r\n"

    def ask(self, command: str) -> bytes:
        """The beginning of the answer to a command on one line; nothing when nobody answers."""
        with (
            suppress(OSError),
            closing(socket.create_connection((self._host, self.port), timeout=5)) as line,
        ):
            line.sendall(command.encode() + b"\r\n")
            return line.recv(65536)
        return b""
