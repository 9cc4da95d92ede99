"""Servers as forks of one process that has imported everything: a start of their own costs ten times as much.

What a fork does from there is what `python3 app.py` does. `tests/test_commands.py` starts it the long way.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT = 60.0  # seconds for everything that is imported, under load
LARGEST = 1 << 20  # bytes of a request


class Fork:
    """A running fork, as `subprocess.Popen` would show it; `stdout` is a text file to read from."""

    def __init__(self, parent: Parent, pid: int, output: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout = os.fdopen(output, encoding="utf-8", errors="replace")
        self._parent = parent
        self._handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._handle], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a fork", timeout or 0.0)
            os.close(self._handle)
            self.returncode = os.waitstatus_to_exitcode(self._parent.reap(self.pid))
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Parent:
    """The process that forks; one for each process of the tests."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forking", str(theirs.fileno())],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        theirs.close()
        self._line.settimeout(LIMIT)
        atexit.register(self.stop)

    def start(self, environ: Mapping[str, str], arguments: Sequence[str], *, module: str = "") -> Fork:
        """`python3 app.py ARGUMENTS` with this environment, or `python3 -m MODULE ARGUMENTS`."""
        reading, writing = os.pipe()
        try:
            request = {"environ": dict(environ), "arguments": list(arguments), "module": module}
            socket.send_fds(self._line, [json.dumps(request).encode()], [writing])
        finally:
            os.close(writing)
        return Fork(self, self._answer(), reading)

    def reap(self, pid: int) -> int:
        """The wait status of a fork that has ended."""
        self._line.send(json.dumps({"ended": pid}).encode())
        return self._answer()

    def stop(self) -> None:
        self._line.close()
        self._process.wait(timeout=LIMIT)

    def _answer(self) -> int:
        answer: int = json.loads(self._line.recv(LARGEST))
        return answer


@cache
def parent() -> Parent:
    return Parent()


def _work(line: Any) -> None:
    """Fork for whoever is at the other end, until they hang up. Uses nothing that gevent has patched: that
    would start its loop here already, and share it with all forks.
    """
    close = monkey.get_original("os", "close")
    waitpid = monkey.get_original("os", "waitpid")
    while True:
        content, descriptors, _, _ = socket.recv_fds(line, LARGEST, 1)
        if not content:
            return
        request = json.loads(content)
        if "ended" in request:
            line.send(json.dumps(waitpid(request["ended"], 0)[1]).encode())
            continue
        (output,) = descriptors
        pid = gevent.os.fork_gevent()
        if pid == 0:
            line.close()
            os.dup2(output, 1)
            os.dup2(output, 2)
            close(output)
            os.environ.clear()
            os.environ.update(request["environ"])
            time.tzset()
            sys.argv = ["app.py", *request["arguments"]]
            if request["module"]:
                runpy.run_module(request["module"], run_name="__main__")
            porch.launch.serve()
        close(output)
        line.send(json.dumps(pid).encode())


if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()
    import gc
    import runpy

    import gevent.os

    import porch.app
    import porch.launch
    import porch.server
    from porch.web.assets import ENTRIES, asset
    from tests.support.news import say_when_heard
    from tests.support.quick_passwords import hash_quickly
    from tests.support.quick_routes import compile_routes_now, compile_routes_once
    from tests.support.quick_templates import compile_templates_once

    hash_quickly()
    compile_routes_once()
    compile_routes_now()
    compile_templates_once()
    say_when_heard()
    for entry in ENTRIES:  # joined once for all
        asset(f"joined/{entry}.js")
    gc.collect()
    gc.freeze()  # else each fork looks through all of it, and has it copied for that
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _work(monkey.get_original("socket", "socket")(fileno=int(sys.argv[1])))
