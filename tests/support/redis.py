"""A private Redis on a port of its own, that forgets everything when it ends."""

from __future__ import annotations

import itertools
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Self

from tests.support.certificates import Certificate
from tests.support.sockets import lasting_port
from tests.support.waiting import eventually

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")
MISSING = "redis-server was not found (Debian and Ubuntu: apt install redis-server)"


class Redis:
    """Runs from entering until leaving, but for what `kill` and `start` do between. With a certificate it
    speaks TLS and nothing else.
    """

    def __init__(self, host: str = "127.0.0.1", certificate: Certificate | None = None) -> None:
        self._host = host
        self._certificate = certificate
        self.port = lasting_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count()

    def site(self) -> str:
        """The URL for a site of its own, whose processes hear nothing of another's."""
        place = f"{self._host}:{self.port}/{next(self._numbers)}"
        if self._certificate is None:
            return f"redis://{place}"
        return f"rediss://{place}?ssl_ca_certs={self._certificate.authority}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        assert PROGRAM is not None
        where = f"{self._port()} --bind {self._host} --protected-mode no"
        options = f"{where} --appendonly no --databases 9999".split()
        self._process = subprocess.Popen([PROGRAM, *options, "--save", ""], stdout=subprocess.DEVNULL)
        eventually(self.answers)

    def _port(self) -> str:
        if self._certificate is None:
            return f"--port {self.port}"
        files = f"--tls-cert-file {self._certificate.cert} --tls-key-file {self._certificate.key}"
        return f"--port 0 --tls-port {self.port} --tls-auth-clients no --tls-ca-cert-dir / {files}"

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Inside, it is there and does nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def answers(self) -> bool:
        return self.ask("PING") == b"+PONG\r\n"

    def ask(self, command: str) -> bytes:
        """The beginning of the answer to a command on one line; nothing when nobody answers."""
        with suppress(OSError), closing(self._connect()) as line:
            line.sendall(command.encode() + b"\r\n")
            return line.recv(65536)
        return b""

    def _connect(self) -> socket.socket:
        line = socket.create_connection((self._host, self.port), timeout=5)
        if self._certificate is None:
            return line
        trusted = ssl.create_default_context(cafile=self._certificate.authority)
        return trusted.wrap_socket(line, server_hostname=self._host)
