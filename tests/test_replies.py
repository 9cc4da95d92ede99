"""Replies: messages that name the message they answer."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.support.people import Guest, Json, refused
from tests.support.waiting import eventually


@pytest.fixture(params=["http", "socket"])
def reply(request: pytest.FixtureRequest, bob: Guest, chat: Json) -> Any:
    """`reply(content, to, client_id=None)`, of Bob's in the room, through one of the doors."""
    if request.param == "http":
        return lambda content, to, client_id=None: bob.send(chat, content, client_id, reply_to=to)

    def by_socket(content: str, to: int, client_id: str | None = None) -> Json:
        with bob.socket() as socket:
            return socket.send(chat, content, client_id, reply_to=to)

    return by_socket


def test_a_reply_names_the_message_it_answers_wherever_it_is_read(
    reply: Any, ann: Guest, bob: Guest, chat: Json
) -> None:
    question = ann.send(chat, "Tea?")
    with ann.socket() as listener:
        listener.enter(chat)
        answer = reply("Yes please", question["seq"])
        assert answer["reply_to"] == question["seq"]
        eventually(lambda: listener.events("message") == [answer])
    assert bob.after(chat, question["rev"])["messages"] == [answer]
    assert bob.before(chat, 99)["messages"] == [question, answer]
    assert bob.get(f"/chats/{chat['id']}/")["messages"] == [question, answer]
    assert bob.message(chat, answer["seq"]) == answer
    assert "reply_to" not in question


def test_a_repeat_gives_the_same_reply_and_nothing_else_passes_for_it(
    reply: Any, ann: Guest, chat: Json
) -> None:
    ann.send(chat, "One")
    ann.send(chat, "Two")
    client_id = str(uuid.uuid4())
    first = reply("Yes", 1, client_id)
    assert reply("Yes", 1, client_id) == first
    assert refused(reply, "Yes", 2, client_id).code == "conflict"


@pytest.mark.parametrize("place", [0, -1, 2, 2**63, 2**70])
def test_a_place_that_the_log_has_not_come_to_cannot_be_answered(
    reply: Any, ann: Guest, chat: Json, place: int
) -> None:
    ann.send(chat, "One")
    assert refused(reply, "To nothing", place).code == "invalid"
    assert ann.after(chat, 1)["messages"] == []


def test_an_answer_to_a_message_that_was_deleted_meanwhile_is_kept(
    reply: Any, ann: Guest, chat: Json
) -> None:
    question = ann.send(chat, "Tea?")
    ann.delete(f"/chats/{chat['id']}/messages/{question['seq']}")
    assert reply("Yes please", question["seq"])["reply_to"] == question["seq"]
    assert ann.message(chat, question["seq"])["deleted"]


def test_a_deleted_reply_answers_nothing(reply: Any, ann: Guest, bob: Guest, chat: Json) -> None:
    ann.send(chat, "Tea?")
    answer = reply("Yes please", 1)
    assert "reply_to" not in bob.delete(f"/chats/{chat['id']}/messages/{answer['seq']}")


@pytest.mark.parametrize("seq", [0, 2, 2**63])
def test_there_is_no_message_where_none_stands(ann: Guest, chat: Json, seq: int) -> None:
    ann.send(chat, "One")
    assert refused(ann.message, chat, seq).code == "not_found"
