"""Keeping order: who may do what to whom, what it does at both doors at once, and what is noted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from porch.actions.upkeep.audit import forget_old
from porch.engines import Engines
from tests.support.database import ago, change, rows
from tests.support.people import PASSWORD, Guest, Json, Refused, refused
from tests.support.server import Server
from tests.support.visitors import Page
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


class House:
    """A room and all who can stand to it; each has said something at the place `said` tells."""

    def __init__(self, server: Server, accounts: dict[str, Guest]) -> None:
        self.server = server
        guests = ("moderator", "other_moderator", "member", "other", "banned", "stranger")
        self.people = accounts | {name: Guest.sign_in(server.url) for name in guests}
        self.chat = self["creator"].open_chat("The house")
        self.here = f"/chats/{self.chat['id']}"
        self.said: dict[str, int] = {}
        for name, person in self.people.items():
            if name not in ("creator", "stranger"):
                person.join(self.chat)
            if name != "stranger":
                self.said[name] = person.send(self.chat, f"I am {name}")["seq"]
        for name in ("moderator", "other_moderator"):
            self["creator"].put(f"{self.here}/moderators/{self[name].user_id}")
        self["creator"].delete(f"{self.here}/members/{self['banned'].user_id}")

    def __getitem__(self, name: str) -> Guest:
        return self.people[name]

    def audit(self) -> list[tuple[str, str | None, str | None]]:
        """What was noted of this room: action, who, to whom; the oldest first."""
        names = {person.user_id: name for name, person in self.people.items()}
        found = self["host"].get("/audit", limit=200)["entries"]
        return [
            (
                entry["action"],
                names.get(entry["actor"]["user_id"]),
                names.get(entry["user"]["user_id"] if entry["user"] else 0),
            )
            for entry in reversed(found)
            if entry["chat"] == {"id": self.chat["id"], "name": "The house"}
        ]


@pytest.fixture(scope="module")
def accounts(server: Server) -> dict[str, Guest]:
    """The host, and somebody who opens listed rooms; they keep nothing of one test that another minds."""
    found = {name: Guest(server.url).sign_up() for name in ("host", "creator")}
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", found["host"].user_id)
    return found


@pytest.fixture
def other_host(server: Server) -> Iterator[Guest]:
    """Another host, who is one for this test alone."""
    found = Guest(server.url).sign_up()
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", found.user_id)
    yield found
    change(server.data, "UPDATE user SET role = 'member' WHERE id = ?", found.user_id)


def reports_of(host: Guest, chat: Json) -> list[Json]:
    return [one for one in host.get("/reports", limit=200)["reports"] if one["chat"]["id"] == chat["id"]]


@pytest.fixture
def house(server: Server, accounts: dict[str, Guest]) -> House:
    return House(server, accounts)


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


def test_a_message_is_reported_once_and_its_copy_stays(house: House) -> None:
    seq, member, moderator = house.said["other"], house["member"], house["moderator"]
    path = f"{house.here}/messages/{seq}/reports"
    answers = [member.raw("POST", path, json={"reason": "Rude"}).status_code for _ in range(2)]
    assert answers == [201, 200]
    house["other"].delete(f"{house.here}/messages/{seq}")
    (report,) = moderator.get(f"{house.here}/reports")["reports"]
    assert (report["content"], report["reason"]) == ("I am other", "Rude")
    assert report["reporter"]["user_id"] == member.user_id
    assert report in house["host"].get("/reports", limit=200)["reports"]
    moderator.patch(f"/reports/{report['id']}", {"state": "dismissed"})
    assert moderator.get(f"{house.here}/reports")["reports"] == []
    assert (
        refused(member.post, f"{house.here}/messages/{house.said['host']}/reports", {"reason": ""}).status
        == 400
    )
    long = {"reason": "x" * 501}
    assert refused(member.post, f"{house.here}/messages/{house.said['host']}/reports", long).status == 400
    own = f"{house.here}/messages/{house.said['member']}/reports"
    assert refused(member.post, own, {"reason": "Me"}).status == 403


def test_nobody_deals_with_a_report_about_themselves_or_their_equals(house: House) -> None:
    for whom in ("moderator", "other_moderator", "creator"):
        house["member"].post(f"{house.here}/messages/{house.said[whom]}/reports", {"reason": "Unfair"})
    assert house["moderator"].get(f"{house.here}/reports")["reports"] == []
    seen = house["creator"].get(f"{house.here}/reports")["reports"]
    assert {report["author"]["user_id"] for report in seen} == {
        house["moderator"].user_id,
        house["other_moderator"].user_id,
    }
    assert (
        refused(house["moderator"].patch, f"/reports/{seen[0]['id']}", {"state": "dismissed"}).status == 404
    )


@pytest.mark.parametrize("state", ["taken_back", "removed"])
def test_what_comes_of_a_report_happens(house: House, state: str) -> None:
    other, seq = house["other"], house.said["other"]
    for name in ("member", "moderator"):
        house[name].post(f"{house.here}/messages/{seq}/reports", {"reason": "Rude"})
    report, _ = house["creator"].get(f"{house.here}/reports")["reports"]
    house["moderator"].patch(f"/reports/{report['id']}", {"state": state})
    assert house["creator"].get(f"{house.here}/reports")["reports"] == []
    assert house["creator"].message(house.chat, seq)["removed"] is True
    if state == "removed":
        assert refused(other.join, house.chat).status == 404
    else:
        other.send(house.chat, "I see")


def test_of_a_direct_chat_the_host_alone_sees_a_report(house: House) -> None:
    one, two, host = house["member"], house["other"], house["host"]
    direct = one.open_direct(two)
    two.answer(direct, "open")
    said = two.send(direct, "Something mean")
    one.post(f"/chats/{direct['id']}/messages/{said['seq']}/reports", {"reason": "Mean"})
    (report,) = (r for r in host.get("/reports", limit=200)["reports"] if r["chat"]["id"] == direct["id"])
    assert report["content"] == "Something mean"
    for person in (one, two, house["creator"], house["moderator"]):
        assert refused(person.patch, f"/reports/{report['id']}", {"state": "dismissed"}).status == 404
    assert refused(host.get, f"/chats/{direct['id']}/messages/{said['seq']}").status == 404
    assert refused(host.patch, f"/reports/{report['id']}", {"state": "removed"}).status == 409
    host.patch(f"/reports/{report['id']}", {"state": "taken_back"})
    assert one.message(direct, said["seq"])["removed"] is True


def test_a_report_about_a_host_is_another_hosts_to_see(house: House, other_host: Guest) -> None:
    host, member, seq = house["host"], house["member"], house.said["host"]
    member.post(f"{house.here}/messages/{seq}/reports", {"reason": "From above"})
    (report,) = reports_of(other_host, house.chat)
    assert reports_of(host, house.chat) == []
    assert host.get(f"{house.here}/reports")["reports"] == []
    for state in ("dismissed", "taken_back"):
        assert refused(host.patch, f"/reports/{report['id']}", {"state": state}).status == 404
    assert "report" not in [action for action, *_ in house.audit()]
    other_host.patch(f"/reports/{report['id']}", {"state": "taken_back"})
    assert "resolve" not in [action for action, *_ in house.audit()]
    seen = other_host.get("/audit", limit=200)["entries"]
    assert {"report", "resolve"} <= {
        one["action"] for one in seen if one["user"] and one["user"]["user_id"] == host.user_id
    }
    assert member.message(house.chat, seq)["removed"] is True


@pytest.fixture
def only_host(house: House) -> Iterator[Guest]:
    """The host of the house, while nobody else is one: other tests make hosts, too."""
    host, data = house["host"], house.server.data
    others = rows(data, "SELECT id FROM user WHERE role = 'admin' AND id != ?", host.user_id)
    change(data, "UPDATE user SET role = 'member' WHERE role = 'admin' AND id != ?", host.user_id)
    yield host
    for (other,) in others:
        change(data, "UPDATE user SET role = 'admin' WHERE id = ?", other)


@pytest.mark.parametrize("gone", ["role = 'member'", "disabled_at = created_at"])
def test_the_only_host_sees_reports_about_the_host(
    house: House, only_host: Guest, other_host: Guest, gone: str
) -> None:
    host, seq = only_host, house.said["host"]
    house["member"].post(f"{house.here}/messages/{seq}/reports", {"reason": "From above"})
    change(house.server.data, f"UPDATE user SET {gone} WHERE id = ?", other_host.user_id)
    (report,) = reports_of(host, house.chat)
    assert host.get(f"{house.here}/reports")["reports"] == [report]
    assert ("report", "member", "host") in house.audit()
    host.patch(f"/reports/{report['id']}", {"state": "dismissed"})
    assert reports_of(host, house.chat) == []


def test_what_was_reported_outlives_the_room_for_the_host_alone(house: House) -> None:
    host, creator, moderator = house["host"], house["creator"], house["moderator"]
    for whom in ("creator", "other"):
        house["member"].post(f"{house.here}/messages/{house.said[whom]}/reports", {"reason": "Rude"})
    before = reports_of(host, house.chat)
    creator.delete(f"{house.here}/")
    said = "SELECT id FROM message WHERE chat_id = ?"
    eventually(lambda: not rows(house.server.data, said, house.chat["id"]))
    one, two = after = reports_of(host, house.chat)
    assert after == [report | {"chat": report["chat"] | {"deleted": True}} for report in before]
    assert (one["content"], one["author"]["user_id"]) == ("I am creator", creator.user_id)
    for person in (creator, moderator, house["member"]):
        assert refused(person.patch, f"/reports/{two['id']}", {"state": "dismissed"}).status == 404
    assert refused(moderator.get, f"{house.here}/reports").status == 410
    assert refused(host.patch, f"/reports/{one['id']}", {"state": "removed"}).status == 409
    for report, state in ((one, "dismissed"), (two, "taken_back")):
        host.patch(f"/reports/{report['id']}", {"state": state})
    assert reports_of(host, house.chat) == []


def test_a_report_of_a_deleted_room_is_shown_without_what_cannot_be_done(
    look: Callable[[Guest, str], Page], house: House
) -> None:
    house["member"].post(f"{house.here}/messages/{house.said['other']}/reports", {"reason": "Rude"})
    (report,) = reports_of(house["host"], house.chat)
    form = f"/account/reports/{report['id']}/"

    def choices() -> list[str]:
        return [value for _, value in look(house["host"], "/account/reports/").form(form).buttons]

    assert choices() == ["dismissed", "taken_back", "removed"]
    house["creator"].delete(f"{house.here}/")
    assert choices() == ["dismissed"]
    page = look(house["host"], "/account/reports/")
    assert "said in “The house”, which was deleted:" in page.text
    assert house.chat["url"] not in page.response.text
    house["host"].patch(f"/reports/{report['id']}", {"state": "dismissed"})


def test_the_form_says_who_sees_a_report_about_a_host(
    request: pytest.FixtureRequest, look: Callable[[Guest, str], Page], house: House, only_host: Guest
) -> None:
    member, host = house["member"], only_host
    direct = member.open_direct(host)
    host.answer(direct, "open")
    there = host.send(direct, "Something mean")["seq"]
    forms = [
        f"{house.chat['url']}messages/{house.said['host']}/report/",
        f"{direct['url']}messages/{there}/report/",
    ]
    for form in forms:
        text = look(member, form).text
        assert f"{host.username} is the only host" in text
        assert "is not told" not in text
    request.getfixturevalue("other_host")
    for form in forms:
        text = look(member, form).text
        assert "Another host of" in text
        assert f"{host.username} is not told" in text
        assert "only if there is no other host any more" in text
    about_another = look(member, f"{house.chat['url']}messages/{house.said['other']}/report/").text
    assert "Those who keep order in this room, and the host, will see it" in about_another


def test_all_that_is_done_is_noted_with_it(house: House) -> None:
    creator, moderator, member, other = (house[n] for n in ("creator", "moderator", "member", "other"))
    begun = len(house.audit())
    moderator.put(f"{house.here}/mutes/{member.user_id}", {"seconds": 600})
    moderator.delete(f"{house.here}/mutes/{member.user_id}")
    moderator.patch(f"{house.here}/", {"closed": True, "slow_mode": 60})
    moderator.patch(f"{house.here}/", {"closed": False})
    member.post(f"{house.here}/messages/{house.said['other']}/reports", {"reason": "Rude"})
    moderator.delete(f"{house.here}/messages/{house.said['other']}")
    moderator.delete(f"{house.here}/members/{other.user_id}?take_back=true")
    moderator.delete(f"{house.here}/bans/{other.user_id}")
    creator.delete(f"{house.here}/moderators/{moderator.user_id}")
    creator.post(f"{house.here}/link")
    assert refused(moderator.put, f"{house.here}/mutes/{member.user_id}", {"seconds": 600}).status == 403
    assert house.audit()[begun:] == [
        ("mute", "moderator", "member"),
        ("unmute", "moderator", "member"),
        ("close", "moderator", None),
        ("slow_mode", "moderator", None),
        ("open", "moderator", None),
        ("report", "member", "other"),
        ("take_back", "moderator", "other"),
        ("remove", "moderator", "other"),
        ("take_back_all", "moderator", "other"),
        ("let_back", "moderator", "other"),
        ("dismiss", "creator", "moderator"),
        ("renew_link", "creator", None),
    ]
    page = house["host"].get("/audit", limit=2)
    older = house["host"].get("/audit", limit=2, before=page["entries"][-1]["id"])
    assert page["more"] is True
    assert [entry["id"] for entry in older["entries"]] < [entry["id"] for entry in page["entries"]]
    assert "I am" not in str(house["host"].get("/audit", limit=200))


def test_a_deleted_account_has_no_name_in_the_log(house: House) -> None:
    member = house["member"]
    name = member.username
    house["moderator"].put(f"{house.here}/mutes/{member.user_id}", {"seconds": 600})
    member.delete("/users/current", {})
    (entry,) = (
        entry
        for entry in house["host"].get("/audit", limit=200)["entries"]
        if entry["user"] and entry["user"]["user_id"] == member.user_id
    )
    assert entry["user"]["username"] == "Deleted account" != name


def test_who_is_not_there_cannot_be_muted(house: House) -> None:
    for user_id in (999_999_999, house["stranger"].user_id):
        path = f"{house.here}/mutes/{user_id}"
        assert refused(house["moderator"].put, path, {"seconds": 600}).status == 404


def test_the_command_line_shows_what_was_noted_by_commands_too(app: Flask) -> None:
    run = app.test_cli_runner()
    made = run.invoke(args=["user", "add", "Mallory", "--password-stdin"], input=f"{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    for command in ("disable", "enable"):
        assert run.invoke(args=["user", command, "Mallory"]).exit_code == 0
    shown = run.invoke(args=["audit"])
    newest, older = (line.split("\t") for line in shown.output.splitlines())
    assert newest[2:5] == ["enable", "the host, by a command", "Mallory"]
    assert older[2:5] == ["disable", "the host, by a command", "Mallory"]
    assert (
        run.invoke(args=["audit", "--limit", "1", "--before", newest[0]]).output.split("\t")[2] == "disable"
    )


def test_a_name_that_is_taken_is_refused_before_a_password_is_asked_for(app: Flask) -> None:
    run = app.test_cli_runner()
    run.invoke(args=["user", "add", "Mallory", "--password-stdin"], input=f"{PASSWORD}\n")
    again = run.invoke(args=["user", "add", "mallory"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert again.exit_code == 1
    assert again.output.startswith("Error: mallory is somebody else here. Free: ")


def test_an_account_that_is_not_there_is_told_before_a_password_is_asked_for(app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["user", "passwd", "Nobody"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert (told.exit_code, told.output) == (1, "Error: There is no account Nobody.\n")


def test_what_is_too_old_is_forgotten(app: Flask, engines: Engines) -> None:
    run = app.test_cli_runner()
    run.invoke(args=["user", "add", "Mallory", "--password-stdin"], input=f"{PASSWORD}\n")
    for command in ("disable", "enable"):
        run.invoke(args=["user", command, "Mallory"])
    change(engines.settings.data, "UPDATE audit SET at = ? WHERE action = 'disable'", ago(days=366))
    forget_old(engines)
    assert [row[0] for row in rows(engines.settings.data, "SELECT action FROM audit")] == ["enable"]
