"""Porch behind the proxies of `deploy/`, each for real: people talk by socket, files go up, nothing leaks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.conftest import UNLIMITED, skip_or_fail
from tests.support.certificates import make_certificate
from tests.support.people import TIMEOUT, Guest, a_name
from tests.support.proxies import caddy, caddy_authority, nginx
from tests.support.server import Server
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Place:
    """A site behind a proxy; `log` is what the proxy has written of requests, where it does."""

    url: str
    authority: Path
    server: Server
    log: Path


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    name: str = request.param
    if shutil.which(name) is None:
        skip_or_fail(f"{name} was not found (Debian and Ubuntu: apt install {name})")
    folder = tmp_path_factory.mktemp(name)
    with ExitStack() as stack:
        server = stack.enter_context(
            Server(folder / "data", trusted_proxies="127.0.0.1, ::1", upload_limit=25, **UNLIMITED)
        )
        upstream = urlsplit(server.url).netloc
        if name == "nginx":
            certificate = make_certificate(folder)
            url, authority = stack.enter_context(nginx(folder, certificate, upstream)), certificate.authority
        else:
            url, authority = stack.enter_context(caddy(folder, upstream)), caddy_authority(folder)
            eventually(lambda: _is_certified(url, authority))
        yield Place(url, authority, server, folder / "access.log")


def _is_certified(url: str, authority: Path) -> bool:
    """Caddy listens before it has a certificate."""
    try:
        return authority.is_file() and requests.get(url, verify=str(authority), timeout=TIMEOUT).ok
    except requests.RequestException:
        return False


@pytest.fixture(autouse=True)
def trust(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE"):
        monkeypatch.setenv(name, str(place.authority))


def test_two_people_talk_by_sockets(place: Place) -> None:
    ann, bob = Guest.sign_in(place.url), Guest.sign_in(place.url)
    chat = ann.open_chat()
    bob.join(chat)
    with bob.socket() as listener, ann.socket(transports=["polling"]) as other:
        listener.enter(chat)
        other.enter(chat)
        ann.send(chat, "Can you hear me?")
        listener.send(chat, "Yes.")
        eventually(lambda: listener.contents() == other.contents() == ["Can you hear me?", "Yes."])
    rev = ann.after(chat, 0)["rev"]
    assert ann.after(chat, rev, wait=1)["messages"] == []


def test_the_site_knows_that_it_is_served_by_https(place: Place) -> None:
    answer = requests.post(f"{place.url}/sessions", json={"username": a_name()}, timeout=TIMEOUT)
    assert answer.status_code == 201
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-porch=")
    assert "Secure" in cookie
    # A page of this address may act, one of another may not.
    headers = {"Cookie": cookie.partition(";")[0]}
    for origin, status in ((place.url, 201), ("https://elsewhere.example", 403)):
        opened = requests.post(
            f"{place.url}/chats",
            json={"name": "A room"},
            headers=headers | {"Origin": origin},
            timeout=TIMEOUT,
        )
        assert opened.status_code == status


def test_files_go_up_to_the_limit_and_no_further(place: Place) -> None:
    ann = Guest.sign_in(place.url)
    chat = ann.open_chat()
    content = b"x" * (25 * MEGABYTE)
    file = ann.upload(chat, content, "large.bin", "application/octet-stream")
    ann.send(chat, "Here", files=[file["id"]])
    (message,) = ann.after(chat, 0)["messages"]
    assert ann.raw("GET", message["files"][0]["url"]).content == content
    try:
        too_large = ann.raw(
            "POST", f"/chats/{chat['id']}/uploads", data=content + b"x" * 2 * MEGABYTE
        ).status_code
    except requests.ConnectionError:  # nginx hangs up on who goes on sending
        too_large = 413
    assert too_large == 413


def test_numbers_stay_on_the_machine(place: Place) -> None:
    assert requests.get(f"{place.url}/metrics", timeout=TIMEOUT).status_code == 404
    assert requests.get(f"{place.server.url}/metrics", timeout=TIMEOUT).status_code == 200


def test_no_links_are_written_down(place: Place) -> None:
    ann = Guest.sign_in(place.url)
    chat = ann.open_chat()
    assert ann.raw("GET", chat["url"]).status_code == 200
    if place.log.exists():
        eventually(lambda: " GET 200 " in place.log.read_text())
        assert chat["hash_key"] not in place.log.read_text()
