"""Blocks, and from whom somebody takes direct messages: what is taken and seen, and that it is not told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support.database import change
from tests.support.people import PASSWORD, Guest, Json, Refused, Socket, a_name, refused
from tests.support.server import Server
from tests.support.waiting import eventually

NOT_TAKING = "This person is not taking messages."
NOT_INVITED = "This person takes no invitations by name. Send them a one-time link."
BLOCKED_BY_YOU = "You have blocked this person. Unblock them to write."


@pytest.fixture
def direct(ann: Guest, bob: Guest) -> Json:
    """The chat of Ann and Bob, which both want."""
    ann.open_direct(bob)
    return bob.open_direct(ann)


@pytest.fixture
def listen() -> Iterator[Callable[[Guest], Socket]]:
    with ExitStack() as stack:
        yield lambda guest: stack.enter_context(guest.socket())


Listen = Callable[[Guest], Socket]


def blocked_ids(guest: Guest) -> list[int]:
    return [row["user_id"] for row in guest.get("/blocks")["blocked"]]


def block(blocker: Guest, other: Guest) -> None:
    blocker.block(other)


def take_from_nobody(blocker: Guest, other: Guest) -> None:
    blocker.take_from("nobody")


Exclude = Callable[[Guest, Guest], None]
either_way = pytest.mark.parametrize("exclude", [block, take_from_nobody])


# The list.


def test_who_is_blocked_stands_in_ones_own_list_until_unblocked(ann: Guest, bob: Guest, direct: Json) -> None:
    for _ in range(2):  # blocking twice is blocking
        ann.block(bob)
        assert ann.get("/blocks") == {"blocked": [{"user_id": bob.user_id, "username": bob.username}]}
    assert bob.get("/blocks") == {"blocked": []}
    for _ in range(2):
        ann.unblock(bob)
        assert ann.get("/blocks") == {"blocked": []}


def test_the_last_one_blocked_is_first_under_the_name_they_have_or_had(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    member = Guest(ann.url).sign_up()
    for guest in (member, third := Guest.sign_in(ann.url)):
        guest.join(chat)
    for guest in (bob, third, member):
        ann.block(guest)
    bob.delete("/sessions/current")
    member.delete("/users/current", {"password": PASSWORD})
    assert [row["username"] for row in ann.get("/blocks")["blocked"]] == [
        "Deleted account",
        third.username,
        bob.username,
    ]


def test_one_blocks_people_whom_one_knows(ann: Guest, bob: Guest, chat: Json) -> None:
    stranger = Guest.sign_in(ann.url)
    for user_id in (stranger.user_id, 10**9, 0, 2**70):
        error = refused(ann.put, f"/blocks/{user_id}")
        assert (error.status, error.code) == (404, "not_found")
        ann.delete(f"/blocks/{user_id}")
    ann.block(bob)  # they share a room
    stranger.open_direct(ann)
    ann.block(stranger)  # and a direct chat
    assert blocked_ids(ann) == [stranger.user_id, bob.user_id]


def test_nobody_blocks_themselves(ann: Guest) -> None:
    error = refused(ann.block, ann)
    assert (error.status, list(error.error["fields"])) == (400, ["user_id"])


def test_a_block_can_be_ended_when_nothing_is_shared_any_more(ann: Guest, bob: Guest, chat: Json) -> None:
    ann.block(bob)
    bob.delete(f"/chats/{chat['id']}/members/{bob.user_id}")
    ann.unblock(bob)
    assert blocked_ids(ann) == []


def test_a_block_is_about_the_person_not_the_name(ann: Guest, bob: Guest, direct: Json) -> None:
    ann.block(bob)
    bob.delete("/sessions/current")
    new = Guest.sign_in(ann.url, bob.username)
    assert new.open_direct(ann)["may_write"] is True
    assert blocked_ids(ann) == [bob.user_id]


def test_who_signs_up_stays_blocked_and_who_blocks_keeps_it(ann: Guest, bob: Guest, direct: Json) -> None:
    ann.block(bob)
    bob.sign_up()
    ann.sign_up()
    assert blocked_ids(ann) == [bob.user_id]
    assert refused(bob.send, direct, "Hello?").status == 403


# What is taken.


def the_calls(guest: Guest, chat: Json, seq: int) -> dict[str, Callable[[], object]]:
    """What somebody tries who is not wanted, by both doors."""
    path = f"/chats/{chat['id']}/messages/{seq}"

    def by_socket(event: str) -> object:
        with guest.socket() as socket:
            if event == "send":
                return socket.send(chat, "Hello?")
            return socket.call("edit", {"chat_id": chat["id"], "seq": seq, "content": "Hello?"})

    return {
        "send": lambda: guest.send(chat, "Hello?"),
        "edit": lambda: guest.patch(path, {"content": "Hello?"}),
        "send by socket": lambda: by_socket("send"),
        "edit by socket": lambda: by_socket("edit"),
    }


@either_way
def test_who_is_not_wanted_cannot_write_nor_edit_but_delete_and_read(
    ann: Guest, bob: Guest, direct: Json, exclude: Exclude
) -> None:
    seq = bob.send(direct, "Before")["seq"]
    exclude(ann, bob)
    for name, call in the_calls(bob, direct, seq).items():
        error = refused(call)
        assert error.error == {"code": "forbidden", "message": NOT_TAKING}, name
    assert bob.get(f"/chats/{direct['id']}/")["may_write"] is False
    assert bob.direct(direct)["may_write"] is False
    assert [message["content"] for message in bob.after(direct, 0)["messages"]] == ["Before"]
    bob.delete(f"/chats/{direct['id']}/messages/{seq}")
    assert [message["content"] for message in ann.after(direct, 0)["messages"]] == [""]


def test_whom_one_has_blocked_one_cannot_write_to_either(ann: Guest, bob: Guest, direct: Json) -> None:
    seq = ann.send(direct, "Before")["seq"]
    ann.block(bob)
    for name, call in the_calls(ann, direct, seq).items():
        error = refused(call)
        assert error.error == {"code": "forbidden", "message": BLOCKED_BY_YOU}, name
    ann.delete(f"/chats/{direct['id']}/messages/{seq}")
    row = ann.direct(direct)
    assert (row["blocked"], row["may_write"]) == (True, False)


def test_whom_one_takes_nothing_from_one_can_still_write_to(ann: Guest, bob: Guest, direct: Json) -> None:
    ann.take_from("nobody")
    ann.send(direct, "From me")
    assert [message["content"] for message in bob.after(direct, 0)["messages"]] == ["From me"]


@either_way
def test_who_is_not_wanted_opens_no_new_chat(ann: Guest, bob: Guest, chat: Json, exclude: Exclude) -> None:
    exclude(ann, bob)
    error = refused(bob.open_direct, ann)
    assert (error.status, error.error) == (403, {"code": "forbidden", "message": NOT_TAKING})
    assert ann.directs() == bob.directs() == []


def test_whom_one_has_blocked_one_opens_no_chat_with(ann: Guest, bob: Guest, chat: Json) -> None:
    ann.block(bob)
    assert refused(ann.open_direct, bob).error["message"] == BLOCKED_BY_YOU


def test_after_unblocking_everything_is_as_before(ann: Guest, bob: Guest, direct: Json) -> None:
    before = bob.direct(direct), ann.direct(direct)
    ann.block(bob)
    ann.unblock(bob)
    assert (bob.direct(direct), ann.direct(direct)) == before
    bob.send(direct, "Again")
    ann.send(direct, "Indeed")


def test_a_block_is_for_direct_chats_alone(ann: Guest, bob: Guest, chat: Json, direct: Json) -> None:
    ann.block(bob)
    bob.send(chat, "To all")
    bob.enter(chat)
    ann.enter(chat)
    assert [person["user_id"] for person in bob.present(chat)["present"]] == [bob.user_id, ann.user_id]


@pytest.mark.parametrize("whom", ["everyone", "shared", "nobody"])
@pytest.mark.parametrize("shares", [True, False], ids=["in a room with them", "a stranger"])
def test_somebody_takes_messages_from_those_whom_they_chose(
    ann: Guest, bob: Guest, whom: str, shares: bool
) -> None:
    if shares:
        bob.join(ann.open_chat())
    assert ann.take_from(whom)["direct_from"] == whom
    taken = whom == "everyone" or (whom == "shared" and shares)
    if taken:
        bob.send(bob.open_direct(ann), "Hello")
    else:
        assert refused(bob.open_direct, ann).error["message"] == NOT_TAKING


def test_who_has_left_the_room_or_whose_room_is_gone_shares_it_no_more(ann: Guest, bob: Guest) -> None:
    ann.take_from("shared")
    rooms = [ann.open_chat(), ann.open_chat()]
    for room in rooms:
        bob.join(room)
    direct = bob.open_direct(ann)
    bob.delete(f"/chats/{rooms[0]['id']}/members/{bob.user_id}")
    bob.send(direct, "There is one more")
    ann.delete(f"/chats/{rooms[1]['id']}/")
    assert refused(bob.send, direct, "Hello?").status == 403


@either_way
def test_who_is_not_wanted_invites_nobody_by_name(
    ann: Guest, bob: Guest, chat: Json, exclude: Exclude
) -> None:
    exclude(ann, bob)
    room = bob.open_chat(kind="private")
    error = refused(bob.post, f"/chats/{room['id']}/members", {"username": ann.username})
    assert (error.status, error.error["message"]) == (403, NOT_INVITED)


def test_a_stranger_does_not_share_a_room_by_making_somebody_a_member(ann: Guest, bob: Guest) -> None:
    ann.take_from("shared")
    room = bob.open_chat(kind="private")
    assert refused(bob.post, f"/chats/{room['id']}/members", {"username": ann.username}).status == 403
    assert refused(bob.open_direct, ann).error["message"] == NOT_TAKING
    ann.post(bob.post(f"/chats/{room['id']}/invitations")["url"] + "join")
    bob.post(f"/chats/{room['id']}/members", {"username": ann.username})  # who is in already stays in
    bob.send(bob.open_direct(ann), "Hello")


def test_whom_one_may_write_to_has_nothing_to_do_with_inviting_oneself(server: Server, ann: Guest) -> None:
    host = Guest(server.url).sign_up()
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", host.user_id)
    host.take_from("nobody")
    room = ann.sign_up().open_chat(kind="listed")
    assert host.post(f"/chats/{room['id']}/members", {"username": host.username})["user_id"] == host.user_id


@pytest.mark.parametrize("whom", ["friends", "", "EVERYONE"])
def test_there_are_three_choices(ann: Guest, whom: str) -> None:
    error = refused(ann.take_from, whom)
    assert (error.status, list(error.error["fields"])) == (400, ["direct_from"])
    assert ann.patch("/users/current", {})["direct_from"] == "everyone"


def test_who_asks_for_a_choice_that_there_is_not_keeps_their_name(member: Guest) -> None:
    both = {"username": a_name("Renamed"), "direct_from": "friends"}
    assert refused(member.patch, "/users/current", both).code == "invalid"
    assert member.who()["username"] == member.username


# What is seen.


def test_who_is_blocked_sees_neither_presence_nor_typing_of_the_blocker(
    listen: Listen, ann: Guest, bob: Guest, direct: Json
) -> None:
    ann.block(bob)
    his = listen(bob)
    his.enter(direct)
    ann.enter(direct)
    hers = listen(ann)
    hers.enter(direct)
    ann.post(f"/chats/{direct['id']}/typing")
    answer = bob.present(direct)
    assert [person["user_id"] for person in answer["present"]] == [bob.user_id]
    assert (answer["count"], answer["typing"]) == (1, [])
    assert bob.direct(direct)["present"] is False
    members = bob.get(f"/chats/{direct['id']}/members")["members"]
    assert {row["user_id"]: row["present"] for row in members}[ann.user_id] is False
    third = Guest.sign_in(ann.url)
    with third.socket() as socket:
        socket.enter(third.open_direct(bob))
    eventually(lambda: his.events("direct"))  # what is told later comes later
    assert his.events("typing") == []
    assert ann.user_id not in {
        person["user_id"] for event in his.events("presence") for person in event["present"]
    }


def test_who_blocks_the_other_one_while_both_are_there_is_gone_for_them_until_unblocking(
    listen: Listen, ann: Guest, bob: Guest, direct: Json
) -> None:
    hers, his = listen(ann), listen(bob)
    hers.enter(direct)
    his.enter(direct)

    def seen() -> set[int]:
        return {person["user_id"] for person in (his.events("presence") or [{"present": []}])[-1]["present"]}

    eventually(lambda: seen() == {ann.user_id, bob.user_id})
    ann.block(bob)
    eventually(lambda: seen() == {bob.user_id})
    ann.unblock(bob)
    eventually(lambda: seen() == {ann.user_id, bob.user_id})


@either_way
def test_who_writes_unwanted_is_not_shown_typing(
    listen: Listen, ann: Guest, bob: Guest, direct: Json, exclude: Exclude
) -> None:
    exclude(ann, bob)
    hers = listen(ann)
    hers.enter(direct)
    bob.post(f"/chats/{direct['id']}/typing")
    ann.post(f"/chats/{direct['id']}/typing")
    assert bob.user_id not in [sign["user_id"] for sign in ann.present(direct)["typing"]]
    third = Guest.sign_in(ann.url)
    if exclude is block:
        third.open_direct(ann)
        eventually(lambda: hers.events("direct"))
    assert bob.user_id not in [sign["user_id"] for sign in hers.events("typing")]


def test_who_is_blocked_still_shows_themselves(ann: Guest, bob: Guest, direct: Json) -> None:
    ann.block(bob)
    bob.enter(direct)
    assert ann.direct(direct)["present"] is True


def test_what_waits_from_somebody_blocked_does_not_count(ann: Guest, bob: Guest, direct: Json) -> None:
    bob.send(direct, "Hello")
    assert ann.get("/sessions/current")["directs"] == {"unread": 1, "requests": 0}
    ann.block(bob)
    assert ann.get("/sessions/current")["directs"] == {"unread": 0, "requests": 0}


# That it is not told.


def choices() -> list[tuple[str, Callable[[Guest, Guest, Json], object]]]:
    return [
        ("a block", lambda ann, bob, chat: ann.block(bob)),
        ("the end of one", lambda ann, bob, chat: ann.unblock(bob)),
        ("a setting", lambda ann, bob, chat: ann.take_from("nobody")),
        ("an ignored request", lambda ann, bob, chat: ann.answer(chat, "ignored")),
        ("an answer", lambda ann, bob, chat: ann.answer(chat, "open")),
        ("how far was read", lambda ann, bob, chat: ann.read(chat, 1)),
    ]


@pytest.mark.parametrize("choice", [choice for _, choice in choices()], ids=[name for name, _ in choices()])
def test_the_other_one_hears_nothing_of_what_somebody_chooses(
    listen: Listen,
    ann: Guest,
    bob: Guest,
    direct: Json,
    choice: Callable[[Guest, Guest, Json], object],
) -> None:
    bob.send(direct, "Hello")
    his = listen(bob)
    his.enter(direct)
    eventually(lambda: his.events("presence"))

    def hears_of_a_new_chat() -> int:
        """What is told later comes later."""
        new: int = Guest.sign_in(ann.url).open_direct(bob)["id"]
        eventually(lambda: new in [row["id"] for row in his.events("direct")])
        return new

    known = {direct["id"], hears_of_a_new_chat(), hears_of_a_new_chat()}
    heard = len(his.heard)
    choice(ann, bob, direct)
    later = {hears_of_a_new_chat(), hears_of_a_new_chat()}
    told = [(name, data["id"]) for name, data in his.heard[heard:] if name not in ("head", "presence")]
    assert {name for name, _ in told} == {"direct"}
    assert {chat_id for _, chat_id in told} <= later, f"of what was there before, {known} was told"


def test_ones_own_devices_hear_of_ones_own_block(
    listen: Listen, ann: Guest, bob: Guest, direct: Json
) -> None:
    other = listen(ann)
    ann.block(bob)
    eventually(lambda: [row["blocked"] for row in other.events("direct")][-1:] == [True])
    ann.unblock(bob)
    eventually(lambda: [row["blocked"] for row in other.events("direct")][-1:] == [False])


@pytest.mark.long
def test_news_of_a_chat_do_not_say_that_nothing_is_taken_any_more(
    listen: Listen, ann: Guest, bob: Guest, direct: Json
) -> None:
    hers, his = listen(ann), listen(bob)
    hers.enter(direct)
    eventually(lambda: [row["present"] for row in his.events("direct")][-1:] == [True])
    ann.block(bob)  # takes her out of his sight
    eventually(lambda: [row["present"] for row in his.events("direct")][-1:] == [False])
    assert not any("may_write" in row for row in his.events("direct"))
    assert not any(row["blocked"] for row in his.events("direct"))


def seen_by_excluded(server: Server, exclude: Exclude) -> list[object]:
    """All that somebody who is not wanted is answered, with names and numbers left out."""
    ann, bob = Guest.sign_in(server.url), Guest.sign_in(server.url)
    bob.join(ann.open_chat())
    ann.open_direct(bob)
    direct = bob.open_direct(ann)
    seq = bob.send(direct, "Before")["seq"]
    exclude(ann, bob)
    path = f"/chats/{direct['id']}"
    calls: list[Callable[[], object]] = [
        lambda: bob.open_direct(ann),
        bob.directs,
        lambda: bob.get(f"{path}/"),
        lambda: bob.send(direct, "Hello?"),
        lambda: bob.patch(f"{path}/messages/{seq}", {"content": "Hello?"}),
        lambda: bob.patch(f"{path}/messages/{seq}", {"content": "Before"}),
        lambda: bob.delete(f"{path}/messages/{seq}"),
        lambda: bob.post(f"{path}/typing"),
        lambda: bob.enter(direct),
        lambda: bob.present(direct),
        lambda: bob.get(f"{path}/members"),
        lambda: bob.get("/users", q=ann.username),
        lambda: bob.get("/sessions/current"),
        lambda: bob.answer(direct, "ignored"),
        lambda: bob.block(ann),
    ]
    answers: list[object] = []
    for call in calls:
        try:
            answers.append(shape(call()))
        except Refused as error:
            answers.append((error.status, error.error))
    return answers


def shape(answer: object) -> object:
    """An answer without what differs from one chat to another."""
    if isinstance(answer, dict):
        differs = ("id", "user_id", "name", "username", "hash_key", "url", "client_id", "chat_id")
        return {
            name: shape(value)
            for name, value in answer.items()
            if name not in differs and not name.endswith(("_at", "timestamp"))
        }
    return [shape(one) for one in answer] if isinstance(answer, list) else answer


def test_a_block_and_a_choice_cannot_be_told_apart(server: Server) -> None:
    blocked, excluded = seen_by_excluded(server, block), seen_by_excluded(server, take_from_nobody)
    assert blocked == excluded
    assert blocked[3] == (403, {"code": "forbidden", "message": NOT_TAKING})


# The pages.


def test_the_account_page_ends_blocks_and_takes_the_choice(ann: Guest, bob: Guest, direct: Json) -> None:
    ann.block(bob)
    page = ann.raw("GET", "/account/")
    assert page.status_code == 200
    assert bob.username in page.text
    assert ann.raw("POST", f"/account/blocks/{bob.user_id}/").status_code == 303
    assert blocked_ids(ann) == []
    assert ann.raw("POST", "/account/direct/", data={"direct_from": "nobody"}).status_code == 303
    assert ann.patch("/users/current", {})["direct_from"] == "nobody"
