"""A disk of a few megabytes that only its own processes see. It goes with them: nothing stays mounted."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Self

from tests.support.server import ROOT

# `cat` holds the namespace until this test lets go of its input, or ends in whatever way.
MOUNT = 'mount -t tmpfs -o size="$1",mode=700 tmpfs "$2" && echo ready && exec cat'


class SmallDisk:
    """Mounted on `path`, for what is started with `prefix`."""

    def __init__(self, path: Path, size: str = "8m") -> None:
        self.path = path
        self._size = size
        self._is_root = os.geteuid() == 0

    def __enter__(self) -> Self:
        self.path.mkdir()
        as_root = [] if self._is_root else ["--map-root-user"]
        self._holder = subprocess.Popen(
            ["unshare", "--mount", *as_root, "sh", "-c", MOUNT, "sh", self._size, self.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._holder.stdout is not None
        answer = self._holder.stdout.readline()
        if answer != "ready\n":
            self.__exit__()
            raise OSError(f"no small disk could be mounted: {answer.strip()}")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._holder.stdin.close()
        self._holder.wait(timeout=20)
        self._holder.stdout.close()

    @property
    def prefix(self) -> tuple[str, ...]:
        as_user = () if self._is_root else ("--user", "--preserve-credentials")
        return ("nsenter", "--target", str(self._holder.pid), "--mount", *as_user, f"--wd={ROOT}", "--")

    def fill(self) -> None:
        """Leave no free block."""
        done = self._run("dd", "if=/dev/zero", f"of={self.path}/filler", "bs=4096")
        assert "No space left" in done.stderr, done.stderr

    def make_room(self) -> None:
        assert self._run("rm", f"{self.path}/filler").returncode == 0

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.prefix, *command],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"LC_ALL": "C"},
        )
