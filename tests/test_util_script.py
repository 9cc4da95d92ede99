"""`scripts/util.py`: inserting test messages and deleting all messages, beside a running server."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click import ClickException

from porch import names
from porch.cli.guests import guests, unlimited
from porch.engines import Engines
from tests.support.database import rows
from tests.support.people import Guest, Json, Refused
from tests.support.programs import said, util, util_here
from tests.support.server import Server
from tests.support.waiting import eventually

WAKING = 15.0  # seconds in which a poll that waits for longer must have noticed


def count_messages(data: Path) -> int:
    ((count,),) = rows(data, "SELECT count(*) FROM message")
    return int(count)


def test_left_alone_it_inserts_20_messages_from_3_people_into_a_new_room(tmp_path: Path) -> None:
    done = util(tmp_path, "insert")
    assert done.returncode == 0, said(done)
    assert "Inserted 20 messages from 3 people" in done.stdout
    (link,) = re.findall(r"/chatrooms/[\w-]{22}/", done.stdout)
    messages = rows(tmp_path, "SELECT seq, username, content FROM message ORDER BY seq")
    assert [seq for seq, _, _ in messages] == list(range(1, 21))
    assert len({name for _, name, _ in messages}) == 3
    assert len({content for _, _, content in messages}) == 20
    assert rows(tmp_path, "SELECT hash_key FROM chat") == [(link.split("/")[2],)]


def test_the_link_that_it_prints_leads_to_the_messages(server: Server, ann: Guest) -> None:
    done = util_here(server.data, "insert", "--messages", "3", "--people", "2")
    (hash_key,) = re.findall(r"/chatrooms/([\w-]{22})/", done.stdout)
    room = ann.join({"hash_key": hash_key})
    messages = ann.after(room, 0)["messages"]
    assert len(messages) == 3
    assert len({m["user_id"] for m in messages}) == 2


def test_it_may_be_used_twice_and_the_names_are_free_again(tmp_path: Path) -> None:
    for _ in range(2):
        done = util_here(tmp_path, "insert", "--messages", "4", "--people", "4")
        assert done.returncode == 0, said(done)
    names = rows(tmp_path, "SELECT username FROM message ORDER BY id")
    assert names[:4] == names[4:]


@pytest.mark.parametrize(
    "naming",
    [
        lambda url, chat: url + chat["url"],
        lambda url, chat: chat["url"],
        lambda url, chat: chat["hash_key"],
        lambda url, chat: str(chat["id"]),
    ],
    ids=["link", "path", "hash key", "id"],
)
def test_a_room_can_be_named_in_each_way(
    server: Server, bob: Guest, chat: Json, naming: Callable[[str, Json], str]
) -> None:
    room = naming(server.url, chat)
    done = util_here(server.data, "insert", "--messages", "7", "--people", "2", "--room", room)
    assert done.returncode == 0, said(done)
    assert bob.after(chat, 0)["head"] == 7


def test_a_running_server_tells_sockets_and_polls_of_what_was_inserted(
    server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    with bob.socket() as socket, ThreadPoolExecutor() as pool:
        socket.enter(chat)
        waiting = pool.submit(ann.after, chat, 0, wait=30)
        util_here(server.data, "insert", "--messages", "2", "--room", chat["hash_key"])
        assert waiting.result(timeout=WAKING)["messages"]
        eventually(lambda: ("head", {"chat_id": chat["id"], "rev": 2}) in socket.heard)
        assert len(bob.after(chat, 0)["messages"]) == 2


def test_a_running_server_tells_sockets_and_polls_of_what_was_deleted(
    server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    ann.send(chat, "Soon gone")
    with bob.socket() as socket, ThreadPoolExecutor() as pool:
        socket.enter(chat, 1)
        waiting = pool.submit(ann.after, chat, 1, wait=30)
        done = util_here(server.data, "delete", "--room", chat["hash_key"], "--yes")
        assert "Deleted 1 messages in A room." in done.stdout
        assert waiting.result(timeout=WAKING)["chat"]["reset_rev"] == 2
        eventually(lambda: ("head", {"chat_id": chat["id"], "rev": 2}) in socket.heard)
        assert socket.enter(chat, 1)["chat"]["reset_rev"] == 2


def test_deleting_one_room_leaves_the_others(server: Server, ann: Guest, chat: Json) -> None:
    other = ann.open_chat()
    ann.send(chat, "Soon gone")
    ann.send(other, "Here to stay")
    util_here(server.data, "delete", "--room", chat["hash_key"], "--yes")
    assert ann.after(chat, 0)["messages"] == []
    assert [m["content"] for m in ann.after(other, 0)["messages"]] == ["Here to stay"]


def test_deleting_without_a_room_deletes_of_every_room_and_keeps_the_rooms(tmp_path: Path) -> None:
    util_here(tmp_path, "insert", "--messages", "3")
    util_here(tmp_path, "insert", "--messages", "4")
    done = util_here(tmp_path, "delete", "--yes")
    assert done.returncode == 0, said(done)
    assert "Deleted 7 messages" in done.stdout
    assert count_messages(tmp_path) == 0
    assert rows(tmp_path, "SELECT rev, reset_rev FROM chat ORDER BY id") == [(4, 4), (5, 5)]


@pytest.mark.parametrize(("answer", "left"), [("n\n", 3), ("", 3), ("y\n", 0)])
def test_deleting_asks_first(tmp_path: Path, answer: str, left: int) -> None:
    util_here(tmp_path, "insert", "--messages", "3")
    done = util_here(tmp_path, "delete", typed=answer)
    assert "Delete 3 messages in every room?" in said(done)
    assert (done.returncode == 0) is (left == 0)
    assert count_messages(tmp_path) == left


@pytest.mark.parametrize(
    ("room", "command"),
    [
        ("/chatrooms/AAAAAAAAAAAAAAAAAAAAAA/", ("insert",)),
        ("9" * 30, ("insert",)),
        ("999999", ("delete", "--yes")),
    ],
)
def test_a_room_that_is_not_there_is_a_clear_error(filled: Path, command: tuple[str, ...], room: str) -> None:
    before = count_messages(filled)
    done = util_here(filled, *command, f"--room={room}")
    assert done.returncode != 0
    assert f"There is no room {room}" in done.stderr
    assert "Traceback" not in said(done)
    assert count_messages(filled) == before


def test_a_room_that_takes_nothing_from_strangers_is_a_clear_error(
    server: Server, ann: Guest, bob: Guest
) -> None:
    closed, slow = ann.open_chat("The closed one"), ann.open_chat("The slow one")
    ann.patch(f"/chats/{closed['id']}/", {"closed": True})
    ann.patch(f"/chats/{slow['id']}/", {"slow_mode": 60})
    for chat in (ann.open_direct(bob), closed, slow):
        done = util_here(server.data, "insert", "--people=1", "--messages=2", f"--room={chat['id']}")
        assert done.returncode == 1
        assert done.stderr.startswith("Error: ")
        Guest.sign_in(server.url, "Ada").delete("/sessions/current")  # the name is free again


def test_where_one_of_its_people_finds_no_name_none_stays_behind(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = unlimited(engines)
    monkeypatch.setattr(names, "alternatives", lambda _: ())
    with guests(free, ["Ada"]):
        with pytest.raises(ClickException), guests(free, ["Bela", "Ada"]):
            pass
        with guests(free, ["Bela"]) as (bela,):
            assert bela.username == "Bela"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a room of three messages, for what changes nothing."""
    folder = tmp_path_factory.mktemp("filled")
    util_here(folder, "insert", "--messages", "3")
    return folder


@pytest.mark.parametrize(
    "options",
    [
        ("--messages", "0"),
        ("--messages", "100001"),
        ("--people", "0"),
    ],
    ids=" ".join,
)
def test_a_count_out_of_bounds_is_refused_and_named(filled: Path, options: tuple[str, str]) -> None:
    done = util_here(filled, "insert", *options)
    assert done.returncode != 0
    assert options[0] in done.stderr
    assert "Traceback" not in said(done)
    assert count_messages(filled) == 3


def test_the_people_it_made_up_cannot_be_spoken_for(server: Server, ann: Guest, chat: Json) -> None:
    util_here(server.data, "insert", "--messages", "1", "--people", "1", "--room", chat["hash_key"])
    (message,) = ann.after(chat, 0)["messages"]
    newcomer = Guest.sign_in(server.url, message["username"])
    assert newcomer.user_id != message["user_id"]
    with pytest.raises(Refused):
        newcomer.after(chat, 0)
    newcomer.delete("/sessions/current")
