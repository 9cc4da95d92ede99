"""Servers and generators as processes of their own, each on its core, and what the kernel says they took."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CORES = sorted(os.sched_getaffinity(0))
SERVERS, GENERATORS = CORES[0], CORES[-1]
PAGE = os.sysconf("SC_PAGE_SIZE")
SETTLING = 60  # seconds at most until a server is at rest
QUIET = 0.08  # seconds of CPU time that one takes in a second of rest


class Process:
    """A program on one core; killed on leaving, when it is still there.

    With `first`, none but those of the machine's own go before it.
    """

    first: ClassVar[bool] = False

    def __init__(
        self, command: Sequence[str], core: int, *, environ: Mapping[str, str] | None = None, **pipes: Any
    ) -> None:
        self._process = subprocess.Popen(
            command,
            env=os.environ | dict(environ or {}),
            stdout=subprocess.PIPE,
            text=True,
            # Nothing of this program runs between fork and exec but this.
            preexec_fn=lambda: self._place(core),  # noqa: PLW1509
            **pipes,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):  # what it has not read before it ended
                if pipe is not None:
                    pipe.close()

    def _place(self, core: int) -> None:
        os.sched_setaffinity(0, {core})
        if self.first:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))

    def line(self) -> str:
        """The next line of its output. Raises RuntimeError when it has ended."""
        assert self._process.stdout is not None
        line: str = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} has ended")
        return line


@dataclass
class Spent:
    """CPU time, once it is known."""

    seconds: float = 0.0


class Server(Process):
    """Says where it runs in a line of its output, unless `port` is known."""

    def __init__(
        self, command: Sequence[str], *, environ: Mapping[str, str] | None = None, port: int = 0
    ) -> None:
        super().__init__(command, SERVERS, environ=environ)
        self.port = port
        while not self.port:
            if match := re.search(r"http://127\.0\.0\.1:(\d+)", self.line()):
                self.port = int(match[1])

    @contextmanager
    def spending(self) -> Iterator[Spent]:
        """How much CPU time it takes for what is done inside. Who goes first lets others have as long."""
        spent, begun, before = Spent(), time.monotonic(), self._cpu()
        yield spent
        spent.seconds = self._cpu() - before
        if self.first:
            time.sleep(time.monotonic() - begun)

    def settle(self) -> None:
        """Wait until it has nothing more to do, as with connections that were closed; not for ever."""
        for _ in range(SETTLING):
            before = self._cpu()
            time.sleep(1)
            if self._cpu() - before < QUIET:
                return

    def _cpu(self) -> float:
        """Seconds of CPU time of all its threads, and of its children's."""
        return sum(
            int(Path(f"{thread}/schedstat").read_text().split()[0]) / 1e9
            for pid in self._pids()
            for thread in Path(f"/proc/{pid}/task").iterdir()
        )

    def memory(self) -> int:
        """Bytes that are resident."""
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE for pid in self._pids())

    def _pids(self) -> list[int]:
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]


class Generator(Process):
    """bench/fan/generator.py with a plan carried out; `share` is what it has used of its core."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        super().__init__(
            [sys.executable, "-m", "bench.fan.generator"], GENERATORS, cwd=ROOT, stdin=subprocess.PIPE
        )
        self._wall = self._used = 0.0
        self._order({"library": _library(), **plan})
        self._wall = self._used = 0.0  # while connections are made nothing is measured that it could hold up

    @property
    def share(self) -> float:
        return self._used / self._wall

    def run(self, **how: object) -> None:
        self._order({"do": "run"} | how)

    def poll(self, **how: object) -> None:
        self._order({"do": "poll"} | how)

    def rest(self, *, seconds: float) -> None:
        self._order({"do": "rest", "seconds": seconds})

    def _order(self, what: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended; its last line says why
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
        answer = json.loads(self.line())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        self._wall += answer["wall"]
        self._used += answer["cpu"]


@cache
def _library() -> str:
    """counting.c, compiled; "" without a compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return ""
    folder = tempfile.mkdtemp(prefix="porch-bench-")
    atexit.register(shutil.rmtree, folder)
    library = f"{folder}/counting.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", library, str(HERE / "counting.c")]
    subprocess.run(command, check=True)
    return library
