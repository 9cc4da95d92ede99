"""`porch demo`: something to look at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.people import Guest
from tests.support.server import ROOT, Server, clean_environ


def demo(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "porch.launch", "demo", *options],
        cwd=ROOT,
        env=clean_environ(data=data),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_demo_has_rooms_with_a_past(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    links = [line.rpartition(": ")[2] for line in done.stdout.splitlines()]
    assert len(links) == 3
    with Server(tmp_path) as server:
        guest = Guest.sign_in(server.url)
        for link in links:
            chat = guest.post(f"{link}join")
            messages = guest.after(chat, 0)["messages"]
            assert len(messages) >= 3
            assert len({message["username"] for message in messages}) >= 2
            times = [message["timestamp"] for message in messages]
            assert times == sorted(times)
            assert times[0] < chat["created_at"]


def test_the_demos_people_are_gone_and_their_names_free(tmp_path: Path) -> None:
    demo(tmp_path)
    with Server(tmp_path) as server:
        assert Guest.sign_in(server.url, "Oda").username == "Oda"


def test_a_folder_with_rooms_is_left_alone_unless_asked(tmp_path: Path) -> None:
    demo(tmp_path)
    again = demo(tmp_path)
    assert again.returncode != 0
    assert "--again" in again.stderr
    assert demo(tmp_path, "--again").returncode == 0
