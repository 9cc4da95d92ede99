"""A room's settings in a browser with scripts switched off: its name and kind, its people, its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.support.people import PASSWORD, Guest, Json, a_name, refused
from tests.support.server import Server
from tests.support.visitors import Page, Visit, Visitor


@dataclass
class Person:
    """Somebody's browser, and the same session at the other door."""

    browser: Visitor
    guest: Guest

    @property
    def name(self) -> str:
        return str(self.guest.get("/sessions/current")["username"])

    @property
    def user_id(self) -> int:
        return int(self.guest.get("/sessions/current")["user_id"])


Make = Callable[[], Person]


@pytest.fixture
def account(visit: Visit) -> Make:
    def make() -> Person:
        browser = visit()
        return Person(browser, browser.come_in(a_name("Mary"), PASSWORD))

    return make


@pytest.fixture
def guest(visit: Visit) -> Make:
    def make() -> Person:
        browser = visit()
        return Person(browser, browser.come_in(a_name("Bo")))

    return make


@pytest.fixture
def mary(account: Make) -> Person:
    return account()


@pytest.fixture
def bo(guest: Make) -> Person:
    return guest()


@pytest.fixture
def chat(mary: Person, bo: Person) -> Json:
    """A room that Mary opened and Bo has joined."""
    opened = mary.guest.open_chat("The ridge station", "link")
    bo.guest.join(opened)
    return opened


def settings(person: Person, chat: Json) -> Page:
    return person.browser.get(f"{chat['url']}settings/")


def save(person: Person, chat: Json, name: str, kind: str) -> Page:
    return person.browser.post(f"{chat['url']}settings/", [("name", name), ("kind", kind)])


def kind_of(page: Page) -> str:
    (chosen,) = [e for e in page.all("input", name="kind") if "checked" in e.attributes]
    return chosen.attributes["value"]


def kinds_offered(page: Page) -> list[str]:
    return [e.attributes["value"] for e in page.all("input", name="kind")]


def member_row(page: Page, name: str) -> str:
    (row,) = [e.text for e in page.all("li", class_="member") if name in e.text]
    return " ".join(row.split())


def notice(page: Page) -> str:
    return " ".join(page.one("div", role="status").text.split())


# Who gets to them


def test_strangers_find_no_settings_and_the_signed_out_log_in_first(
    chat: Json, guest: Make, visit: Visit
) -> None:
    stranger = guest()
    for path in ("settings/", "delete/", "members/", "invitations/", "members/1/"):
        assert stranger.browser.get(chat["url"] + path).status == 404
        assert stranger.browser.post(chat["url"] + path, []).status == 404
    asked = visit().get(f"{chat['url']}settings/")
    assert asked.path == "/login/"
    assert asked.form("/login/")["next"] == f"{chat['url']}settings/"
    assert visit().get(f"{chat['url']}members/").form("/login/")["next"] == f"{chat['url']}members/"


def test_a_member_who_may_not_decide_is_told_so_and_can_leave(bo: Person, chat: Json) -> None:
    page = settings(bo, chat)
    assert page.status == 403
    assert "Only whoever opened this room decides" in page.text
    assert not page.all("input", name="name")
    (leave,) = [form for form in page.forms if "/members/" in form.action]
    left = bo.browser.submit(leave)
    assert left.path == "/chatrooms/"
    assert refused(bo.guest.get, f"/chats/{chat['id']}/").status == 404


def test_a_member_changes_nothing(mary: Person, bo: Person, chat: Json) -> None:
    forms = [
        ("settings/", [("name", "Mine now"), ("kind", "link")]),
        ("members/", [("username", a_name())]),
        (f"members/{mary.user_id}/", []),
        ("invitations/", []),
        ("delete/", []),
    ]
    for path, fields in forms:
        assert bo.browser.post(chat["url"] + path, fields).status == 403
    for question in ("delete/", f"members/{mary.user_id}/"):
        page = bo.browser.get(chat["url"] + question)
        assert page.status == 403
        assert "leave it" in page.text
    assert mary.guest.get(f"/chats/{chat['id']}/")["name"] == "The ridge station"


@pytest.mark.parametrize("path", ["settings/", "members/", "members/1/", "invitations/", "delete/"])
def test_a_form_from_another_site_is_refused(mary: Person, chat: Json, path: str) -> None:
    mary.browser.session.headers["Origin"] = "https://evil.example"
    assert mary.browser.post(chat["url"] + path, [("name", "Evil"), ("kind", "link")]).status == 403
    assert mary.guest.get(f"/chats/{chat['id']}/")["name"] == "The ridge station"


def test_the_address_of_a_form_leads_to_the_settings(mary: Person, chat: Json) -> None:
    assert mary.browser.get(f"{chat['url']}invitations/").path == f"{chat['url']}settings/"


# Its name and kind


def test_a_new_name_and_kind_are_kept_and_shown(mary: Person, bo: Person, chat: Json) -> None:
    page = settings(mary, chat)
    assert (page.form(f"{chat['url']}settings/")["name"], kind_of(page)) == ("The ridge station", "link")
    saved = save(mary, chat, "The <b>new</b> station", "listed")
    assert "Saved" in notice(saved)
    assert saved.one("h1").text == "The <b>new</b> station"
    assert kind_of(saved) == "listed"
    seen = bo.guest.get(f"/chats/{chat['id']}/")
    assert (seen["name"], seen["kind"]) == ("The <b>new</b> station", "listed")


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "bell\x07"])
def test_a_name_that_cannot_be_is_explained_and_kept(mary: Person, chat: Json, name: str) -> None:
    page = save(mary, chat, name, "private")
    assert page.status == 400
    assert len(page.errors) == 1
    assert page.one("input", id="name").attributes["aria-invalid"] == "true"
    assert page.form(f"{chat['url']}settings/")["name"] == name
    assert kind_of(page) == "private"
    assert mary.guest.get(f"/chats/{chat['id']}/")["kind"] == "link"


def test_a_guest_is_not_offered_the_kind_that_needs_an_account(guest: Make) -> None:
    juno = guest()
    chat = juno.guest.open_chat("Seed swap")
    assert kinds_offered(settings(juno, chat)) == ["link", "private"]
    page = save(juno, chat, "Seed swap", "listed")
    assert page.status == 403
    assert len(page.errors) == 1
    assert save(juno, chat, "Seed swap", "nonsense").status == 400
    assert juno.guest.get(f"/chats/{chat['id']}/")["kind"] == "link"


# Its people


def test_the_members_are_listed_with_what_they_are(mary: Person, bo: Person, chat: Json) -> None:
    page = settings(mary, chat)
    assert "opened the room" in member_row(page, mary.name)
    assert "you" in member_row(page, mary.name)
    assert not {"Remove", "Leave"} & set(member_row(page, mary.name).split())
    assert "guest" in member_row(page, bo.name)
    assert "Remove" in member_row(page, bo.name)


def test_a_long_list_of_members_has_further_pages(mary: Person, server: Server) -> None:
    chat = mary.guest.open_chat("Village", "link")
    names = [mary.name]
    for _ in range(51):
        somebody = Guest.sign_in(server.url)
        somebody.join(chat)
        names.append(somebody.username)
    first = settings(mary, chat)
    (more,) = [e.attributes["href"] for e in first.all("a") if e.text == "More members"]
    second = mary.browser.get(urlsplit(more).path, after=urlsplit(more).query.partition("=")[2])
    shown = [e.text for page in (first, second) for e in page.all("b", class_="clip")]
    assert shown == names
    assert len(first.all("li", class_="member")) == 50


def test_every_member_sees_who_is_one_page_by_page(server: Server, mary: Person, bo: Person) -> None:
    chat = mary.guest.open_chat("Village", "link")
    bo.guest.join(chat)
    others = [Guest.sign_in(server.url) for _ in range(50)]
    for somebody in others:
        somebody.join(chat)
    (way,) = [e for e in bo.browser.get(chat["url"]).all("a") if e.text == "Members"]
    first = bo.browser.get(way.attributes["href"])
    (more,) = [e.attributes["href"] for e in first.all("a") if e.text == "More members"]
    second = bo.browser.get(urlsplit(more).path, after=urlsplit(more).query.partition("=")[2])
    shown = [e.text for page in (first, second) for e in page.all("b", class_="clip")]
    assert shown == [mary.name, bo.name, *(somebody.username for somebody in others)]
    assert [e.attributes["href"] for e in second.all("a") if e.text == "From the first"] == [
        f"{chat['url']}members/#members"
    ]
    assert "opened the room" in member_row(first, mary.name)
    assert not [form for form in first.forms if "/members/" in form.action]


def test_a_direct_chat_has_no_list_of_members(mary: Person, server: Server) -> None:
    direct = mary.guest.post("/directs", {"username": Guest(server.url).sign_up().username})
    assert mary.browser.get(f"{direct['url']}members/").path == direct["url"]


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30, ""])
@pytest.mark.parametrize("path", ["settings/", "members/"])
def test_a_page_of_members_that_cannot_be_is_no_crash(
    mary: Person, chat: Json, path: str, after: str
) -> None:
    assert mary.browser.get(chat["url"] + path, after=after).status == 200


def test_somebody_is_removed_after_a_question(mary: Person, bo: Person, chat: Json) -> None:
    question_at = f"{chat['url']}members/{bo.user_id}/"
    assert question_at in [e.attributes["href"] for e in settings(mary, chat).all("a")]
    question = mary.browser.get(question_at)
    assert bo.name in question.one("h1").text
    assert bo.guest.get(f"/chats/{chat['id']}/"), "nothing has happened yet"
    for _ in range(2):  # a second press ends as well
        page = mary.browser.submit(question.form(question_at))
        assert "no longer a member" in notice(page)
        assert bo.name not in page.text
    assert bo.browser.get(chat["url"]).status == 404


def test_who_has_left_is_kept_out_by_the_same_question(mary: Person, bo: Person, chat: Json) -> None:
    bo.guest.delete(f"/chats/{chat['id']}/members/{bo.user_id}")
    question_at = f"{chat['url']}members/{bo.user_id}/"
    question = mary.browser.get(question_at)
    assert bo.name in question.one("h1").text
    assert "have left the room" in question.text
    mary.browser.submit(question.form(question_at))
    assert bo.browser.get(chat["url"]).status == 404


@pytest.mark.parametrize("user_id", ["999999", "0", "9" * 30])
def test_who_is_no_member_cannot_be_removed(mary: Person, chat: Json, user_id: str) -> None:
    path = f"{chat['url']}members/{user_id}/"
    assert mary.browser.get(path).path == f"{chat['url']}settings/"
    assert mary.browser.post(path, []).status == 200


def test_whoever_opened_the_room_stays(mary: Person, chat: Json) -> None:
    page = mary.browser.post(f"{chat['url']}members/{mary.user_id}/", [])
    assert page.status == 409
    assert "Delete the room instead" in page.text
    assert mary.guest.get(f"/chats/{chat['id']}/")


def test_a_member_is_asked_before_leaving(bo: Person, chat: Json) -> None:
    path = f"{chat['url']}members/{bo.user_id}/"
    question = bo.browser.get(path)
    assert question.status == 200
    assert "for good" in question.one("h1").text
    assert bo.guest.get(f"/chats/{chat['id']}/"), "nothing has happened yet"
    assert bo.browser.submit(question.form(path)).path == "/chatrooms/"


def test_who_is_invited_by_name_finds_the_room(mary: Person, guest: Make) -> None:
    chat = mary.guest.open_chat("Choir", "private")
    juno = guest()
    form = settings(mary, chat).form(f"{chat['url']}members/")
    page = mary.browser.submit(form, username=juno.name)
    assert "a member now" in notice(page)
    assert member_row(page, juno.name)
    assert juno.browser.get(chat["url"]).one("h1").text == "Choir"


def test_who_takes_no_invitations_by_name_is_no_member(mary: Person, guest: Make) -> None:
    chat = mary.guest.open_chat("Choir", "private")
    juno = guest()
    juno.guest.take_from("nobody")
    page = mary.browser.submit(settings(mary, chat).form(f"{chat['url']}members/"), username=juno.name)
    assert page.status == 403
    assert page.errors == ["This person takes no invitations by name. Send them a one-time link."]
    assert page.form(f"{chat['url']}members/")["username"] == juno.name


@pytest.mark.parametrize(("kind", "is_offered"), [("listed", True), ("link", True), ("private", False)])
def test_a_new_link_is_offered_where_the_link_lets_people_in(
    mary: Person, kind: str, is_offered: bool
) -> None:
    chat = mary.guest.open_chat("Choir", kind)
    page = mary.browser.get(f"{chat['url']}order/")
    assert bool(page.all("a", href=f"{chat['url']}link/")) is is_offered


@pytest.mark.parametrize("name", ["", "Nobody At All", "x" * 33, "bell\x07"])
def test_a_name_that_nobody_has_is_explained_and_kept(mary: Person, chat: Json, name: str) -> None:
    page = mary.browser.submit(settings(mary, chat).form(f"{chat['url']}members/"), username=name)
    assert page.status == 400
    assert len(page.errors) == 1
    assert page.form(f"{chat['url']}members/")["username"] == name
    assert "autofocus" in page.one("input", id="username").attributes


# A link for one person


def test_a_one_time_link_is_shown_once_and_lets_one_person_in(mary: Person, guest: Make, chat: Json) -> None:
    private = mary.guest.open_chat("Choir", "private")
    page = mary.browser.submit(settings(mary, private).form(f"{private['url']}invitations/"))
    assert page.path == f"{private['url']}settings/"
    assert [answer.status_code for answer in page.response.history] == [303]
    link = page.one("code", id="invitation").text
    assert link.startswith(f"{mary.browser.url}/invitations/")
    assert not settings(mary, private).all("code", id="invitation"), "shown once"
    juno = guest()
    path = urlsplit(link).path
    assert juno.browser.submit(juno.browser.get(path).form(path)).path == private["url"]


def test_a_link_is_shown_in_its_own_rooms_settings_alone(mary: Person, chat: Json) -> None:
    other = mary.guest.open_chat("Choir", "private")
    made = mary.guest.post(f"/chats/{other['id']}/invitations")["url"]
    mary.browser.session.cookies.set("porch-invitation", urlsplit(made).path.split("/")[2])
    assert not settings(mary, chat).all("code", id="invitation")
    mary.browser.session.cookies.set("porch-invitation", "<script>")
    assert not settings(mary, chat).all("code", id="invitation")


def test_too_many_links_are_explained(start_server: Callable[..., Server]) -> None:
    with Visitor(start_server(invitation_rate="1+1/h").url) as browser:
        browser.sign_in("Juno")
        juno = Person(browser, Guest(browser.url, browser.session.cookies["porch"]))
        chat = juno.guest.open_chat("Choir")
        form = settings(juno, chat).form(f"{chat['url']}invitations/")
        assert browser.submit(form).status == 200
        page = browser.submit(form)
        assert page.status == 429
        assert len(page.errors) == 1
        assert int(page.response.headers["Retry-After"]) > 0


def test_the_link_in_the_settings_goes_before_the_address_that_was_asked(
    start_server: Callable[..., Server],
) -> None:
    with Visitor(start_server(url="https://chat.example.org").url) as browser:
        browser.sign_in("Juno")
        juno = Person(browser, Guest(browser.url, browser.session.cookies["porch"]))
        chat = juno.guest.open_chat("Choir")
        page = browser.submit(settings(juno, chat).form(f"{chat['url']}invitations/"))
        assert page.one("code", id="invitation").text.startswith("https://chat.example.org/invitations/")


# Its end


def test_a_room_is_deleted_after_a_question(mary: Person, bo: Person, guest: Make, chat: Json) -> None:
    bo.guest.send(chat, "Gone soon")
    question = mary.browser.get(f"{chat['url']}delete/")
    assert "Delete “The ridge station”?" in question.one("h1").text
    assert "gone for everybody" in question.text
    assert bo.guest.get(f"/chats/{chat['id']}/"), "nothing has happened yet"
    form = question.form(f"{chat['url']}delete/")
    assert mary.browser.submit(form).path == "/chatrooms/"
    assert mary.browser.submit(form).status == 410, "a second press finds it deleted"
    told = settings(bo, chat)
    assert told.status == 410
    assert "“The ridge station” was deleted" in told.text
    assert settings(guest(), chat).status == 404
