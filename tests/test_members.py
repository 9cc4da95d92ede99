"""Members: private rooms, invitations by name and by one-time link, putting out and leaving for good."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.support.database import ago, change, rows
from tests.support.people import PASSWORD, TIMEOUT, Guest, Json, Refused, a_name, refused
from tests.support.server import Server
from tests.support.waiting import eventually


@pytest.fixture
def private(member: Guest) -> Json:
    """A room of `member` where nobody else is."""
    return member.open_chat("Between us", "private")


def members(guest: Guest, chat: Json, **parameters: object) -> Json:
    return guest.get(f"/chats/{chat['id']}/members", **parameters)


def member_ids(guest: Guest, chat: Json) -> list[int]:
    return [row["user_id"] for row in members(guest, chat)["members"]]


def invite(guest: Guest, chat: Json, username: str) -> Json:
    return guest.post(f"/chats/{chat['id']}/members", {"username": username})


def remove(guest: Guest, chat: Json, user_id: int) -> Json:
    return guest.delete(f"/chats/{chat['id']}/members/{user_id}")


def one_time_link(guest: Guest, chat: Json) -> str:
    url: str = guest.post(f"/chats/{chat['id']}/invitations")["url"]
    return url


def use(guest: Guest, link: str) -> Json:
    return guest.post(f"{link}join")


# The list.


def test_the_list_says_who_is_in_the_room(member: Guest, bob: Guest) -> None:
    chat = member.open_chat()
    bob.join(chat)
    bob.enter(chat)
    assert members(bob, chat) == {
        "members": [
            {
                "user_id": member.user_id,
                "username": member.username,
                "guest": False,
                "creator": True,
                "moderator": False,
                "present": False,
            },
            {
                "user_id": bob.user_id,
                "username": bob.username,
                "guest": True,
                "creator": False,
                "moderator": False,
                "present": True,
            },
        ],
        "more": False,
    }


def test_the_list_is_read_page_by_page(ann: Guest) -> None:
    chat = ann.open_chat()
    people = [ann, *(Guest.sign_in(ann.url) for _ in range(4))]
    for guest in people[1:]:
        guest.join(chat)
    for limit in (1, 2, 4, 5, 200):
        found: list[int] = []
        for _ in range(6):
            page = members(ann, chat, after=found[-1] if found else 0, limit=limit)
            found += [row["user_id"] for row in page["members"]]
            if not page["more"]:
                break
        assert found == [guest.user_id for guest in people]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "after=-1", "after=x", "colour=red"])
def test_a_page_out_of_range_is_refused_and_named(ann: Guest, chat: Json, query: str) -> None:
    error = refused(ann.get, f"/chats/{chat['id']}/members?{query}")
    assert (error.status, list(error.error["fields"])) == (400, [query.partition("=")[0]])


# Private rooms.


@pytest.mark.parametrize(
    "act", [Guest.join, Guest.enter, Guest.present, members], ids=lambda act: act.__name__
)
def test_a_private_room_is_not_there_for_strangers(
    act: Callable[[Guest, Json], Json], bob: Guest, private: Json
) -> None:
    absent = private | {"id": 10**9, "hash_key": "x" * 22}
    hidden, nothing = refused(act, bob, private), refused(act, bob, absent)
    assert hidden.status == 404
    assert hidden.error == nothing.error


def test_the_link_of_a_private_room_still_leads_its_members_there(member: Guest, private: Json) -> None:
    assert member.join(private) == private


def test_a_room_made_private_lets_nobody_new_in_by_its_link(member: Guest, ann: Guest, bob: Guest) -> None:
    chat = member.open_chat(kind="link")
    ann.join(chat)
    member.patch(f"/chats/{chat['id']}/", {"kind": "private"})
    assert refused(bob.join, chat).status == 404
    ann.send(chat, "Still in")


# By name.


@pytest.mark.parametrize("typed", [str, str.upper, lambda name: f" {name} "])
def test_somebody_invited_by_name_is_in(
    member: Guest, bob: Guest, private: Json, typed: Callable[[str], str]
) -> None:
    answer = invite(member, private, typed(bob.username))
    expected = {"user_id": bob.user_id, "username": bob.username, "guest": True}
    assert answer == expected | {"creator": False, "moderator": False, "present": False}
    assert bob.join(private)["mine"] is False
    bob.send(private, "Thank you")
    invite(member, private, bob.username)  # once more is no harm
    assert member_ids(bob, private) == [member.user_id, bob.user_id]


def test_a_guest_can_invite_to_a_private_room_of_theirs(ann: Guest, bob: Guest) -> None:
    chat = ann.open_chat(kind="private")
    invite(ann, chat, bob.username)
    assert bob.after(chat, 0)["head"] == 0


def test_only_whoever_opened_the_room_invites(ann: Guest, bob: Guest, chat: Json) -> None:
    third = Guest.sign_in(ann.url)
    for path, body in (("members", {"username": third.username}), ("invitations", None)):
        error = refused(bob.post, f"/chats/{chat['id']}/{path}", body)
        assert (error.status, error.code) == (403, "forbidden")
        assert refused(third.post, f"/chats/{chat['id']}/{path}", body).status == 404
    assert member_ids(ann, chat) == [ann.user_id, bob.user_id]


def test_a_name_that_nobody_has_is_refused_and_named(member: Guest, private: Json) -> None:
    somebody = Guest.sign_in(member.url, a_name("Modern"))
    for name in (a_name("Nobody"), somebody.username.replace("rn", "m"), "", "x" * 40):
        error = refused(invite, member, private, name)
        assert (error.status, list(error.error["fields"])) == (400, ["username"])
    assert member_ids(member, private) == [member.user_id]


def test_a_name_that_somebody_gave_up_invites_nobody(member: Guest, private: Json) -> None:
    other = Guest(member.url).sign_up()
    other.patch("/users/current", {"username": a_name("Renamed")})
    assert refused(invite, member, private, other.username).status == 400


def test_people_are_invited_at_a_bounded_rate(start_server: Callable[..., Server]) -> None:
    url = start_server(invitation_rate="2+1/h").url
    ann, bob = Guest.sign_in(url), Guest.sign_in(url)
    chat = ann.open_chat(kind="private")
    invite(ann, chat, bob.username)
    one_time_link(ann, chat)
    for call in (lambda: invite(ann, chat, bob.username), lambda: one_time_link(ann, chat)):
        error = refused(call)
        assert (error.status, error.code) == (429, "too_fast")


# By one-time link.


def test_a_one_time_link_lets_one_person_in_once(
    member: Guest, ann: Guest, bob: Guest, private: Json
) -> None:
    link = one_time_link(member, private)
    assert use(bob, link) == private | {"mine": False, "may_manage": False, "may_moderate": False}
    error = refused(use, ann, link)
    assert (error.status, error.code) == (404, "not_found")
    assert member_ids(bob, private) == [member.user_id, bob.user_id]


def test_a_member_who_looks_where_the_link_leads_does_not_use_it_up(
    member: Guest, bob: Guest, private: Json
) -> None:
    link = one_time_link(member, private)
    assert use(member, link) == private
    assert use(bob, link)["id"] == private["id"]


def test_of_two_who_use_one_link_at_the_same_instant_one_comes_in(member: Guest, private: Json) -> None:
    crowd = 6
    people = [Guest.sign_in(member.url) for _ in range(crowd)]
    for _ in range(3):
        link, together = one_time_link(member, private), threading.Barrier(crowd)

        def ask(guest: Guest, link: str = link, together: threading.Barrier = together) -> int:
            together.wait(timeout=20)
            return guest.raw("POST", f"{link}join").status_code

        with ThreadPoolExecutor(crowd) as pool:
            assert sorted(pool.map(ask, people)) == [200] + [404] * (crowd - 1)
        (winner,) = set(member_ids(member, private)) - {member.user_id}
        remove(member, private, winner)


def test_a_one_time_link_is_good_for_seven_days(
    server: Server, member: Guest, bob: Guest, private: Json
) -> None:
    link = one_time_link(member, private)
    set_end = "UPDATE invitation SET expires_at = ? WHERE chat_id = ?"
    ends = "SELECT expires_at > ? AND expires_at < ? FROM invitation WHERE chat_id = ?"
    bounds = ago(days=-6, hours=-23), ago(days=-7, hours=-1)
    assert rows(server.data, ends, *bounds, private["id"]) == [(True,)]
    change(server.data, set_end, ago(seconds=1), private["id"])
    assert refused(use, bob, link).status == 404
    change(server.data, set_end, ago(minutes=-1), private["id"])
    assert use(bob, link)["id"] == private["id"]


@pytest.mark.parametrize("token", ["x", "x" * 32, "x" * 500, "tökén"])
def test_a_link_that_nobody_made_looks_like_one_that_is_used_up(
    member: Guest, ann: Guest, bob: Guest, private: Json, token: str
) -> None:
    link = one_time_link(member, private)
    use(bob, link)
    assert refused(use, ann, f"/invitations/{token}/").error == refused(use, ann, link).error


def test_the_database_knows_a_one_time_link_only_as_a_hash(
    server: Server, member: Guest, private: Json
) -> None:
    token = one_time_link(member, private).split("/")[2]
    assert len(token) == 32
    ((kept,),) = rows(server.data, "SELECT token FROM invitation WHERE chat_id = ?", private["id"])
    assert kept == hashlib.sha256(token.encode()).hexdigest()


def test_the_link_of_a_deleted_room_leads_nowhere(member: Guest, bob: Guest, private: Json) -> None:
    link = one_time_link(member, private)
    member.delete(f"/chats/{private['id']}/")
    assert refused(use, bob, link).status == 404


# Putting out, and leaving for good.


def test_who_is_removed_is_out_at_once_on_every_door(ann: Guest, bob: Guest, chat: Json) -> None:
    third = Guest.sign_in(ann.url)
    third.join(chat)
    with bob.socket() as socket, third.socket() as stays, ThreadPoolExecutor() as pool:
        socket.enter(chat)
        stays.enter(chat)
        polling = pool.submit(bob.after, chat, 0, wait=20)
        bob.after(chat, 0, wait=1)
        remove(ann, chat, bob.user_id)
        with pytest.raises(Refused) as out:
            polling.result(timeout=15)
        assert out.value.status == 404
        ann.send(chat, "Among ourselves")
        eventually(lambda: stays.contents() == ["Among ourselves"])
        eventually(lambda: socket.events("removed") == [{"chat_id": chat["id"]}])
        for call in (
            lambda: socket.enter(chat),
            lambda: socket.send(chat, "Hello?"),
            lambda: bob.send(chat, "Hello?"),
            lambda: bob.after(chat, 0),
        ):
            assert refused(call).code == "not_found"
        assert socket.client.connected
        assert socket.contents() == []
        assert stays.events("removed") == []
    assert ann.present(chat)["present"] == [
        {"user_id": third.user_id, "username": third.username, "guest": True}
    ]


@pytest.mark.parametrize("kind", ["listed", "link", "private"])
def test_who_was_removed_comes_back_by_a_new_invitation_alone(member: Guest, bob: Guest, kind: str) -> None:
    chat = member.open_chat(kind=kind)
    ways: list[Callable[[], Json]] = [
        lambda: invite(member, chat, bob.username),
        lambda: use(bob, one_time_link(member, chat)),
    ]
    for comes_back in ways:
        invite(member, chat, bob.username)
        remove(member, chat, bob.user_id)
        assert refused(bob.join, chat).status == 404
        comes_back()
        assert bob.after(chat, 0)["head"] == 0


def test_who_was_removed_claims_no_room_that_they_opened_before_they_signed_in(server: Server) -> None:
    here = {"Origin": server.url}
    opened = requests.post(f"{server.url}/chats", json={"name": "Mine"}, headers=here, timeout=TIMEOUT)
    chat, cookies = opened.json(), opened.cookies
    first = requests.post(
        f"{server.url}/sessions", json={"username": a_name()}, headers=here, cookies=cookies, timeout=TIMEOUT
    ).json()
    creator, moderator = Guest(server.url, first["token"]), Guest.sign_in(server.url)
    moderator.join(chat)
    creator.put(f"/chats/{chat['id']}/moderators/{moderator.user_id}")
    banned = Guest(server.url).sign_up()
    banned.join(chat)
    creator.delete("/users/current", {"password": None})
    remove(moderator, chat, banned.user_id)
    body = {"username": banned.username, "password": PASSWORD}
    again = requests.post(
        f"{server.url}/sessions", json=body, headers=here, cookies=cookies, timeout=TIMEOUT
    ).json()
    assert refused(Guest(server.url, again["token"]).get, f"/chats/{chat['id']}/").status == 404


def test_a_link_made_before_somebody_was_removed_lets_them_in_once(member: Guest, bob: Guest) -> None:
    chat = member.open_chat(kind="private")
    used = one_time_link(member, chat)
    use(bob, used)
    remove(member, chat, bob.user_id)
    assert refused(use, bob, used).status == 404


@pytest.mark.parametrize(("kind", "comes_back"), [("listed", True), ("link", True), ("private", False)])
def test_who_leaves_for_good_may_come_back_by_the_link_unless_the_room_is_private(
    member: Guest, bob: Guest, kind: str, comes_back: bool
) -> None:
    chat = member.open_chat(kind=kind)
    invite(member, chat, bob.username)
    message = bob.send(chat, "Good-bye")
    remove(bob, chat, bob.user_id)
    assert refused(bob.after, chat, 0).status == 404
    assert member_ids(member, chat) == [member.user_id]
    assert member.after(chat, 0)["messages"] == [message]
    assert (bob.raw("POST", f"/chatrooms/{chat['hash_key']}/join").status_code == 200) is comes_back


def test_whoever_opened_a_room_cannot_be_put_out_and_cannot_leave(
    server: Server, member: Guest, bob: Guest
) -> None:
    chat = member.open_chat()
    bob.join(chat)
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", bob.user_id)
    for guest in (member, bob):
        error = refused(remove, guest, chat, member.user_id)
        assert (error.status, error.code) == (409, "conflict")
    assert member_ids(member, chat) == [member.user_id, bob.user_id]


def test_only_whoever_opened_the_room_puts_others_out(ann: Guest, bob: Guest, chat: Json) -> None:
    third = Guest.sign_in(ann.url)
    assert refused(remove, third, chat, bob.user_id).status == 404
    third.join(chat)
    assert refused(remove, bob, chat, third.user_id).status == 403
    assert member_ids(ann, chat) == [ann.user_id, bob.user_id, third.user_id]


def test_who_is_not_in_the_room_cannot_be_put_out(ann: Guest, chat: Json) -> None:
    stranger = Guest.sign_in(ann.url)
    for user_id in (stranger.user_id, 0, 10**9, 2**70):
        assert refused(remove, ann, chat, user_id).status == 404
    assert stranger.join(chat)["id"] == chat["id"]  # nor is shut out by it


def test_the_host_sees_to_listed_rooms_and_to_no_others(server: Server, member: Guest, bob: Guest) -> None:
    host = Guest(server.url).sign_up()
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", host.user_id)
    listed, link = member.open_chat(), member.open_chat(kind="link")
    for chat in (listed, link):
        bob.join(chat)
    remove(host, listed, bob.user_id)
    assert member_ids(member, listed) == [member.user_id]
    assert refused(remove, host, link, bob.user_id).status == 404
    assert refused(members, host, link).status == 404
