"""A `client_id` is one message of one person in one room, however often and by whichever way it is sent."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.support.people import Guest, Json, Refused, refused
from tests.support.server import Server
from tests.support.waiting import eventually

Sender = Callable[[str], tuple[int | None, Json]]


def an_id() -> str:
    return str(uuid.uuid4())


def by_http(guest: Guest, chat: Json, client_id: str) -> Sender:
    """Sends a text and gives the status with the answer."""

    def send(content: str) -> tuple[int | None, Json]:
        body = {"content": content, "client_id": client_id}
        response = guest.raw("POST", f"/chats/{chat['id']}/messages", json=body)
        return response.status_code, response.json()

    return send


def by_socket(guest: Guest, chat: Json, client_id: str, stack: ExitStack) -> Sender:
    socket = stack.enter_context(guest.socket())

    def send(content: str) -> tuple[int | None, Json]:
        try:
            return None, socket.send(chat, content, client_id)
        except Refused as error:
            return None, {"error": error.error}

    return send


def at_once(senders: list[Sender], contents: list[str]) -> list[tuple[int | None, Json]]:
    """What each is answered when all send in the same moment."""
    barrier = threading.Barrier(len(senders))

    def run(sender: Sender, content: str) -> tuple[int | None, Json]:
        barrier.wait(10)
        return sender(content)

    with ThreadPoolExecutor(len(senders)) as pool:
        return list(pool.map(run, senders, contents))


@pytest.fixture(params=["http", "socket"])
def again(request: pytest.FixtureRequest) -> Callable[..., Json]:
    """`again(guest, chat, content, client_id)` through one of the doors."""

    def send(guest: Guest, chat: Json, content: str, client_id: str) -> Json:
        if request.param == "http":
            return guest.send(chat, content, client_id)
        with guest.socket() as socket:
            return socket.send(chat, content, client_id)

    return send


def test_sent_many_times_at_once_by_both_doors_it_is_one_message_and_new_once(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    with ExitStack() as stack, bob.socket() as listener:
        listener.enter(chat)
        for turn in range(1, 11):
            client_id = an_id()
            senders = [by_http(ann, chat, client_id) for _ in range(8)]
            senders += [by_socket(ann, chat, client_id, stack) for _ in range(2)]
            answers = at_once(senders, ["Once"] * len(senders))
            statuses = Counter(status for status, _ in answers)
            assert statuses[201] <= 1, "it was new to more than one"
            assert statuses[200] + statuses[201] == 8
            (message, *others) = [answer for _, answer in answers]
            assert all(other == message for other in others)
            assert (message["seq"], bob.after(chat, 0)["head"]) == (turn, turn)
        last = ann.send(chat, "The end")
        eventually(lambda: ("message", last) in listener.heard)
    assert [m["seq"] for m in listener.events("message")] == list(range(1, 12)), "announced once each"


def test_by_http_alone_exactly_one_of_many_is_told_that_it_is_new(ann: Guest, chat: Json) -> None:
    for _ in range(5):
        answers = at_once([by_http(ann, chat, an_id())] * 12, ["Once"] * 12)
        assert Counter(status for status, _ in answers) == {201: 1, 200: 11}
    assert ann.after(chat, 0)["head"] == 5


def test_of_different_texts_at_once_one_is_stored_and_the_others_conflict(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    with ExitStack() as stack:
        client_id = an_id()
        senders = [by_http(ann, chat, client_id) for _ in range(6)]
        senders += [by_socket(ann, chat, client_id, stack) for _ in range(2)]
        answers = [answer for _, answer in at_once(senders, [f"Text {n}" for n in range(8)])]
    (stored,) = [answer for answer in answers if "error" not in answer]
    assert [answer["error"]["code"] for answer in answers if "error" in answer] == ["conflict"] * 7
    assert bob.after(chat, 0)["messages"] == [stored]


def test_a_repeat_after_the_server_was_killed_gives_the_stored_message(
    again: Callable[..., Json], start_server: Callable[..., Server]
) -> None:
    server = start_server()
    ann = Guest.sign_in(server.url)
    chat, client_id = ann.open_chat(), an_id()
    message = ann.send(chat, "Before", client_id)
    server.kill()
    ann.url = start_server().url
    assert again(ann, chat, "Before", client_id) == message
    assert refused(again, ann, chat, "Other", client_id).code == "conflict"
    assert ann.after(chat, 0)["messages"] == [message]


def test_two_sessions_of_one_person_share_the_ids(again: Callable[..., Json], server: Server) -> None:
    laptop = Guest(server.url).sign_up()
    phone = laptop.again()
    chat, client_id = laptop.open_chat(), an_id()
    message = laptop.send(chat, "Sent on the way out of the door", client_id)
    assert again(phone, chat, "Sent on the way out of the door", client_id) == message
    assert refused(again, phone, chat, "Something else", client_id).code == "conflict"
    assert phone.after(chat, 0)["head"] == 1


def test_from_two_sessions_at_once_it_is_one_message(server: Server) -> None:
    laptop = Guest(server.url).sign_up()
    chat, client_id = laptop.open_chat(), an_id()
    devices = [by_http(person, chat, client_id) for person in (laptop, laptop.again())]
    answers = at_once(devices * 4, ["Once"] * 8)
    assert Counter(status for status, _ in answers) == {201: 1, 200: 7}


def test_an_id_is_kept_when_a_guest_signs_up(again: Callable[..., Json], ann: Guest, chat: Json) -> None:
    client_id = an_id()
    message = ann.send(chat, "As a guest", client_id)
    assert again(ann.sign_up(), chat, "As a guest", client_id) == message


@pytest.mark.parametrize("content", ["As sent", "As edited", "As never written"])
def test_a_repeat_after_an_edit_gives_the_edited_message(
    again: Callable[..., Json], ann: Guest, chat: Json, content: str
) -> None:
    client_id = an_id()
    seq = ann.send(chat, "As sent", client_id)["seq"]
    edited = ann.patch(f"/chats/{chat['id']}/messages/{seq}", {"content": "As edited"})
    assert again(ann, chat, content, client_id) == edited
    assert ann.after(chat, 0)["messages"] == [edited]


@pytest.mark.parametrize("content", ["As sent", "As never written"])
def test_a_repeat_after_a_deletion_gives_the_tombstone_and_brings_nothing_back(
    again: Callable[..., Json], ann: Guest, chat: Json, content: str
) -> None:
    client_id = an_id()
    seq = ann.send(chat, "As sent", client_id)["seq"]
    tombstone = ann.delete(f"/chats/{chat['id']}/messages/{seq}")
    assert again(ann, chat, content, client_id) == tombstone
    assert ann.after(chat, 0)["messages"] == [tombstone]


def test_a_repeat_with_other_content_is_a_conflict_and_changes_nothing(
    again: Callable[..., Json], ann: Guest, chat: Json
) -> None:
    client_id = an_id()
    message = ann.send(chat, "This", client_id)
    assert refused(again, ann, chat, "That", client_id).code == "conflict"
    assert ann.after(chat, 0) == {"messages": [message], "chat": None, "rev": 1, "head": 1, "more": False}


@pytest.mark.parametrize(
    ("content", "client_id"),
    [
        ("Zoe\u0308\r\nsays", "6f0c8a4e-7a39-4cf1-9d8e-2b1d5a0c3e11"),
        ("Zoë\nsays", "6F0C8A4E-7A39-4CF1-9D8E-2B1D5A0C3E11"),
    ],
)
def test_the_same_text_and_id_in_another_spelling_are_the_same(
    again: Callable[..., Json], ann: Guest, chat: Json, content: str, client_id: str
) -> None:
    message = ann.send(chat, "Zoë\nsays", client_id.lower())
    assert again(ann, chat, content, client_id) == message
    assert ann.after(chat, 0)["head"] == 1


def test_in_another_room_the_same_id_is_a_message_of_its_own(
    again: Callable[..., Json], ann: Guest, chat: Json
) -> None:
    client_id, other = an_id(), ann.open_chat()
    first = ann.send(chat, "Here", client_id)
    second = again(ann, other, "There", client_id)
    assert ann.after(chat, 0)["messages"] == [first]
    assert ann.after(other, 0)["messages"] == [second]
    assert again(ann, chat, "Here", client_id) == first
    assert again(ann, other, "There", client_id) == second


def test_another_person_may_use_the_same_id(
    again: Callable[..., Json], ann: Guest, bob: Guest, chat: Json
) -> None:
    client_id = an_id()
    first = ann.send(chat, "Ann's", client_id)
    second = again(bob, chat, "Bob's", client_id)
    assert again(ann, chat, "Ann's", client_id) == first
    assert again(bob, chat, "Bob's", client_id) == second
    assert ann.after(chat, 0)["messages"] == [first, second]


def test_after_a_refusal_the_id_is_still_free(again: Callable[..., Json], ann: Guest, chat: Json) -> None:
    client_id = an_id()
    assert refused(again, ann, chat, "", client_id).code == "invalid"
    assert again(ann, chat, "Now it is fine", client_id)["seq"] == 1
