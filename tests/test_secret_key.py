"""The secret key: made once, kept, and readable by nobody else."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from porch.secret_key import kept_secret, secret_key
from tests.support.server import ROOT

PROCESSES = 8
FOLDERS = 40

RACE = """
import sys
from pathlib import Path
from porch.secret_key import secret_key

print("ready", flush=True)
sys.stdin.readline()
for folder in sys.argv[1:]:
    print(secret_key(Path(folder)).hex(), flush=True)
"""


def test_the_first_start_makes_a_long_secret(tmp_path: Path) -> None:
    assert len(secret_key(tmp_path)) == 32


def test_the_secret_is_kept(tmp_path: Path) -> None:
    assert secret_key(tmp_path) == secret_key(tmp_path)


def test_each_folder_has_a_secret_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    assert secret_key(tmp_path / "one") != secret_key(tmp_path / "other")


def test_only_the_owner_can_read_the_secret(tmp_path: Path) -> None:
    secret_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    secret_key(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_what_an_interrupted_start_left_is_not_the_secret(tmp_path: Path) -> None:
    interrupted = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)], cwd=ROOT, timeout=60, check=False
    )
    assert interrupted.returncode == 9
    assert len(secret_key(tmp_path)) == 32


INTERRUPTED = """
import os, sys
from pathlib import Path
from porch import secret_key

secret_key.os.fsync = lambda number: os._exit(9)
secret_key.secret_key(Path(sys.argv[1]))
"""


def test_containers_whose_processes_have_one_number_agree(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    other: list[bytes] = []

    def make() -> bytes:
        other.append(kept_secret(path, lambda: b"of the other"))  # which starts at this very moment
        return b"of this one"

    assert [kept_secret(path, make)] == other == [path.read_bytes()]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(FOLDERS)]
    for folder in folders:
        folder.mkdir()
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, *map(str, folders)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = [racer.communicate(timeout=60)[0].splitlines() for racer in racers]
    kept = [(folder / "secret_key").read_bytes().hex() for folder in folders]
    assert answers == [kept] * PROCESSES
