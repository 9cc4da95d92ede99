"""Keeping order: who may do what to whom, what it does at both doors at once, and what is noted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.database import ago, change, rows
from tests.support.house import House
from tests.support.people import Guest, Json, Refused, refused
from tests.support.waiting import eventually

Send = Callable[[Guest, Json, str], Json]


def by_http(guest: Guest, chat: Json, content: str) -> Json:
    return guest.send(chat, content)


def by_socket(guest: Guest, chat: Json, content: str) -> Json:
    with guest.socket() as socket:
        return socket.send(chat, content)


@pytest.fixture(params=[by_http, by_socket], ids=["http", "socket"])
def send(request: pytest.FixtureRequest) -> Send:
    found: Send = request.param
    return found


RANKS = {"host": 3, "creator": 2, "moderator": 1, "other_moderator": 1, "member": 0, "other": 0}


@pytest.mark.parametrize("who", ["host", "creator", "moderator", "member", "banned", "stranger"])
def test_nobody_acts_on_somebody_who_has_as_much_to_say(house: House, who: str) -> None:
    person = house[who]
    for whom in RANKS:
        if whom == who:
            continue
        target = house[whom].user_id
        may = who in RANKS and RANKS[who] > max(RANKS[whom], 0) and RANKS[who] > 0
        expected = 404 if who not in RANKS else 403
        calls: list[tuple[str, str, Any]] = [
            ("PUT", f"/mutes/{target}", {"seconds": 600}),
            ("DELETE", f"/mutes/{target}", None),
            ("DELETE", f"/messages/{house.said[whom]}", None),
        ]
        for method, path, body in calls:
            answer = person.raw(method, house.here + path, json=body)
            assert (answer.status_code < 300) == may, (whom, method, path, answer.text)
            assert may or answer.status_code == expected, (whom, method, path)
    if who in ("member", "banned", "stranger"):
        for path in ("/bans", "/reports"):
            assert refused(person.get, house.here + path).status == (403 if who == "member" else 404)
        assert refused(person.patch, f"{house.here}/", {"closed": True}).status == (
            403 if who == "member" else 404
        )


def test_moderators_are_appointed_by_whoever_decides_about_the_room(house: House) -> None:
    creator, moderator, other = house["creator"], house["moderator"], house["other"]
    path = f"{house.here}/moderators/{other.user_id}"
    for method in ("PUT", "DELETE"):
        assert moderator.raw(method, path).status_code == 403
    assert refused(moderator.put, f"{house.here}/moderators/{house['banned'].user_id}").status == 403
    assert refused(creator.put, f"{house.here}/moderators/{house['banned'].user_id}").status == 404
    creator.put(path)
    members = creator.get(f"{house.here}/members")["members"]
    assert {row["user_id"] for row in members if row["moderator"]} == {
        moderator.user_id,
        house["other_moderator"].user_id,
        other.user_id,
    }
    assert other.get(f"{house.here}/")["may_moderate"] is True
    moderator.delete(f"{house.here}/moderators/{moderator.user_id}")  # who steps back
    assert moderator.get(f"{house.here}/")["may_moderate"] is False
    assert refused(moderator.put, f"{house.here}/mutes/{other.user_id}", {"seconds": 600}).status == 403


def test_who_goes_is_no_moderator_when_they_come_back(house: House) -> None:
    moderator = house["moderator"]
    moderator.delete(f"{house.here}/members/{moderator.user_id}")
    assert moderator.join(house.chat)["may_moderate"] is False


def test_nobody_sees_somebody_writing_who_may_not_write(house: House) -> None:
    member, moderator, other = house["member"], house["moderator"], house["other"]
    with other.socket() as socket:
        socket.enter(house.chat)
        moderator.put(f"{house.here}/mutes/{member.user_id}", {"seconds": 3600})
        member.post(f"{house.here}/typing")
        moderator.patch(f"{house.here}/", {"closed": True})
        another = Guest.sign_in(member.url)
        another.join(house.chat)
        another.post(f"{house.here}/typing")
        moderator.post(f"{house.here}/typing")
        eventually(lambda: socket.events("typing"))
        assert [told["user_id"] for told in socket.events("typing")] == [moderator.user_id]


def test_who_is_muted_reads_and_does_not_write(house: House, send: Send) -> None:
    member, moderator = house["member"], house["moderator"]
    before = send(member, house.chat, "While I may")
    with member.socket() as socket:
        socket.enter(house.chat)
        told = moderator.put(f"{house.here}/mutes/{member.user_id}", {"seconds": 3600})
        eventually(lambda: socket.events("standing"))
    standing = {"may_moderate": False, "muted_until": told["muted_until"]}
    assert socket.events("standing") == [standing | {"chat_id": house.chat["id"]}]
    assert member.present(house.chat)["standing"] == standing
    assert member.get(f"{house.here}/").items() >= standing.items()
    refusal = refused(send, member, house.chat, "Now")
    assert refusal.code == "forbidden"
    assert "UTC" in refusal.error["message"]
    edit = {"content": "Otherwise"}
    assert refused(member.patch, f"{house.here}/messages/{before['seq']}", edit).status == 403
    assert member.delete(f"{house.here}/messages/{before['seq']}")["deleted"] is True
    member.delete(f"{house.here}/members/{member.user_id}")
    member.join(house.chat)  # leaving does not lift it
    assert refused(send, member, house.chat, "And now").status in (403, None)
    moderator.delete(f"{house.here}/mutes/{member.user_id}")
    assert send(member, house.chat, "Thank you")["content"] == "Thank you"


def test_a_mute_ends_by_itself(house: House, send: Send) -> None:
    member = house["member"]
    house["moderator"].put(f"{house.here}/mutes/{member.user_id}", {"seconds": None})
    assert refused(send, member, house.chat, "Too soon").code == "forbidden"
    assert member.get(f"{house.here}/")["muted_until"].startswith("9999-")
    change(
        house.server.data,
        "UPDATE membership SET muted_until = ? WHERE muted_until IS NOT NULL",
        ago(seconds=1),
    )
    assert member.get(f"{house.here}/")["muted_until"] is None
    send(member, house.chat, "Now")


def test_a_repeat_of_what_is_stored_is_answered_also_to_who_is_muted(house: House) -> None:
    member = house["member"]
    sent = member.send(house.chat, "Is it there?")
    house["moderator"].put(f"{house.here}/mutes/{member.user_id}", {"seconds": 600})
    assert member.send(house.chat, "Is it there?", sent["client_id"]) == sent


def test_in_a_closed_room_only_those_write_who_keep_order(house: House, send: Send) -> None:
    with house["member"].socket() as socket:
        socket.enter(house.chat)
        assert house["moderator"].patch(f"{house.here}/", {"closed": True})["closed"] is True
        eventually(lambda: [chat["closed"] for chat in socket.events("chat")] == [True])
    assert refused(send, house["member"], house.chat, "Hello?").code == "forbidden"
    assert house["member"].after(house.chat, 0)["chat"]["closed"] is True
    for name in ("moderator", "creator", "host"):
        send(house[name], house.chat, "Quiet, please")
    house["creator"].delete(f"{house.here}/moderators/{house['moderator'].user_id}")
    assert refused(send, house["moderator"], house.chat, "Still I?").code == "forbidden"
    house["creator"].patch(f"{house.here}/", {"closed": False})
    send(house["member"], house.chat, "Hello!")


def test_slow_mode_makes_members_wait_and_says_how_long(house: House, send: Send) -> None:
    member, moderator = house["member"], house["moderator"]
    moderator.patch(f"{house.here}/", {"slow_mode": 300})
    first = send(member, house.chat, "One")
    refusal = refused(send, member, house.chat, "Two")
    assert refusal.code == "too_fast"
    assert 290 < refusal.error["retry_after"] <= 300
    assert member.send(house.chat, "One", first["client_id"]) == first  # a repeat is not the next
    for _ in range(2):
        send(moderator, house.chat, "I keep order")
    send(house["other"], house.chat, "My own turn")
    moderator.patch(f"{house.here}/", {"slow_mode": 0})
    send(member, house.chat, "Two")
    assert refused(moderator.patch, f"{house.here}/", {"slow_mode": 7}).status == 400


def test_what_was_refused_takes_no_turn(house: House) -> None:
    member, moderator = house["member"], house["moderator"]
    moderator.patch(f"{house.here}/", {"slow_mode": 300})
    moderator.put(f"{house.here}/mutes/{member.user_id}", {"seconds": 600})
    assert refused(member.send, house.chat, "One").status == 403
    moderator.delete(f"{house.here}/mutes/{member.user_id}")
    member.send(house.chat, "One")


def test_a_moderator_takes_back_a_message_and_everybody_sees_who_did_not(house: House) -> None:
    seq = house.said["member"]
    with house["other"].socket() as socket:
        socket.enter(house.chat)
        tombstone = house["moderator"].delete(f"{house.here}/messages/{seq}")
        eventually(lambda: tombstone in socket.events("message"))
    assert (tombstone["content"], tombstone["deleted"], tombstone["removed"]) == ("", True, True)
    assert "removed" not in house["other"].delete(f"{house.here}/messages/{house.said['other']}")


def test_a_ban_holds_until_it_is_lifted(house: House) -> None:
    banned, moderator = house["banned"], house["moderator"]
    assert refused(banned.join, house.chat).status == 404
    assert [row["username"] for row in moderator.get(f"{house.here}/bans")["bans"]] == [banned.username]
    for _ in range(2):
        moderator.delete(f"{house.here}/bans/{banned.user_id}")
    assert moderator.get(f"{house.here}/bans") == {"bans": [], "more": False}
    banned.join(house.chat)
    banned.send(house.chat, "Back again")


def test_who_goes_before_they_are_put_out_is_kept_out_all_the_same(house: House) -> None:
    troll = house["other"]
    place = f"{house.here}/members/{troll.user_id}"
    troll.delete(place)
    assert refused(house["moderator"].delete, f"{place}?ban=false").status == 404
    house["moderator"].delete(f"{place}?take_back=true")
    assert refused(troll.join, house.chat).status == 404
    bans = house["moderator"].get(f"{house.here}/bans")["bans"]
    assert {ban["user_id"] for ban in bans} == {house["banned"].user_id, troll.user_id}
    eventually(lambda: house["member"].message(house.chat, house.said["other"])["deleted"])
    assert ("remove", "moderator", "other") in house.audit()
    assert refused(house["moderator"].delete, place).status == 404, "they were put out already"


def test_who_is_removed_without_a_ban_may_come_back_by_the_link(house: House) -> None:
    member = house["member"]
    house["moderator"].delete(f"{house.here}/members/{member.user_id}?ban=false")
    assert refused(member.send, house.chat, "Still in?").status == 404
    member.join(house.chat)
    member.send(house.chat, "Back")


@pytest.mark.sqlite("a statement of SQLite")
def test_all_that_somebody_said_is_taken_back_with_them(house: House) -> None:
    member = house["member"]
    member.send(house.chat, "Number 0")
    insert = (  # more than one piece of them
        "INSERT INTO message"
        " (chat_id, seq, rev, timestamp, user_id, username, guest, content, client_id, deleted)"
        " SELECT chat_id, 1000 + value, 1000 + value, timestamp, user_id, username, guest, content,"
        " 'bulk' || value, 0 FROM message,"
        " (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 700)"
        " SELECT value FROM n) WHERE chat_id = ? AND user_id = ? AND content = 'Number 0'"
    )
    change(house.server.data, insert, house.chat["id"], member.user_id)
    change(house.server.data, "UPDATE chat SET rev = 1700 WHERE id = ?", house.chat["id"])
    house["moderator"].delete(f"{house.here}/members/{member.user_id}?ban=false&take_back=true")

    def left() -> int:
        return len(
            rows(
                house.server.data,
                "SELECT id FROM message WHERE chat_id = ? AND user_id = ? AND removed = 0",
                house.chat["id"],
                member.user_id,
            )
        )

    eventually(lambda: left() == 0)
    page = house["other"].after(house.chat, 1700, limit=200)
    assert page["messages"]
    assert all(message["removed"] and message["content"] == "" for message in page["messages"])
    member.join(house.chat)
    assert member.send(house.chat, "A new leaf")["deleted"] is False


def test_what_stands_beside_the_messages_goes_with_them(house: House) -> None:
    member, other, server = house["member"], house["other"], house.server
    upload = member.upload(house.chat, b"plain words")
    message = member.send(house.chat, f"A zebra for @{other.username}", files=[upload["id"]])
    seq = message["seq"]
    other.put(f"{house.here}/messages/{seq}/reactions/%F0%9F%91%8D")
    eventually(lambda: other.get("/search", q="zebra")["hits"])
    house["moderator"].delete(f"{house.here}/members/{member.user_id}?take_back=true")
    eventually(lambda: other.message(house.chat, seq)["deleted"])
    assert other.get("/search", q="zebra")["hits"] == []
    for table in ("reaction", "mention", "upload"):
        left = rows(server.data, f"SELECT message_id FROM {table} WHERE message_id = ?", message["id"])
        assert left == [], table


def test_who_is_removed_while_they_write_is_out_at_once(house: House) -> None:
    member, refusals = house["member"], []

    def write() -> None:
        for number in range(200):
            try:
                member.send(house.chat, f"{number}")
            except Refused as error:
                refusals.append(error.status)
                return

    writing = threading.Thread(target=write)
    writing.start()
    eventually(lambda: house["other"].after(house.chat, 0, limit=1)["head"] > 12)
    house["moderator"].delete(f"{house.here}/members/{member.user_id}")
    head = house["other"].after(house.chat, 0, limit=1)["head"]
    writing.join(timeout=20)
    assert refusals == [404]
    assert house["other"].after(house.chat, 0, limit=1)["head"] == head


@pytest.mark.parametrize("kind", ["listed", "link"])
def test_a_renewed_link_kills_the_old_one_and_members_stay(house: House, kind: str) -> None:
    house["creator"].patch(f"{house.here}/", {"kind": kind})
    old = house.chat
    assert refused(house["moderator"].post, f"{house.here}/link").status == 403
    with house["member"].socket() as socket:
        socket.enter(old)
        new = house["creator"].post(f"{house.here}/link")
        eventually(lambda: [chat["url"] for chat in socket.events("chat")] == [new["url"]])
    assert new["hash_key"] != old["hash_key"]
    for person in (house["stranger"], house["member"]):
        assert refused(person.join, old).status == 404
        assert person.raw("GET", old["url"]).status_code == 404
    house["member"].send(old, "Still here")
    house["stranger"].join(new)


def test_who_is_not_there_cannot_be_muted(house: House) -> None:
    for user_id in (999_999_999, house["stranger"].user_id):
        path = f"{house.here}/mutes/{user_id}"
        assert refused(house["moderator"].put, path, {"seconds": 600}).status == 404
