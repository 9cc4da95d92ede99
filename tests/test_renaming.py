"""Renaming: taking another name, and what becomes of the one before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.database import ago, change
from tests.support.people import Guest, Json, a_name, refused
from tests.support.server import Server
from tests.support.waiting import eventually


def rename(guest: Guest, name: str) -> Json:
    return guest.patch("/users/current", {"username": name})


def let_days_pass(server: Server, guest: Guest, days: float) -> None:
    """Move the end of the time for which this person's old names are kept."""
    assert change(
        server.data,
        "UPDATE name_key SET kept_until = ? WHERE user_id = ? AND kept_until IS NOT NULL",
        ago(days=days - 7),
        guest.user_id,
    )


def test_another_name_is_ones_own_from_then_on(ann: Guest, bob: Guest, chat: Json) -> None:
    before, name = ann.send(chat, "Before"), a_name("Renamed")
    answer = rename(ann, f"  {name} ")
    assert answer.pop("direct_from") == "everyone"
    assert answer == ann.who()
    assert answer == {"username": name, "user_id": ann.user_id, "guest": True, "role": "member"}
    after = ann.send(chat, "After")
    assert after["username"] == name
    assert bob.after(chat, 0)["messages"] == [before, after]  # what was written keeps its name
    assert name in [m["username"] for m in bob.get(f"/chats/{chat['id']}/members")["members"]]


def test_the_new_name_logs_in_and_the_old_one_does_not(member: Guest) -> None:
    old, new = member.username, a_name("Renamed")
    rename(member, new)
    assert Guest(member.url).log_in(new).user_id == member.user_id
    assert refused(Guest(member.url).log_in, old).status == 401


def test_a_name_that_looks_like_somebody_elses_is_refused(server: Server, ann: Guest) -> None:
    other = Guest(server.url).sign_up(a_name("lolo"))
    error = refused(rename, ann, other.username.replace("o", "0"))
    assert (error.status, error.code, error.error["suggestions"]) == (409, "name_taken", [])


@pytest.mark.parametrize("spelled", [str, str.upper])
def test_somebody_elses_name_is_refused_with_free_ones_like_it(
    server: Server, ann: Guest, spelled: Callable[[str], str]
) -> None:
    other = Guest(server.url).sign_up(a_name("lolo"))
    error = refused(rename, ann, spelled(other.username))
    assert (error.status, error.code) == (409, "name_taken")
    assert len(error.error["suggestions"]) == 3
    assert ann.get("/sessions/current")["username"] == ann.username
    assert rename(ann, error.error["suggestions"][0])["username"] == error.error["suggestions"][0]


@pytest.mark.parametrize("spelled", [str, str.upper, lambda name: name.replace("o", "0")])
def test_ones_own_name_can_be_spelled_otherwise(server: Server, spelled: Callable[[str], str]) -> None:
    member = Guest(server.url).sign_up(a_name("lolo"))
    name = spelled(member.username)
    assert rename(member, name)["username"] == name
    assert Guest(server.url).log_in(name).user_id == member.user_id
    assert refused(Guest.sign_in, server.url, member.username).code == "name_taken"


@pytest.mark.parametrize("name", ["", "x" * 33, "zero\u200bwidth", "bell\x07"])
def test_a_name_out_of_bounds_is_refused_and_named(ann: Guest, name: str) -> None:
    error = refused(rename, ann, name)
    assert (error.status, list(error.error["fields"])) == (400, ["username"])


def test_a_name_of_the_house_is_not_given_out(member: Guest) -> None:
    assert refused(rename, member, "Adm1n").code == "name_taken"


def test_a_guests_old_name_is_free_at_once(ann: Guest, bob: Guest) -> None:
    old = ann.username
    rename(ann, a_name("Renamed"))
    assert rename(bob, old)["username"] == old


def test_an_accounts_old_name_is_kept_from_others_for_seven_days(
    server: Server, member: Guest, bob: Guest
) -> None:
    old = member.username
    rename(member, a_name("Renamed"))
    for days in (0, 6.9):
        let_days_pass(server, member, days)
        for take in (
            lambda: rename(bob, old.upper()),
            lambda: Guest.sign_in(server.url, old),
            lambda: Guest(server.url).sign_up(old),
        ):
            error = refused(take)
            assert error.code == "name_taken"
            assert old not in error.error["suggestions"]
    let_days_pass(server, member, 7.1)
    assert rename(bob, old)["username"] == old
    assert member.get("/sessions/current")["username"] != old


def test_a_suggestion_is_never_a_name_that_is_kept(server: Server, member: Guest, bob: Guest) -> None:
    base = a_name("Twin")
    Guest.sign_in(server.url, base)
    rename(member, f"{base} 2")
    rename(member, f"{base} 3")
    assert refused(rename, bob, base).error["suggestions"] == [f"{base} {number}" for number in (4, 5, 6)]


def test_ones_own_old_name_can_be_taken_back_and_then_the_other_is_kept(member: Guest, bob: Guest) -> None:
    old, new = member.username, a_name("Renamed")
    rename(member, new)
    assert rename(member, old)["username"] == old
    assert refused(rename, bob, new).code == "name_taken"
    assert refused(rename, bob, old).code == "name_taken"


def test_all_names_that_were_given_up_lately_are_kept(member: Guest, bob: Guest) -> None:
    names = [member.username, a_name("First"), a_name("Second"), a_name("Third")]
    for name in names[1:]:
        rename(member, name)
    for name in names:
        assert refused(rename, bob, name).code == "name_taken"


def test_who_took_a_name_that_was_kept_has_it_for_good(server: Server, member: Guest, bob: Guest) -> None:
    old = member.username
    rename(member, a_name("Renamed"))
    let_days_pass(server, member, 8)
    rename(bob, old)
    assert refused(rename, member, old).code == "name_taken"
    member.delete("/sessions/current")
    assert bob.get("/sessions/current")["username"] == old


def test_all_sockets_of_the_person_hear_the_new_name_and_nobody_elses(member: Guest, bob: Guest) -> None:
    name = a_name("Renamed")
    with member.socket() as here, member.again().socket() as there, bob.socket() as other:
        chat = bob.open_chat()
        rename(member, name)
        told = {"user_id": member.user_id, "username": name, "guest": False, "role": "member"}
        eventually(lambda: here.events("user") == there.events("user") == [told])
        other.enter(chat)
        other.send(chat, "Later")
        eventually(lambda: other.contents() == ["Later"])
        assert other.events("user") == []


def test_people_are_renamed_at_a_bounded_rate_and_what_is_refused_does_not_count(
    start_server: Callable[..., Server],
) -> None:
    url = start_server(rename_rate="2+1/h").url
    ann, bob = Guest.sign_in(url, "Ann"), Guest.sign_in(url, "Bob")
    rename(ann, "Anna")
    for name in ("Bob", "admin", "", "Anna"):
        ann.raw("PATCH", "/users/current", json={"username": name})
    rename(ann, "Anni")
    error = refused(rename, ann, "Anka")
    assert (error.status, error.code) == (429, "too_fast")
    assert rename(bob, "Bobby")["username"] == "Bobby"
