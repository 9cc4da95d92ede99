"""A browser over HTTPS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import UNLIMITED
from tests.support.browser import Person
from tests.support.certificates import make_certificate
from tests.support.people import Guest
from tests.support.server import Server


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificate")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Path) -> Iterator[Server]:
    """In place of the one without a certificate."""
    made = make_certificate(authority)
    data = tmp_path_factory.mktemp("https")
    with Server(data, cert=made.cert, key=made.key, **UNLIMITED) as running:
        yield running


def test_a_browser_signs_in_and_talks_over_https(
    server: Server, authority: Path, visitor: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority / "authority.pem"))
    host = Guest.sign_in(server.url)
    chat = host.open_chat("The back garden")
    ann = visitor(ignore_https_errors=True)
    sockets: list[str] = []
    ann.page.on("websocket", lambda socket: sockets.append(socket.url))
    room = ann.come_in(chat, "Ann")
    room.say("Nobody listens in.")
    room.shows("Nobody listens in.")
    ann.until(lambda: host.after(chat, 0)["messages"])
    host.send(chat, "Not even the postman.")
    room.shows("Nobody listens in.", "Not even the postman.")
    assert [url.split("/socket.io/")[0] for url in sockets] == [server.url.replace("https", "wss")]
    (cookie,) = [one for one in ann.context.cookies() if one["name"] == "__Host-porch"]
    assert cookie["secure"]
    assert cookie["httpOnly"]
