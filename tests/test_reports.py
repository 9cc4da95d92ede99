"""Reports: who may make them and sees them, what comes of them, and what is left of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.support.database import change, rows
from tests.support.house import House, reports_of
from tests.support.people import Guest, refused
from tests.support.server import Server
from tests.support.visitors import Page
from tests.support.waiting import eventually


@pytest.fixture
def other_host(server: Server) -> Iterator[Guest]:
    """Another host, who is one for this test alone."""
    found = Guest(server.url).sign_up()
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", found.user_id)
    yield found
    change(server.data, "UPDATE user SET role = 'member' WHERE id = ?", found.user_id)


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


def test_who_goes_before_a_report_is_dealt_with_is_kept_out_all_the_same(house: House) -> None:
    other, seq = house["other"], house.said["other"]
    house["member"].post(f"{house.here}/messages/{seq}/reports", {"reason": "Rude"})
    other.delete(f"{house.here}/members/{other.user_id}")
    (report,) = house["moderator"].get(f"{house.here}/reports")["reports"]
    house["moderator"].patch(f"/reports/{report['id']}", {"state": "removed"})
    assert refused(other.join, house.chat).status == 404


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
    deleted = {"removable": False}
    assert after == [report | deleted | {"chat": report["chat"] | {"deleted": True}} for report in before]
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


def test_whoever_opened_the_room_is_not_offered_to_be_removed(
    look: Callable[[Guest, str], Page], house: House
) -> None:
    house["member"].post(f"{house.here}/messages/{house.said['creator']}/reports", {"reason": "Rude"})
    (report,) = reports_of(house["host"], house.chat)
    form = look(house["host"], "/account/reports/").form(f"/account/reports/{report['id']}/")
    assert [value for _, value in form.buttons] == ["dismissed", "taken_back"]
    assert report["removable"] is False
    assert refused(house["host"].patch, f"/reports/{report['id']}", {"state": "removed"}).status == 409


def test_who_cannot_be_removed_is_not_said_to_be_dealt_with(house: House) -> None:
    """By the page of the room, that somebody had open before."""
    house["member"].post(f"{house.here}/messages/{house.said['creator']}/reports", {"reason": "Rude"})
    host = house["host"]
    (report,) = reports_of(host, house.chat)
    path = f"{house.chat['url']}reports/{report['id']}/"
    assert host.raw("POST", path, data={"state": "removed"}).status_code == 409
    assert reports_of(host, house.chat) == [report]
    for _ in range(2):  # dealt with by somebody else meanwhile
        assert host.raw("POST", path, data={"state": "taken_back"}).status_code == 303
    assert reports_of(host, house.chat) == []


def test_the_only_host_is_not_offered_to_be_removed(
    look: Callable[[Guest, str], Page], house: House, only_host: Guest
) -> None:
    house["member"].post(f"{house.here}/messages/{house.said['host']}/reports", {"reason": "Rude"})
    (report,) = reports_of(only_host, house.chat)
    form = look(only_host, "/account/reports/").form(f"/account/reports/{report['id']}/")
    assert [value for _, value in form.buttons] == ["dismissed", "taken_back"]
    assert refused(only_host.patch, f"/reports/{report['id']}", {"state": "removed"}).status == 409


def test_whoever_deals_with_reports_is_told_of_them_in_lobby_and_room(
    look: Callable[[Guest, str], Page], house: House
) -> None:
    here = house.chat["url"]

    def in_lobby(name: str) -> list[str]:
        return [link.text for link in look(house[name], "/chatrooms/").all("a", href=f"{here}order/")]

    def in_room(name: str) -> str:
        return look(house[name], here).text

    for whom in ("other", "moderator"):
        house["member"].post(f"{house.here}/messages/{house.said[whom]}/reports", {"reason": "Unfair"})
    assert in_lobby("creator") == ["2 reports wait for you in “The house”."]
    assert in_lobby("moderator") == ["A report waits for you in “The house”."]
    assert re.search(r"\d+ reports wait for you\.", look(house["host"], "/chatrooms/").text)
    for name in ("member", "other", "stranger"):
        assert in_lobby(name) == []
    for name, words in (
        ("creator", "Keep order (2)"),
        ("moderator", "Keep order (1)"),
        ("host", "Keep order (2)"),
    ):
        assert words in in_room(name)
    assert "Keep order (" not in in_room("member")
    for report in house["creator"].get(f"{house.here}/reports")["reports"]:
        house["creator"].patch(f"/reports/{report['id']}", {"state": "dismissed"})
    assert in_lobby("creator") == in_lobby("moderator") == []
    assert "Keep order (" not in in_room("creator")
