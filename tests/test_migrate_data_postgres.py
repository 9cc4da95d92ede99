"""`porch migrate-data` between SQLite and PostgreSQL, in both directions."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from porch.transfer.comparing import differences
from porch.transfer.ends import opened
from tests.conftest import UNLIMITED
from tests.support import postgres
from tests.support.database import rows
from tests.support.fresh import empty_file, fill
from tests.support.people import Guest, Json
from tests.support.programs import porch, said
from tests.support.server import Server

pytestmark = pytest.mark.postgres


@pytest.fixture
def used(tmp_path: Path) -> tuple[Path, Guest, Json]:
    """The data folder of a site on PostgreSQL, somebody there, and a room that they have talked in."""
    with Server(tmp_path / "used", **UNLIMITED) as server:
        ann, bob = Guest(server.url).sign_up(), Guest(server.url).sign_up()
        chat = ann.open_chat("The garden", "listed")
        bob.join(chat)
        for number in range(20):
            (ann, bob)[number % 2].send(chat, f"Line {number} 田中さん")
        bob.delete(f"/chats/{chat['id']}/messages/2")
        ann.send(ann.open_direct(bob), "Between us")
        assert server.stop() == 0
    return tmp_path / "used", ann, chat


def move(source: str, target: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return porch("migrate-data", "--from", source, "--to", target, folder=folder)


def test_there_and_back_again(used: tuple[Path, Guest, Json], tmp_path: Path) -> None:
    data, ann, chat = used
    first, second = postgres.address_of(data), postgres.address_of(tmp_path / "second")
    file = f"sqlite:///{empty_file(tmp_path / 'chat.db')}"
    fill(tmp_path / "second")
    for source, target in ((first, file), (file, second)):
        done = move(source, target, tmp_path)
        assert done.returncode == 0, said(done)
    with opened(first) as one, opened(second) as other:
        assert differences(one, other, lambda number: None) == []
    with Server(tmp_path / "second", **UNLIMITED) as server:
        ann = Guest(server.url).log_in(ann.username)
        assert len(ann.after(chat, 0)["messages"]) == 20
        sent = ann.send(chat, "And on")
        assert sent["seq"] == 22  # after a deletion
        assert sent["id"] > max(id_ for (id_,) in rows(data, "SELECT id FROM message"))


def test_ids_whose_rows_are_gone_are_not_given_again(used: tuple[Path, Guest, Json], tmp_path: Path) -> None:
    data, ann, chat = used
    with postgres.connect(data) as connection:
        (newest,) = connection.execute("SELECT max(id) FROM message").fetchone()
        connection.execute("DELETE FROM message WHERE id = %s", (newest,))
    fill(tmp_path / "second")
    done = move(postgres.address_of(data), postgres.address_of(tmp_path / "second"), tmp_path)
    assert done.returncode == 0, said(done)
    with Server(tmp_path / "second", **UNLIMITED) as server:
        ann = Guest(server.url).log_in(ann.username)
        assert ann.send(chat, "And on")["id"] == newest + 1


def test_a_database_that_a_server_uses_is_left_alone(used: tuple[Path, Guest, Json], tmp_path: Path) -> None:
    data, *_ = used
    file = f"sqlite:///{empty_file(tmp_path / 'chat.db')}"
    with postgres.connect(data):
        done = move(postgres.address_of(data), file, tmp_path)
    assert done.returncode == 1
    assert "Somebody is at the database" in said(done)
