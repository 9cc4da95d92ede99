"""Finding people by the beginning of their name."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from tests.support.people import Guest, a_name, refused
from tests.support.server import Server


@pytest.fixture
def family(server: Server) -> str:
    """The beginning of the names of this test's people, and of nobody else's."""
    return a_name("Family") + "."


def found(guest: Guest, beginning: str) -> list[str]:
    return [person["username"] for person in guest.get("/users", q=beginning)["users"]]


def together(*guests: Guest) -> None:
    """Let them share a room."""
    room = guests[0].open_chat(kind="link")
    for guest in guests[1:]:
        guest.join(room)


def test_people_whom_one_shares_a_room_with_are_found_by_the_beginning_of_their_name(
    server: Server, ann: Guest, family: str
) -> None:
    bo = Guest.sign_in(server.url, f"{family} Bo")
    together(ann, bo)
    answer = ann.get("/users", q=family)
    assert answer == {"users": [{"user_id": bo.user_id, "username": bo.username, "guest": True}]}
    assert found(ann, f"{family} B") == found(ann, f"{family} Bo") == [bo.username]
    assert found(ann, f"{family} Boris") == found(ann, "Bo") == []


@pytest.mark.parametrize("form", [str, str.upper, str.lower, lambda text: unicodedata.normalize("NFD", text)])
def test_case_and_accents_make_no_difference(
    server: Server, ann: Guest, family: str, form: Callable[[str], str]
) -> None:
    zoe = Guest.sign_in(server.url, f"{family} Zoë")
    together(ann, zoe)
    for typed in ("Zoë", "Zoe", "zo"):
        assert found(ann, form(f"{family} {typed}")) == [zoe.username]


def test_guests_are_found_by_those_who_share_a_room_or_a_direct_chat_with_them(
    server: Server, ann: Guest, family: str
) -> None:
    guest = Guest.sign_in(server.url, f"{family} Guest")
    member = Guest(server.url).sign_up()
    assert found(ann, family) == found(member, family) == []
    ann.open_direct(guest)
    member.open_direct(guest)
    assert found(ann, family) == found(member, family) == [guest.username]


def test_accounts_are_found_by_accounts_and_not_by_guests_who_share_nothing(
    server: Server, ann: Guest, family: str
) -> None:
    account = Guest(server.url).sign_up(f"{family} Account")
    assert found(ann, family) == []
    assert found(Guest(server.url).sign_up(), family) == [account.username]
    together(account, ann)
    assert found(ann, family) == [account.username]


def test_nobody_finds_themselves(server: Server, family: str) -> None:
    account = Guest(server.url).sign_up(f"{family} Account")
    assert found(account, family) == []


def test_who_shared_a_room_and_left_it_is_not_found(server: Server, ann: Guest, family: str) -> None:
    bo = Guest.sign_in(server.url, f"{family} Bo")
    room = ann.open_chat()
    bo.join(room)
    bo.delete(f"/chats/{room['id']}/members/{bo.user_id}")
    assert found(ann, family) == []


def test_after_a_block_neither_finds_the_other(server: Server, ann: Guest, family: str) -> None:
    bo, cy = (Guest.sign_in(server.url, f"{family} {name}") for name in ("Bo", "Cy"))
    together(ann, bo, cy)
    bo.block(cy)
    assert (found(bo, family), found(cy, family)) == ([], [])
    assert found(ann, family) == [bo.username, cy.username]


@pytest.mark.parametrize(("whom", "is_found"), [("everyone", True), ("shared", True), ("nobody", False)])
def test_who_takes_no_messages_from_somebody_is_not_found_by_them(
    server: Server, ann: Guest, family: str, whom: str, is_found: bool
) -> None:
    bo = Guest.sign_in(server.url, f"{family} Bo")
    together(ann, bo)
    bo.take_from(whom)
    assert (found(ann, family) == [bo.username]) is is_found


def test_an_account_that_takes_messages_from_those_it_meets_is_not_found_by_others(
    server: Server, family: str
) -> None:
    account = Guest(server.url).sign_up(f"{family} Account")
    account.take_from("shared")
    other = Guest(server.url).sign_up()
    assert found(other, family) == []
    together(account, other)
    assert found(other, family) == [account.username]


def test_names_that_nobody_has_any_more_are_not_found(server: Server, ann: Guest, family: str) -> None:
    gone, renamed, closed = (Guest.sign_in(server.url, f"{family} {n}") for n in ("Gone", "Old", "Closed"))
    together(ann, gone, renamed, closed)
    gone.delete("/sessions/current")
    closed.delete("/users/current", {})
    renamed.patch("/users/current", {"username": f"{family} New"})
    assert found(ann, family) == [f"{family} New"]


def test_at_most_ten_are_named_in_the_order_of_the_alphabet(server: Server, ann: Guest, family: str) -> None:
    guests = [Guest.sign_in(server.url, f"{family} {letter}") for letter in "lkjihgfedcba"]
    together(ann, *guests)
    assert found(ann, family) == [f"{family} {letter}" for letter in "abcdefghij"]


@pytest.mark.parametrize("sign", ["%", "_", "*", "?", "\\", "[a", "'"])
def test_what_means_something_to_a_database_is_looked_for_as_it_is(
    server: Server, ann: Guest, family: str, sign: str
) -> None:
    together(ann, Guest.sign_in(server.url, f"{family} Bo"))
    assert found(ann, sign) == found(ann, f"{family}{sign}") == []


@pytest.mark.parametrize("last", ["\ud7ff", "\uffff", "\U0010ffff", "\x00", "\ue000"])
def test_what_stands_at_the_edges_of_unicode_finds_nobody(ann: Guest, last: str) -> None:
    assert found(ann, last) == found(ann, f"Person{last}") == []


@pytest.mark.parametrize("q", ["", "x" * 33, "\u0301"])
def test_a_beginning_out_of_range_is_refused_and_named(ann: Guest, q: str) -> None:
    error = refused(ann.get, "/users", q=q)
    assert (error.status, list(error.error["fields"])) == (400, ["q"])


def test_other_parameters_are_refused(ann: Guest) -> None:
    assert list(refused(ann.get, "/users", q="a", limit=5).error["fields"]) == ["limit"]
    assert refused(ann.get, "/users").status == 400
