"""`porch migrate-data`: the copy has all of it, goes on after a kill, and touches nothing that is in use."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from porch.config import settings_from
from porch.extensions import db
from porch.transfer import copying
from porch.transfer.tables import INDEX
from tests.conftest import UNLIMITED, an_app
from tests.support.database import change, rows, write_messages
from tests.support.fresh import fill
from tests.support.people import PASSWORD, Guest, a_name
from tests.support.programs import porch, said
from tests.support.server import ROOT, Server, clean_environ
from tests.support.waiting import eventually

pytestmark = pytest.mark.sqlite("from a file of SQLite; tests/test_migrate_data_postgres.py has the other")

WORDS = "Said so that it can be found"


class Person:
    """Somebody who talks to an application in this process."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        body = {"username": a_name("Mover"), "password": PASSWORD}
        self.headers: dict[str, str] = {}
        session = self.call("POST", "/users", body)
        self.name = session["username"]
        self.headers = {"Authorization": f"Bearer {session['token']}"}

    def call(self, method: str, path: str, body: object = None) -> Any:
        answer = self.client.open(path, method=method, json=body, headers=self.headers)
        assert answer.status_code < 400, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def say(self, chat: dict[str, Any], content: str) -> Any:
        return self.call(
            "POST", f"/chats/{chat['id']}/messages", {"content": content, "client_id": str(uuid.uuid4())}
        )


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a site that people have used."""
    folder = tmp_path_factory.mktemp("used")
    chosen = UNLIMITED | {"data": str(folder / "data"), "site": str(folder / "site")}
    settings = settings_from({f"PORCH_{name.upper()}": value for name, value in chosen.items()})
    with an_app(settings) as app:
        client = app.test_client(use_cookies=False)
        ann, bob = Person(client), Person(client)
        room = ann.call("POST", "/chats", {"name": "The garden", "kind": "listed"})
        bob.call("POST", f"/chatrooms/{room['hash_key']}/join")
        for number in range(30):
            (ann, bob)[number % 2].say(room, f"{WORDS}, {number}. 田中さん")
        messages = f"/chats/{room['id']}/messages"
        bob.call("PUT", f"{messages}/2/reactions/%F0%9F%91%8D")
        ann.call("PUT", f"{messages}/3/pin")
        ann.call("PATCH", f"{messages}/1", {"content": "Said otherwise"})
        bob.call("DELETE", f"{messages}/4")
        direct = ann.call("POST", "/directs", {"username": bob.name})
        ann.say(direct, f"Only for @{bob.name}")
        gone = ann.call("POST", "/chats", {"name": "Soon gone", "kind": "link"})
        ann.say(gone, "The newest, and gone with its room")
        app.extensions["porch_engines"].writer.stop()
        with app.app_context():
            db.engine.dispose()
    with closing(sqlite3.connect(folder / "data" / "chat.db")) as database, database:
        database.execute("PRAGMA foreign_keys=ON")
        assert database.execute("DELETE FROM chat WHERE id = ?", (gone["id"],)).rowcount == 1
    return folder / "data"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A data folder with an empty database."""
    fill(tmp_path / "target")
    return tmp_path / "target"


def url(data: Path) -> str:
    return f"sqlite:///{data / 'chat.db'}"


def move(source: Path, target: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return porch("migrate-data", "--from", url(source), "--to", url(target), folder=folder)


def content(data: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, but for what the search index knows."""
    names = rows(data, "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
    left_out = INDEX | {"sqlite_stat1"}
    return {
        name: sorted(rows(data, f'SELECT * FROM "{name}"'), key=repr)
        for (name,) in names
        if name not in left_out and not name.startswith("search_text")
    }


def test_the_copy_has_all_that_there_was(used: Path, target: Path, tmp_path: Path) -> None:
    done = move(used, target, tmp_path)
    assert done.returncode == 0, said(done)
    found = content(target)
    assert found == content(used)
    assert {name for name, there in found.items() if there} >= {
        "user",
        "chat",
        "message",
        "reaction",
        "direct",
    }
    assert not any("data_migration" in name for name in found)


def test_ids_go_on_after_those_that_were_given_even_if_their_rows_are_gone(
    used: Path, target: Path, tmp_path: Path
) -> None:
    assert move(used, target, tmp_path).returncode == 0
    ((given,),) = rows(used, "SELECT seq FROM sqlite_sequence WHERE name = 'message'")
    ((newest,),) = rows(target, "SELECT max(id) FROM message")
    assert given > newest
    assert rows(target, "SELECT seq FROM sqlite_sequence WHERE name = 'message'") == [(given,)]


def test_the_server_goes_on_with_the_copy(used: Path, target: Path, tmp_path: Path) -> None:
    assert move(used, target, tmp_path).returncode == 0
    ((name,),) = rows(used, "SELECT username FROM user ORDER BY id LIMIT 1")
    with Server(target, **UNLIMITED) as server:
        ann = Guest(server.url).log_in(name)
        (room,) = ann.lobby()
        assert len(ann.after(room, 0)["messages"]) == 30
        assert ann.send(room, "And on")["seq"] == room["rev"] + 1


class Killed(BaseException):
    """The end of the process, as far as the databases can tell."""


@pytest.fixture
def kill_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the command end after so many batches, small ones."""
    monkeypatch.setattr(copying, "BATCH", 7)
    rest_of = copying.Copy.rest_of

    def after(batches: int) -> None:
        left = [batches]

        def counting(self: copying.Copy, table: Any) -> Iterator[int]:
            for number in rest_of(self, table):
                if left[0] == 0:
                    raise Killed
                left[0] -= 1
                yield number

        monkeypatch.setattr(copying.Copy, "rest_of", counting)

    return after


@pytest.mark.parametrize("batches", [0, 1, 4])
def test_what_was_stopped_goes_on_where_it_was(
    used: Path,
    target: Path,
    tmp_path: Path,
    kill_after: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    batches: int,
) -> None:
    kill_after(batches)
    with pytest.raises(Killed):
        move(used, target, tmp_path)
    begun = sum(len(there) for name, there in content(target).items() if name != "data_migration")
    assert begun > 0
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "data").symlink_to(target)
    refused = said(porch("initdb", folder=tmp_path / "host"))
    assert "has not come to its end" in refused, "a part of a site would be served as all of it"
    kill_after(10**9)
    done = move(used, target, tmp_path)
    assert done.returncode == 0, said(done)
    assert content(target) == content(used)


def test_a_copy_of_something_else_is_not_gone_on_with(
    used: Path, target: Path, tmp_path: Path, kill_after: Callable[[int], None]
) -> None:
    kill_after(2)
    with pytest.raises(Killed):
        move(used, target, tmp_path)
    fill(tmp_path / "other")
    done = move(tmp_path / "other", target, tmp_path)
    assert done.returncode == 1
    assert f"A copy of {url(used)} was begun there" in said(done)


def test_a_row_that_changed_meanwhile_is_found(
    used: Path, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest_of = copying.Copy.rest_of

    def spoil(self: copying.Copy, table: Any) -> Iterator[int]:
        yield from rest_of(self, table)
        if table.name == "message":
            self._target.exec_driver_sql("UPDATE message SET content = content || '!' WHERE id = 7")
            self._target.commit()

    monkeypatch.setattr(copying.Copy, "rest_of", spoil)
    done = move(used, target, tmp_path)
    assert done.returncode == 1
    ((room,),) = rows(used, "SELECT chat_id FROM message WHERE id = 7")
    assert f"room {room}: 30 and 30 rows" in said(done)


def test_a_target_with_something_in_it_is_left_alone(used: Path, target: Path, tmp_path: Path) -> None:
    change(target, "INSERT INTO user (username, guest, created_at) VALUES ('Zoe', 1, '2026-01-01 00:00:00')")
    before = content(target)
    done = move(used, target, tmp_path)
    assert done.returncode == 1
    assert "is not empty: there is something in user" in said(done)
    assert content(target) == before
    assert move(used, used, tmp_path).returncode == 1


def test_a_database_of_another_version_is_refused(used: Path, target: Path, tmp_path: Path) -> None:
    change(target, "UPDATE alembic_version SET version_num = '0001'")
    assert "is at migration 0001" in said(move(used, target, tmp_path))
    change(target, "DROP TABLE alembic_version")
    assert "has no tables" in said(move(used, target, tmp_path))


def test_a_database_that_somebody_is_at_is_left_alone(used: Path, target: Path, tmp_path: Path) -> None:
    for busy in (used, target):
        with closing(sqlite3.connect(busy / "chat.db")) as other:
            other.execute("SELECT count(*) FROM user").fetchall()
            done = move(used, target, tmp_path)
        assert done.returncode == 1
        assert f"Somebody is at the database {url(busy)}" in said(done)


@pytest.mark.parametrize(
    "wrong", ["chat.db", "mysql://host/porch", "sqlite:////no/such/chat.db", "sqlite://"]
)
def test_what_is_no_database_is_refused_and_not_made(wrong: str, target: Path, tmp_path: Path) -> None:
    done = porch("migrate-data", "--from", wrong, "--to", url(target), folder=tmp_path)
    assert done.returncode == 1
    assert said(done).startswith("Error: ")
    assert not Path("/no/such").exists()


def _ends_or_reaches(process: subprocess.Popen[bytes], file: Path, size: int) -> bool:
    return process.poll() is not None or file.stat().st_size > size


@pytest.mark.long
def test_a_process_that_is_killed_is_followed_by_one_that_goes_on(
    used: Path, target: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    with (
        closing(sqlite3.connect(used / "chat.db")) as there,
        closing(sqlite3.connect(source / "chat.db")) as here,
    ):
        there.backup(here)
    ((chat, user, name),) = rows(source, "SELECT chat_id, user_id, username FROM message WHERE id = 1")
    write_messages(source, chat, user, name, 50_000)
    command = [
        sys.executable,
        "-m",
        "porch.launch",
        "migrate-data",
        "--from",
        url(source),
        "--to",
        url(target),
    ]
    file, kills = target / "chat.db", 0
    while True:
        process = subprocess.Popen(command, cwd=ROOT, env=clean_environ(data=tmp_path / "own"))
        enough = file.stat().st_size + 4_000_000
        eventually(partial(_ends_or_reaches, process, file, enough), within=120)
        if process.poll() is not None:
            break
        process.kill()
        process.wait()
        kills += 1
    assert process.returncode == 0
    assert kills > 1
    assert content(target) == content(source)
