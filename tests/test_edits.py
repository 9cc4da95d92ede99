"""Editing and deleting messages: the same through both doors, and caught up like everything else."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from porch.access.actors import actor_for_session
from porch.actions.messages.edits import delete_message, edit_message
from porch.actions.messages.sending import Said, send_message
from porch.actions.people.names import release_name
from porch.actions.people.sessions import Browser, create_session
from porch.actions.reading.log import messages_after
from porch.actions.rooms.chats import open_chat
from porch.engines import Engines
from porch.errors import NameTaken
from tests.support import postgres
from tests.support.database import rows
from tests.support.people import Guest, Json, Refused, Socket, refused
from tests.support.programs import util_here
from tests.support.server import Server
from tests.support.waiting import eventually


class Http:
    """Changing messages by HTTP."""

    def edit(self, guest: Guest, chat: Json, seq: int, content: str) -> Json:
        return guest.patch(path(chat, seq), {"content": content})

    def delete(self, guest: Guest, chat: Json, seq: int) -> Json:
        return guest.delete(path(chat, seq))


class BySocket:
    """The same by a socket for each person."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._sockets: dict[Guest, Socket] = {}

    def edit(self, guest: Guest, chat: Json, seq: int, content: str) -> Json:
        return self._call(guest, "edit", {"chat_id": chat["id"], "seq": seq, "content": content})

    def delete(self, guest: Guest, chat: Json, seq: int) -> Json:
        return self._call(guest, "delete", {"chat_id": chat["id"], "seq": seq})

    def _call(self, guest: Guest, event: str, data: Json) -> Json:
        if guest not in self._sockets:
            self._sockets[guest] = self._stack.enter_context(guest.socket())
        message: Json = self._sockets[guest].call(event, data)["message"]
        return message


Door = Http | BySocket


@pytest.fixture(params=["http", "socket"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    with ExitStack() as stack:
        yield Http() if request.param == "http" else BySocket(stack)


def path(chat: Json, seq: int) -> str:
    return f"/chats/{chat['id']}/messages/{seq}"


def test_an_edited_message_keeps_its_place_under_a_new_rev(
    door: Door, ann: Guest, bob: Guest, chat: Json
) -> None:
    first, second = ann.send(chat, "Helo"), bob.send(chat, "Hi")
    edited = door.edit(ann, chat, first["seq"], "Hello")
    assert edited["edited_at"] > second["timestamp"]
    assert edited == first | {"content": "Hello", "rev": 3, "edited_at": edited["edited_at"]}
    assert bob.before(chat, 9)["messages"] == [edited, second]


def test_a_deleted_message_is_a_tombstone_in_its_place(
    door: Door, ann: Guest, bob: Guest, chat: Json
) -> None:
    first, second = ann.send(chat, "Oops"), bob.send(chat, "Hi")
    tombstone = door.delete(ann, chat, first["seq"])
    assert tombstone == first | {"content": "", "rev": 3, "deleted": True}
    assert bob.before(chat, 9)["messages"] == [tombstone, second]


MADE_TABLES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    if postgres.is_chosen()
    else "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
)
INDEX = "search_text" if postgres.is_chosen() else "search_text_data"


def test_the_text_of_a_deleted_message_is_soon_nowhere_in_the_tables(
    door: Door, server: Server, ann: Guest, chat: Json
) -> None:
    message = ann.send(chat, "a whodunit that was told by mistake")
    door.edit(ann, chat, message["seq"], "the same whodunit in other words")
    door.delete(ann, chat, message["seq"])
    tables = [name for (name,) in rows(server.data, MADE_TABLES)]
    assert {"message", INDEX} <= set(tables)

    def kept() -> list[tuple[Any, ...]]:
        found = [row for table in tables for row in rows(server.data, f'SELECT * FROM "{table}"')]
        return [row for row in found if any("whodunit" in str(value) for value in row)]

    eventually(lambda: not kept())


def test_an_edited_message_that_is_deleted_was_never_edited(door: Door, ann: Guest, chat: Json) -> None:
    message = ann.send(chat, "One")
    door.edit(ann, chat, 1, "Two")
    assert door.delete(ann, chat, 1) == message | {"content": "", "rev": 3, "deleted": True}


def test_the_answer_the_log_and_the_event_carry_the_same_change(
    door: Door, ann: Guest, bob: Guest, chat: Json
) -> None:
    ann.send(chat, "One")
    with bob.socket() as listener:
        listener.enter(chat)
        for change in (door.edit(ann, chat, 1, "Two"), door.delete(ann, chat, 1)):
            eventually(partial(is_heard, listener, change))
        assert bob.after(chat, 0)["messages"] == [change]


def is_heard(listener: Socket, message: Json) -> bool:
    return ("message", message) in listener.heard


def test_who_was_away_gets_each_changed_message_once_in_the_order_of_the_changes(
    door: Door, ann: Guest, bob: Guest, chat: Json
) -> None:
    for number in range(1, 6):
        ann.send(chat, f"Line {number}")
    door.edit(ann, chat, 4, "Line four")
    door.edit(ann, chat, 2, "Line two")
    door.edit(ann, chat, 4, "Line IV")
    door.delete(ann, chat, 1)
    new = ann.send(chat, "Line 6")
    for limit in (1, 2, 200):
        cursor, got, more = 5, [], True
        while more:
            page = bob.after(chat, cursor, limit=limit)
            got += page["messages"]
            cursor, more = page["rev"], page["more"]
        assert [(m["seq"], m["rev"], m["content"]) for m in got] == [
            (2, 7, "Line two"),
            (4, 8, "Line IV"),
            (1, 9, ""),
            (new["seq"], 10, "Line 6"),
        ]
        assert cursor == 10


def test_a_message_can_be_edited_again_and_again(door: Door, ann: Guest, chat: Json) -> None:
    ann.send(chat, "0")
    edits = [door.edit(ann, chat, 1, str(number)) for number in range(1, 4)]
    assert [(m["rev"], m["content"]) for m in edits] == [(2, "1"), (3, "2"), (4, "3")]
    assert edits[0]["edited_at"] < edits[1]["edited_at"] < edits[2]["edited_at"]


@pytest.mark.parametrize("same", ["Zoë\nsays", "Zoe\u0308\r\nsays"])
def test_editing_to_the_same_text_changes_nothing(
    door: Door, ann: Guest, bob: Guest, chat: Json, same: str
) -> None:
    message = ann.send(chat, "Zoë\nsays")
    with bob.socket() as listener:
        listener.enter(chat)
        assert door.edit(ann, chat, 1, same) == message
        heard_before(listener, ann.send(chat, "Next"), nothing_of=message)
    assert bob.after(chat, 0)["head"] == 2


def test_deleting_twice_changes_nothing(door: Door, ann: Guest, bob: Guest, chat: Json) -> None:
    message = ann.send(chat, "Oops")
    tombstone = door.delete(ann, chat, 1)
    with bob.socket() as listener:
        listener.enter(chat)
        assert door.delete(ann, chat, 1) == tombstone
        heard_before(listener, ann.send(chat, "Next"), nothing_of=message)
    assert bob.after(chat, 0)["head"] == 3


def heard_before(listener: Socket, later: Json, *, nothing_of: Json) -> None:
    """Events come in their order: when a later one is there, one that was announced before would be, too."""
    eventually(lambda: is_heard(listener, later))
    assert [m["seq"] for m in listener.events("message") if m["seq"] == nothing_of["seq"]] == []


def test_a_deleted_message_cannot_be_edited(door: Door, ann: Guest, chat: Json) -> None:
    ann.send(chat, "Oops")
    tombstone = door.delete(ann, chat, 1)
    for content in ("Back again", "Oops"):
        assert refused(door.edit, ann, chat, 1, content).code == "conflict"
    assert ann.after(chat, 0)["messages"] == [tombstone]


def test_only_the_author_changes_a_message(door: Door, ann: Guest, bob: Guest, chat: Json) -> None:
    message = ann.send(chat, "Mine")
    assert refused(door.edit, bob, chat, 1, "His").code == "forbidden"
    assert refused(door.delete, bob, chat, 1).code == "forbidden"
    assert ann.after(chat, 0) == {"messages": [message], "chat": None, "rev": 1, "head": 1, "more": False}


@pytest.mark.parametrize("seq", [-1, 0, 2, 3, 4, 10**6, 2**63 - 1])
def test_where_no_message_stands_there_is_none_to_change(
    door: Door, ann: Guest, chat: Json, seq: int
) -> None:
    ann.send(chat, "One")
    door.edit(ann, chat, 1, "Two")  # takes rev 2, which is nobody's place
    ann.patch(f"/chats/{chat['id']}/", {"name": "Another name"})
    other = ann.open_chat()
    for number in range(1, 5):
        ann.send(other, f"In another room {number}")
    assert refused(door.edit, ann, chat, seq, "Three").code == "not_found"
    assert refused(door.delete, ann, chat, seq).code == "not_found"
    assert ann.after(chat, 0)["head"] == 3
    assert len([m for m in ann.after(other, 0)["messages"] if not m["deleted"]]) == 4


@pytest.mark.parametrize("content", ["", " \n ", "a" * 10_001, "\U0001f600" * 9_000, "bell\x07"])
def test_an_edit_has_the_bounds_of_a_message(door: Door, ann: Guest, chat: Json, content: str) -> None:
    message = ann.send(chat, "One")
    error = refused(door.edit, ann, chat, 1, content)
    assert error.code == "invalid"
    assert error.error["fields"]["content"]
    assert ann.after(chat, 0)["messages"] == [message]


def test_an_edit_is_stored_in_composed_form_with_plain_newlines(door: Door, ann: Guest, chat: Json) -> None:
    ann.send(chat, "One")
    assert door.edit(ann, chat, 1, "Zoe\u0308\r\nand\ttab")["content"] == "Zoë\nand\ttab"


def test_unknown_fields_are_refused_by_name(ann: Guest, chat: Json) -> None:
    ann.send(chat, "One")
    sent = {"content": "Two", "deleted": True}
    with ann.socket() as socket:
        calls: list[Callable[[], Json]] = [
            lambda: ann.patch(path(chat, 1), sent),
            lambda: socket.call("edit", sent | {"chat_id": chat["id"], "seq": 1}),
            lambda: socket.call("delete", {"chat_id": chat["id"], "seq": 1, "deleted": True}),
        ]
        for call in calls:
            error = refused(call)
            assert (error.code, list(error.error["fields"])) == ("invalid", ["deleted"])


def test_edits_and_deletions_count_as_messages(door: Door, start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(message_rate="3+1/h").url)
    chat = ann.open_chat()
    ann.send(chat, "One")
    door.edit(ann, chat, 1, "Two")
    door.delete(ann, chat, 1)
    for call in (partial(door.edit, ann, chat, 1, "Three"), partial(door.delete, ann, chat, 1)):
        error = refused(call)
        assert error.code == "too_fast"
        assert error.error["retry_after"] > 1000


def test_editing_and_deleting_leave_the_room_where_it_was_in_the_lobby(
    door: Door, ann: Guest, chat: Json
) -> None:
    def last_at() -> str:
        (row,) = [row for row in ann.lobby() if row["id"] == chat["id"]]
        found: str = row["last_at"]
        return found

    message = ann.send(chat, "One")
    door.edit(ann, chat, 1, "Two")
    assert last_at() == message["timestamp"]
    door.delete(ann, chat, 1)
    assert last_at() == message["timestamp"]


def test_a_waiting_poll_wakes_for_an_edit_and_for_a_deletion(
    door: Door, ann: Guest, bob: Guest, chat: Json
) -> None:
    ann.send(chat, "One")
    changes = [partial(door.edit, ann, chat, 1, "Two"), partial(door.delete, ann, chat, 1)]
    with ThreadPoolExecutor() as pool:
        for cursor, change in enumerate(changes, 1):
            waiting = pool.submit(bob.after, chat, cursor, wait=20)
            assert not wait([waiting], timeout=0.3).done
            message = change()
            assert waiting.result()["messages"] == [message]


def test_who_signs_up_may_change_what_they_wrote_as_a_guest(door: Door, ann: Guest, chat: Json) -> None:
    ann.send(chat, "As a guest")
    ann.sign_up()
    edited = door.edit(ann, chat, 1, "With an account")
    assert (edited["content"], edited["guest"]) == ("With an account", True)  # as it was when it was written


def test_in_another_browser_one_is_the_author_too(door: Door, server: Server) -> None:
    ann = Guest(server.url).sign_up()
    chat = ann.open_chat()
    ann.send(chat, "On the laptop")
    assert door.edit(ann.again(), chat, 1, "On the phone")["content"] == "On the phone"


def test_what_was_deleted_with_all_the_rest_cannot_be_changed(server: Server, ann: Guest, chat: Json) -> None:
    ann.send(chat, "One")
    done = util_here(server.data, "delete", "--room", chat["hash_key"], "--yes")
    assert done.returncode == 0, done.stderr
    assert refused(Http().edit, ann, chat, 1, "Two").code == "not_found"
    assert refused(Http().delete, ann, chat, 1).code == "not_found"


def test_edits_at_once_are_all_numbered_and_the_last_one_stays(door: Door, ann: Guest, chat: Json) -> None:
    ann.send(chat, "0")
    with ThreadPoolExecutor(8) as pool:
        edits = list(pool.map(lambda number: door.edit(ann, chat, 1, f"Edit {number}"), range(24)))
    assert sorted(m["rev"] for m in edits) == list(range(2, 26))
    assert ann.after(chat, 0)["messages"] == [max(edits, key=lambda m: m["rev"])]


def test_an_edit_at_the_same_time_as_the_deletion_brings_nothing_back(
    door: Door, ann: Guest, chat: Json
) -> None:
    def edit(number: int) -> str:
        try:
            return "edited" if door.edit(ann, chat, 1, f"Edit {number}") else ""
        except Refused as error:
            return error.code

    ann.send(chat, "0")
    with ThreadPoolExecutor(8) as pool:
        edits = [pool.submit(edit, number) for number in range(12)]
        deletion = pool.submit(door.delete, ann, chat, 1)
        edits += [pool.submit(edit, number) for number in range(12, 24)]
        assert {edited.result() for edited in edits} <= {"edited", "conflict"}
    assert ann.after(chat, 0)["messages"] == [deletion.result()]


LOSSES = {
    "put out": ("ann", "DELETE", "/chats/1/members/2", 404),
    "room deleted": ("ann", "DELETE", "/chats/1/", 410),
    "logged out": ("bob", "DELETE", "/sessions/current", 401),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("method", "body"), [("PATCH", {"content": "Too late"}), ("DELETE", None)])
def test_what_was_lost_since_the_first_look_is_lost_for_the_write(
    app: Flask, monkeypatch: pytest.MonkeyPatch, method: str, body: Json | None, loss: str
) -> None:
    engines: Engines = app.extensions["porch_engines"]
    client, tokens = app.test_client(use_cookies=False), dict[str, str]()

    def call(who: str, method: str, path: str, body: object = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {tokens[who]}"} if who in tokens else {}
        return client.open(path, method=method, json=body, headers=headers)

    for name in ("ann", "bob"):
        tokens[name] = call("nobody", "POST", "/sessions", {"username": name}).get_json()["token"]
    call("ann", "POST", "/chats", {"name": "A room"})
    call("ann", "POST", "/chats/1/members", {"username": "bob"})
    sent = {"content": "In time", "client_id": str(uuid.uuid4())}
    message = call("bob", "POST", "/chats/1/messages", sent).get_json()
    who, how, where, status = LOSSES[loss]
    take, lost = engines.limiter.take, list[int]()

    def lose(kind: str, key: Hashable) -> None:
        """Called between the look at who may do it and the write."""
        take(kind, key)
        if kind == "message":
            with ThreadPoolExecutor() as elsewhere:
                lost.append(elsewhere.submit(call, who, how, where).result().status_code)

    monkeypatch.setattr(engines.limiter, "take", lose)
    answer = call("bob", method, "/chats/1/messages/1", body)
    assert (lost, answer.status_code) == ([204], status)
    if loss != "room deleted":
        assert call("ann", "GET", "/chats/1/messages?after=0").get_json()["messages"] == [message]


def test_nobody_edits_or_deletes_under_a_name_that_has_passed_on(engines: Engines) -> None:
    session = create_session(engines, "Ada", Browser(address=""))
    ada = actor_for_session(engines.settings, session.session_id)
    chat = open_chat(engines, ada, name="A room", kind="link", address="")
    send_message(engines, ada, chat.id, Said("Mine", str(uuid.uuid4())))
    engines.writer.write(lambda transaction: release_name(transaction, ada.user_id))
    with pytest.raises(NameTaken):
        edit_message(engines, ada, chat.id, 1, content="Whose?")
    with pytest.raises(NameTaken):
        delete_message(engines, ada, chat.id, 1)
    assert [m["content"] for m in messages_after(ada, chat.id, after=0).messages] == ["Mine"]
