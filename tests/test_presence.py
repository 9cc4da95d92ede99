"""Presence: who is in a room, one room at a time, and who is writing there; through both doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.support.people import Guest, Json, Refused, Socket, a_name, refused
from tests.support.server import Server
from tests.support.sockets import hang_up
from tests.support.waiting import eventually


class Visitor:
    """Somebody who enters and leaves rooms through one of the doors."""

    def __init__(self, guest: Guest, socket: Socket | None) -> None:
        self.guest = guest
        self.socket = socket

    def enter(self, chat: Json) -> None:
        if self.socket:
            self.socket.enter(chat)
        else:
            self.guest.enter(chat)

    def leave(self, chat: Json) -> None:
        if self.socket:
            self.socket.call("leave", {"chat_id": chat["id"]})
        else:
            self.guest.leave(chat)

    def type(self, chat: Json) -> None:
        if self.socket:
            self.socket.call("typing", {"chat_id": chat["id"]})
        else:
            self.guest.post(f"/chats/{chat['id']}/typing")


Through = Callable[[Guest], Visitor]


@pytest.fixture
def listen() -> Iterator[Callable[[Guest], Socket]]:
    """Open sockets that are closed with the test."""
    with ExitStack() as stack:
        yield lambda guest: stack.enter_context(guest.socket())


@pytest.fixture(params=["http", "socket"])
def through(request: pytest.FixtureRequest, listen: Callable[[Guest], Socket]) -> Through:
    """`through(guest)` comes and goes through one of the doors."""
    return lambda guest: Visitor(guest, listen(guest) if request.param == "socket" else None)


def names(here: Json) -> list[str]:
    return sorted(person["username"] for person in here["present"])


def last_told(socket: Socket) -> Json:
    """Who is in the room, by the newest event."""
    return socket.events("presence")[-1] if socket.events("presence") else {"present": [], "count": 0}


def moved_to(guest: Guest, chat: Json) -> Json:
    """Where a session that was left behind is told to look, the same on every read of the room."""
    path = f"/chats/{chat['id']}"
    errors = [
        refused(guest.get, f"{path}/"),
        refused(guest.after, chat, 0),
        refused(guest.after, chat, 0, wait=20),
        refused(guest.before, chat, 1),
        refused(guest.present, chat),
    ]
    assert {(error.status, error.code) for error in errors} == {(409, "moved")}
    assert all(error.error == errors[0].error for error in errors)
    to: Json = errors[0].error["to"]
    return to


def place(chat: Json) -> Json:
    return {"id": chat["id"], "name": chat["name"], "url": chat["url"]}


def test_a_room_knows_who_enters_and_leaves(
    through: Through, listen: Callable[[Guest], Socket], ann: Guest, bob: Guest, chat: Json
) -> None:
    watcher, visitor = listen(ann), through(bob)
    watcher.enter(chat)
    visitor.enter(chat)
    here = ann.present(chat)
    assert names(here) == sorted([ann.username, bob.username])
    assert (here["count"], here["typing"]) == (2, [])
    told = {"chat_id": chat["id"], "present": here["present"], "count": 2}
    eventually(lambda: told in watcher.events("presence"))
    visitor.leave(chat)
    visitor.leave(chat)
    eventually(lambda: last_told(watcher)["count"] == 1)
    assert names(ann.present(chat)) == [ann.username]
    assert bob.after(chat, 0)["head"] == 0  # who has left is still a member


def test_entering_by_polling_answers_who_is_there(ann: Guest, bob: Guest, chat: Json) -> None:
    ann.enter(chat)
    assert names(bob.enter(chat)) == sorted([ann.username, bob.username])


def test_asking_who_is_there_is_not_being_there(ann: Guest, chat: Json) -> None:
    assert ann.present(chat).items() >= {"present": [], "count": 0, "typing": []}.items()
    ann.after(chat, 0)
    assert ann.present(chat)["count"] == 0


def test_whoever_enters_another_room_is_moved_there(
    through: Through, ann: Guest, bob: Guest, chat: Json
) -> None:
    visitor, other = through(bob), bob.open_chat("Next door")
    visitor.enter(chat)
    visitor.enter(other)
    assert names(ann.present(chat)) == []
    assert names(bob.present(other)) == [bob.username]
    assert moved_to(bob, chat) == place(other)
    visitor.enter(chat)
    assert bob.after(chat, 0)["head"] == 0
    assert moved_to(bob, other) == place(chat)


def test_a_person_is_moved_in_all_their_browsers(
    through: Through, listen: Callable[[Guest], Socket], member: Guest
) -> None:
    here, there = member.open_chat("Here"), member.open_chat("There")
    elsewhere = member.again()
    left, visitor = through(member), through(elsewhere)
    left.enter(here)
    visitor.enter(there)
    assert moved_to(member, here) == place(there)
    assert elsewhere.after(here, 0)["head"] == 0  # that browser was not in there
    assert names(elsewhere.present(there)) == [member.username]
    if left.socket:
        socket = left.socket
        eventually(lambda: socket.events("moved") == [{"chat_id": here["id"], "to": place(there)}])


def test_a_socket_that_was_left_behind_hears_nothing_more_of_the_room(
    listen: Callable[[Guest], Socket], ann: Guest, bob: Guest, chat: Json
) -> None:
    other, socket = bob.open_chat(), listen(bob)
    socket.enter(chat)
    bob.enter(other)
    eventually(lambda: socket.events("moved"))
    ann.send(chat, "Unheard")
    socket.enter(other)
    bob.send(other, "Heard")
    eventually(lambda: "Heard" in socket.contents())
    assert socket.contents() == ["Heard"]


def test_a_socket_that_comes_back_takes_nobody_out_of_another_room(member: Guest) -> None:
    here, there = member.open_chat("Here"), member.open_chat("There")
    with member.socket() as line:
        line.enter(here)
    with member.socket() as line:
        assert line.call("enter", {"chat_id": here["id"], "after": 0, "again": True})["ok"] is True
    member.enter(there)
    with member.socket() as line:
        moved = refused(line.call, "enter", {"chat_id": here["id"], "after": 0, "again": True})
        assert (moved.code, moved.error["to"]) == ("moved", place(there))
        assert moved_to(member, here) == place(there)
        line.enter(here)
        assert moved_to(member, there) == place(here)


def test_a_long_poll_is_told_at_once_that_the_person_has_moved(member: Guest) -> None:
    here, there = member.open_chat(), member.open_chat()
    other = member.again()
    member.enter(here)
    with ThreadPoolExecutor() as pool:
        polling = pool.submit(member.after, here, 0, wait=15)
        other.after(here, 0, wait=1)
        other.enter(there)
        with pytest.raises(Refused) as moved:
            polling.result(timeout=12)
    assert (moved.value.status, moved.value.error["to"]) == (409, place(there))


def test_who_was_moved_can_still_send(through: Through, ann: Guest, bob: Guest, chat: Json) -> None:
    visitor = through(bob)
    visitor.enter(chat)
    visitor.enter(bob.open_chat())
    bob.send(chat, "From afar")
    if visitor.socket:
        visitor.socket.send(chat, "And once more")
    assert ann.after(chat, 0)["messages"][0]["content"] == "From afar"


@pytest.mark.parametrize("one_room", ["session", "off"])
def test_a_host_may_let_people_be_in_several_rooms(
    start_server: Callable[..., Server], one_room: str
) -> None:
    ann = Guest(start_server(one_room=one_room).url).sign_up("Ann")
    rooms, other = [ann.open_chat() for _ in range(3)], ann.again()
    other.enter(rooms[0])
    with ann.socket() as socket:
        socket.enter(rooms[1])
        socket.enter(rooms[2])
        ann.send(rooms[1], "One")
        ann.send(rooms[2], "Two")
        eventually(lambda: "Two" in socket.contents())
        assert socket.contents() == (["One", "Two"] if one_room == "off" else ["Two"])
        assert bool(socket.events("moved")) is (one_room == "session")
        assert other.present(rooms[0])["count"] == 1
    if one_room == "session":
        assert moved_to(ann, rooms[1]) == place(rooms[2])
    else:
        assert ann.after(rooms[1], 0)["head"] == 1


def test_who_closes_the_browser_is_gone_a_little_later(
    listen: Callable[[Guest], Socket], ann: Guest, bob: Guest, chat: Json
) -> None:
    watcher = listen(ann)
    watcher.enter(chat)
    with bob.socket() as socket:
        socket.enter(chat)
        eventually(lambda: last_told(watcher)["count"] == 2)
        hang_up(socket)
    eventually(lambda: last_told(watcher)["count"] == 1)
    assert names(ann.present(chat)) == [ann.username]


def test_logging_out_and_being_removed_end_presence_at_once(ann: Guest, bob: Guest, chat: Json) -> None:
    third = Guest.sign_in(ann.url)
    third.join(chat)
    for guest in (ann, bob, third):
        guest.enter(chat)
    assert ann.present(chat)["count"] == 3
    bob.delete("/sessions/current")
    eventually(lambda: ann.present(chat)["count"] == 2)
    ann.delete(f"/chats/{chat['id']}/members/{third.user_id}")
    eventually(lambda: names(ann.present(chat)) == [ann.username])


def test_a_new_name_is_seen_in_the_room(
    through: Through, listen: Callable[[Guest], Socket], ann: Guest, bob: Guest, chat: Json
) -> None:
    watcher, name = listen(ann), a_name("Renamed")
    watcher.enter(chat)
    through(bob).enter(chat)
    bob.patch("/users/current", {"username": name})
    eventually(lambda: name in names(last_told(watcher)))
    assert name in names(ann.present(chat))


def test_that_somebody_writes_reaches_the_others_in_the_room(
    through: Through, listen: Callable[[Guest], Socket], ann: Guest, bob: Guest, chat: Json
) -> None:
    watcher, writer = listen(ann), through(bob)
    watcher.enter(chat)
    writer.type(chat)
    who = {"user_id": bob.user_id, "username": bob.username}
    eventually(lambda: watcher.events("typing") == [{"chat_id": chat["id"], **who}])
    assert ann.present(chat)["typing"] == [who]
    bob.send(chat, "Here it is")
    eventually(lambda: ann.present(chat)["typing"] == [])


def test_that_somebody_writes_is_said_once_in_three_seconds(
    through: Through, ann: Guest, bob: Guest, chat: Json
) -> None:
    writer, other = through(bob), bob.open_chat()
    writer.type(chat)
    error = refused(writer.type, chat)
    assert error.code == "too_fast"
    assert 1 <= error.error["retry_after"] <= 3
    through(ann).type(chat)  # each person has a rate of their own, in each room
    writer.type(other)


def test_a_stranger_can_neither_be_seen_nor_seem_to_write(through: Through, ann: Guest, chat: Json) -> None:
    stranger = through(Guest.sign_in(ann.url))
    for act in (stranger.enter, stranger.type):
        assert refused(act, chat).code == "not_found"
    assert ann.present(chat).items() >= {"present": [], "count": 0, "typing": []}.items()
