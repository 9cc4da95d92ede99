"""The room's log: one numbered order, read by cursor, for everybody the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass

import pytest

from tests.support.database import write_messages
from tests.support.people import Guest, Json, Refused
from tests.support.programs import util_here
from tests.support.server import Server

COUNT = 23


@dataclass(frozen=True)
class Talk:
    """A room, its two people, and the 23 messages in it as the sends were answered."""

    ann: Guest
    bob: Guest
    chat: Json
    messages: list[Json]


def begin_talk(server: Server) -> Talk:
    ann, bob = Guest.sign_in(server.url), Guest.sign_in(server.url)
    chat = ann.open_chat()
    bob.join(chat)
    messages = [(ann, bob)[number % 2].send(chat, f"Line {number + 1}") for number in range(COUNT)]
    return Talk(ann, bob, chat, messages)


@pytest.fixture(scope="module")
def talk(server: Server) -> Talk:
    """For reading only: all tests share it."""
    return begin_talk(server)


@pytest.fixture
def own_talk(server: Server) -> Talk:
    return begin_talk(server)


def forward(guest: Guest, chat: Json, limit: int) -> list[Json]:
    """The whole log by `after`, page by page; fails if a page repeats or does not end."""
    found: list[Json] = []
    cursor, more = 0, True
    while more:
        page = guest.after(chat, cursor, limit=limit)
        assert page["head"] == COUNT
        assert len(page["messages"]) <= limit
        more = page["more"]
        assert page["rev"] == (page["messages"][-1]["rev"] if more else page["head"])
        assert page["rev"] > cursor
        cursor = page["rev"]
        found += page["messages"]
    return found


def backward(guest: Guest, chat: Json, limit: int) -> list[Json]:
    found: list[Json] = []
    place, more = COUNT + 1, True
    while more:
        page = guest.before(chat, place, limit=limit)
        assert len(page["messages"]) == min(limit, place - 1)
        assert page["messages"][-1]["seq"] == place - 1
        place, more = page["messages"][0]["seq"], page["more"]
        found = page["messages"] + found
    return found


def test_a_page_has_exactly_its_fields(ann: Guest, chat: Json) -> None:
    message = ann.send(chat, "Hello")
    assert ann.after(chat, 0) == {"messages": [message], "chat": None, "rev": 1, "head": 1, "more": False}


def test_a_room_begins_at_rev_0_with_nothing(ann: Guest, chat: Json) -> None:
    assert ann.after(chat, 0) == {"messages": [], "chat": None, "rev": 0, "head": 0, "more": False}
    assert ann.before(chat, 1) == {"messages": [], "chat": None, "rev": 0, "head": 0, "more": False}


def test_messages_are_numbered_without_gaps_from_1(talk: Talk) -> None:
    assert [(m["seq"], m["rev"]) for m in talk.messages] == [(n, n) for n in range(1, COUNT + 1)]


def test_joining_and_reading_take_no_number(ann: Guest, chat: Json) -> None:
    ann.send(chat, "One")
    late = Guest.sign_in(ann.url)
    late.join(chat)
    late.after(chat, 0)
    assert ann.send(chat, "Two")["seq"] == 2


def test_a_refused_message_and_a_repeat_take_no_number(ann: Guest, chat: Json) -> None:
    client_id = ann.send(chat, "One")["client_id"]
    ann.send(chat, "One", client_id)
    for content, key in (("Other", client_id), ("", None)):
        with pytest.raises(Refused):
            ann.send(chat, content, key)
    assert ann.send(chat, "Two")["seq"] == 2


def test_rooms_are_numbered_each_for_itself(ann: Guest, chat: Json) -> None:
    other = ann.open_chat()
    ann.send(chat, "Here")
    assert ann.send(other, "There")["seq"] == 1


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 22, 23, 24, 200])
def test_paging_forward_gives_the_whole_log_exactly_once(limit: int, talk: Talk) -> None:
    assert forward(talk.bob, talk.chat, limit) == talk.messages


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 22, 23, 24, 200])
def test_paging_back_gives_the_whole_log_exactly_once(limit: int, talk: Talk) -> None:
    assert backward(talk.bob, talk.chat, limit) == talk.messages


@pytest.mark.parametrize("after", [0, 1, 11, 22, 23])
def test_after_a_cursor_comes_what_is_newer_and_nothing_else(after: int, talk: Talk) -> None:
    assert talk.bob.after(talk.chat, after)["messages"] == talk.messages[after:]


def test_a_page_back_is_oldest_first_with_the_head_as_its_rev(talk: Talk) -> None:
    page = talk.bob.before(talk.chat, 10, limit=4)
    assert page == {"messages": talk.messages[5:9], "chat": None, "rev": COUNT, "head": COUNT, "more": True}


def test_before_the_first_message_there_is_nothing(talk: Talk) -> None:
    page = talk.bob.before(talk.chat, 1)
    assert (page["messages"], page["more"]) == ([], False)


def test_before_a_place_yet_to_come_is_the_newest_page(talk: Talk) -> None:
    assert talk.bob.before(talk.chat, COUNT + 1000, limit=5)["messages"] == talk.messages[-5:]


def test_the_default_page_has_50_messages(ann: Guest, chat: Json) -> None:
    for number in range(51):
        ann.send(chat, f"Line {number}")
    assert len(ann.after(chat, 0)["messages"]) == 50
    assert len(ann.before(chat, 52)["messages"]) == 50
    shown = ann.get(f"/chats/{chat['id']}/")
    assert [m["seq"] for m in shown["messages"]] == list(range(2, 52))
    assert (shown["rev"], shown["more"]) == (51, True)


def test_a_page_of_large_messages_ends_sooner_and_nothing_is_missing(ann: Guest, chat: Json) -> None:
    large = "\u6f22" * 10_000  # 29 KiB
    sent = [ann.send(chat, large) for _ in range(40)]
    forward, backward = list[Json](), list[Json]()
    pages, cursor, more = 0, 0, True
    while more:
        page = ann.after(chat, cursor, limit=200)
        assert 0 < size(page) < 600 * 1024
        forward += page["messages"]
        pages, cursor, more = pages + 1, page["rev"], page["more"]
        assert cursor == forward[-1]["rev"]
    place, more = 41, True
    while more:
        page = ann.before(chat, place, limit=200)
        assert 0 < size(page) < 600 * 1024
        backward = page["messages"] + backward
        place, more = backward[0]["seq"], page["more"]
    assert forward == backward == sent
    assert pages == 3
    shown = ann.get(f"/chats/{chat['id']}/")
    assert 0 < size(shown) < 600 * 1024
    assert shown["messages"] == sent[-len(shown["messages"]) :]
    assert shown["more"] is True


def size(page: Json) -> int:
    return sum(len(message["content"].encode()) for message in page["messages"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=24", "after"),
        ("after=-1", "after"),
        ("after=x", "after"),
        ("after=", "after"),
        ("after=1.0", "after"),
        ("after=%D9%A3", "after"),
        ("after=" + "9" * 400, "after"),
        ("before=0", "before"),
        ("before=-1", "before"),
        ("before=" + "9" * 400, "before"),
        ("after=0&limit=0", "limit"),
        ("after=0&limit=201", "limit"),
        ("after=0&limit=-5", "limit"),
        ("before=9&limit=0", "limit"),
        ("before=9&limit=201", "limit"),
        ("after=0&wait=31", "wait"),
        ("after=0&wait=-1", "wait"),
        ("after=0&wait=soon", "wait"),
        ("after=0&before=9", "after"),
        ("", "after"),
        ("limit=5", "after"),
        ("after=0&colour=red", "colour"),
    ],
)
def test_a_parameter_out_of_range_is_refused_and_named(query: str, field: str, talk: Talk) -> None:
    with pytest.raises(Refused) as refused:
        talk.bob.get(f"/chats/{talk.chat['id']}/messages?{query}")
    assert (refused.value.status, refused.value.code) == (400, "invalid")
    assert list(refused.value.error["fields"]) == [field]


def test_deleting_all_messages_tells_every_cursor_to_reload(server: Server, own_talk: Talk) -> None:
    done = util_here(server.data, "delete", "--room", own_talk.chat["hash_key"], "--yes")
    assert done.returncode == 0, done.stderr
    for cursor in (0, 5, COUNT):
        page = own_talk.bob.after(own_talk.chat, cursor)
        assert (page["messages"], page["more"]) == ([], False)
        assert page["chat"]["reset_rev"] > cursor
        assert page["chat"]["reset_rev"] == page["rev"] == page["head"] == COUNT + 1


def test_after_a_reset_the_log_goes_on_with_new_numbers(server: Server, own_talk: Talk) -> None:
    util_here(server.data, "delete", "--room", own_talk.chat["hash_key"], "--yes")
    message = own_talk.bob.send(own_talk.chat, "A new beginning")
    assert message["seq"] == COUNT + 2
    assert own_talk.bob.after(own_talk.chat, COUNT + 1) == {
        "messages": [message],
        "chat": None,
        "rev": COUNT + 2,
        "head": COUNT + 2,
        "more": False,
    }


def test_a_poll_that_has_news_answers_at_once(talk: Talk) -> None:
    begun = time.monotonic()
    assert talk.bob.after(talk.chat, 20, wait=30)["messages"] == talk.messages[20:]
    assert time.monotonic() - begun < 5


def test_a_poll_with_nothing_to_tell_ends_empty_when_its_time_is_up(bob: Guest, chat: Json) -> None:
    begun = time.monotonic()
    page = bob.after(chat, 0, wait=1)
    assert page == {"messages": [], "chat": None, "rev": 0, "head": 0, "more": False}
    assert 0.9 < time.monotonic() - begun < 10


def test_a_poll_back_through_history_does_not_wait(bob: Guest, chat: Json) -> None:
    begun = time.monotonic()
    assert bob.before(chat, 1, wait=30)["messages"] == []
    assert time.monotonic() - begun < 5


def poll(guest: Guest, chat: Json, after: int) -> tuple[Json, float]:
    begun = time.monotonic()
    return guest.after(chat, after, wait=20), time.monotonic() - begun


def test_a_waiting_poll_wakes_when_somebody_writes(ann: Guest, bob: Guest, chat: Json) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(poll, bob, chat, 0)
        assert not wait([waiting], timeout=0.3).done
        message = ann.send(chat, "Wake up")
        page, seconds = waiting.result()
    assert page["messages"] == [message]
    assert seconds < 10


def test_a_waiting_poll_sleeps_through_other_rooms(ann: Guest, bob: Guest, chat: Json) -> None:
    other = ann.open_chat()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(poll, bob, chat, 0)
        ann.send(other, "Not for Bob")
        assert not wait([waiting], timeout=0.3).done
        ann.send(chat, "For Bob")
        assert [m["content"] for m in waiting.result()[0]["messages"]] == ["For Bob"]


def test_a_waiting_poll_wakes_when_another_program_writes(server: Server, bob: Guest, chat: Json) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(poll, bob, chat, 0)
        write_messages(server.data, chat["id"], bob.user_id, bob.username, 1)
        page, seconds = waiting.result()
    assert len(page["messages"]) == 1
    assert seconds < 15


def test_a_waiting_poll_wakes_when_all_messages_are_deleted(server: Server, own_talk: Talk) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(poll, own_talk.bob, own_talk.chat, COUNT)
        util_here(server.data, "delete", "--room", own_talk.chat["hash_key"], "--yes")
        page, _ = waiting.result()
    assert page["chat"]["reset_rev"] == COUNT + 1


def test_one_poll_too_many_answers_at_once(start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(max_waiting=2).url)
    chat = ann.open_chat()
    with ThreadPoolExecutor() as pool:
        polls = [pool.submit(poll, ann, chat, 0) for _ in range(3)]
        done, waiting = wait(polls, timeout=10, return_when=FIRST_COMPLETED)
        assert [refused.result()[0]["messages"] for refused in done] == [[]]
        message = ann.send(chat, "For those who wait")
        assert [p.result()[0]["messages"] for p in waiting] == [[message], [message]]


def test_a_poll_that_has_ended_makes_room_for_another(start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(max_waiting=1).url)
    chat = ann.open_chat()
    for _ in range(2):
        begun = time.monotonic()
        ann.after(chat, 0, wait=1)
        assert time.monotonic() - begun > 0.9
