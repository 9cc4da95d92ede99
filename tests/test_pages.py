"""The pages and their forms, in a browser with scripts switched off."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import requests

from porch.actions.reading.excerpts import AT_END
from tests.support.database import move_sessions
from tests.support.people import Guest, Json, Refused, a_name
from tests.support.server import Server
from tests.support.visitors import Page, Visit, Visitor


@pytest.fixture
def room(visitor: Visitor) -> Page:
    """A room's page in the browser of the person who opened it."""
    return supper(visitor, a_name("Opal"))


def supper(visitor: Visitor, name: str) -> Page:
    return visitor.get(visitor.come_in(name).open_chat("Thursday supper")["url"])


def room_data(page: Page) -> Json:
    """What the page hands to its scripts."""
    data: Json = json.loads(page.one("script", id="room-data").text)
    return data


def share_link(page: Page) -> str:
    return page.one("code", id="share-link").text


def test_who_opens_a_room_without_a_name_comes_back_to_it_as_its_creator(visitor: Visitor) -> None:
    front = visitor.get("/")
    sign_in = visitor.submit(front.form("/chatrooms/", having="name"), name="Thursday supper")
    assert sign_in.path == "/sessions/new/"
    assert "Thursday supper" in sign_in.text
    name = a_name("Ann")
    room = visitor.submit(sign_in.form("/sessions/new/"), username=name)
    assert room.status == 200
    assert room.path.startswith("/chatrooms/")
    assert room.one("h1").text == "Thursday supper"
    assert f"You are {name}" in room.text
    assert room_data(room)["chat"]["mine"] is True


def test_who_has_a_name_goes_straight_to_the_room(room: Page) -> None:
    assert room.path.startswith("/chatrooms/")
    assert room_data(room)["chat"]["mine"] is True


def test_the_share_link_leads_somebody_else_into_the_room(visit: Visit, visitor: Visitor, room: Page) -> None:
    visitor.send(room, "Come in!")
    assert share_link(room) == room.url
    other = visit()
    sign_in = other.get(room.path)
    assert sign_in.path == "/sessions/new/"
    entered = other.submit(sign_in.form("/sessions/new/"), username=a_name("Bob"))
    assert entered.path == room.path
    assert entered.messages == ["Come in!"]
    assert room_data(entered)["chat"]["mine"] is False
    other.send(entered, "Thank you.")
    assert visitor.get(room.path).messages == ["Come in!", "Thank you."]


def test_the_link_in_the_settings_goes_before_the_address_that_was_asked(
    start_server: Callable[..., Server],
) -> None:
    with Visitor(start_server(url="https://chat.example.org").url) as visitor:
        visitor.sign_in("Ann")
        room = visitor.open_room("A room")
        assert share_link(room) == f"https://chat.example.org{room.path}"


def test_another_tab_is_the_same_person(visitor: Visitor, room: Page) -> None:
    tab = visitor.get(room.path)
    assert room_data(tab)["me"] == room_data(room)["me"]


def test_the_history_is_there_oldest_first(visitor: Visitor, room: Page) -> None:
    lines = ["One", "Two\nwith a second line", "  Three, indented", "\nFour after an empty line"]
    for line in lines:
        room = visitor.send(room, line)
    assert visitor.get(room.path).messages == lines


def test_a_page_shows_the_newest_messages(visitor: Visitor, room: Page) -> None:
    me = Guest(visitor.url, visitor.session.cookies["porch"])
    for number in range(55):
        me.send(room_data(room)["chat"], f"Line {number}")
    page = visitor.get(room.path)
    assert page.messages == [f"Line {number}" for number in range(55 - AT_END, 55)]
    assert room_data(page)["more_before"] is True
    assert "only the newest messages are shown" in page.text


def test_the_page_hands_its_scripts_the_state_of_one_moment(visitor: Visitor, room: Page) -> None:
    page = visitor.send(room, "Hello")
    data = room_data(page)
    assert page.messages == ["Hello"]
    assert data["rev"] == data["chat"]["rev"] == 1
    assert data["live"] == "socket"


def test_a_form_that_is_sent_twice_says_it_once(visitor: Visitor, room: Page) -> None:
    form = room.form(room.path)
    for _ in range(2):
        page = visitor.submit(form, content="Once")
        assert (page.status, page.messages) == (200, ["Once"])


def test_the_next_form_says_something_new(visitor: Visitor, room: Page) -> None:
    page = visitor.send(visitor.send(room, "Same words"), "Same words")
    assert page.messages == ["Same words", "Same words"]


def test_a_form_that_was_used_for_something_else_is_told_so_and_keeps_the_text(
    visitor: Visitor, room: Page
) -> None:
    form = room.form(room.path)
    visitor.submit(form, content="This")
    page = visitor.submit(form, content="That")
    assert page.status == 409
    assert page.errors
    assert page.form(room.path)["content"] == "That"
    assert visitor.submit(page.form(room.path)).messages == ["This", "That"]


BAD_NAMES = ["", "   ", "x" * 33, "bell\x07", "zero\u200bwidth", "a\u202eb", "e" + "\u0301" * 9]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_cannot_be_is_explained_and_kept(visitor: Visitor, name: str) -> None:
    page = visitor.sign_in(name, then="/chatrooms/?from=here")
    assert page.status == 400
    assert page.errors
    form = page.form("/sessions/new/")
    assert form["username"] == name
    assert form["next"] == "/chatrooms/?from=here"
    assert page.one("input", id="username").attributes["aria-invalid"] == "true"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "bell\x07", "right\u202eleft", "zero\u200bwidth"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_room_name_that_cannot_be_is_explained_and_kept(
    visitor: Visitor, signed_in: bool, name: str
) -> None:
    if signed_in:
        visitor.sign_in(a_name())
    page = visitor.open_room(name)
    assert (page.status, page.path) == (400, "/chatrooms/")
    assert page.errors
    assert page.form("/chatrooms/", having="name")["name"] == name


@pytest.mark.parametrize("content", ["", "  \n ", "x" * 10_001, "bell\x07", "\nx\x1b[31m\n\n"])
def test_a_message_that_cannot_be_is_explained_and_kept(visitor: Visitor, room: Page, content: str) -> None:
    page = visitor.send(room, content)
    assert (page.status, page.path) == (400, room.path)
    assert page.errors
    assert page.form(room.path)["content"] == content
    assert page.messages == []


def test_a_message_may_have_the_newlines_of_a_browser(visitor: Visitor, room: Page) -> None:
    text = "\r\n".join(["line"] * 2000)  # 9,999 characters as they count, 11,998 as they are sent
    assert visitor.send(room, text).messages == [text.replace("\r\n", "\n")]


def test_a_form_that_is_too_large_is_refused_with_a_page(visitor: Visitor, room: Page) -> None:
    page = visitor.send(room, "x" * 300_000)
    assert page.status == 413
    assert page.one("h1").text
    assert visitor.get(room.path).messages == []


def test_a_form_without_its_fields_is_no_crash(visitor: Visitor, room: Page) -> None:
    for path in ("/chatrooms/", room.path):
        assert visitor.post(path, []).status == 400
    assert visitor.post("/sessions/new/", []).path == "/chatrooms/"  # signed in already


def test_too_fast_is_explained_and_the_text_is_kept(start_server: Callable[..., Server]) -> None:
    with Visitor(start_server(message_rate="1+1/h").url) as visitor:
        visitor.sign_in("Ann")
        room = visitor.send(visitor.open_room("A room"), "One")
        page = visitor.send(room, "Two")
        assert page.status == 429
        assert page.errors
        assert page.form(room.path)["content"] == "Two"


def test_too_many_names_or_rooms_are_explained(start_server: Callable[..., Server]) -> None:
    url = start_server(sign_in_rate="1+1/h", unclaimed_room_rate="1+1/h").url
    with Visitor(url) as first, Visitor(url) as second:
        first.sign_in("Ann")
        page = second.sign_in("Bob")
        assert page.status == 429
        assert page.errors
        assert page.form("/sessions/new/")["username"] == "Bob"
        second.open_room("One")
        page = second.open_room("Two")
        assert page.status == 429
        assert page.errors
        assert page.form("/chatrooms/", having="name")["name"] == "Two"


def test_a_taken_name_comes_with_buttons_of_free_ones(visit: Visit, visitor: Visitor, ann: Guest) -> None:
    page = visitor.sign_in(ann.username, then="/chatrooms/?from=here")
    assert page.status == 409
    assert page.errors
    form = page.form("/sessions/new/")
    assert form["username"] == ann.username
    assert len(form.buttons) == 3
    button = form.buttons[0]
    signed_in = visitor.submit(form, button)
    assert (signed_in.status, signed_in.path) == (200, "/chatrooms/")
    assert signed_in.url.endswith("?from=here")
    assert f"You are {button[1]}" in signed_in.text
    again = visit().sign_in(button[1])
    assert again.status == 409


def test_pressing_enter_takes_what_was_typed_and_not_a_suggestion(visitor: Visitor, ann: Guest) -> None:
    page = visitor.sign_in(ann.username)
    name = a_name("Typed")
    assert f"You are {name}" in visitor.submit(page.form("/sessions/new/"), username=name).text


def test_who_is_signed_in_is_not_asked_for_a_name(visitor: Visitor, room: Page) -> None:
    page = visitor.get("/sessions/new/", next=room.path)
    assert page.path == room.path


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "javascript:alert(1)",
    "http:evil.example",
    "evil.example",
    "///evil.example",
    "x" * 5000,
    "",
]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_signing_in_leads_nowhere_but_into_this_site(visitor: Visitor, elsewhere: str) -> None:
    page = visitor.sign_in(a_name(), then=elsewhere)
    assert page.url == f"{visitor.url}/chatrooms/"
    form = [("username", a_name()), ("next", elsewhere)]
    assert visitor.post("/sessions/new/", form).url == f"{visitor.url}/chatrooms/"


def stays_here(address: str) -> bool:
    """An anchor within the page, or a path that begins with exactly one slash."""
    return address.startswith("#") or (address[:1] == "/" and address[1:2] not in ("/", "\\"))


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_page_has_a_link_or_a_form_that_leads_elsewhere(visitor: Visitor, elsewhere: str) -> None:
    pages = [visitor.get("/sessions/new/", next=elsewhere)]
    visitor.sign_in(a_name())
    pages.append(visitor.post("/logout/", [("next", elsewhere)]))
    for page in pages:
        where = [e.attributes.get("href", "/") for e in page.all("a")] + [form.action for form in page.forms]
        where += [form["next"] for form in page.forms if "next" in dict(form.fields)]
        assert [address for address in where if not stays_here(address)] == []


def test_logging_out_warns_a_guest_that_the_name_becomes_free(
    visit: Visit, visitor: Visitor, room: Page
) -> None:
    name = room_data(room)["me"]["username"]
    warning = visitor.submit(room.form("/logout/"))
    assert name in warning.text
    assert "free for anybody" in warning.text
    assert visitor.get(room.path).path == room.path, "nothing has happened yet"
    gone = visitor.submit(warning.form("/logout/", having="confirm"))
    assert gone.path == "/"
    assert "Log in" in gone.text
    assert visitor.get(room.path).path == "/sessions/new/"
    assert f"You are {name}" in visit().sign_in(name).text


def test_one_can_stay_after_the_warning(visitor: Visitor, room: Page) -> None:
    warning = visitor.submit(room.form("/logout/"))
    (stay,) = [link for link in warning.all("a") if link.text == "Stay here"]
    assert visitor.get(stay.attributes["href"]).path == room.path


def test_logging_out_while_logged_out_is_no_error(visitor: Visitor) -> None:
    page = visitor.post("/logout/", [])
    assert (page.status, page.path) == (200, "/")


def test_who_has_lost_the_name_picks_another_and_is_back_in_the_room(
    server: Server, visitor: Visitor, room: Page
) -> None:
    me = room_data(room)["me"]
    move_sessions(server.data, me["user_id"], "last_used_at", days=8)
    Guest.sign_in(server.url, me["username"])
    sign_in = visitor.get(room.path)
    assert sign_in.path == "/sessions/new/"
    back = visitor.submit(sign_in.form("/sessions/new/"), username=a_name("Back"))
    assert back.path == room.path
    assert room_data(back)["me"]["user_id"] == me["user_id"]
    assert room_data(back)["chat"]["mine"] is True


def test_who_has_lost_the_name_keeps_the_text_of_a_message_out_of_nobodys_name(
    server: Server, visitor: Visitor, room: Page
) -> None:
    me = room_data(room)["me"]
    move_sessions(server.data, me["user_id"], "last_used_at", days=8)
    Guest.sign_in(server.url, me["username"])
    assert visitor.send(room, "Written too late").path == "/sessions/new/"


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/nowhere/at/all/",
        "/chatrooms/AAAAAAAAAAAAAAAAAAAAAA/",
        "/chatrooms/1/",
        "/chatrooms/%00/",
        "/%00",
    ],
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_what_is_not_there_is_a_friendly_page_with_a_way_on(
    visitor: Visitor, path: str, signed_in: bool
) -> None:
    if signed_in:
        visitor.sign_in(a_name())
    page = visitor.get(path)
    assert page.status == 404
    assert page.one("h1").text == "Nobody home"
    assert any(link.attributes.get("href") == "/" for link in page.all("a", class_="btn door"))
    assert [form.action for form in page.forms] == [
        *(["/logout/"] if signed_in else []),
        "/theme/",
        "/language/",
    ]


def test_every_page_has_a_log_out_button_while_signed_in(visitor: Visitor, room: Page) -> None:
    pages = [
        room,
        visitor.get("/"),
        visitor.get("/chatrooms/"),
        visitor.get("/nowhere"),
        visitor.post("/", []),  # 405
        visitor.send(room, ""),  # 400 in its place
        visitor.send(room, "x" * 300_000),  # 413
    ]
    assert [page.status for page in pages] == [200, 200, 200, 404, 405, 400, 413]
    assert all(page.form("/logout/") for page in pages)


@pytest.mark.parametrize("path", ["/chatrooms", "/sessions/new", "/chatrooms/{hash_key}"])
def test_a_missing_slash_at_the_end_is_mended(visitor: Visitor, room: Page, path: str) -> None:
    page = visitor.get(path.format(hash_key=room.path.split("/")[2]))
    assert page.status == 200
    assert page.path.endswith("/")


def test_the_rooms_one_is_in_are_listed_the_last_active_first(
    visit: Visit, visitor: Visitor, room: Page
) -> None:
    other = visit()
    other.sign_in(a_name())
    elsewhere = other.open_room("The ladder")
    visitor.get(elsewhere.path)
    own = (elsewhere.path, room.path)
    rows = [row for row in visitor.get("/chatrooms/").all("a", class_="row") if row.attributes["href"] in own]
    assert [row.attributes["href"] for row in rows] == [elsewhere.path, room.path]
    assert "opened by you" in rows[1].text
    assert "opened by you" not in rows[0].text


def test_a_page_is_nobody_elses_to_keep_or_to_frame(visitor: Visitor, room: Page) -> None:
    headers = room.response.headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_every_script_on_a_page_carries_the_nonce_of_this_answer(visitor: Visitor, room: Page) -> None:
    nonces = {
        e.attributes["nonce"] for e in room.all("script") if e.attributes.get("type") != "application/json"
    }
    (nonce,) = nonces
    assert f"'nonce-{nonce}'" in room.response.headers["Content-Security-Policy"]
    again = visitor.get(room.path)
    assert f"'nonce-{nonce}'" not in again.response.headers["Content-Security-Policy"]


def test_every_file_that_a_page_names_is_there(visitor: Visitor, room: Page) -> None:
    paths = {e.attributes["src"] for e in room.all("script") if "src" in e.attributes}
    paths |= {e.attributes["href"] for e in room.all("link")}
    (imports,) = room.all("script", type="importmap")
    paths |= set(json.loads(imports.text)["imports"].values())
    assert len(paths) > 5
    for path in paths:
        assert path.startswith(("/static/", "/favicon.svg", "/manifest.webmanifest"))
        answer = visitor.session.get(visitor.url + path, timeout=20)
        assert answer.status_code == 200, path
        if "?v=" in path:
            assert "immutable" in answer.headers["Cache-Control"], path


PAYLOADS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</ScRiPt ><img src=x onerror=alert(1)>",
    "<!--<script>",
    "--><b>x</b>",
    "]]><b>x</b>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "</textarea><b>x</b>",
    "</title><b>x</b>",
    "</noscript><b>x</b>",
    "&lt;b&gt;x&lt;/b&gt; &amp;amp;",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "\u2028alert(1)\u2029",
    "`${alert(1)}",  # of two it would be code
    "\\u003cb>x",
]


def shape(page: Page) -> list[tuple[str, list[str]]]:
    """All elements and the names of their attributes: what foreign text must not change."""
    return [(e.tag, sorted(e.attributes)) for e in page.elements]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_message_is_shown_as_it_is_written(
    visit: Visit, visitor: Visitor, room: Page, payload: str
) -> None:
    harmless = shape(visitor.send(room, "Harmless"))
    other = visit()
    page = other.send(supper(other, a_name()), payload)
    assert page.messages == [payload]
    assert shape(page) == harmless


@pytest.mark.parametrize("payload", [payload for payload in PAYLOADS if "\u2028" not in payload])
def test_a_room_name_is_shown_as_it_is_written(visitor: Visitor, room: Page, payload: str) -> None:
    page = visitor.open_room(payload)
    assert page.one("h1").text == payload
    assert room_data(page)["chat"]["name"] == payload
    assert page.one("title").text.startswith(payload)
    assert shape(page) == shape(room)
    with Visitor(visitor.url) as stranger:
        asked = stranger.get(page.path)
        assert asked.one("h1").text == payload
        assert shape(asked) == shape(stranger.get(room.path))
    listed = visitor.get("/chatrooms/")
    assert payload in [e.text for e in listed.all("bdi", class_="clip")]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_name_is_shown_as_it_is_written_or_refused(visit: Visit, room: Page, payload: str) -> None:
    plain, evil = visit(), visit()
    plain.come_in(a_name())
    page = evil.sign_in(payload)
    if page.status == 400:  # too long, or with characters that no name has
        assert page.form("/sessions/new/")["username"] == payload
        assert shape(page) == shape(visit().sign_in("x" * 33))
        return
    assert payload in page.text
    assert shape(page) == shape(plain.get("/chatrooms/"))
    entered = evil.send(evil.get(room.path), "Hello")
    assert room_data(entered)["me"]["username"] == payload
    reading = plain.get(room.path)
    assert payload in reading.text
    assert not [e for e in reading.elements if any(name.startswith("on") for name in e.attributes)]
    assert not reading.all("img")
    assert payload in evil.submit(page.form("/logout/")).text
    with requests.Session() as session:
        token = evil.session.cookies["porch"]
        session.delete(
            f"{evil.url}/sessions/current", headers={"Authorization": f"Bearer {token}"}, timeout=20
        )


def test_what_was_typed_is_shown_as_it_was_typed_in_errors_too(visitor: Visitor) -> None:
    for payload in PAYLOADS:
        typed = payload + "x" * 100
        page = visitor.sign_in(typed)
        assert page.form("/sessions/new/")["username"] == typed
        assert not page.all("img")
        page = visitor.open_room(typed)
        assert page.form("/chatrooms/", having="name")["name"] == typed
        assert not page.all("img")


def test_a_path_that_is_not_there_is_not_echoed_as_markup(visitor: Visitor) -> None:
    visitor.sign_in(a_name())
    page = visitor.get("/<img src=x onerror=alert(1)>?x=<script>alert(1)</script>")
    assert page.status == 404
    assert not page.all("img")
    assert page.form("/logout/")["next"].startswith("/")


def test_a_form_from_another_site_is_refused_with_a_page(visitor: Visitor, room: Page) -> None:
    visitor.session.headers["Origin"] = "https://evil.example"
    page = visitor.send(room, "Not mine")
    assert page.status == 403
    assert page.one("h1").text == "Not from here"
    visitor.session.headers["Origin"] = visitor.url
    assert visitor.get(room.path).messages == []


def test_pages_do_not_take_json_and_the_api_takes_no_forms(visitor: Visitor, room: Page) -> None:
    chat = room_data(room)["chat"]
    form = [("content", "By form"), ("client_id", "0f7e0f0a-5d0b-4e53-9d0e-3b1b1f0a7c11")]
    assert visitor.post(f"/chats/{chat['id']}/messages", form).status == 400
    answer = visitor.session.post(visitor.url + room.path, json=dict(form), timeout=20)
    assert answer.status_code == 400
    me = Guest(visitor.url, visitor.session.cookies["porch"])
    with pytest.raises(Refused):
        me.send(chat, "")
    assert me.after(chat, 0)["head"] == 0
