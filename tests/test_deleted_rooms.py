"""Deleting a room: who may, what those in it are told, and that everything is really gone."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from porch.access.actors import actor_for_session
from porch.actions.people.accounts import sign_up
from porch.actions.people.sessions import Browser
from porch.actions.rooms.chats import delete_chat, open_chat
from porch.actions.upkeep.leftovers import PIECE
from porch.engines import Engines
from porch.engines.writing.writer import Writer
from tests.support.database import change, rows, write_messages
from tests.support.people import PASSWORD, Guest, Json, Refused, refused
from tests.support.server import Server
from tests.support.waiting import eventually


@pytest.fixture
def host(server: Server) -> Guest:
    host = Guest(server.url).sign_up()
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", host.user_id)
    return host


def delete(guest: Guest, chat: Json) -> Json:
    return guest.delete(f"/chats/{chat['id']}/")


def count_messages(data: Path, chat: Json) -> int:
    ((count,),) = rows(data, "SELECT count(*) FROM message WHERE chat_id = ?", chat["id"])
    return int(count)


def test_whoever_opened_a_room_deletes_it(ann: Guest, member: Guest) -> None:
    for guest in (ann, member):
        for kind in ("link", "private"):
            chat = guest.open_chat(kind=kind)
            assert guest.raw("DELETE", f"/chats/{chat['id']}/").status_code == 204
            assert chat["id"] not in [row["id"] for row in guest.lobby()]


def test_members_may_not_and_strangers_see_no_room(ann: Guest, bob: Guest, chat: Json) -> None:
    error = refused(delete, bob, chat)
    assert (error.status, error.code) == (403, "forbidden")
    assert refused(delete, Guest.sign_in(ann.url), chat).status == 404
    assert refused(delete, Guest(ann.url), chat).status == 401
    ann.send(chat, "Still here")


def test_the_host_deletes_what_is_listed_and_what_they_are_in(host: Guest, member: Guest) -> None:
    listed, link = member.open_chat(), member.open_chat(kind="link")
    delete(host, listed)
    assert refused(member.after, listed, 0).status == 410
    assert refused(delete, host, link).status == 404
    host.join(link)
    delete(host, link)
    assert refused(member.after, link, 0).status == 410


ROUTES: dict[str, Json | None] = {
    "GET /": None,
    "PATCH /": {"name": "Another"},
    "DELETE /": None,
    "GET /messages?after=0": None,
    "GET /messages?after=0&wait=20": None,
    "GET /messages?before=1": None,
    "POST /messages": {"content": "Hello?", "client_id": str(uuid.UUID(int=1))},
    "PUT /presence": None,
    "GET /presence": None,
    "POST /typing": None,
    "GET /members": None,
    "POST /members": {"username": "Somebody"},
    "DELETE /members/1": None,
    "POST /invitations": None,
}


def test_everything_about_a_deleted_room_is_gone_for_its_members_and_was_never_there_for_others(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    left, put_out, stranger = (Guest.sign_in(ann.url) for _ in range(3))
    for guest in (left, put_out):
        guest.join(chat)
    left.delete(f"/chats/{chat['id']}/members/{left.user_id}")
    ann.delete(f"/chats/{chat['id']}/members/{put_out.user_id}")
    delete(ann, chat)

    def answer(guest: Guest, route: str) -> tuple[int, str]:
        method, path = route.split(" ")
        response = guest.raw(method, f"/chats/{chat['id']}{path}", json=ROUTES[route])
        return response.status_code, response.json()["error"]["code"]

    for route in ROUTES:
        for guest in (ann, bob):
            assert answer(guest, route) == (410, "room_deleted"), route
        for guest in (left, put_out, stranger):
            assert answer(guest, route) == (404, "not_found"), route
    assert refused(bob.join, chat).status == 410
    for guest in (left, put_out, stranger):
        assert refused(guest.join, chat).status == 404
    own = {"chat_id": chat["id"]}
    events: dict[str, Json] = {
        "enter": own,
        "send": own | {"content": "Hello?", "client_id": str(uuid.uuid4())},
        "typing": own,
    }
    for guest, code in ((bob, "room_deleted"), (stranger, "not_found")):
        with guest.socket() as socket:
            for event, data in events.items():
                assert refused(socket.call, event, data).code == code, event
            assert socket.call("leave", own) == {"ok": True}


def test_those_in_the_room_are_told_at_once(ann: Guest, bob: Guest, chat: Json) -> None:
    third = Guest.sign_in(ann.url)
    third.join(chat)
    with bob.socket() as socket, ThreadPoolExecutor() as pool:
        socket.enter(chat)
        polling = pool.submit(third.after, chat, 0, wait=20)
        third.after(chat, 0, wait=1)
        delete(ann, chat)
        with pytest.raises(Refused) as gone:
            polling.result(timeout=15)
        assert (gone.value.status, gone.value.code) == (410, "room_deleted")
        eventually(lambda: socket.events("room_deleted") == [{"chat_id": chat["id"]}])
        assert socket.client.connected
        other = bob.open_chat()
        socket.enter(other)  # nobody is kept in a room that is gone
        assert socket.events("moved") == []


def test_a_deleted_room_is_not_where_somebody_is_said_to_have_gone(
    bob: Guest, ann: Guest, chat: Json
) -> None:
    bob.enter(chat)
    delete(ann, chat)
    other = bob.open_chat()
    bob.enter(other)
    assert refused(bob.after, chat, 0).status == 410


def test_all_that_was_written_is_gone_from_the_database_and_nothing_else(
    server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    other = ann.open_chat()
    write_messages(server.data, chat["id"], ann.user_id, ann.username, 2 * PIECE + 100)
    write_messages(server.data, other["id"], ann.user_id, ann.username, 3)
    bob.send(chat, "The last word")
    delete(ann, chat)
    assert count_messages(server.data, chat) == 0
    assert count_messages(server.data, other) == 3


class Counting:
    """A writer that counts how many messages are left after each write."""

    def __init__(self, writer: Writer, data: Path) -> None:
        self.writer = writer
        self.data = data
        self.left: list[int] = []

    def write(self, run: Callable[..., Any], **options: Any) -> Any:
        result = self.writer.write(run, **options)
        self.left.append(rows(self.data, "SELECT count(*) FROM message")[0][0])
        return result


def test_messages_are_deleted_in_pieces_so_that_other_writes_come_between(
    engines: Engines, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    session = sign_up(engines, "Ada", PASSWORD, Browser(address=""))
    actor = actor_for_session(engines.settings, session.session_id)
    chat = open_chat(engines, actor, name="A room", address="")
    write_messages(data, chat.id, actor.user_id, "Ada", 2 * PIECE + 100)
    counting = Counting(engines.writer, data)
    delete_chat(replace(engines, writer=cast(Writer, counting)), actor, chat.id)
    assert counting.left == [2 * PIECE + 100, PIECE + 100, 100, 0]


def test_of_two_who_delete_a_room_at_once_one_does_it(host: Guest, member: Guest) -> None:
    for _ in range(3):
        chat, together = member.open_chat(), threading.Barrier(2)
        host.join(chat)

        def ask(guest: Guest, chat: Json = chat, together: threading.Barrier = together) -> int:
            together.wait(timeout=20)
            return guest.raw("DELETE", f"/chats/{chat['id']}/").status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(ask, [host, member])) == [204, 410]


def test_what_is_sent_while_a_room_is_deleted_is_stored_and_deleted_or_refused(
    server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    started = threading.Barrier(3)

    def send(guest: Guest) -> set[int]:
        started.wait(timeout=20)
        answers: set[int] = set()
        for number in range(200):
            body = {"content": f"Line {number}", "client_id": str(uuid.uuid4())}
            answers.add(guest.raw("POST", f"/chats/{chat['id']}/messages", json=body).status_code)
            if 410 in answers:
                break
        return answers

    with ThreadPoolExecutor(2) as pool:
        sending = [pool.submit(send, guest) for guest in (bob, ann)]
        started.wait(timeout=20)
        delete(ann, chat)
        for sent in sending:
            assert 410 in sent.result() <= {201, 410}
    assert count_messages(server.data, chat) == 0
