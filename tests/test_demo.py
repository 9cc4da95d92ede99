"""`porch demo`: something to look at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import postgres
from tests.support.fresh import database_of
from tests.support.people import Guest
from tests.support.server import ROOT, Server, clean_environ


def demo(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    if postgres.is_chosen():
        postgres.fill(data)
    return subprocess.run(
        [sys.executable, "-m", "porch.launch", "demo", *options],
        cwd=ROOT,
        env=clean_environ(data=data, **database_of(data)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A folder with the demo in it, and what the command said."""
    data = tmp_path_factory.mktemp("demo")
    done = demo(data)
    assert done.returncode == 0, done.stderr
    return data, done.stdout.splitlines()


def test_the_demo_has_rooms_with_a_past_and_its_peoples_names_are_free(made: tuple[Path, list[str]]) -> None:
    data, told = made
    links = [line.rpartition(": ")[2] for line in told]
    assert len(links) == 3
    with Server(data) as server:
        guest = Guest.sign_in(server.url)
        for link in links:
            chat = guest.post(f"{link}join")
            messages = guest.after(chat, 0)["messages"]
            assert len(messages) >= 3
            assert len({message["username"] for message in messages}) >= 2
            times = [message["timestamp"] for message in messages]
            assert times == sorted(times)
            assert times[0] < chat["created_at"]
            members = guest.get(f"/chats/{chat['id']}/members")["members"]
            assert [one["username"] for one in members] == [guest.username]
        ridge = guest.after(guest.post(f"{links[0]}join"), 0)["messages"]
        assert any(message.get("reply_to") for message in ridge)
        assert any(message.get("reactions") for message in ridge)
        found = guest.get("/search", q="the")["hits"]
        times = [one["message"]["timestamp"] for one in found]
        assert (len(times) > 5, times) == (True, sorted(times, reverse=True))
        assert Guest.sign_in(server.url, "Oda").username == "Oda"


@pytest.mark.long
def test_a_folder_with_rooms_is_left_alone_unless_asked(made: tuple[Path, list[str]]) -> None:
    data, _ = made
    again = demo(data)
    assert again.returncode != 0
    assert "--again" in again.stderr
    assert demo(data, "--again").returncode == 0
