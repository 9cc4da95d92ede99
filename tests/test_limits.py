"""Limits: one bucket behind both doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import UNLIMITED
from tests.support.people import Guest, Refused
from tests.support.server import Server


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One message an hour, of each person in each room."""
    with Server(tmp_path_factory.mktemp("strict"), **UNLIMITED | {"message_rate": "1+1/h"}) as running:
        yield running


def test_both_doors_take_from_one_bucket(start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(message_rate="3+1/h").url)
    chat = ann.open_chat()
    with ann.socket() as socket:
        ann.send(chat, "By HTTP")
        socket.send(chat, "By socket")
        ann.send(chat, "By HTTP again")
        with pytest.raises(Refused) as by_socket:
            socket.send(chat, "One too many")
    with pytest.raises(Refused) as by_http:
        ann.send(chat, "One too many")
    assert by_socket.value.code == by_http.value.code == "too_fast"
    assert 3000 < by_socket.value.error["retry_after"] <= 3600
    assert ann.after(chat, 0)["head"] == 3


def test_the_answer_says_when_to_come_back(start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(message_rate="1+2/h").url)
    chat = ann.open_chat()
    ann.send(chat, "One")
    body = {"content": "Two", "client_id": "0f7e0f0a-5d0b-4e53-9d0e-3b1b1f0a7c11"}
    response = ann.raw("POST", f"/chats/{chat['id']}/messages", json=body)
    assert response.status_code == 429
    assert 1700 < int(response.headers["Retry-After"]) <= 1800
    assert response.json()["error"]["retry_after"] == int(response.headers["Retry-After"])


def test_one_who_has_waited_may_send_again(start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(message_rate="1+1000/s").url)
    chat = ann.open_chat()
    # A bucket of one that fills in a millisecond: no request is quicker than that.
    assert [ann.send(chat, "Patient")["seq"] for _ in range(5)] == [1, 2, 3, 4, 5]


def test_other_people_and_other_rooms_have_buckets_of_their_own(strict: Server) -> None:
    url = strict.url
    ann, bob = Guest.sign_in(url), Guest.sign_in(url)
    chat, other = ann.open_chat(), ann.open_chat()
    bob.join(chat)
    ann.send(chat, "One")
    with pytest.raises(Refused):
        ann.send(chat, "Two")
    assert bob.send(chat, "Bob's own")["seq"] == 2
    assert ann.send(other, "Another room")["seq"] == 1


def test_a_second_session_of_ones_own_is_no_second_bucket(strict: Server) -> None:
    ann = Guest.sign_in(strict.url)
    chat = ann.open_chat()
    with ann.socket() as first, ann.socket() as second:
        first.send(chat, "One")
        with pytest.raises(Refused) as refused:
            second.send(chat, "Two")
    assert refused.value.code == "too_fast"


def test_a_message_that_is_refused_for_what_it_says_costs_nothing(
    strict: Server,
) -> None:
    ann = Guest.sign_in(strict.url)
    chat = ann.open_chat()
    for content in ("", "x" * 10_001, "\x07"):
        with pytest.raises(Refused) as refused:
            ann.send(chat, content)
        assert refused.value.code == "invalid"
    assert ann.send(chat, "Fine")["seq"] == 1


def test_a_stranger_uses_up_nothing_in_a_room(strict: Server) -> None:
    url = strict.url
    ann, bob = Guest.sign_in(url), Guest.sign_in(url)
    chat = ann.open_chat()
    for _ in range(3):
        with pytest.raises(Refused) as refused:
            bob.send(chat, "Let me in")
        assert refused.value.code == "not_found"
    bob.join(chat)
    assert bob.send(chat, "Thanks")["seq"] == 1


def test_reading_is_not_limited_by_writing(strict: Server) -> None:
    ann = Guest.sign_in(strict.url)
    chat = ann.open_chat()
    ann.send(chat, "One")
    assert [ann.after(chat, 0)["head"] for _ in range(30)] == [1] * 30


def test_off_means_no_limit(start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(message_rate="off").url)
    chat = ann.open_chat()
    with ann.socket() as socket:
        assert [socket.send(chat, "Again")["seq"] for _ in range(100)] == list(range(1, 101))


def test_left_alone_a_room_takes_a_burst_of_20_from_one_person(start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server().url)
    chat = ann.open_chat()
    with ann.socket() as socket:
        for _ in range(20):
            socket.send(chat, "Quick")
        # 2 a second are added meanwhile, which is less than are sent.
        with pytest.raises(Refused) as refused:
            [socket.send(chat, "Quick") for _ in range(40)]
    assert refused.value.code == "too_fast"


def test_long_messages_count_by_their_length_over_all_rooms(start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(**UNLIMITED | {"volume_rate": "12+1/h"}).url)
    chat, other = ann.open_chat(), ann.open_chat()
    ann.send(chat, "x" * 9_500)
    for room in (chat, other):
        with pytest.raises(Refused) as refused:
            ann.send(room, "x" * 4_000)
        assert refused.value.code == "too_fast"
        assert 0 < refused.value.error["retry_after"] <= 3600
    ann.send(other, "x" * 3_999)
    for _ in range(3):
        ann.send(other, "x" * 999)  # no long one
