"""What the two of a direct chat are told, and what becomes of it when one has no name any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from tests.support.database import change, move_sessions
from tests.support.directs import NOT_TAKING, named
from tests.support.people import Guest, Json, Socket, a_name, refused
from tests.support.server import Server
from tests.support.waiting import eventually

# Wherever one is.


def all_but_may_write(row: Json) -> Json:
    """What news of a chat have; whether one may write is said when one asks."""
    return {name: value for name, value in row.items() if name != "may_write"}


class Listening:
    """Somebody with a connection and no page open."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket

    def told(self, chat: Json) -> list[Json]:
        return [row for row in self.socket.events("direct") if row["id"] == chat["id"]]

    def row(self, chat: Json) -> Json:
        """What their list has been told: each row is laid over the one before."""
        row: Json = {}
        for told in self.told(chat):
            row |= told
        return row


Listen = Callable[[Guest], Listening]


@pytest.fixture
def listen() -> Iterator[Listen]:
    with ExitStack() as stack:
        yield lambda guest: Listening(stack.enter_context(guest.socket()))


def test_the_other_one_is_told_at_once_wherever_they_are(
    listen: Listen, ann: Guest, bob: Guest, third: Guest
) -> None:
    elsewhere, second, stranger = listen(bob), listen(bob), listen(third)
    elsewhere.socket.enter(bob.open_chat())
    direct = ann.open_direct(bob)
    eventually(lambda: elsewhere.told(direct) and second.told(direct), within=2)
    assert elsewhere.row(direct) == all_but_may_write(bob.direct(direct))
    ann.send(direct, "Hello")
    eventually(lambda: elsewhere.row(direct)["unread"] == 1, within=2)
    assert elsewhere.row(direct) == all_but_may_write(bob.direct(direct))
    assert elsewhere.socket.events("message") == []
    assert stranger.socket.events("direct") == []


def test_what_is_told_adds_up_to_what_the_list_says(
    listen: Listen, ann: Guest, bob: Guest, direct: Json
) -> None:
    hers, his = listen(ann), listen(bob)
    message = ann.send(direct, "Hello")
    path = f"/chats/{direct['id']}/messages/{message['seq']}"
    bob.enter(direct)
    bob.answer(direct, "open")
    bob.send(direct, "Yes?")
    bob.read(direct, 2)
    ann.patch(path, {"content": "Hello!"})
    ann.delete(path)
    bob.patch("/users/current", {"username": a_name("Renamed")})
    bob.leave(direct)
    for guest, listening in ((ann, hers), (bob, his)):
        asked = all_but_may_write(guest.direct(direct))
        eventually(partial(has_been_told, listening, asked))


def has_been_told(listening: Listening, row: Json) -> bool:
    return all_but_may_write(listening.row(row)) == row


@pytest.mark.parametrize("state", ["open", "ignored"])
def test_only_who_answers_is_told_of_an_answer(
    listen: Listen, ann: Guest, bob: Guest, direct: Json, state: str
) -> None:
    hers, his, other_device = listen(ann), listen(bob), listen(bob)
    ann.send(direct, "Hello?")
    eventually(lambda: hers.row(direct).get("last") and his.row(direct).get("last"))
    heard = len(hers.told(direct))
    bob.answer(direct, state)
    eventually(lambda: his.row(direct).get("state") == other_device.row(direct).get("state") == state)
    later = Guest.sign_in(ann.url).open_direct(ann)  # what is told later comes later
    eventually(lambda: hers.told(later))
    assert len(hers.told(direct)) == heard


def test_what_is_written_into_an_ignored_chat_rings_nowhere(
    listen: Listen, ann: Guest, bob: Guest, direct: Json
) -> None:
    his = listen(bob)
    bob.answer(direct, "ignored")
    eventually(lambda: his.row(direct).get("state") == "ignored")
    heard = len(his.told(direct))
    ann.send(direct, "Hello?")
    later = Guest.sign_in(ann.url).open_direct(bob)  # what is told later comes later
    eventually(lambda: his.told(later))
    assert len(his.told(direct)) == heard


def test_another_name_of_the_other_one_is_told(listen: Listen, ann: Guest, bob: Guest, direct: Json) -> None:
    hers = listen(ann)
    name = a_name("Renamed")
    bob.patch("/users/current", {"username": name})
    eventually(lambda: hers.row(direct).get("name") == name)
    assert hers.row(direct)["with"] == named(bob, username=name)
    assert ann.direct(direct)["name"] == ann.get(f"/chats/{direct['id']}/")["name"] == name


def test_that_the_other_one_has_gone_comes_back_or_signs_up_is_told(
    server: Server, listen: Listen, ann: Guest, bob: Guest, direct: Json
) -> None:
    hers = listen(ann)
    move_sessions(server.data, bob.user_id, "last_used_at", days=8)  # the lease of the name is over
    other = Guest.sign_in(server.url, bob.username)
    eventually(lambda: hers.row(direct).get("with") == named(bob, username=None, passed_on=True))
    again = bob.post("/sessions", {"username": a_name("Again")})
    bob.token, bob.username = again["token"], again["username"]
    eventually(lambda: hers.row(direct).get("with") == named(bob))
    bob.sign_up()
    eventually(lambda: hers.row(direct).get("with") == named(bob, guest=False))
    assert other.user_id != bob.user_id


def test_direct_chats_never_show_up_in_the_lobby(
    listen: Listen, ann: Guest, bob: Guest, third: Guest
) -> None:
    lobbies = [listen(guest) for guest in (ann, bob, third)]
    for lobby in lobbies:
        lobby.socket.call("lobby", {})
    direct = ann.open_direct(bob)
    bob.enter(direct)
    ann.send(direct, "Between us")
    for guest in (ann, bob, third):
        assert direct["id"] not in [row["id"] for row in guest.lobby(limit=200)]
    room = Guest(ann.url).sign_up().open_chat()  # what is told later comes later

    def heard(lobby: Listening) -> set[int]:
        told = lobby.socket.events("lobby")
        return {row["id"] for event in told for row in event["chats"]} | {
            chat_id for event in told for chat_id in event["gone"]
        }

    eventually(lambda: all(room["id"] in heard(lobby) for lobby in lobbies))
    assert not any(direct["id"] in heard(lobby) for lobby in lobbies)


# People who have no name any more.


def test_a_guest_can_be_written_to_and_the_chat_survives_their_sign_up(
    ann: Guest, bob: Guest, direct: Json
) -> None:
    ann.send(direct, "Before")
    bob.sign_up()
    ann.send(direct, "After")
    assert [message["content"] for message in bob.after(direct, 0)["messages"]] == ["Before", "After"]
    assert ann.open_direct(bob)["id"] == direct["id"]
    assert ann.direct(direct)["with"] == named(bob, guest=False)


def test_when_a_guest_has_logged_out_nobody_can_write_to_them(ann: Guest, bob: Guest, direct: Json) -> None:
    ann.send(direct, "Hello")
    bob.delete("/sessions/current")
    row = ann.direct(direct)
    assert (row["name"], row["with"], row["may_write"]) == (bob.username, named(bob, username=None), False)
    error = refused(ann.send, direct, "Hello?")
    assert (error.status, error.error) == (403, {"code": "forbidden", "message": NOT_TAKING})
    assert refused(ann.open_direct, bob).status == 400


def test_a_chat_stays_with_the_old_person_when_their_name_has_gone_to_somebody_else(
    ann: Guest, bob: Guest, direct: Json
) -> None:
    ann.send(direct, "For the first Bob")
    bob.delete("/sessions/current")
    new = Guest.sign_in(ann.url, bob.username)
    assert new.directs() == []
    assert refused(new.after, direct, 0).status == 404
    row = ann.direct(direct)
    assert (row["name"], row["with"]) == (bob.username, named(bob, username=None, passed_on=True))
    another = ann.open_direct(new)
    assert another["id"] != direct["id"]
    assert (another["with"], another["rev"]) == (named(new), 0)
    assert refused(ann.send, direct, "Who is there?").status == 403
    assert ann.send(another, "Hello")["seq"] == 1


def test_that_a_name_has_gone_to_somebody_else_is_told(
    listen: Listen, ann: Guest, bob: Guest, direct: Json
) -> None:
    hers = listen(ann)
    bob.delete("/sessions/current")
    eventually(lambda: hers.row(direct).get("with") == named(bob, username=None))
    Guest.sign_in(ann.url, bob.username)
    eventually(lambda: hers.row(direct)["with"]["passed_on"])


def test_a_closed_account_is_a_deleted_one(listen: Listen, ann: Guest, member: Guest) -> None:
    chat = ann.open_direct(member)
    member.send(chat, "Farewell")
    hers = listen(ann)
    member.delete("/users/current", {"password": "correct horse battery staple"})
    eventually(lambda: hers.row(chat).get("name") == "Deleted account")
    row = ann.direct(chat)
    gone = {"user_id": member.user_id, "username": None, "guest": False, "passed_on": False}
    assert (row["name"], row["with"], row["may_write"]) == ("Deleted account", gone, False)
    (message,) = ann.after(chat, 0)["messages"]
    assert (message["username"], message["content"]) == ("Deleted account", "Farewell")
    assert refused(ann.send, chat, "Hello?").error["message"] == NOT_TAKING
    new = Guest.sign_in(ann.url, member.username)  # nor does the name lead there
    assert ann.open_direct(new)["id"] != chat["id"]
    assert ann.direct(chat)["name"] == "Deleted account"


def test_nobody_writes_to_a_disabled_account(server: Server, ann: Guest, member: Guest) -> None:
    chat = ann.open_direct(member)
    change(server.data, "UPDATE user SET disabled_at = created_at WHERE id = ?", member.user_id)
    assert refused(ann.send, chat, "Hello?").error["message"] == NOT_TAKING
