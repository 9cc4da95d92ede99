"""The room's page around one message, the whole history by its links, the forms for one's own messages: in a
browser with scripts switched off.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from tests.support.people import Guest, Json, a_name
from tests.support.programs import util_here
from tests.support.server import Server
from tests.support.visitors import Element, Page, Visit, Visitor

GONE = "That message is no longer there."


@dataclass
class Reader:
    """Somebody with a browser and, under the same name, the API."""

    browser: Visitor
    api: Guest

    def at(self, chat: Json, seq: int) -> Page:
        return self.browser.get(f"{chat['url']}messages/{seq}/")


@pytest.fixture
def reader(visit: Visit) -> Reader:
    browser = visit()
    return Reader(browser, browser.come_in(a_name("Reader")))


def say(guest: Guest, chat: Json, count: int) -> list[str]:
    lines = [f"Line {number}" for number in range(1, count + 1)]
    for line in lines:
        guest.send(chat, line)
    return lines


def room_data(page: Page) -> Json:
    data: Json = json.loads(page.one("script", id="room-data").text)
    return data


def marked(page: Page) -> list[str]:
    """The ids of the messages that the page marks; a browser scrolls to them."""
    lines = [line for line in lines_of(page) if "at" in line.attributes["class"].split()]
    assert not lines or lines == scrolled_to(page)
    return [line.attributes["id"] for line in lines]


def scrolled_to(page: Page) -> list[Element]:
    """What has the focus from the start; more than one cannot."""
    return [line for line in lines_of(page) if "autofocus" in line.attributes]


def link(page: Page, words: str) -> str | None:
    """Where the link with these words leads, if it is there."""
    found = [e.attributes["href"] for e in page.all("a") if e.text == words]
    assert len(found) <= 1
    return found[0] if found else None


def test_a_permalink_shows_the_room_around_the_message_and_marks_it(
    reader: Reader, ann: Guest, chat: Json
) -> None:
    lines = say(ann, chat, 100)
    page = reader.at(chat, 50)
    assert page.status == 200
    assert page.one("h1").text == chat["name"]
    assert page.messages == lines[25:75]
    assert marked(page) == ["m50"]
    assert GONE not in page.text
    data = room_data(page)
    assert (data["at"], data["rev"], data["more_before"], data["more_after"]) == (50, 100, True, True)


@pytest.mark.parametrize(
    ("at", "first", "last"), [(1, 1, 26), (10, 1, 35), (25, 1, 50), (26, 2, 51), (55, 31, 80), (80, 31, 80)]
)
def test_near_an_end_of_the_log_the_page_ends_there(
    reader: Reader, ann: Guest, chat: Json, at: int, first: int, last: int
) -> None:
    lines = say(ann, chat, 80)
    page = reader.at(chat, at)
    assert page.messages == lines[first - 1 : last]
    data = room_data(page)
    assert (data["more_before"], data["more_after"]) == (first > 1, last < 80)
    assert (link(page, "Older messages") is not None, link(page, "Newer messages") is not None) == (
        first > 1,
        last < 80,
    )
    assert ("You are at the beginning of this room." in page.text) is (first == 1)


def test_the_plain_page_names_no_place_and_is_at_the_end(reader: Reader, ann: Guest, chat: Json) -> None:
    lines = say(ann, chat, 60)
    page = reader.browser.get(chat["url"])
    assert page.messages == lines[-36:]
    assert (marked(page), scrolled_to(page)) == ([], [])
    data = room_data(page)
    assert (data["at"], data["more_before"], data["more_after"]) == (None, True, False)
    assert link(page, "Newer messages") is None


def follow(reader: Reader, page: Page, words: str) -> list[Page]:
    pages = [page]
    while address := link(pages[-1], words):
        assert len(pages) < 20, "the links go in circles"
        path, _, place = address.partition("#")
        pages.append(reader.browser.get(path))
        assert pages[-1].status == 200
        assert marked(pages[-1]) == [place], "the page begins where the one before ended"
        assert GONE not in pages[-1].text
    return pages


def test_the_whole_history_is_read_by_links_from_the_plain_page_and_back(
    reader: Reader, ann: Guest, chat: Json
) -> None:
    lines = say(ann, chat, 140)
    for seq in (1, *range(50, 90), 139):  # a gap that is larger than half a page
        ann.delete(f"/chats/{chat['id']}/messages/{seq}")
    for number in range(60):  # edits take numbers at which no message stands
        ann.patch(f"/chats/{chat['id']}/messages/20", {"content": f"Edit {number}"})
    ann.send(chat, "After the edits")
    left = [line for seq, line in enumerate(lines, 1) if seq not in (1, *range(50, 90), 139)]
    left[left.index("Line 20")] = "Edit 59"
    left.append("After the edits")
    back = follow(reader, reader.browser.get(chat["url"]), "Older messages")
    forth = follow(reader, back[-1], "Newer messages")
    for pages in (back[::-1], forth):
        read: list[str] = []
        for page in pages:
            new = [line for line in page.messages if line not in read]
            assert page.messages[-len(new) :] == new, "what is new stands after what was read"
            read += new
        assert read == left
    assert "You are at the beginning of this room." in back[-1].text
    assert forth[-1].messages[-1] == "After the edits"


def test_from_a_permalink_one_link_leads_to_the_newest_messages(
    reader: Reader, ann: Guest, chat: Json
) -> None:
    say(ann, chat, 60)
    assert link(reader.at(chat, 5), "Go to the newest messages.") == chat["url"]


def test_what_is_written_there_goes_to_the_room(reader: Reader, ann: Guest, chat: Json) -> None:
    say(ann, chat, 60)
    page = reader.browser.submit(
        reader.at(chat, 5).form(chat["url"], having="content"), content="I have read it"
    )
    assert page.path == chat["url"]
    assert page.messages[-1] == "I have read it"


def test_a_deleted_message_leaves_its_place_and_a_notice(reader: Reader, ann: Guest, chat: Json) -> None:
    lines = say(ann, chat, 10)
    ann.delete(f"/chats/{chat['id']}/messages/4")
    page = reader.at(chat, 4)
    assert page.status == 200
    assert GONE in page.text
    assert page.messages == lines[:3] + lines[4:]
    assert marked(page) == []
    assert [line.attributes["id"] for line in scrolled_to(page)] == ["m3"], "what stands before it"
    assert "Line 4" not in page.response.text


def test_where_the_first_message_was_the_second_is_the_nearest(
    reader: Reader, ann: Guest, chat: Json
) -> None:
    say(ann, chat, 3)
    ann.delete(f"/chats/{chat['id']}/messages/1")
    page = reader.at(chat, 1)
    assert [line.attributes["id"] for line in scrolled_to(page)] == ["m2"]
    ann.delete(f"/chats/{chat['id']}/messages/2")
    ann.delete(f"/chats/{chat['id']}/messages/3")
    page = reader.at(chat, 1)
    assert (page.status, page.messages) == (200, [])
    assert GONE in page.text


def test_a_number_that_was_never_a_message_is_a_place_like_that_of_a_deleted_one(
    reader: Reader, ann: Guest, chat: Json
) -> None:
    ann.send(chat, "One")
    ann.patch(f"/chats/{chat['id']}/", {"name": "Another name"})
    ann.send(chat, "Three")
    page = reader.at(chat, 2)
    assert (page.status, page.messages) == (200, ["One", "Three"])
    assert GONE in page.text


def test_after_all_messages_were_deleted_their_places_are_still_the_room(
    reader: Reader, server: Server, ann: Guest, chat: Json
) -> None:
    say(ann, chat, 3)
    done = util_here(server.data, "delete", "--room", chat["hash_key"], "--yes")
    assert done.returncode == 0, done.stderr
    ann.send(chat, "A new beginning")
    page = reader.at(chat, 2)
    assert (page.status, page.messages) == (200, ["A new beginning"])
    assert GONE in page.text


@pytest.mark.parametrize("seq", ["0", "4", "99999", str(2**63), "9" * 60])
def test_a_place_that_the_log_has_not_come_to_is_not_there(
    reader: Reader, ann: Guest, chat: Json, seq: str
) -> None:
    say(ann, chat, 3)
    page = reader.browser.get(f"{chat['url']}messages/{seq}/")
    assert page.status == 404
    assert "There is no such message in this room." in page.text


@pytest.mark.parametrize("seq", ["x", "-1", "1.5", ""])
def test_what_is_no_number_is_no_place(reader: Reader, ann: Guest, chat: Json, seq: str) -> None:
    say(ann, chat, 3)
    assert reader.browser.get(f"{chat['url']}messages/{seq}/").status == 404


def test_without_its_slash_the_address_leads_there_too(reader: Reader, ann: Guest, chat: Json) -> None:
    say(ann, chat, 3)
    page = reader.browser.get(f"{chat['url']}messages/2")
    assert (page.path, marked(page)) == (f"{chat['url']}messages/2/", ["m2"])


def test_large_messages_do_not_push_the_target_out_of_its_page(
    reader: Reader, ann: Guest, chat: Json
) -> None:
    for number in range(40):
        ann.send(chat, f"{number} " + "\u6f22" * 9_900)  # 29 KiB each
    plain = reader.browser.get(chat["url"])
    assert 1 < len(plain.messages) < 25
    assert len(plain.response.content) < 800_000
    page = reader.at(chat, 5)
    assert marked(page) == ["m5"]
    assert len(page.messages) == 30  # 25 after it, and all that are before it
    page = reader.at(chat, 30)
    assert marked(page) == ["m30"]
    assert page.messages[-1].startswith("39 ")
    assert link(page, "Older messages") is not None
    assert [p.messages[0][:2] for p in follow(reader, plain, "Older messages")][-1] == "0 "


# Who may see it: as with the room's page.


def test_a_stranger_gives_a_name_and_comes_to_the_message(visit: Visit, ann: Guest, chat: Json) -> None:
    say(ann, chat, 80)
    stranger = visit()
    sign_in = stranger.get(f"{chat['url']}messages/30/")
    assert sign_in.path == "/sessions/new/"
    assert chat["name"] in sign_in.text
    assert "Line" not in sign_in.text
    page = stranger.submit(sign_in.form("/sessions/new/"), username=a_name())
    assert (page.path, marked(page)) == (f"{chat['url']}messages/30/", ["m30"])
    assert room_data(page)["chat"]["mine"] is False


def test_who_follows_it_is_in_the_room_and_a_member(reader: Reader, ann: Guest, chat: Json) -> None:
    say(ann, chat, 3)
    reader.at(chat, 2)
    assert reader.api.after(chat, 0)["head"] == 3
    assert reader.api.user_id in [person["user_id"] for person in ann.present(chat)["present"]]


def test_who_was_put_out_does_not_see_it(reader: Reader, ann: Guest, chat: Json) -> None:
    say(ann, chat, 3)
    reader.at(chat, 2)
    ann.delete(f"/chats/{chat['id']}/members/{reader.api.user_id}")
    page = reader.at(chat, 2)
    assert page.status == 404
    assert "Line" not in page.text


def test_a_private_room_is_nowhere_for_strangers(reader: Reader, ann: Guest) -> None:
    chat = ann.open_chat(kind="private")
    ann.send(chat, "Between us")
    there, nowhere = reader.at(chat, 1), reader.at({"url": "/chatrooms/AAAAAAAAAAAAAAAAAAAAAA/"}, 1)
    assert (there.status, nowhere.status) == (404, 404)
    assert there.one("h1").text == nowhere.one("h1").text
    assert "Between us" not in there.text


def test_of_a_deleted_room_a_former_member_is_told(reader: Reader, ann: Guest, chat: Json) -> None:
    say(ann, chat, 3)
    reader.at(chat, 2)
    ann.delete(f"/chats/{chat['id']}/")
    page = reader.at(chat, 2)
    assert page.status == 410
    assert chat["name"] in page.text
    assert "Line" not in page.text


def test_the_address_stands_in_no_log(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """As Flask's development server writes it, plainly and as the address to go on to."""
    with caplog.at_level(logging.INFO, logger="werkzeug"):
        logger = logging.getLogger("werkzeug")
        logger.info('"GET %s HTTP/1.1" 200 -', "/chatrooms/kBMrdyDhencRErJbDA4jeg/messages/5/edit/?x=1")
        then = "%2Fchatrooms%2FkBMrdyDhencRErJbDA4jeg%2Fmessages%2F5%2F"
        logger.info('"GET %s HTTP/1.1" 200 -', f"/sessions/new/?next={then}")
    assert [record.getMessage() for record in caplog.records] == [
        '"GET /chatrooms/***/messages/5/edit/?x=1 HTTP/1.1" 200 -',
        '"GET /sessions/new/?next=%2Fchatrooms%2F***%2Fmessages%2F5%2F HTTP/1.1" 200 -',
    ]


def test_the_server_writes_no_address_of_a_message(start_server: Callable[..., Server]) -> None:
    server = start_server()
    with Visitor(server.url) as browser:
        browser.sign_in("Ann")
        room = browser.open_room("A room")
        browser.send(room, "Hello")
        for seq in (1, 2):
            browser.get(f"{room.path}messages/{seq}/")
        browser.get(f"{room.path}messages/1/edit/")
    server.stop()
    assert room.path.split("/")[2] not in "".join(server.output)


# What a fresh page shows of changed messages.


def test_an_edited_message_says_so_and_when(reader: Reader, ann: Guest, chat: Json) -> None:
    say(ann, chat, 2)
    edited = ann.patch(f"/chats/{chat['id']}/messages/1", {"content": "Line one"})
    page = reader.browser.get(chat["url"])
    assert page.messages == ["Line one", "Line 2"]
    first, second = lines_of(page)
    mark = page.one("time", class_="edited")
    assert (mark.text, mark.attributes["datetime"]) == ("edited", edited["edited_at"][:19] + "Z")
    assert edited["edited_at"][11:16] in mark.attributes["title"]
    assert first.attributes["data-rev"] == "3"
    assert "edited" in first.text
    assert "edited" not in second.text


def test_a_deleted_message_is_not_in_a_fresh_page_at_all(reader: Reader, ann: Guest, chat: Json) -> None:
    lines = say(ann, chat, 60)
    for seq in (10, 59):
        ann.delete(f"/chats/{chat['id']}/messages/{seq}")
    page = reader.browser.get(chat["url"])
    left = [line for line in lines if line not in ("Line 10", "Line 59")]
    assert page.messages == left[-36:], "it takes nobody's place"
    assert not [line for line in lines_of(page) if line.attributes["id"] == "m59"]


def test_a_room_whose_messages_are_all_deleted_is_empty(reader: Reader, ann: Guest, chat: Json) -> None:
    say(ann, chat, 2)
    for seq in (1, 2):
        ann.delete(f"/chats/{chat['id']}/messages/{seq}")
    page = reader.browser.get(chat["url"])
    assert page.messages == []
    assert "hidden" not in page.one("div", id="empty").attributes
    assert room_data(page)["more_before"] is False


def lines_of(page: Page) -> list[Element]:
    return [e for e in page.all("li") if "msg" in e.attributes.get("class", "").split()]


# Editing and deleting by forms.


@pytest.fixture
def own(reader: Reader, chat: Json) -> Reader:
    """Somebody who has said one thing in the room, as its second message."""
    reader.api.join(chat)
    reader.api.send(chat, "What I sayed")
    return reader


def test_ones_own_messages_lead_to_a_form_that_edits_them(own: Reader, ann: Guest, chat: Json) -> None:
    ann.send(chat, "What Ann said")
    room = own.browser.get(chat["url"])
    (edit,) = [e for e in room.all("a") if e.text == "Edit this message"]
    form = own.browser.get(edit.attributes["href"]).form(f"{chat['url']}messages/1/edit/")
    assert form["content"] == "What I sayed"
    page = own.browser.submit(form, content="What I said")
    assert (page.status, page.path) == (200, f"{chat['url']}messages/1/")
    assert page.url.endswith("#m1")
    assert page.messages == ["What I said", "What Ann said"]
    assert marked(page) == ["m1"]


@pytest.mark.parametrize("content", ["", "  \n ", "x" * 10_001, "bell\x07", "\nx\x1b[31m\n\n"])
def test_an_edit_that_cannot_be_is_explained_and_kept(own: Reader, chat: Json, content: str) -> None:
    address = f"{chat['url']}messages/1/edit/"
    page = own.browser.submit(own.browser.get(address).form(address), content=content)
    assert (page.status, page.path) == (400, address)
    assert page.errors
    assert page.form(address)["content"] == content
    assert own.at(chat, 1).messages == ["What I sayed"]


def test_the_form_has_the_text_with_its_lines(own: Reader, chat: Json) -> None:
    own.api.send(chat, '\nOne\n  <two> & "three"\n')
    address = f"{chat['url']}messages/2/edit/"
    assert own.browser.get(address).form(address)["content"] == '\nOne\n  <two> & "three"\n'


def test_deleting_asks_first(own: Reader, ann: Guest, chat: Json) -> None:
    ann.send(chat, "What Ann said")
    form = own.browser.get(f"{chat['url']}messages/1/edit/")
    address = link(form, "Delete")
    assert address == f"{chat['url']}messages/1/delete/"
    question = own.browser.get(address)
    assert "What I sayed" in question.text
    assert own.at(chat, 1).messages == ["What I sayed", "What Ann said"], "nothing has happened yet"
    page = own.browser.submit(question.form(address))
    assert (page.status, page.path) == (200, f"{chat['url']}messages/1/")
    assert GONE in page.text
    assert page.messages == ["What Ann said"]


def test_a_deleted_message_has_no_form_any_more(own: Reader, chat: Json) -> None:
    forms = [f"{chat['url']}messages/1/{what}/" for what in ("edit", "delete")]
    pages = [own.browser.get(form) for form in forms]
    own.api.delete(f"/chats/{chat['id']}/messages/1")
    for form in forms:
        assert own.browser.get(form).path == f"{chat['url']}messages/1/"
    for page, form in zip(pages, forms, strict=True):  # they were open in other tabs
        late = own.browser.submit(page.form(form))
        assert (late.status, late.path) == (200, f"{chat['url']}messages/1/")
        assert GONE in late.text


def test_too_fast_is_explained_and_the_edit_is_kept(start_server: Callable[..., Server]) -> None:
    with Visitor(start_server(message_rate="1+1/h").url) as browser:
        browser.sign_in("Ann")
        room = browser.send(browser.open_room("A room"), "One")
        address = f"{room.path}messages/1/edit/"
        page = browser.submit(browser.get(address).form(address), content="Two")
        assert page.status == 429
        assert page.errors
        assert page.form(address)["content"] == "Two"
        delete = f"{room.path}messages/1/delete/"
        assert browser.submit(browser.get(delete).form(delete)).status == 429
        assert browser.get(room.path).messages == ["One"]


def test_the_forms_of_a_deleted_room_lead_to_where_that_is_said(own: Reader, ann: Guest, chat: Json) -> None:
    address = f"{chat['url']}messages/1/edit/"
    form = own.browser.get(address)
    ann.delete(f"/chats/{chat['id']}/")
    for page in (own.browser.get(address), own.browser.submit(form.form(address), content="Too late")):
        assert page.status == 410
