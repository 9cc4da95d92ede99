"""Reactions: emoji that people put under a message, through both doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import quote

import pytest

from porch.actions.messages.reactions import MOST_EMOJI
from porch.actions.upkeep.tallies import MOST_TOLD
from porch.emoji import _QUALIFIED
from porch.engines.reading.live_rooms import MOST_HELD
from tests.support.database import change, rows
from tests.support.people import PASSWORD, Guest, Json, Socket, refused
from tests.support.server import Server
from tests.support.waiting import eventually

React = Callable[..., Json]  # (person, chat, seq, emoji, on=True) -> the message


@pytest.fixture(params=["http", "socket"])
def react(request: pytest.FixtureRequest) -> Iterator[React]:
    with ExitStack() as stack:
        sockets: dict[Guest, Socket] = {}

        def by_socket(person: Guest, chat: Json, seq: int, emoji: str, on: bool = True) -> Json:
            if person not in sockets:
                sockets[person] = stack.enter_context(person.socket())
            data = {"chat_id": chat["id"], "seq": seq, "emoji": emoji, "on": on}
            message: Json = sockets[person].call("react", data)["message"]
            return message

        yield by_http if request.param == "http" else by_socket


def by_http(person: Guest, chat: Json, seq: int, emoji: str, on: bool = True) -> Json:
    return person.request("PUT" if on else "DELETE", f"{path(chat, seq)}/{quote(emoji)}")


def path(chat: Json, seq: int) -> str:
    return f"/chats/{chat['id']}/messages/{seq}/reactions"


def told(message: Json) -> list[tuple[str, int, list[int]]]:
    return [(one["emoji"], one["count"], one["user_ids"]) for one in message.get("reactions", [])]


def test_everybody_is_told_who_reacted_in_the_order_in_which_the_emoji_came_up(
    react: React, ann: Guest, bob: Guest, chat: Json
) -> None:
    question = ann.send(chat, "Tea?")
    with ann.socket() as listener:
        listener.enter(chat)
        react(bob, chat, 1, "👍")
        react(ann, chat, 1, "🎉")
        message = react(ann, chat, 1, "👍")
        assert told(message) == [("👍", 2, [bob.user_id, ann.user_id]), ("🎉", 1, [ann.user_id])]
        eventually(lambda: listener.events("message")[-1:] == [message])
    assert message | {"rev": 1} == question | {"reactions": message["reactions"]}
    assert message["rev"] == 4
    assert bob.after(chat, 1)["messages"] == [message]
    assert bob.get(f"/chats/{chat['id']}/")["messages"] == [message]
    assert bob.message(chat, 1) == message
    listed = [(one["emoji"], one["username"]) for one in bob.get(path(chat, 1))["reactions"]]
    assert listed == [("👍", bob.username), ("🎉", ann.username), ("👍", ann.username)]


def test_what_is_so_already_takes_no_number_and_is_told_to_nobody(
    react: React, ann: Guest, bob: Guest, chat: Json
) -> None:
    ann.send(chat, "Tea?")
    untouched = react(bob, chat, 1, "👍", on=False)
    assert (untouched["rev"], told(untouched)) == (1, [])
    first = react(bob, chat, 1, "👍")
    assert react(bob, chat, 1, "👍") == first
    assert told(react(bob, chat, 1, "👍", on=False)) == []
    assert "reactions" not in react(bob, chat, 1, "👍", on=False)
    assert ann.after(chat, 0)["head"] == 3


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("❤", "❤️"), ("❤️", "❤️"), ("👍🏽", "👍🏽"), ("👩‍❤‍👨", "👩‍❤️‍👨"), ("🏳️‍🌈", "🏳️‍🌈"), ("#⃣", "#️⃣"), ("🇮🇸", "🇮🇸")],
)
def test_an_emoji_is_one_emoji_however_it_is_spelled(ann: Guest, chat: Json, typed: str, kept: str) -> None:
    ann.send(chat, "Tea?")
    by_http(ann, chat, 1, kept)
    assert told(by_http(ann, chat, 1, typed)) == [(kept, 1, [ann.user_id])]
    assert told(by_http(ann, chat, 1, typed, on=False)) == []


@pytest.mark.parametrize(
    "text",
    ["x", "1", "👍👍", "👍 ", "🏽", "\ufe0f", "\u200d", "❤\ufe0f\ufe0f" * 20, "<b>", "🇮", "👍\u0301", "é"],
)
def test_what_is_not_one_emoji_is_refused(react: React, ann: Guest, chat: Json, text: str) -> None:
    ann.send(chat, "Tea?")
    error = refused(react, ann, chat, 1, text)
    assert (error.code, list(error.error["fields"])) == ("invalid", ["emoji"])
    assert ann.after(chat, 0)["head"] == 1


def test_a_message_bears_twenty_different_emoji_and_any_number_of_people(
    server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    ann.send(chat, "Tea?")
    different = list(_QUALIFIED.values())[: MOST_EMOJI + 1]
    for emoji in different[:-1]:
        by_http(ann, chat, 1, emoji)
    assert refused(by_http, bob, chat, 1, different[-1]).code == "conflict"
    assert told(by_http(bob, chat, 1, different[0]))[0] == (different[0], 2, [ann.user_id, bob.user_id])
    crowd = [server_person(server, number) for number in range(MOST_TOLD)]
    for user_id in crowd:
        change(
            server.data,
            "INSERT INTO reaction (message_id, user_id, emoji)"
            " SELECT id, ?, ? FROM message WHERE chat_id = ?",
            user_id,
            different[1],
            chat["id"],
        )
    emoji, count, user_ids = told(by_http(bob, chat, 1, different[1]))[1]
    assert (emoji, count, user_ids) == (different[1], MOST_TOLD + 2, [ann.user_id, *crowd[:-1]])
    found, cursor, more = [], 0, True
    while more:
        page = bob.get(path(chat, 1), after=cursor, limit=50)
        found += page["reactions"]
        cursor, more = found[-1]["id"], page["more"]
    assert len(found) == len({one["id"] for one in found}) == MOST_EMOJI + 1 + MOST_TOLD + 1


def server_person(server: Server, number: int) -> int:
    name = f"crowd {number} {id(server)}"
    change(
        server.data,
        "INSERT INTO user (username, guest, role, created_at, direct_from)"
        " VALUES (?, true, 'member', '2026-03-11 18:02:00.000000', 'everyone')",
        name,
    )
    ((user_id,),) = rows(server.data, "SELECT id FROM user WHERE username = ?", name)
    assert isinstance(user_id, int)
    return user_id


def test_a_deleted_message_has_no_reactions_and_takes_none(
    react: React, server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    message = ann.send(chat, "Tea?")
    react(bob, chat, 1, "👍")
    tombstone = ann.delete(f"/chats/{chat['id']}/messages/1")
    assert "reactions" not in tombstone
    assert rows(server.data, "SELECT * FROM reaction WHERE message_id = ?", message["id"]) == []
    assert bob.get(path(chat, 1)) == {"reactions": [], "more": False}
    assert refused(react, bob, chat, 1, "👍").code == "conflict"
    assert react(bob, chat, 1, "👍", on=False) == tombstone


def test_who_is_not_taking_messages_gets_no_reactions(react: React, ann: Guest, bob: Guest) -> None:
    direct = ann.open_direct(bob)
    ann.send(direct, "Hello")
    react(ann, direct, 1, "👍")
    bob.put(f"/blocks/{ann.user_id}")
    assert refused(react, ann, direct, 1, "🎉").code == "forbidden"
    assert told(react(ann, direct, 1, "👍", on=False)) == []


def test_a_reaction_to_a_message_that_memory_let_go_of_reaches_everybody(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    with ann.socket() as line:
        for number in range(MOST_HELD + 20):
            line.send(chat, f"Line {number}")
    newest = bob.get(f"/chats/{chat['id']}/")["messages"]  # memory has the end of the room by now
    for seq, on in ((1, True), (2, True), (1, False)):
        by_http(bob, chat, seq, "👍", on)
    page = ann.after(chat, newest[-1]["seq"])
    assert [(m["seq"], told(m)) for m in page["messages"]] == [(2, [("👍", 1, [bob.user_id])]), (1, [])]
    assert page["rev"] == page["head"] == newest[-1]["seq"] + 3
    again = ann.get(f"/chats/{chat['id']}/")
    assert (again["messages"], again["rev"]) == (newest, page["head"])
    for seq in range(1, MOST_HELD + 10):  # more than memory holds change, all of them old
        by_http(ann, chat, seq, "🎉")
    assert [m["seq"] for m in ann.get(f"/chats/{chat['id']}/")["messages"]] == [m["seq"] for m in newest]
    whole = {m["seq"]: m for m in ann.before(chat, 10**6, limit=200)["messages"]}
    assert [seq for seq, m in whole.items() if "reactions" not in m] == [
        m["seq"] for m in newest if m["seq"] >= MOST_HELD + 10
    ]


def test_the_reactions_of_a_closed_account_go(server: Server, ann: Guest, bob: Guest, chat: Json) -> None:
    leaver = Guest(server.url).sign_up()
    leaver.join(chat)
    for text in ("One", "Two"):
        ann.send(chat, text)
    for person, seq, emoji in ((leaver, 1, "🎉"), (leaver, 1, "👍"), (bob, 1, "👍"), (leaver, 2, "👍")):
        by_http(person, chat, seq, emoji)
    leaver.delete("/users/current", {"password": PASSWORD})
    eventually(lambda: told(bob.message(chat, 2)) == [])
    assert told(bob.message(chat, 1)) == [("👍", 1, [bob.user_id])]
    assert rows(server.data, "SELECT * FROM reaction WHERE user_id = ?", leaver.user_id) == []
    assert [m["seq"] for m in bob.after(chat, 6)["messages"]] == [1, 2]


def test_reactions_count_as_messages(react: React, start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(message_rate="2+1/h").url)
    chat = ann.open_chat()
    ann.send(chat, "Tea?")
    react(ann, chat, 1, "👍")
    assert refused(react, ann, chat, 1, "👍", on=False).code == "too_fast"
