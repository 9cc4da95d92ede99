"""The security headers of every answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from porch.web.assets import FOLDER, asset
from tests.support.origin import OWN
from tests.support.people import a_name

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
PAGE_POLICY = {
    "default-src": {"'none'"},
    "style-src": {"'self'"},
    "connect-src": {"'self'", "ws://localhost"},
    "img-src": {"'self'", "blob:", "data:"},
    "font-src": {"'self'"},
    "worker-src": {"'self'"},
    "manifest-src": {"'self'"},
    "base-uri": {"'none'"},
    "object-src": {"'none'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "require-trusted-types-for": {"'script'"},
    "trusted-types": {"porch"},
}


def policy(answer: TestResponse) -> dict[str, set[str]]:
    (header,) = answer.headers.getlist("Content-Security-Policy")
    parts = [part.split() for part in header.split(";")]
    found = {name: set(values) for name, *values in parts}
    assert len(found) == len(parts), "a directive given twice counts only once"
    return found


def nonce_of(answer: TestResponse) -> str:
    nonces = re.findall(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])
    assert len(nonces) == 1
    return str(nonces[0])


def broken() -> str:
    raise RuntimeError("a bug")


class Reader(FlaskClient):
    """Reads every answer to its end, so that no file stays open."""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        return super().open(*arguments, **options | {"buffered": True})


@pytest.fixture
def client(shared_app: Flask) -> FlaskClient:
    """Signed in, on a site with a page that has a bug."""
    if "broken" not in shared_app.view_functions:
        shared_app.add_url_rule("/broken", view_func=broken)
    shared_app.test_client_class = Reader
    client = shared_app.test_client()
    client.post("/sessions/new/", data={"username": a_name()}, headers=OWN)
    return client


@pytest.fixture
def room(client: FlaskClient) -> str:
    """The address of a room."""
    return str(client.post("/chatrooms/", data={"name": "A room"}, headers=OWN).headers["Location"])


ANSWERS: dict[str, Callable[[FlaskClient], TestResponse]] = {
    "page": lambda client: client.get("/"),
    "sign-in": lambda client: client.get("/sessions/new/"),
    "lobby": lambda client: client.get("/chatrooms/"),
    "json": lambda client: client.get("/sessions/current"),
    "static": lambda client: client.get("/static/js/log/feed.js"),
    "hashed static": lambda client: client.get(asset("js/log/feed.js")),
    "redirect": lambda client: client.get("/chatrooms"),
    "not found page": lambda client: client.get("/nowhere", headers=BROWSER),
    "not found json": lambda client: client.get("/nowhere"),
    "not found static": lambda client: client.get("/static/nothing.js"),
    "wrong method": lambda client: client.put("/"),
    "refused": lambda client: client.post("/chats", headers={"Origin": "https://evil.example"}),
    "too large": lambda client: client.post("/sessions", data=b"x" * 300_000, headers=OWN),
    "bug page": lambda client: client.get("/broken", headers=BROWSER),
    "bug json": lambda client: client.get("/broken"),
    "bad host": lambda client: client.get("/", headers={"Host": "evil.example; script-src *"}),
    "socket refused": lambda client: client.get("/socket.io/?EIO=4", headers={"Origin": "null"}),
    "socket opened": lambda client: client.get("/socket.io/?EIO=4&transport=polling"),
    "socket unknown": lambda client: client.get("/socket.io/?EIO=4&transport=polling&sid=x"),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_has_them(client: FlaskClient, answer: Callable[[FlaskClient], TestResponse]) -> None:
    headers = answer(client).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Cache-Control" in headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "Server" not in headers
    assert "Access-Control-Allow-Origin" not in headers


OF_DOCUMENTS = ("Cross-Origin-Opener-Policy", "Permissions-Policy", "Referrer-Policy")


@pytest.mark.parametrize("name", sorted(set(ANSWERS) - {"static", "hashed static", "bad host"}))
def test_what_can_be_a_document_says_how_it_is_to_be_treated(client: FlaskClient, name: str) -> None:
    headers = ANSWERS[name](client).headers
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_a_picture_that_can_be_a_document_says_so_too(client: FlaskClient) -> None:
    headers = client.get(asset("icon.svg")).headers
    assert all(name in headers for name in OF_DOCUMENTS)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")


@pytest.mark.parametrize("path", ["css/base.css", "css/base+shell.css", "fonts/besley-english-normal.woff2"])
def test_what_is_never_a_document_carries_no_rules_for_one(client: FlaskClient, path: str) -> None:
    headers = client.get(asset(path)).headers
    assert not any(name in headers for name in (*OF_DOCUMENTS, "Content-Security-Policy"))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_script_carries_the_policy_that_it_would_have_as_a_worker(client: FlaskClient) -> None:
    headers = client.get(asset("js/log/feed.js")).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert not any(name in headers for name in OF_DOCUMENTS)


@pytest.mark.parametrize("path", ["/account/", "/chatrooms/", "/nowhere", "/broken"])
def test_a_page_loads_only_what_is_listed(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=BROWSER)
    found = policy(answer)
    assert found.pop("script-src") == {f"'nonce-{nonce_of(answer)}'", "'strict-dynamic'"}
    assert found == PAGE_POLICY


@pytest.mark.parametrize("name", ["sign-in", "lobby", "not found page", "bug page"])
def test_the_nonce_is_long_and_of_one_answer_only(client: FlaskClient, name: str) -> None:
    nonces = [nonce_of(ANSWERS[name](client)) for _ in range(20)]
    assert len(set(nonces)) == 20
    assert all(len(nonce) >= 22 for nonce in nonces), "128 bits"


@pytest.mark.parametrize("path", ["/", "/projects/", "/projects/isobar/"])
def test_a_strangers_page_of_the_owners_site_allows_its_scripts_by_their_content(
    client: FlaskClient, path: str
) -> None:
    own = client.get(path)  # made anew for who is signed in
    assert policy(own)["script-src"] == {f"'nonce-{nonce_of(own)}'", "'strict-dynamic'"}
    stranger = client.application.test_client().get(path)
    found = policy(stranger)
    hashes = re.findall(r'<script type="module" src="[^"]+" integrity="([^"]+)"', stranger.text)
    assert len(hashes) == 2
    assert found.pop("script-src") == {*(f"'{one}'" for one in hashes), "'strict-dynamic'"}
    assert found == PAGE_POLICY
    assert "nonce" not in stranger.text


def test_every_script_of_a_room_carries_the_nonce_of_its_answer(client: FlaskClient, room: str) -> None:
    answer = client.get(room)
    scripts = [tag for tag in re.findall(r"<script\b[^>]*>", answer.text) if "application/json" not in tag]
    assert len(scripts) >= 2
    assert all(f'nonce="{nonce_of(answer)}"' in tag for tag in scripts)


def test_no_page_has_a_style_or_a_handler_of_its_own(client: FlaskClient, room: str) -> None:
    for path in (room, "/", "/chatrooms/", "/nowhere"):
        page = client.get(path, headers=BROWSER).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)


@pytest.mark.parametrize("name", ["json", "static", "hashed static", "not found json", "refused", "bug json"])
def test_what_is_no_page_may_load_nothing_and_has_no_nonce(client: FlaskClient, name: str) -> None:
    found = policy(ANSWERS[name](client))
    assert "script-src" not in found
    assert found["default-src"] == {"'none'"}
    assert found["form-action"] == {"'none'"}


@pytest.mark.parametrize("path", ["/static/js/log/feed.js", asset("js/log/feed.js"), asset("icon.svg")])
def test_not_modified_carries_no_nonce(client: FlaskClient, path: str) -> None:
    kept = client.get(path)
    again = client.get(path, headers={"If-None-Match": kept.headers["ETag"]})
    assert again.status_code == 304
    assert "nonce" not in str(again.headers)
    assert again.headers["Content-Security-Policy"] == kept.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", sorted(set(ANSWERS) - {"static", "hashed static", "socket refused"}))
def test_what_a_person_sees_is_kept_by_nobody(client: FlaskClient, name: str) -> None:
    assert ANSWERS[name](client).headers["Cache-Control"] == "no-store"


def test_a_room_and_its_messages_are_kept_by_nobody(client: FlaskClient, room: str) -> None:
    chat = client.post(f"{room}join", headers=OWN).json
    assert chat is not None
    for path in (room, f"/chats/{chat['id']}/", f"/chats/{chat['id']}/messages?after=0"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_a_file_under_its_hash_is_kept_for_a_year(client: FlaskClient) -> None:
    assert (
        client.get(asset("js/log/feed.js")).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    )


def test_a_file_under_its_plain_name_is_asked_for_again(client: FlaskClient) -> None:
    assert client.get("/static/js/log/feed.js").headers["Cache-Control"] == "no-cache"


def test_a_kept_file_stays_kept_when_it_is_confirmed(client: FlaskClient) -> None:
    kept = client.get(asset("js/log/feed.js"))
    again = client.get(asset("js/log/feed.js"), headers={"If-None-Match": kept.headers["ETag"]})
    assert again.headers["Cache-Control"] == kept.headers["Cache-Control"]


def test_a_file_under_another_hash_than_its_own_is_not_kept(client: FlaskClient) -> None:
    answer = client.get("/static/js/log/feed.js?v=000000000000")
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_the_address_of_a_file_follows_its_content() -> None:
    addresses = {asset(path.relative_to(FOLDER).as_posix()) for path in FOLDER.glob("js/**/*.js")}
    digests = {address.partition("?v=")[2] for address in addresses}
    assert len(digests) == len(addresses)
    assert all(re.fullmatch(r"[0-9a-f]{12}", digest) for digest in digests)


@pytest.fixture
def proxied(make_app: Callable[..., Flask]) -> FlaskClient:
    """Of a site that trusts the proxy 10.0.0.1."""
    app = make_app(trusted_proxies=(ip_network("10.0.0.1"),))
    app.test_client_class = Reader
    return app.test_client()


PROXIED: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": "10.0.0.1"}}


@pytest.mark.parametrize("path", ["/", "/sessions/current", "/static/js/log/feed.js", "/nowhere"])
def test_under_https_browsers_are_told_to_stay_there(proxied: FlaskClient, path: str) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "chat.example.org"}
    answer = proxied.get(path, headers=forwarded, **PROXIED)
    seconds = re.fullmatch(r"max-age=(\d+)", answer.headers["Strict-Transport-Security"])
    assert seconds
    assert int(seconds[1]) >= 31_536_000


def test_under_https_the_socket_is_named_with_its_secure_scheme(proxied: FlaskClient) -> None:
    answer = proxied.get(
        "/", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "chat.example.org"}, **PROXIED
    )
    assert policy(answer)["connect-src"] == {"'self'", "wss://chat.example.org"}


def test_on_plain_http_browsers_are_not_told_to_stay_elsewhere(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers


def test_a_stranger_cannot_claim_https(proxied: FlaskClient) -> None:
    answer = proxied.get("/", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(
    "host", ["evil.example; script-src *", "evil.example/", "a b", "<script>", "ann@evil.example", "[::1", ""]
)
def test_a_host_that_is_no_host_is_refused_and_gets_into_no_policy(client: FlaskClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host} | BROWSER)
    assert answer.status_code == 400
    assert host == "" or host not in str(answer.headers)
    assert policy(answer).keys() == {*PAGE_POLICY, "script-src"}


@pytest.mark.parametrize("host", ["localhost", "porch.test:5000", "192.168.1.5:5000", "[::1]:5000"])
def test_a_host_is_a_name_or_an_address_with_or_without_a_port(client: FlaskClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 200
    assert f"ws://{host}" in policy(answer)["connect-src"]


@pytest.mark.parametrize("host", ["localhost:5000", "127.0.0.1", "[::1]:5000"])
def test_pages_on_this_machine_are_apart_from_whoever_opened_them(client: FlaskClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_header_that_browsers_ignore_on_plain_http_is_not_sent_there(client: FlaskClient) -> None:
    assert "Cross-Origin-Opener-Policy" not in client.get("/", headers={"Host": "porch.test"}).headers
