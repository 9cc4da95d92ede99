"""Messages: the same through both doors."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from porch.actions.messages.edits import delete_all_messages
from porch.engines import Engines
from porch.events import Event
from tests.support.people import Guest, Json, Refused, Socket
from tests.support.waiting import eventually

Send = Callable[..., Json]


@pytest.fixture(params=["http", "socket"])
def send(request: pytest.FixtureRequest) -> Iterator[Send]:
    """`send(guest, chat, content, client_id=None)` through one of the doors."""
    with ExitStack() as stack:
        sockets: dict[Guest, Socket] = {}

        def by_socket(guest: Guest, *arguments: Any) -> Json:
            if guest not in sockets:
                sockets[guest] = stack.enter_context(guest.socket())
            return sockets[guest].send(*arguments)

        yield by_socket if request.param == "socket" else Guest.send


def test_a_message_comes_back_with_all_its_fields(send: Send, ann: Guest, chat: Json) -> None:
    client_id = str(uuid.uuid4())
    message = send(ann, chat, "Hello,\nhouse.", client_id)
    assert message.pop("timestamp").endswith("Z")
    assert message.pop("id") > 0
    assert message == {
        "chat_id": chat["id"],
        "seq": 1,
        "rev": 1,
        "username": ann.username,
        "user_id": ann.user_id,
        "guest": True,
        "content": "Hello,\nhouse.",
        "client_id": client_id,
        "edited_at": None,
        "deleted": False,
    }


def test_the_answer_the_log_and_the_event_carry_the_same_message(
    send: Send, ann: Guest, bob: Guest, chat: Json
) -> None:
    with bob.socket() as listener:
        listener.enter(chat)
        message = send(ann, chat, "One dict")
        assert bob.after(chat, 0)["messages"] == [message]
        eventually(lambda: ("message", message) in listener.heard)


def test_a_repeat_gives_the_stored_message(send: Send, ann: Guest, chat: Json) -> None:
    client_id = str(uuid.uuid4())
    first = send(ann, chat, "Once", client_id)
    assert send(ann, chat, "Once", client_id) == first
    assert [m["content"] for m in ann.after(chat, 0)["messages"]] == ["Once"]


def test_a_repeat_with_other_content_is_a_conflict(send: Send, ann: Guest, chat: Json) -> None:
    client_id = str(uuid.uuid4())
    send(ann, chat, "This", client_id)
    with pytest.raises(Refused) as refused:
        send(ann, chat, "That", client_id)
    assert refused.value.code == "conflict"


@pytest.mark.parametrize(
    "content",
    ["", "   \n ", "a" * 10_001, "\U0001f600" * 9_000, "bell\x07", "null\0", "escape\x1b[31m"],
)
def test_content_out_of_bounds_is_refused_and_named(send: Send, ann: Guest, chat: Json, content: str) -> None:
    with pytest.raises(Refused) as refused:
        send(ann, chat, content)
    assert refused.value.code == "invalid"
    assert refused.value.error["fields"]["content"]
    assert ann.after(chat, 0)["head"] == 0


def test_the_longest_content_is_stored_whole(send: Send, ann: Guest, chat: Json) -> None:
    content = "ä" * 10_000
    assert send(ann, chat, content)["content"] == content


def test_content_is_stored_in_composed_form_with_plain_newlines(send: Send, ann: Guest, chat: Json) -> None:
    assert send(ann, chat, "Zoe\u0308\r\nand\ttab")["content"] == "Zoë\nand\ttab"


def test_half_a_character_is_refused(send: Send, ann: Guest, chat: Json) -> None:
    with pytest.raises(Refused) as refused:
        send(ann, chat, "half \ud800 of it")
    assert refused.value.code == "invalid"


def test_a_stranger_cannot_send(send: Send, ann: Guest, chat: Json) -> None:
    stranger = Guest.sign_in(ann.url)
    with pytest.raises(Refused) as refused:
        send(stranger, chat, "Let me in")
    assert refused.value.code == "not_found"


def test_deleting_all_messages_in_the_same_process_is_an_event_of_the_room(
    app: Flask, client: FlaskClient
) -> None:
    announced: list[Event] = []
    engines: Engines = app.extensions["porch_engines"]
    engines.writer._announce = announced.extend  # stands in for the sockets
    headers = {"Origin": "http://localhost"}
    client.post("/sessions", json={"username": "Ann"}, headers=headers)
    chat = client.post("/chats", json={"name": "A room"}, headers=headers).get_json()
    message = {"content": "Soon gone", "client_id": str(uuid.uuid4())}
    client.post(f"/chats/{chat['id']}/messages", json=message, headers=headers)
    delete_all_messages(engines, chat["id"])
    eventually(lambda: announced and announced[-1].name == "chat")
    assert announced[-1].payload == {
        key: value
        for key, value in chat.items()
        if key not in ("mine", "may_manage", "may_moderate", "muted_until")
    } | {
        "rev": 2,
        "reset_rev": 2,
    }
