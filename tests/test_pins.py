"""Pins: messages that are kept at hand in a room."""

from __future__ import annotations

import pytest

from porch.actions.messages.pins import MOST_PINS
from tests.support.people import Guest, Json, refused
from tests.support.waiting import eventually


def pin(person: Guest, chat: Json, seq: int, on: bool = True) -> Json:
    return person.request("PUT" if on else "DELETE", f"/chats/{chat['id']}/messages/{seq}/pin")


def pins(person: Guest, chat: Json) -> list[int]:
    return [message["seq"] for message in person.get(f"/chats/{chat['id']}/pins")["messages"]]


def test_a_pinned_message_says_so_to_everybody(ann: Guest, bob: Guest, chat: Json) -> None:
    message = bob.send(chat, "The key is under the mat")
    with bob.socket() as listener:
        listener.enter(chat)
        pinned = pin(ann, chat, 1)
        assert pinned == message | {"rev": 2, "pinned": True}
        eventually(lambda: listener.events("message") == [pinned])
    assert bob.after(chat, 1)["messages"] == [pinned]
    assert bob.get(f"/chats/{chat['id']}/pins") == {"messages": [pinned]}
    assert pin(ann, chat, 1) == pinned
    assert pin(ann, chat, 1, on=False) == message | {"rev": 3}
    assert pin(ann, chat, 1, on=False)["rev"] == 3
    assert pins(bob, chat) == []


def test_the_message_that_was_pinned_last_is_the_first(ann: Guest, chat: Json) -> None:
    for text in ("One", "Two", "Three"):
        ann.send(chat, text)
    for seq in (2, 3, 1):
        pin(ann, chat, seq)
    assert pins(ann, chat) == [1, 3, 2]
    ann.patch(f"/chats/{chat['id']}/messages/2", {"content": "Two, edited"})
    assert pins(ann, chat) == [1, 3, 2]
    ann.delete(f"/chats/{chat['id']}/messages/3")
    assert pins(ann, chat) == [1, 2]
    assert refused(pin, ann, chat, 3).code == "conflict"


def test_in_a_room_whoever_decides_about_it_pins(ann: Guest, bob: Guest, chat: Json) -> None:
    bob.send(chat, "Mine")
    for on in (True, False):
        assert refused(pin, bob, chat, 1, on).code == "forbidden"
    assert pins(bob, chat) == []


def test_in_a_direct_chat_both_pin_while_they_may_write(ann: Guest, bob: Guest) -> None:
    direct = ann.open_direct(bob)
    ann.send(direct, "Hello")
    bob.send(direct, "Hello yourself")
    pin(bob, direct, 1)
    pin(ann, direct, 2)
    assert pins(ann, direct) == pins(bob, direct) == [2, 1]
    bob.put(f"/blocks/{ann.user_id}")
    for seq, on in ((1, False), (2, False)):
        assert refused(pin, ann, direct, seq, on).code == "forbidden"


@pytest.mark.parametrize("seq", [0, 2, 2**63])
def test_only_what_stands_there_is_pinned(ann: Guest, chat: Json, seq: int) -> None:
    ann.send(chat, "One")
    assert refused(pin, ann, chat, seq).code == "not_found"


def test_a_room_has_fifty_pins(ann: Guest, chat: Json) -> None:
    with ann.socket() as line:
        for number in range(MOST_PINS + 1):
            line.send(chat, f"Line {number}")
    for seq in range(1, MOST_PINS + 1):
        pin(ann, chat, seq)
    error = refused(pin, ann, chat, MOST_PINS + 1)
    assert error.code == "conflict"
    assert "Unpin one first" in error.error["message"]
    pin(ann, chat, 1, on=False)
    pin(ann, chat, MOST_PINS + 1)
    assert pins(ann, chat)[0] == MOST_PINS + 1
