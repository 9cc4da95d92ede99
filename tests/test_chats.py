"""Chats: opening them, with a session and before one, and joining them by link."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from itsdangerous import URLSafeTimedSerializer

from tests.support.database import ago, change
from tests.support.people import Guest, Json, Refused, a_name, refused
from tests.support.server import Server
from tests.support.visitors import Visitor
from tests.support.waiting import eventually

# What differs from person to person, and what it is for members like any other.
NOT_MINE = {"mine": False, "may_manage": False, "may_moderate": False}
PERSONAL = (*NOT_MINE, "muted_until")


@pytest.fixture
def visit(server: Server) -> Iterator[Callable[[], Visitor]]:
    """Make browsers that have not signed in and share nothing."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Visitor(server.url))


@pytest.fixture
def browser(visit: Callable[[], Visitor]) -> Visitor:
    return visit()


def open_unclaimed(browser: Visitor, name: str = "A room") -> Json:
    response = browser.session.post(f"{browser.url}/chats", json={"name": name}, timeout=20)
    assert response.status_code == 201
    opened: Json = response.json()
    return opened


def sign_in(browser: Visitor) -> Guest:
    """Sign the browser in by the API; the guest is the same person by token."""
    response = browser.session.post(f"{browser.url}/sessions", json={"username": a_name()}, timeout=20)
    assert response.status_code == 201
    return Guest(browser.url, response.json()["token"])


def is_there(browser: Visitor, chat: Json) -> bool:
    """Whether the room's link still leads somewhere."""
    return Guest.sign_in(browser.url).raw("POST", chat["url"] + "join").status_code == 200


def expire(server: Server, chat: Json, **units: float) -> None:
    assert change(server.data, "UPDATE chat SET created_at = ? WHERE id = ?", ago(**units), chat["id"]) == 1


def test_who_opens_a_room_is_its_creator_and_a_member(ann: Guest) -> None:
    chat = ann.open_chat("Thursday supper")
    assert chat.pop("id") > 0
    assert chat.pop("created_at").endswith("Z")
    hash_key = chat.pop("hash_key")
    assert chat == {
        "name": "Thursday supper",
        "kind": "link",
        "url": f"/chatrooms/{hash_key}/",
        "rev": 0,
        "reset_rev": 0,
        "closed": False,
        "slow_mode": 0,
        "mine": True,
        "may_manage": True,
        "may_moderate": True,
        "muted_until": None,
    }


def test_a_new_room_is_empty_and_at_rev_0(ann: Guest) -> None:
    chat = ann.open_chat()
    shown = ann.get(f"/chats/{chat['id']}/")
    assert shown == chat | {"messages": [], "more": False}


def test_the_secret_of_a_link_is_128_random_bits(ann: Guest) -> None:
    keys = [ann.open_chat()["hash_key"] for _ in range(20)]
    assert len(set(keys)) == 20
    for key in keys:
        assert len(key) == 22
        assert len(base64.urlsafe_b64decode(key + "==")) == 16
    assert len({key[:4] for key in keys}) == 20


def test_a_link_makes_whoever_has_it_a_member(ann: Guest, bob: Guest) -> None:
    chat = ann.open_chat("For Bob too")
    with pytest.raises(Refused) as refused:
        bob.after(chat, 0)
    assert refused.value.status == 404
    assert bob.join(chat) == chat | NOT_MINE
    assert bob.send(chat, "Found it")["seq"] == 1


def test_joining_twice_is_joining_once(ann: Guest, bob: Guest, chat: Json) -> None:
    ann.send(chat, "One")
    assert bob.join(chat)["rev"] == 1
    assert ann.after(chat, 0)["head"] == 1


@pytest.mark.parametrize(
    "change_key", [str.swapcase, lambda key: key[:-2], lambda key: key + "A", lambda _: "1"]
)
def test_a_wrong_link_leads_nowhere(bob: Guest, chat: Json, change_key: Callable[[str], str]) -> None:
    with pytest.raises(Refused) as refused:
        bob.join(chat | {"hash_key": change_key(chat["hash_key"])})
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_the_number_of_a_room_is_not_a_link_to_it(ann: Guest, chat: Json) -> None:
    stranger = Guest.sign_in(ann.url)
    for path in (f"/chatrooms/{chat['id']}/join", f"/chats/{chat['id']}/join"):
        assert stranger.raw("POST", path).status_code in (404, 405)
    with pytest.raises(Refused) as absent:
        stranger.get("/chats/999999/")
    with pytest.raises(Refused) as foreign:
        stranger.get(f"/chats/{chat['id']}/")
    assert foreign.value.error == absent.value.error


@pytest.mark.parametrize("kind", ["secret", "", "LINK", 7])
def test_a_kind_of_room_that_is_unknown_is_refused_and_named(ann: Guest, kind: object) -> None:
    with pytest.raises(Refused) as refused:
        ann.post("/chats", {"name": "A room", "kind": kind})
    assert (refused.value.status, refused.value.code) == (400, "invalid")
    assert refused.value.error["fields"]["kind"]


def test_without_saying_an_account_opens_a_listed_room_and_anybody_else_one_by_link(
    server: Server, member: Guest, ann: Guest
) -> None:
    assert member.open_chat()["kind"] == "listed"
    assert ann.open_chat()["kind"] == "link"
    assert Guest(server.url).open_chat()["kind"] == "link"
    assert ann.post("/chats", {"name": "A room", "kind": None})["kind"] == "link"


@pytest.mark.parametrize("kind", ["listed", "link", "private"])
def test_who_may_open_which_kind_of_room(server: Server, member: Guest, ann: Guest, kind: str) -> None:
    for guest, allowed in (
        (member, ("listed", "link", "private")),
        (ann, ("link", "private")),
        (Guest(server.url), ("link",)),
    ):
        if kind in allowed:
            assert guest.open_chat(kind=kind)["kind"] == kind
        else:
            error = refused(guest.open_chat, kind=kind)
            assert (error.status, error.code) == (403, "forbidden")


def test_changing_a_room_is_a_change_of_its_log(member: Guest, bob: Guest) -> None:
    chat = member.open_chat("Before")
    bob.join(chat)
    bob.send(chat, "One")
    with bob.socket() as socket:
        socket.enter(chat)
        changed = member.patch(f"/chats/{chat['id']}/", {"name": " After ", "kind": "link"})
        assert changed == chat | {"name": "After", "kind": "link", "rev": 2}
        heard = {key: value for key, value in changed.items() if key not in PERSONAL}
        eventually(lambda: socket.events("chat") == [heard])
    page = bob.after(chat, 1)
    assert page["chat"] == changed | NOT_MINE
    assert (page["messages"], page["rev"], page["head"]) == ([], 2, 2)
    assert bob.after(chat, 2)["chat"] is None
    assert bob.get(f"/chats/{chat['id']}/")["name"] == "After"


@pytest.mark.parametrize("change", [{}, {"name": "A room"}, {"kind": "listed", "name": None}])
def test_changing_nothing_takes_no_number(member: Guest, change: Json) -> None:
    chat = member.open_chat()
    assert member.patch(f"/chats/{chat['id']}/", change) == chat


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": ""}, "name"), ({"name": "x" * 81}, "name"), ({"kind": "secret"}, "kind"), ({"rev": 7}, "rev")],
    ids=str,
)
def test_a_change_out_of_bounds_is_refused_and_named(member: Guest, change: Json, field: str) -> None:
    chat = member.open_chat()
    error = refused(member.patch, f"/chats/{chat['id']}/", {"name": "Another"} | change)
    assert (error.status, list(error.error["fields"])) == (400, [field])
    assert member.get(f"/chats/{chat['id']}/")["rev"] == 0


def test_only_whoever_opened_a_room_and_the_host_of_a_listed_one_change_it(
    server: Server, member: Guest, bob: Guest
) -> None:
    host = Guest(server.url).sign_up()
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", host.user_id)
    listed, link = member.open_chat(), member.open_chat(kind="link")
    for chat, status_of_host in ((listed, 200), (link, 404)):
        path, body = f"/chats/{chat['id']}/", {"name": "Changed"}
        assert refused(bob.patch, path, body).status == 404
        bob.join(chat)
        assert refused(bob.patch, path, body).status == 403
        assert host.raw("PATCH", path, json=body).status_code == status_of_host


def test_a_guest_cannot_list_a_room_by_changing_it(ann: Guest, chat: Json) -> None:
    assert refused(ann.patch, f"/chats/{chat['id']}/", {"kind": "listed"}).status == 403
    assert ann.patch(f"/chats/{chat['id']}/", {"kind": "private"})["kind"] == "private"


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 81, "x" * 5000, "bell\x07", "two\nlines", "right\u202eleft", "zero\u200bwidth"]
)
def test_a_room_name_out_of_bounds_is_refused_and_named(ann: Guest, name: str) -> None:
    with pytest.raises(Refused) as refused:
        ann.open_chat(name)
    assert (refused.value.status, refused.value.code) == (400, "invalid")
    assert refused.value.error["fields"]["name"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x" * 80, "x" * 80),
        ("  Supper  ", "Supper"),
        ("Zoe\u0308s Garten", "Zoës Garten"),
        ("خانهٔ ما", "خانهٔ ما"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👩\u200d👧 family", "👩\u200d👩\u200d👧 family"),
        ("<b>bold</b> & 'quoted'", "<b>bold</b> & 'quoted'"),
    ],
)
def test_a_room_name_is_kept_as_it_is_written(ann: Guest, name: str, shown: str) -> None:
    assert ann.open_chat(name)["name"] == shown


def test_half_a_character_is_no_room_name(ann: Guest) -> None:
    response = ann.raw(
        "POST", "/chats", data=b'{"name": "half \\ud800"}', headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400


def test_two_rooms_may_have_one_name(ann: Guest, bob: Guest) -> None:
    assert ann.open_chat("Kitchen")["id"] != bob.open_chat("Kitchen")["id"]


def test_a_room_can_be_opened_before_signing_in(browser: Visitor) -> None:
    chat = open_unclaimed(browser, "Before anybody")
    assert chat["mine"] is True
    assert chat["name"] == "Before anybody"


def test_the_first_sign_in_of_the_browser_makes_its_rooms_its_own(browser: Visitor) -> None:
    first, second = open_unclaimed(browser), open_unclaimed(browser)
    guest = sign_in(browser)
    for chat in (first, second):
        assert guest.get(f"/chats/{chat['id']}/")["mine"] is True


def test_signing_in_by_form_makes_the_rooms_of_the_browser_its_own_too(browser: Visitor) -> None:
    chat = open_unclaimed(browser, "By form")
    rooms = browser.sign_in(a_name())
    (row,) = rooms.all("a", class_="row", href=chat["url"])
    assert "By form" in " ".join(row.text.split())
    assert "opened by you" in " ".join(row.text.split())


def test_the_second_sign_in_of_a_browser_gets_nothing(browser: Visitor) -> None:
    chat = open_unclaimed(browser)
    first = sign_in(browser)
    first.delete("/sessions/current")
    browser.session.cookies.pop("porch")
    second = sign_in(browser)
    assert second.raw("GET", f"/chats/{chat['id']}/").status_code == 404


def test_another_browser_is_not_the_creator(browser: Visitor) -> None:
    chat = open_unclaimed(browser)
    other = Guest.sign_in(browser.url)
    assert other.raw("GET", f"/chats/{chat['id']}/").status_code == 404
    assert other.join(chat)["mine"] is False
    assert sign_in(browser).get(f"/chats/{chat['id']}/")["mine"] is True


def test_the_cookie_of_a_room_opened_early_is_out_of_reach_of_scripts(server: Server) -> None:
    response = Guest(server.url).raw("POST", "/chats", json={"name": "A room"})
    header = response.headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def changed(value: str, chat_id: int) -> str:
    """A cookie of one's own, with another room written into it."""
    _, dot, signature = value.partition(".")
    return base64.urlsafe_b64encode(f"[{chat_id}]".encode()).decode().rstrip("=") + dot + signature


def unsigned(value: str, chat_id: int) -> str:
    return f"[{chat_id}]"


def signed_by_somebody_else(value: str, chat_id: int) -> str:
    signed = URLSafeTimedSerializer("another secret", salt="opened-chats").dumps([chat_id])
    return str(signed)


@pytest.mark.parametrize("forge", [changed, unsigned, signed_by_somebody_else])
def test_a_forged_cookie_claims_nothing(
    browser: Visitor, visit: Callable[[], Visitor], forge: Callable[[str, int], str]
) -> None:
    chat = open_unclaimed(browser)
    thief = visit()
    own = open_unclaimed(thief)
    value = thief.session.cookies["porch-opened"] or ""
    thief.session.cookies.clear()
    thief.session.headers["Cookie"] = f"porch-opened={forge(value, chat['id'])}"
    guest = sign_in(thief)
    for forged in (chat, own):
        assert guest.raw("GET", f"/chats/{forged['id']}/").status_code == 404
    assert sign_in(browser).get(f"/chats/{chat['id']}/")["mine"] is True


def test_a_browser_is_given_the_last_ten_rooms_that_it_opened(browser: Visitor) -> None:
    chats = [open_unclaimed(browser) for _ in range(11)]
    guest = sign_in(browser)
    assert guest.join(chats[0])["mine"] is False
    assert all(guest.join(chat)["mine"] for chat in chats[1:])


def test_a_claimed_room_is_not_claimed_again(browser: Visitor, visit: Callable[[], Visitor]) -> None:
    chat = open_unclaimed(browser)
    copy = visit()  # another browser with a copy of the cookie
    copy.session.headers["Cookie"] = f"porch-opened={browser.session.cookies['porch-opened']}"
    sign_in(browser)
    late = sign_in(copy)
    assert late.raw("GET", f"/chats/{chat['id']}/").status_code == 404


def test_rooms_opened_before_signing_in_are_bounded_per_address(start_server: Callable[..., Server]) -> None:
    url = start_server(unclaimed_room_rate="2+1/h").url
    answers = [Guest(url).raw("POST", "/chats", json={"name": "A room"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert Guest.sign_in(url).open_chat()["mine"] is True


def test_rooms_are_bounded_per_person(start_server: Callable[..., Server]) -> None:
    url = start_server(room_rate="2+1/h").url
    ann, bob = Guest.sign_in(url), Guest.sign_in(url)
    ann.open_chat()
    ann.open_chat()
    with pytest.raises(Refused) as refused:
        ann.open_chat()
    assert (refused.value.status, refused.value.code) == (429, "too_fast")
    assert bob.open_chat()["mine"] is True


def test_an_unclaimed_room_is_gone_after_a_day(browser: Visitor, server: Server) -> None:
    old, young = open_unclaimed(browser), open_unclaimed(browser)
    expire(server, old, hours=25)
    expire(server, young, hours=23)
    open_unclaimed(browser)  # opening is when the old ones are looked for
    assert not is_there(browser, old)
    assert is_there(browser, young)


def test_an_unclaimed_room_that_somebody_joined_stays(browser: Visitor, server: Server, bob: Guest) -> None:
    chat = open_unclaimed(browser)
    bob.join(chat)
    bob.send(chat, "Anybody?")
    expire(server, chat, hours=25)
    open_unclaimed(browser)
    assert [m["content"] for m in bob.after(chat, 0)["messages"]] == ["Anybody?"]


def test_a_claimed_room_stays(ann: Guest, browser: Visitor, server: Server) -> None:
    chat = ann.open_chat()
    expire(server, chat, days=400)
    open_unclaimed(browser)
    assert is_there(browser, chat)


@pytest.mark.parametrize(
    "command", [("app.py",), pytest.param(("-m", "flask", "run", "--port", "0"), marks=pytest.mark.long)]
)
def test_what_a_server_prints_holds_no_link_and_no_token(
    start_server: Callable[..., Server], command: tuple[str, ...]
) -> None:
    running = start_server(command=command)
    guest = Guest.sign_in(running.url)
    chat = guest.open_chat()
    guest.join(chat)
    with Visitor(running.url) as visitor:
        visitor.get(chat["url"])
    running.stop()
    running.kill()
    printed = "".join(running.output)
    assert "Running on" in printed
    assert chat["hash_key"] not in printed
    assert str(guest.token) not in printed
