"""Every event of Socket.IO, for each kind of person."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from socketio.exceptions import SocketIOError

from porch.realtime.sockets import RESERVED
from tests.authorization.tables import cells
from tests.support.database import change
from tests.support.people import Guest, Json, Refused, Socket
from tests.support.server import Server
from tests.support.sockets import refusal

# Nobody without a session has a socket: that is tested further down.
EVENTS = cells("""
        guest      member  creator  admin      removed    revoked          gone

enter   not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
leave   ok         ok      ok       ok         ok         unauthenticated  ok
send    not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
edit    not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
delete  not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
react   not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
typing  not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
read    not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
lobby   ok         ok      ok       ok         ok         unauthenticated  ok
""")
# The same on a direct chat.
EVENTS_OF_TWO = cells("""
        opener other blocker    blocked    third      admin      revoked

enter   ok     ok    ok         ok         not_found  not_found  unauthenticated
leave   ok     ok    ok         ok         ok         ok         unauthenticated
send    ok     ok    forbidden  forbidden  not_found  not_found  unauthenticated
edit    ok     ok    forbidden  forbidden  not_found  not_found  unauthenticated
delete  ok     ok    ok         ok         not_found  not_found  unauthenticated
react   ok     ok    forbidden  forbidden  not_found  not_found  unauthenticated
typing  ok     ok    ok         ok         not_found  not_found  unauthenticated
read    ok     ok    ok         ok         not_found  not_found  unauthenticated
""")


def test_every_event_has_a_row(app: Flask) -> None:
    assert set(app.extensions["socketio"].server.handlers["/"]) - set(RESERVED) == set(EVENTS)
    assert set(EVENTS_OF_TWO) == set(EVENTS) - {"lobby"}


def data_of(event: str, chat_id: int, seq: int = 1) -> Json:
    match event:
        case "lobby":
            return {}
        case "send":
            return {"chat_id": chat_id, "content": "Hello", "client_id": str(uuid.uuid4())}
        case "edit":
            return {"chat_id": chat_id, "seq": seq, "content": "Hello again"}
        case "delete" | "read":
            return {"chat_id": chat_id, "seq": seq}
        case "react":
            return {"chat_id": chat_id, "seq": seq, "emoji": "👍", "on": True}
        case _:
            return {"chat_id": chat_id}


def acknowledged(socket: Socket, event: str, data: Json) -> str:
    """`ok`, or the code of the refusal. A server that has noticed by itself that a session is over closes its
    socket, which says the same.
    """
    try:
        socket.call(event, data)
    except Refused as refused:
        return str(refused.code)
    except SocketIOError:
        assert not socket.client.connected
        return "unauthenticated"
    return "ok"


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("person", EVENTS["enter"])
def test_each_person_is_acknowledged_as_the_table_says(
    server: Server, ann: Guest, event: str, person: str
) -> None:
    """`ann` is the creator of the room; whoever loses something loses it while their socket is open."""
    chat = ann.open_chat()
    guest = ann if person == "creator" else Guest.sign_in(server.url)
    author = ann
    if person not in ("guest", "creator", "admin"):
        guest.join(chat)
        author = guest
    seq = author.send(chat, "Hello")["seq"]
    role = partial(change, server.data, 'UPDATE "user" SET role = ? WHERE id = ?')
    with guest.socket() as socket:
        match person:
            case "admin":
                role("admin", guest.user_id)
            case "removed":
                ann.delete(f"/chats/{chat['id']}/members/{guest.user_id}")
            case "revoked":  # behind the server's back, so that the socket stays
                assert change(server.data, "DELETE FROM session WHERE user_id = ?", guest.user_id)
            case "gone":
                ann.delete(f"/chats/{chat['id']}/")
        try:
            code = acknowledged(socket, event, data_of(event, chat["id"], seq))
        finally:
            role("member", guest.user_id)
    assert code == EVENTS[event][person]


@pytest.mark.parametrize("event", EVENTS_OF_TWO)
@pytest.mark.parametrize("person", EVENTS_OF_TWO["enter"])
def test_on_a_direct_chat_each_person_is_acknowledged_as_its_table_says(
    server: Server, ann: Guest, bob: Guest, event: str, person: str
) -> None:
    chat = ann.open_direct(bob)
    places = {one: one.send(chat, "Hello")["seq"] for one in (ann, bob)}
    guest = {"opener": ann, "blocker": ann, "third": None, "admin": None}.get(person, bob)
    guest = guest or Guest.sign_in(server.url)
    with guest.socket() as socket:
        match person:
            case "admin":
                change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", guest.user_id)
            case "blocker" | "blocked":
                ann.block(bob)
            case "revoked":  # behind the server's back, so that the socket stays
                assert change(server.data, "DELETE FROM session WHERE user_id = ?", guest.user_id)
        try:
            code = acknowledged(socket, event, data_of(event, chat["id"], places.get(guest, 1)))
        finally:
            change(server.data, "UPDATE user SET role = 'member' WHERE id = ?", guest.user_id)
    assert code == EVENTS_OF_TWO[event][person]


@pytest.mark.parametrize("event", ["enter", "send", "edit", "delete", "typing", "read"])
def test_by_socket_too_a_foreign_room_looks_like_one_that_is_not_there(
    server: Server, ann: Guest, chat: Json, event: str
) -> None:
    deleted = ann.open_chat()
    ann.send(chat, "Hello")
    ann.delete(f"/chats/{deleted['id']}/")
    errors = []
    with Guest.sign_in(server.url).socket() as socket:
        for chat_id in (chat["id"], deleted["id"], 10**9):
            with pytest.raises(Refused) as refused:
                socket.call(event, data_of(event, chat_id))
            errors.append(refused.value.error)
    assert errors[0] == errors[1] == errors[2]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_nobody_and_an_ended_session_get_no_socket(server: Server, ann: Guest, transport: str) -> None:
    ann.delete("/sessions/current")
    for auth in (None, {"token": ann.token}):
        assert refusal(server.url, auth=auth, transports=[transport])["code"] == "unauthenticated"


def test_a_stranger_who_is_refused_hears_nothing_either(server: Server, ann: Guest, chat: Json) -> None:
    stranger = Guest.sign_in(server.url)
    own = stranger.open_chat()
    with stranger.socket() as socket:
        with pytest.raises(Refused):
            socket.enter(chat)
        socket.enter(own)
        ann.send(chat, "Between us")
        # What is announced later arrives later: the stranger's own room speaks after Ann's.
        socket.send(own, "To myself")
        assert socket.enter(own)["rev"] == 1
        assert "Between us" not in socket.contents()


def test_who_is_no_member_any_more_is_out_at_once(server: Server, bob: Guest, chat: Json) -> None:
    message = f"/chats/{chat['id']}/messages/{bob.send(chat, 'Hello')['seq']}"
    assert change(
        server.data, "DELETE FROM membership WHERE user_id = ? AND chat_id = ?", bob.user_id, chat["id"]
    )
    with bob.socket() as socket:
        calls: list[Callable[[], Json]] = [
            lambda: bob.after(chat, 0),
            lambda: bob.send(chat, "Hello?"),
            lambda: bob.patch(message, {"content": "Hello?"}),
            lambda: bob.delete(message),
            lambda: socket.enter(chat),
            lambda: socket.send(chat, "Hello?"),
            lambda: socket.call("edit", data_of("edit", chat["id"])),
            lambda: socket.call("delete", data_of("delete", chat["id"])),
        ]
        for call in calls:
            with pytest.raises(Refused) as refused:
                call()
            assert refused.value.code == "not_found"
