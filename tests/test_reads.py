"""How far somebody has read: a pointer that moves forwards, on all their devices."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.database import rows
from tests.support.people import Guest, Json, refused
from tests.support.server import Server
from tests.support.waiting import eventually


def by_http(guest: Guest, chat: Json, seq: int) -> object:
    return guest.read(chat, seq)


def by_socket(guest: Guest, chat: Json, seq: int) -> object:
    with guest.socket() as socket:
        return socket.call("read", {"chat_id": chat["id"], "seq": seq})


Door = Callable[[Guest, Json, int], object]
both_doors = pytest.mark.parametrize("door", [by_http, by_socket])


@pytest.fixture
def direct(ann: Guest, bob: Guest) -> Json:
    """A chat into which Ann has written five lines that Bob has not read."""
    chat = ann.open_direct(bob)
    for number in range(1, 6):
        ann.send(chat, f"Line {number}")
    return chat


def pointer(server: Server, guest: Guest, chat: Json) -> int:
    ((seq,),) = rows(
        server.data,
        "SELECT read_seq FROM membership WHERE chat_id = ? AND user_id = ?",
        chat["id"],
        guest.user_id,
    )
    found: int = seq
    return found


@both_doors
def test_the_pointer_moves_forwards_only(server: Server, bob: Guest, direct: Json, door: Door) -> None:
    assert bob.direct(direct)["unread"] == 5
    for seq, is_at in ((2, 2), (1, 2), (0, 2), (2, 2), (5, 5), (3, 5)):
        door(bob, direct, seq)
        assert pointer(server, bob, direct) == is_at
        assert bob.direct(direct)["unread"] == 5 - is_at


def test_what_comes_after_what_was_read_is_unread(ann: Guest, bob: Guest, direct: Json) -> None:
    bob.read(direct, 5)
    ann.send(direct, "Line 6")
    assert bob.direct(direct)["unread"] == 1


def test_in_rooms_too_the_pointer_moves_forwards_only(
    server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    ann.send(chat, "Hello")
    assert (pointer(server, ann, chat), pointer(server, bob, chat)) == (0, 0)
    bob.read(chat, 1)
    bob.read(chat, 0)
    assert (pointer(server, ann, chat), pointer(server, bob, chat)) == (0, 1)


@both_doors
@pytest.mark.parametrize("seq", [-1, 6, 2**63, 10**30])
def test_a_place_that_the_log_has_not_come_to_is_refused_and_named(
    server: Server, bob: Guest, direct: Json, door: Door, seq: int
) -> None:
    error = refused(door, bob, direct, seq)
    assert (error.code, list(error.error["fields"])) == ("invalid", ["seq"])
    assert pointer(server, bob, direct) == 0


@both_doors
def test_only_who_is_in_a_chat_reads_it(ann: Guest, bob: Guest, direct: Json, chat: Json, door: Door) -> None:
    stranger = Guest.sign_in(ann.url)
    errors = [
        refused(door, stranger, {"id": chat_id}, 0).error for chat_id in (direct["id"], chat["id"], 10**9)
    ]
    assert {error["code"] for error in errors} == {"not_found"}
    assert errors[0] == errors[1] == errors[2]


def test_nobody_reads_for_somebody_else(server: Server, ann: Guest, bob: Guest, direct: Json) -> None:
    ann.read(direct, 5)
    assert pointer(server, bob, direct) == 0
    assert bob.direct(direct)["unread"] == 5


@both_doors
def test_ones_other_devices_hear_of_it_and_nobody_else(
    ann: Guest, bob: Guest, direct: Json, door: Door
) -> None:
    with bob.socket() as device, ann.socket() as other:
        other.enter(direct)
        device.enter(direct)
        door(bob, direct, 3)
        eventually(lambda: device.events("read") == [{"chat_id": direct["id"], "seq": 3}])
        eventually(lambda: [row["unread"] for row in device.events("direct")][-1:] == [2])
        door(bob, direct, 2)  # which changes nothing
        door(bob, direct, 4)
        eventually(lambda: [event["seq"] for event in device.events("read")] == [3, 4])
        ann.send(direct, "Later")  # what is told later comes later
        eventually(other.contents)
        assert other.events("read") == []


def test_who_comes_into_a_room_has_nothing_unread_from_before(server: Server, ann: Guest, chat: Json) -> None:
    for _ in range(3):
        ann.send(chat, "Before")
    third = Guest.sign_in(ann.url)
    third.join(chat)
    assert pointer(server, third, chat) == 3


def test_who_comes_back_into_a_room_has_nothing_unread_from_meanwhile(
    server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    bob.delete(f"/chats/{chat['id']}/members/{bob.user_id}")
    ann.send(chat, "Meanwhile")
    bob.join(chat)
    assert pointer(server, bob, chat) == 1
    ann.send(chat, "Now")
    bob.join(chat)  # of somebody who is in already nothing is taken for read
    assert pointer(server, bob, chat) == 1
