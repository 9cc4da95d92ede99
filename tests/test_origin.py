"""Requests that another site makes a browser send are refused, through every door."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import requests
from werkzeug.test import EnvironBuilder

from porch.errors import ForeignOrigin
from porch.web.origin import refuse_foreign_origin
from tests.support.people import TIMEOUT, Guest, Json, a_name
from tests.support.server import Server

OWN = "http://porch.test:5000"
EVIL = "https://evil.example"

ORIGINS = (None, OWN, EVIL, "null")
SITES = (None, "same-origin", "same-site", "cross-site", "none")
REFERRERS = (None, f"{OWN}/chatrooms/", f"{EVIL}/trap")
COOKIES = (None, "porch=a-token")

Sent = tuple[str | None, str | None, str | None, str | None]
# Origin, Sec-Fetch-Site, Referer, Cookie. What is on no line is refused.
ALLOWED: tuple[tuple[Iterable[str | None], ...], ...] = (
    ((OWN,), (None, "same-origin", "same-site", "none"), REFERRERS, COOKIES),
    ((None,), ("same-origin", "none"), REFERRERS, COOKIES),
    ((None,), (None,), (f"{OWN}/chatrooms/",), COOKIES),
    ((None,), (None,), (None,), (None,)),
)


def is_refused(
    origin: str | None = None,
    site: str | None = None,
    referrer: str | None = None,
    cookie: str | None = None,
    *,
    base: str = OWN,
) -> bool:
    headers = {"Origin": origin, "Sec-Fetch-Site": site, "Referer": referrer, "Cookie": cookie}
    builder = EnvironBuilder(base_url=base, headers=[(k, v) for k, v in headers.items() if v is not None])
    try:
        refuse_foreign_origin(builder.get_environ())
    except ForeignOrigin:
        return True
    return False


@pytest.mark.parametrize("sent", list(itertools.product(ORIGINS, SITES, REFERRERS, COOKIES)))
def test_every_combination_of_what_a_browser_tells(sent: Sent) -> None:
    allowed = any(all(one in line for one, line in zip(sent, lines, strict=True)) for lines in ALLOWED)
    assert is_refused(*sent) is not allowed


@pytest.mark.parametrize(
    "origin",
    [
        "http://porch.test",
        "http://porch.test:5001",
        "https://porch.test:5000",
        "http://www.porch.test:5000",
        "http://porch.test.evil.example:5000",
        "http://evil-porch.test:5000",
        "http://porch.test:5000.evil.example",
        "http://porch.test:5000@evil.example",
        "http://ann@porch.test:5000",
        "porch.test:5000",
        "//porch.test:5000",
        "http:porch.test:5000",
        "file://",
        "http://[::1",
        "http://",
        "",
        f"{OWN}, {EVIL}",
        f"{EVIL} {OWN}",
    ],
)
def test_an_origin_that_only_looks_like_ours_is_foreign(origin: str) -> None:
    assert is_refused(origin)


@pytest.mark.parametrize(
    ("base", "origin"),
    [
        ("http://porch.test", "http://porch.test"),
        ("http://porch.test", "http://porch.test:80"),
        ("http://porch.test:80", "http://porch.test"),
        ("https://porch.test", "https://porch.test"),
        ("https://porch.test:443", "https://porch.test"),
        ("http://Porch.Test", "http://porch.test"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("http://192.168.1.5:5000", "http://192.168.1.5:5000"),
    ],
)
def test_case_and_default_ports_make_no_other_origin(base: str, origin: str) -> None:
    assert not is_refused(origin, base=base)


def test_a_default_port_of_the_other_scheme_does() -> None:
    assert is_refused("http://porch.test", base="http://porch.test:443")
    assert is_refused("https://porch.test", base="http://porch.test")


@pytest.mark.parametrize(
    "cookie",
    [
        "porch=a-token",
        "__Host-porch=a-token",
        "theme=dark; porch=a-token",
        "porch=a-token; theme=dark",
        "porch=",
        '{"theme":"dark"}=1; porch=a-token',
        "größe=1; porch=a-token",
        "two words=1; porch=a-token",
        "consent; porch=a-token",
        'quoted="; porch=a-token',
        "path; porch=a-token",
    ],
)
def test_a_session_cookie_is_seen_whatever_other_programs_on_this_host_have_set(cookie: str) -> None:
    assert is_refused(cookie=cookie)


@pytest.mark.parametrize("cookie", ["", "theme=dark", "porches=1", "Porch=1"])
def test_other_cookies_are_nothing_to_steal(cookie: str) -> None:
    assert not is_refused(cookie=cookie)


# Through the real doors.

Door = Callable[[Server, dict[str, str]], requests.Response]
HANDSHAKE = "/socket.io/?EIO=4&transport="
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def ask(server: Server, method: str, path: str, headers: dict[str, str], **body: Any) -> requests.Response:
    with requests.request(
        method,
        server.url + path,
        headers=headers,
        timeout=TIMEOUT,
        allow_redirects=False,
        stream=True,
        **body,
    ) as answer:
        if answer.status_code != 101:
            assert answer.content is not None
        return answer


def sign_in_form(server: Server, headers: dict[str, str]) -> requests.Response:
    return ask(server, "POST", "/sessions/new/", headers, data={"username": a_name()})


def open_room_form(server: Server, headers: dict[str, str]) -> requests.Response:
    return ask(server, "POST", "/chatrooms/", headers, data={"name": "A room"})


def log_out_form(server: Server, headers: dict[str, str]) -> requests.Response:
    return ask(server, "POST", "/logout/", headers, data={"confirm": "yes"})


def post_json(server: Server, headers: dict[str, str]) -> requests.Response:
    return ask(server, "POST", "/chats", headers, json={"name": "A room"})


def delete(server: Server, headers: dict[str, str]) -> requests.Response:
    return ask(server, "DELETE", "/sessions/current", headers)


def websocket(server: Server, headers: dict[str, str]) -> requests.Response:
    return ask(server, "GET", f"{HANDSHAKE}websocket", headers | UPGRADE)


def polling_get(server: Server, headers: dict[str, str]) -> requests.Response:
    return ask(server, "GET", f"{HANDSHAKE}polling", headers)


def polling_post(server: Server, headers: dict[str, str]) -> requests.Response:
    opened = ask(server, "GET", f"{HANDSHAKE}polling", {})
    found = re.search(r'"sid":"([^"]+)"', opened.text)
    assert found
    return ask(server, "POST", f"{HANDSHAKE}polling&sid={found[1]}", headers, data="40")


DOORS: tuple[Door, ...] = (
    sign_in_form,
    open_room_form,
    log_out_form,
    post_json,
    delete,
    websocket,
    polling_get,
    polling_post,
)
doors = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)


@doors
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": EVIL}, id="foreign origin"),
        pytest.param({"Origin": "null"}, id="null origin"),
        pytest.param({"Origin": "", "Sec-Fetch-Site": "same-origin"}, id="empty origin"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="same-site"),
        pytest.param({"Referer": f"{EVIL}/trap"}, id="foreign referer"),
        pytest.param({}, id="nothing but the cookie"),
    ],
)
def test_what_another_site_sends_in_a_visitors_name_is_refused(
    server: Server, ann: Guest, door: Door, headers: dict[str, str]
) -> None:
    answer = door(server, headers | {"Cookie": f"porch={ann.token}"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "foreign_origin"
    assert "Set-Cookie" not in answer.headers
    assert ann.get("/sessions/current")["username"] == ann.username


@doors
def test_a_foreign_origin_is_refused_without_a_cookie_too(server: Server, door: Door) -> None:
    answer = door(server, {"Origin": EVIL})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_origin")


@doors
def test_a_right_origin_does_not_outweigh_cross_site(server: Server, door: Door) -> None:
    answer = door(server, {"Origin": server.url, "Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_origin")


@doors
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "OWN"}, id="own origin"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, id="same-origin"),
        pytest.param({"Referer": "OWN/chatrooms/"}, id="own referer"),
    ],
)
def test_what_our_own_pages_send_goes_through(
    server: Server, ann: Guest, door: Door, headers: dict[str, str]
) -> None:
    own = {name: value.replace("OWN", server.url) for name, value in headers.items()}
    answer = door(server, own | {"Cookie": f"porch={ann.token}"})
    assert answer.status_code in (101, 200, 201, 204, 302, 303)


@doors
def test_a_program_with_a_bearer_token_goes_through(server: Server, ann: Guest, door: Door) -> None:
    answer = door(server, {"Authorization": f"Bearer {ann.token}"})
    assert answer.status_code in (101, 200, 201, 204, 302, 303)


def test_a_refused_polling_post_says_nothing_to_the_socket(server: Server, ann: Guest) -> None:
    opened = ask(server, "GET", f"{HANDSHAKE}polling", {})
    sid = re.search(r'"sid":"([^"]+)"', opened.text)
    assert sid
    path = f"{HANDSHAKE}polling&sid={sid[1]}"
    connect = f'40{{"token":"{ann.token}"}}'
    assert ask(server, "POST", path, {"Origin": EVIL}, data=connect).status_code == 403
    assert ask(server, "POST", path, {"Origin": server.url}, data=connect).status_code == 200
    assert ask(server, "GET", path, {"Origin": server.url}).text.startswith("40{")


@pytest.mark.parametrize("path", ["/socket.io", "/socket.io/", "/socket.io//", "/socket%2eio/"])
def test_no_spelling_of_the_address_leads_past_the_check(server: Server, path: str) -> None:
    answer = ask(server, "GET", f"{path}?EIO=4&transport=polling", {"Origin": EVIL})
    assert answer.status_code in (403, 404)
    assert "sid" not in answer.text


def test_a_link_may_be_clicked_anywhere(server: Server, ann: Guest, bob: Guest) -> None:
    chat: Json = ann.open_chat("Supper")
    clicked = {
        "Cookie": f"porch={bob.token}",
        "Referer": f"{EVIL}/forum",
        "Sec-Fetch-Site": "cross-site",
        "Accept": "text/html",
    }
    answer = ask(server, "GET", chat["url"], clicked)
    assert answer.status_code == 200
    assert "Supper" in answer.text
    assert bob.after(chat, 0)["head"] == 0
