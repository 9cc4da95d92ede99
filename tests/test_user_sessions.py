"""Where one is signed in: listing sessions, ending one or all others, and sessions that end from outside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.database import ago, change, move_sessions
from tests.support.people import PASSWORD, Guest, Json, Refused, refused
from tests.support.server import Server
from tests.support.sockets import refusal
from tests.support.waiting import eventually

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def sessions(guest: Guest) -> list[Json]:
    listed: list[Json] = guest.get("/sessions")["sessions"]
    return listed


def current(guest: Guest) -> int:
    (number,) = [row["id"] for row in sessions(guest) if row["current"]]
    return int(number)


def test_a_session_is_listed_with_its_device_and_its_times(member: Guest) -> None:
    body = {"username": member.username, "password": PASSWORD}
    answer = Guest(member.url).raw("POST", "/sessions", json=body, headers={"User-Agent": FIREFOX})
    other = Guest(member.url, answer.json()["token"])
    here, there = sorted(sessions(other), key=lambda row: not row["current"])
    assert (here["device"], there["device"]) == ("Firefox on Linux", "Python")
    assert (here["current"], there["current"]) == (True, False)
    for row in (here, there):
        assert set(row) == {"id", "current", "device", "created_at", "last_used_at"}
        assert row["created_at"].endswith("Z")
        assert row["created_at"] <= row["last_used_at"]
    assert current(member) == there["id"]


def test_the_session_used_last_comes_first(server: Server, member: Guest) -> None:
    people = [member, member.again(), member.again()]
    for guest, days in zip(people, (2, 1, 3), strict=True):
        moved = "UPDATE session SET last_used_at = ?, created_at = ? WHERE id = ?"
        change(server.data, moved, ago(minutes=days), ago(days=5), current(guest))
    assert [row["id"] for row in sessions(member)] == [current(people[n]) for n in (1, 0, 2)]


@pytest.mark.parametrize(
    ("role", "column", "age", "is_listed"),
    [
        ("member", "last_used_at", {"days": 29}, True),
        ("member", "last_used_at", {"days": 31}, False),
        ("member", "created_at", {"days": 89}, True),
        ("member", "created_at", {"days": 91}, False),
        ("admin", "last_used_at", {"hours": 13}, True),
        ("admin", "last_used_at", {"days": 31}, False),
    ],
)
def test_a_session_is_listed_until_it_is_too_old_to_be_told_of_anything(
    server: Server, member: Guest, role: str, column: str, age: dict[str, float], is_listed: bool
) -> None:
    other = current(member.again())
    change(server.data, "UPDATE user SET role = ? WHERE id = ?", role, member.user_id)
    change(server.data, f"UPDATE session SET {column} = ? WHERE id = ?", ago(**age), other)
    assert (other in [row["id"] for row in sessions(member)]) == is_listed


def test_a_device_that_says_too_much_of_itself_is_no_harm(member: Guest) -> None:
    body = {"username": member.username, "password": PASSWORD}
    for agent in ("", "x" * 5000, "<script>alert(1)</script>"):
        answer = Guest(member.url).raw("POST", "/sessions", json=body, headers={"User-Agent": agent})
        assert answer.status_code == 201
    assert {row["device"] for row in sessions(member)} == {"Python", ""}


def test_nobody_sees_the_sessions_of_others(member: Guest, ann: Guest) -> None:
    assert len(sessions(ann)) == 1
    assert sessions(ann)[0]["id"] not in [row["id"] for row in sessions(member)]
    assert refused(Guest(ann.url).get, "/sessions").status == 401


@pytest.mark.parametrize("all_others", [True, False], ids=["all others", "one"])
def test_a_session_that_is_ended_from_elsewhere_is_over_at_once(member: Guest, all_others: bool) -> None:
    other, third = member.again(), member.again()
    chat = member.open_chat()
    with other.socket() as socket, third.socket() as spared, ThreadPoolExecutor() as pool:
        socket.enter(chat)
        polling = pool.submit(other.after, chat, 0, wait=20)
        member.delete("/sessions/others" if all_others else f"/sessions/{current(other)}")
        eventually(lambda: not socket.client.connected)
        assert socket.heard[-1] == ("session_ended", {})
        with pytest.raises(Refused) as ended:
            polling.result()
        assert ended.value.status == 401
        if not all_others:
            spared.enter(chat)
    assert refused(other.get, "/sessions/current").status == 401
    assert refusal(other.url, auth={"token": other.token})["code"] == "unauthenticated"
    assert len(sessions(member)) == (1 if all_others else 2)


def test_ending_ones_own_session_by_its_number_is_logging_out(member: Guest) -> None:
    answer = member.raw("DELETE", f"/sessions/{current(member)}")
    assert answer.status_code == 204
    assert "porch=;" in answer.headers["Set-Cookie"]
    assert refused(member.get, "/sessions/current").status == 401


def test_a_session_of_somebody_else_cannot_be_ended_and_looks_like_none(member: Guest, ann: Guest) -> None:
    foreign = refused(ann.delete, f"/sessions/{current(member)}")
    for number in (10**9, 0, 2**63, 10**30):
        absent = refused(ann.delete, f"/sessions/{number}")
        assert (absent.status, absent.code) == (foreign.status, foreign.code) == (404, "not_found")
    assert refused(ann.delete, f"/sessions/{10**9}").error == foreign.error
    assert member.get("/sessions/current")["user_id"] == member.user_id


def test_ending_all_others_leaves_other_people_alone(member: Guest, ann: Guest) -> None:
    member.delete("/sessions/others")
    assert ann.get("/sessions/current")["user_id"] == ann.user_id


def test_who_lost_the_name_can_still_see_and_end_their_sessions(server: Server, ann: Guest) -> None:
    move_sessions(server.data, ann.user_id, "last_used_at", days=8)
    Guest.sign_in(server.url, ann.username)
    assert len(sessions(ann)) == 1
    ann.delete("/sessions/others")
    ann.delete("/sessions/current")
    assert refused(ann.get, "/sessions").status == 401


@pytest.mark.parametrize(
    ("role", "hours", "status"),
    [("admin", 11, 200), ("admin", 13, 401), ("member", 13, 200), ("member", 29 * 24, 200)],
)
def test_the_host_is_logged_out_after_twelve_hours_and_others_are_not(
    server: Server, member: Guest, role: str, hours: int, status: int
) -> None:
    change(server.data, "UPDATE user SET role = ? WHERE id = ?", role, member.user_id)
    move_sessions(server.data, member.user_id, "last_used_at", hours=hours)
    assert member.raw("GET", "/sessions/current").status_code == status


# What another program, such as a command of the host, does to the database of a running server.


DISABLE = "UPDATE user SET disabled_at = created_at WHERE id = ?"
END_SESSIONS = "DELETE FROM session WHERE user_id = ?"


@pytest.mark.parametrize("statement", [DISABLE, END_SESSIONS], ids=["disabled", "session deleted"])
def test_who_is_shut_out_by_another_program_is_out_within_moments(
    server: Server, member: Guest, ann: Guest, statement: str
) -> None:
    chat = member.open_chat()
    with member.socket() as socket, ann.socket() as other, ThreadPoolExecutor() as pool:
        socket.enter(chat)
        polling = pool.submit(member.after, chat, 0, wait=25)
        change(server.data, statement, member.user_id)
        eventually(lambda: not socket.client.connected, within=10)
        assert socket.heard[-1] == ("session_ended", {})
        with pytest.raises(Refused) as ended:
            polling.result(timeout=10)
        assert ended.value.status == 401
        assert other.client.connected
    assert refused(member.get, "/sessions/current").status == 401
    assert refusal(member.url, auth={"token": member.token})["code"] == "unauthenticated"


def test_who_is_let_in_again_goes_on_in_the_same_session(server: Server, member: Guest) -> None:
    change(server.data, DISABLE, member.user_id)
    assert refused(member.get, "/sessions/current").status == 401
    change(server.data, "UPDATE user SET disabled_at = NULL WHERE id = ?", member.user_id)
    assert member.get("/sessions/current")["user_id"] == member.user_id


def test_a_room_deleted_by_another_program_is_gone_for_those_who_wait(
    server: Server, ann: Guest, chat: Json
) -> None:
    with ThreadPoolExecutor() as pool:
        polling = pool.submit(ann.after, chat, 0, wait=25)
        change(server.data, "UPDATE chat SET deleted_at = created_at WHERE id = ?", chat["id"])
        with pytest.raises(Refused) as gone:
            polling.result(timeout=10)
    assert gone.value.status == 410
