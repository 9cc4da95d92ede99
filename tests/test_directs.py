"""Direct chats: two people have one, wherever they come from, and nobody else has to do with it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.database import change, rows
from tests.support.directs import named
from tests.support.people import Guest, Json, a_name, refused
from tests.support.server import Server
from tests.support.waiting import eventually


def waiting(guest: Guest) -> Json:
    counts: Json = guest.get("/sessions/current")["directs"]
    return counts


# Opening one.


def test_a_direct_chat_is_opened_by_a_name_and_asks_its_owner(ann: Guest, bob: Guest) -> None:
    response = ann.raw("POST", "/directs", json={"username": bob.username})
    opened = response.json()
    chat = {key: value for key, value in opened.items() if key not in ("may_moderate", "muted_until")}
    assert response.status_code == 201
    side = {"mine": False, "may_manage": False, "blocked": False, "may_write": True}
    assert (
        chat.items() >= ({"kind": "direct", "name": bob.username, "rev": 0, "state": "open"} | side).items()
    )
    assert chat["with"] == named(bob)
    (row,) = bob.directs()
    other = {"name": ann.username, "with": named(ann), "state": "asked"}
    assert row == chat | other | {"last": None, "unread": 0, "present": False}
    assert bob.get(f"/chats/{chat['id']}/").items() >= (chat | other).items()


@pytest.mark.parametrize("typed", [str, str.upper, lambda name: f" {name} "])
def test_two_people_have_the_same_chat_however_often_either_opens_it(
    ann: Guest, bob: Guest, direct: Json, typed: Callable[[str], str]
) -> None:
    for guest, other in ((ann, bob), (bob, ann), (ann, bob)):
        response = guest.raw("POST", "/directs", json={"username": typed(other.username)})
        assert (response.status_code, response.json()["id"]) == (200, direct["id"])
    assert [len(guest.directs()) for guest in (ann, bob)] == [1, 1]


def test_two_who_open_it_at_the_same_instant_have_one_chat(server: Server, ann: Guest) -> None:
    bobs = [Guest.sign_in(server.url) for _ in range(50)]
    with ThreadPoolExecutor(2) as pool:
        for bob in bobs:
            together = threading.Barrier(2)

            def open_it(
                one: Guest, other: Guest, together: threading.Barrier = together
            ) -> tuple[int, int, str]:
                together.wait(timeout=20)
                answer = one.raw("POST", "/directs", json={"username": other.username})
                return answer.status_code, answer.json()["id"], answer.json()["state"]

            first, second = pool.map(open_it, (ann, bob), (bob, ann))
            assert sorted((first[0], second[0])) == [200, 201]
            assert (first[1:], second[1:]) == ((second[1], "open"), (first[1], "open"))
    opened = rows(
        server.data, "SELECT count(*), count(DISTINCT chat_id) FROM direct WHERE user_id = ?", ann.user_id
    )
    assert opened == [(50, 50)]


def test_who_opens_a_chat_that_they_were_asked_into_has_answered(
    ann: Guest, bob: Guest, direct: Json
) -> None:
    assert bob.direct(direct)["state"] == "asked"
    assert bob.open_direct(ann)["state"] == "open"
    assert bob.direct(direct)["state"] == "open"


def by_http(guest: Guest, chat: Json) -> object:
    return guest.send(chat, "Hello")


def by_socket(guest: Guest, chat: Json) -> object:
    with guest.socket() as socket:
        return socket.send(chat, "Hello")


@pytest.mark.parametrize("door", [by_http, by_socket])
def test_who_writes_has_answered(
    ann: Guest, bob: Guest, direct: Json, door: Callable[[Guest, Json], object]
) -> None:
    bob.answer(direct, "ignored")
    door(bob, direct)
    assert bob.direct(direct)["state"] == "open"


def test_a_name_that_nobody_has_is_refused_and_named(ann: Guest, bob: Guest) -> None:
    somebody = Guest.sign_in(ann.url, a_name("Modern"))
    for name in (a_name("Nobody"), somebody.username.replace("rn", "m"), "", "x" * 40):
        error = refused(ann.post, "/directs", {"username": name})
        assert (error.status, error.code, list(error.error["fields"])) == (400, "invalid", ["username"])
    assert ann.directs() == []


def test_nobody_has_a_chat_with_themselves(ann: Guest) -> None:
    error = refused(ann.open_direct, ann)
    assert (error.status, list(error.error["fields"])) == (400, ["username"])


def test_people_are_asked_at_a_bounded_rate_and_chats_that_are_there_are_free(
    start_server: Callable[..., Server],
) -> None:
    url = start_server(direct_rate="2+1/h").url
    ann, *others = (Guest.sign_in(url) for _ in range(4))
    for somebody in (others[0], others[0], others[1]):
        ann.open_direct(somebody)
    error = refused(ann.open_direct, others[2])
    assert (error.status, error.code) == (429, "too_fast")
    assert ann.open_direct(others[1])["state"] == "open"
    assert others[2].open_direct(ann)["state"] == "open"  # it is Ann who is too fast


# Answering.


@pytest.mark.parametrize("state", ["open", "ignored"])
def test_an_answer_is_seen_by_who_gives_it_and_by_nobody_else(
    ann: Guest, bob: Guest, direct: Json, state: str
) -> None:
    assert bob.answer(direct, state)["state"] == state
    assert bob.answer(direct, state)["state"] == state  # once more is no harm
    listed = {key: value for key, value in direct.items() if key not in ("may_moderate", "muted_until")}
    assert ann.direct(direct).items() >= listed.items()
    assert ann.get(f"/chats/{direct['id']}/").items() >= direct.items()


@pytest.mark.parametrize("state", ["asked", "", "OPEN", "blocked"])
def test_there_are_two_answers(bob: Guest, direct: Json, state: str) -> None:
    error = refused(bob.answer, direct, state)
    assert (error.status, list(error.error["fields"])) == (400, ["state"])
    assert bob.direct(direct)["state"] == "asked"


def test_an_ignored_chat_is_in_no_list_and_waits_for_nothing_but_can_be_looked_at(
    ann: Guest, bob: Guest, direct: Json
) -> None:
    bob.answer(direct, "ignored")
    ann.send(direct, "Hello?")
    assert bob.directs() == []
    assert waiting(bob) == {"unread": 0, "requests": 0}
    assert [message["content"] for message in bob.after(direct, 0)["messages"]] == ["Hello?"]
    bob.answer(direct, "open")
    assert bob.direct(direct)["unread"] == 1
    assert waiting(bob) == {"unread": 1, "requests": 0}


def test_rooms_and_the_chats_of_others_cannot_be_answered(
    ann: Guest, third: Guest, chat: Json, direct: Json
) -> None:
    strange = [
        refused(guest.answer, {"id": chat_id}, "open")
        for guest, chat_id in ((third, direct["id"]), (ann, chat["id"]), (ann, 10**9), (ann, 0), (ann, 2**70))
    ]
    assert {error.status for error in strange} == {404}
    assert all(error.error == strange[0].error for error in strange)


# The list.


def test_what_waits_is_more_after_each_message(ann: Guest, bob: Guest, third: Guest, direct: Json) -> None:
    bob.answer(direct, "open")
    other = third.open_direct(bob)
    bob.answer(other, "open")
    assert waiting(bob) == {"unread": 0, "requests": 0}
    ann.send(direct, "One")
    assert waiting(bob) == {"unread": 1, "requests": 0}
    third.send(other, "Two")
    assert waiting(bob) == {"unread": 2, "requests": 0}


def test_the_list_has_the_last_line_and_what_is_unread(ann: Guest, bob: Guest, direct: Json) -> None:
    ann.send(direct, "Line 0")
    ann.send(direct, "Line 1")
    message = ann.send(direct, "Line 2")
    row = bob.direct(direct)
    last = {"user_id": ann.user_id, "content": "Line 2", "timestamp": message["timestamp"]}
    assert (row["last"], row["unread"]) == (last, 3)
    assert (ann.direct(direct)["last"], ann.direct(direct)["unread"]) == (last, 0)
    bob.send(direct, "Answer")
    assert ann.direct(direct)["unread"] == 1
    bob.read(direct, 2)
    assert bob.direct(direct)["unread"] == 1


def test_what_was_deleted_is_neither_the_last_line_nor_unread(ann: Guest, bob: Guest, direct: Json) -> None:
    ann.send(direct, "One")
    ann.send(direct, "Two")
    ann.delete(f"/chats/{direct['id']}/messages/2")
    row = bob.direct(direct)
    assert (row["last"]["content"], row["unread"]) == ("One", 1)
    ann.delete(f"/chats/{direct['id']}/messages/1")
    row = bob.direct(direct)
    assert (row["last"], row["unread"]) == (None, 0)


def test_a_long_last_line_is_cut_and_many_unread_are_a_hundred(
    server: Server, ann: Guest, bob: Guest, direct: Json
) -> None:
    for number in range(101):
        ann.send(direct, f"{number} " + "x" * 500)
    row = bob.direct(direct)
    assert (len(row["last"]["content"]), row["unread"]) == (160, 100)


def test_the_last_active_chat_is_first_and_there_are_more_than_one_asked_for(ann: Guest) -> None:
    others = [Guest.sign_in(ann.url) for _ in range(3)]
    first, second, last = (ann.open_direct(other) for other in others)
    others[0].send(first, "Hello")
    for limit in range(1, 5):
        answer = ann.get("/directs", limit=limit)
        assert [row["id"] for row in answer["directs"]] == [first["id"], last["id"], second["id"]][:limit]
        assert answer["more"] is (limit < 3)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=-1", "limit=x", "q=x"])
def test_a_parameter_out_of_range_is_refused_and_named(ann: Guest, query: str) -> None:
    error = refused(ann.get, f"/directs?{query}")
    assert (error.status, list(error.error["fields"])) == (400, [query.partition("=")[0]])


def test_what_waits_for_somebody_is_counted_in_chats(ann: Guest, bob: Guest, third: Guest) -> None:
    assert waiting(bob) == {"unread": 0, "requests": 0}
    chats = [guest.open_direct(bob) for guest in (ann, third)]
    for guest, chat in zip((ann, third), chats, strict=True):
        guest.send(chat, "One")
        guest.send(chat, "Two")
    assert waiting(bob) == {"unread": 0, "requests": 2}
    bob.answer(chats[1], "open")
    assert waiting(bob) == {"unread": 1, "requests": 1}
    bob.read(chats[1], 2)
    assert waiting(bob) == {"unread": 0, "requests": 1}
    assert waiting(ann) == {"unread": 0, "requests": 0}


def test_who_is_in_the_chat_is_said_in_the_list(ann: Guest, bob: Guest, direct: Json) -> None:
    bob.enter(direct)
    assert ann.direct(direct)["present"] is False  # to look at a request is no answer
    bob.answer(direct, "open")
    assert ann.direct(direct)["present"] is True
    assert bob.direct(direct)["present"] is False  # it is about the other one
    bob.answer(direct, "ignored")
    assert ann.direct(direct)["present"] is False
    bob.answer(direct, "open")
    bob.leave(direct)
    assert ann.direct(direct)["present"] is False


# Nobody else.


def test_nobody_else_reads_or_changes_it_the_host_neither(
    server: Server, ann: Guest, bob: Guest, third: Guest, direct: Json
) -> None:
    ann.send(direct, "Between us")
    host = Guest(server.url).sign_up()
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", host.user_id)
    absent = direct | {"id": 10**9, "hash_key": "x" * 22}
    calls: list[Callable[[Guest, Json], Json]] = [
        lambda guest, chat: guest.get(f"/chats/{chat['id']}/"),
        lambda guest, chat: guest.after(chat, 0),
        lambda guest, chat: guest.send(chat, "Me too"),
        lambda guest, chat: guest.patch(f"/chats/{chat['id']}/", {"name": "Mine"}),
        lambda guest, chat: guest.delete(f"/chats/{chat['id']}/"),
        lambda guest, chat: guest.get(f"/chats/{chat['id']}/members"),
        lambda guest, chat: guest.post(f"/chats/{chat['id']}/members", {"username": guest.username}),
        lambda guest, chat: guest.post(f"/chats/{chat['id']}/invitations"),
        Guest.join,
        Guest.enter,
        Guest.present,
    ]
    for guest in (third, host):
        for call in calls:
            hidden, nothing = refused(call, guest, direct), refused(call, guest, absent)
            assert hidden.status == 404
            assert hidden.error == nothing.error
        assert guest.directs() == []
    change(server.data, "UPDATE user SET role = 'member' WHERE id = ?", host.user_id)


@pytest.mark.parametrize("role", ["member", "admin"])
def test_neither_of_the_two_can_rename_delete_or_share_it(
    server: Server, ann: Guest, bob: Guest, third: Guest, direct: Json, role: str
) -> None:
    change(server.data, "UPDATE user SET role = ? WHERE id = ?", role, ann.user_id)
    here = f"/chats/{direct['id']}/"
    for call in (
        lambda: ann.patch(here, {"name": "Ours"}),
        lambda: ann.patch(here, {"kind": "listed"}),
        lambda: ann.delete(here),
        lambda: ann.post(f"{here}members", {"username": third.username}),
        lambda: ann.post(f"{here}invitations"),
        lambda: ann.delete(f"{here}members/{bob.user_id}"),
    ):
        error = refused(call)
        assert (error.status, error.code) == (403, "forbidden")
    change(server.data, "UPDATE user SET role = 'member' WHERE id = ?", ann.user_id)
    assert refused(ann.delete, f"{here}members/{ann.user_id}").status == 409
    people = ann.get(f"{here}members")["members"]
    assert [row["user_id"] for row in people] == sorted((ann.user_id, bob.user_id))
    assert refused(third.join, direct).status == 404
    assert ann.join(direct) == direct  # for who is in it, its link leads there


def test_no_room_is_opened_as_a_direct_chat_or_made_one(member: Guest) -> None:
    assert refused(member.open_chat, kind="direct").status == 400
    chat = member.open_chat()
    assert refused(member.patch, f"/chats/{chat['id']}/", {"kind": "direct"}).status == 400


def test_a_direct_chat_is_no_room_that_two_people_share(ann: Guest, bob: Guest, direct: Json) -> None:
    bob.take_from("shared")
    assert refused(ann.send, direct, "Hello?").status == 403


# As in rooms.


def test_one_is_in_one_room_at_a_time_direct_chats_among_them(
    ann: Guest, bob: Guest, chat: Json, direct: Json
) -> None:
    bob.answer(direct, "open")
    with bob.socket() as socket:
        socket.enter(chat)
        socket.enter(direct)
        to = {"id": direct["id"], "name": ann.username, "url": direct["url"]}
        eventually(lambda: socket.events("moved") == [{"chat_id": chat["id"], "to": to}])
        present = [{"user_id": bob.user_id, "username": bob.username, "guest": True}]
        assert ann.present(direct)["present"] == present
        assert ann.present(chat)["present"] == []
        bob.enter(chat)
        assert refused(bob.present, direct).error["to"]["id"] == chat["id"]


def test_messages_edits_and_deletions_reach_the_other_one(ann: Guest, bob: Guest, direct: Json) -> None:
    with bob.socket() as socket:
        assert socket.enter(direct)["chat"].items() >= {"name": ann.username, "kind": "direct"}.items()
        message = ann.send(direct, "Helo")
        path = f"/chats/{direct['id']}/messages/{message['seq']}"
        ann.patch(path, {"content": "Hello"})
        assert refused(bob.patch, path, {"content": "Mine"}).status == 403
        assert refused(bob.delete, path).status == 403
        ann.delete(path)
        eventually(lambda: socket.contents() == ["Helo", "Hello", ""])
        ann.post(f"/chats/{direct['id']}/typing")
        eventually(lambda: [sign["user_id"] for sign in socket.events("typing")] == [ann.user_id])
    permalink = bob.raw("GET", f"{direct['url']}messages/{message['seq']}/")
    assert permalink.status_code == 200


def test_a_message_that_is_sent_again_is_stored_once(ann: Guest, bob: Guest, direct: Json) -> None:
    client_id = str(uuid.uuid4())
    with ann.socket() as socket:
        sent = [ann.send(direct, "Once", client_id), socket.send(direct, "Once", client_id)]
    assert sent[0] == sent[1]
    assert bob.after(direct, 0)["messages"] == sent[:1]
    assert refused(ann.send, direct, "Twice", client_id).code == "conflict"


def test_a_repeat_is_answered_with_what_is_stored_though_nothing_is_taken_any_more(
    ann: Guest, bob: Guest, direct: Json
) -> None:
    client_id = str(uuid.uuid4())
    stored = ann.send(direct, "Once", client_id)
    bob.take_from("nobody")
    assert ann.send(direct, "Once", client_id) == stored
    assert refused(ann.send, direct, "Once").status == 403


def test_a_poll_that_waits_hears_of_the_other_ones_message(ann: Guest, bob: Guest, direct: Json) -> None:
    with ThreadPoolExecutor(1) as pool:
        polling = pool.submit(bob.after, direct, 0, wait=20)
        bob.after(direct, 0, wait=1)
        ann.send(direct, "Hello")
        assert [message["content"] for message in polling.result(timeout=15)["messages"]] == ["Hello"]
