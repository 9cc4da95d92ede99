"""Leftovers: what a closed account and a deleted room leave to be done, done in pieces and to the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from porch import events
from porch.access.actors import Actor, actor_for_session
from porch.actions.people.accounts import delete_account, sign_up
from porch.actions.people.sessions import Browser
from porch.actions.reading.log import messages_after, newest_messages
from porch.actions.rooms.chats import delete_chat, join_chat, open_chat
from porch.actions.upkeep import leftovers
from porch.actions.upkeep.leftovers import PIECE, remove_leftovers
from porch.engines import Engines
from porch.engines.writing.writer import Writer
from porch.errors import RetryLater
from porch.events import Event
from porch.models import Chat
from porch.peers import DELETED_ACCOUNT
from tests.support.database import rows, write_messages
from tests.support.people import PASSWORD, Guest, Json, Socket
from tests.support.readers import whole_history
from tests.support.server import Server
from tests.support.waiting import eventually

MANY = PIECE + 120


class View:
    """What a page shows that was loaded once and then follows events and the cursor, as a client does."""

    def __init__(self, guest: Guest, chat: Json, socket: Socket | None) -> None:
        self.guest = guest
        self.chat = chat
        self.socket = socket
        self.shown = {message["seq"]: message for message in whole_history(guest, chat)}
        self.cursor: int = guest.after(chat, 0, limit=1)["head"]
        if socket is not None:
            socket.enter(chat, self.cursor)

    def follow(self) -> list[Json]:
        """Fetch what is missing, if an event says so or nobody tells; what is shown then."""
        heads = [data["rev"] for data in self.socket.events("head")] if self.socket else [self.cursor + 1]
        if max(heads, default=0) > self.cursor:
            more = True
            while more:
                page = self.guest.after(self.chat, self.cursor, limit=200)
                assert page["rev"] > self.cursor or not page["more"]
                self.cursor, more = page["rev"], page["more"]
                for message in page["messages"]:
                    assert message["seq"] in self.shown, "a change puts no message anywhere"
                    self.shown[message["seq"]] = message
        return [self.shown[seq] for seq in sorted(self.shown)]


def test_the_messages_of_a_closed_account_lose_its_name_under_the_eyes_of_those_in_the_rooms(
    server: Server, bob: Guest
) -> None:
    leaver = Guest(server.url).sign_up()
    rooms = [leaver.open_chat(kind=kind) for kind in ("listed", "link")]
    for chat in rooms:
        bob.join(chat)
        bob.send(chat, "Before")
        write_messages(server.data, chat["id"], leaver.user_id, leaver.username, MANY)
        bob.send(chat, "After")
    with bob.socket() as socket:
        views = [View(bob, rooms[0], socket), View(bob, rooms[1], None)]
        before = [list(view.shown.values()) for view in views]
        leaver.delete("/users/current", {"password": PASSWORD})
        for view, chat, was in zip(views, rooms, before, strict=True):
            eventually(lambda view=view, chat=chat: view.follow() == whole_history(bob, chat))  # type: ignore[misc]
            shown = view.follow()
            assert [m["seq"] for m in shown] == [m["seq"] for m in was]
            assert [m["content"] for m in shown] == [m["content"] for m in was]
            for message, old in zip(shown, was, strict=True):
                if message["user_id"] == bob.user_id:
                    assert message == old
                else:
                    assert (message["username"], message["guest"]) == (DELETED_ACCOUNT, False)
        assert socket.events("message") == []
    assert bob.send(rooms[0], "We go on")["seq"] == 2 * (MANY + 1) + 1


def test_every_change_has_a_rev_of_its_own(server: Server, bob: Guest) -> None:
    leaver = Guest(server.url).sign_up()
    chat = leaver.open_chat()
    bob.join(chat)
    for number in range(3):
        leaver.send(chat, f"Line {number}")
    leaver.delete("/users/current", {"password": PASSWORD})
    page = bob.after(chat, 3)
    assert [(m["seq"], m["rev"]) for m in page["messages"]] == [(1, 4), (2, 5), (3, 6)]
    assert (page["rev"], page["head"], page["chat"]) == (6, 6, None)


def test_what_a_removed_person_wrote_loses_the_name_too(server: Server, ann: Guest, bob: Guest) -> None:
    leaver = Guest(server.url).sign_up()
    chats = [ann.open_chat(), ann.open_chat()]
    for chat, who in zip(chats, (ann, leaver), strict=True):
        leaver.join(chat)
        leaver.send(chat, "I was here")
        who.delete(f"/chats/{chat['id']}/members/{leaver.user_id}")
    leaver.delete("/users/current", {"password": PASSWORD})
    for chat in chats:
        assert [m["username"] for m in ann.after(chat, 0)["messages"]] == [DELETED_ACCOUNT]


# A process that is stopped in the middle, and what the next look does.


class Tired:
    """A writer that gives up after so many writes."""

    def __init__(self, writer: Writer, writes: int) -> None:
        self.writer = writer
        self.writes = writes

    def write(self, run: Callable[..., Any], **options: Any) -> Any:
        if not self.writes:
            raise RetryLater(cause="the process was stopped")
        self.writes -= 1
        return self.writer.write(run, **options)


def tired(engines: Engines, writes: int) -> Engines:
    return replace(engines, writer=cast(Writer, Tired(engines.writer, writes)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def somebody(engines: Engines, name: str) -> Actor:
    session = sign_up(engines, name, PASSWORD, Browser(address=""))
    return actor_for_session(engines.settings, session.session_id)


@pytest.fixture
def ada(engines: Engines) -> Actor:
    return somebody(engines, "Ada")


@pytest.fixture
def chat(engines: Engines, ada: Actor, data: Path) -> Chat:
    """A room of Ada's with more than two pieces of messages."""
    chat = open_chat(engines, ada, name="A room", address="")
    write_messages(data, chat.id, ada.user_id, "Ada", 2 * PIECE + 20)
    return chat


def left(data: Path, chat: Chat, condition: str) -> int:
    query = f"SELECT count(*) FROM message WHERE chat_id = ? AND {condition}"
    return int(rows(data, query, chat.id)[0][0])


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_deletion_that_was_cut_off_is_ended_by_the_next_look(
    engines: Engines, data: Path, ada: Actor, chat: Chat, writes: int
) -> None:
    # What was asked for is done all the same.
    delete_chat(tired(engines, writes), ada, chat.id)
    assert left(data, chat, "true") == 2 * PIECE + 20 - (writes - 1) * PIECE
    remove_leftovers(engines)
    assert left(data, chat, "true") == 0


@pytest.mark.parametrize("writes", [1, 2, 3, 4])
def test_a_closing_that_was_cut_off_is_ended_by_the_next_look(
    engines: Engines, data: Path, ada: Actor, chat: Chat, writes: int
) -> None:
    reader = somebody(engines, "Bea")
    join_chat(engines, reader, chat.hash_key)
    # What was asked for is done all the same.
    delete_account(tired(engines, writes), ada, PASSWORD)
    named = f"username != '{DELETED_ACCOUNT}'"
    assert left(data, chat, named) == max(0, 2 * PIECE + 20 - (writes - 1) * PIECE)
    remove_leftovers(engines)
    assert left(data, chat, named) == 0
    cursor, seen, pages = 2 * PIECE + 20, 0, 0
    while (page := messages_after(reader, chat.id, after=cursor, limit=200)).messages and pages < 20:
        cursor, seen, pages = page.rev, seen + len(page.messages), pages + 1
    assert seen == 2 * PIECE + 20  # each was changed once, by whichever look
    assert newest_messages(reader, chat.id)[1].rev == cursor == 2 * (2 * PIECE + 20)


def test_a_closing_tells_each_room_where_its_log_stands(engines: Engines, ada: Actor, chat: Chat) -> None:
    heard: list[Event] = []
    engines.delivery.observed_by(heard.append)
    delete_account(engines, ada, PASSWORD)
    eventually(lambda: events.head(chat.id, 2 * (2 * PIECE + 20)) in heard)


def test_whoever_deletes_a_large_room_does_not_wait_for_all_of_it(
    engines: Engines, data: Path, ada: Actor, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("porch.actions.upkeep.leftovers.WHILE_ONE_WAITS", 1)
    delete_chat(engines, ada, chat.id)
    assert left(data, chat, "true") == PIECE + 20
    remove_leftovers(engines)
    assert left(data, chat, "true") == 0


def test_a_look_with_nothing_to_do_writes_nothing(engines: Engines, ada: Actor, chat: Chat) -> None:
    remove_leftovers(tired(engines, 0))
    delete_chat(engines, ada, chat.id)
    delete_account(engines, ada, PASSWORD)
    remove_leftovers(tired(engines, 0))


def test_more_rooms_than_one_look_takes_are_left_to_the_next(
    engines: Engines, data: Path, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "AT_ONCE", 2)
    reader = somebody(engines, "Bea")
    for _ in range(5):
        chat = open_chat(engines, ada, name="A room", address="")
        join_chat(engines, reader, chat.hash_key)
        write_messages(data, chat.id, ada.user_id, "Ada", 1)
    delete_account(engines, ada, PASSWORD)

    def named() -> int:
        return int(rows(data, "SELECT count(*) FROM message WHERE username = 'Ada'")[0][0])

    assert named() == 3
    remove_leftovers(engines)
    remove_leftovers(engines)
    assert named() == 0
