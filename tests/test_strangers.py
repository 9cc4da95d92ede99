"""Clients that poll and have not signed in: how many there may be, and that room comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Thread

import pytest
import requests
import socketio
import websocket

from porch.realtime.strangers import MOST, MOST_OF_48, MOST_OF_ONE
from tests.support.people import TIMEOUT, Guest
from tests.support.server import Server
from tests.support.waiting import eventually

# Nobody is put out for having been slow to sign in.
PATIENT = ("-m", "tests.support.hasty", json.dumps({"signing_in": 600}))
PATH = "/socket.io/?EIO=4&transport="
HOME = "2001:db8:1:2::"  # and what is behind it


class Crowd:
    """Clients of several addresses, behind a proxy that is trusted; none of them signs in by itself."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()

    def knock(self, address: str) -> requests.Response:
        headers = {"X-Forwarded-For": address}
        return self._session.get(self.url + PATH + "polling", headers=headers, timeout=TIMEOUT)

    def open(self, address: str) -> str:
        """The sid of one more."""
        answer = self.knock(address)
        assert answer.status_code == 200
        return str(json.loads(answer.text[1:])["sid"])

    def say(self, sid: str, packet: str) -> None:
        assert self.post(sid, packet).text == "ok"

    def post(self, sid: str, packet: str) -> requests.Response:
        return self._session.post(f"{self.url}{PATH}polling&sid={sid}", data=packet, timeout=TIMEOUT)

    def hear(self, sid: str) -> str:
        return self._session.get(f"{self.url}{PATH}polling&sid={sid}", timeout=TIMEOUT).text


@pytest.fixture
def crowd(start_server: Callable[..., Server]) -> Iterator[Crowd]:
    crowd = Crowd(start_server(command=PATIENT, trusted_proxies="127.0.0.1").url)
    with closing(crowd._session):
        yield crowd


def test_one_network_has_its_share_and_others_have_theirs(crowd: Crowd) -> None:
    for number in range(MOST_OF_ONE):
        crowd.open(f"{HOME}{number:x}")
    refused = crowd.knock(f"{HOME}ffff")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json() == "Too many connections that have not signed in"
    assert crowd.knock("2001:db8:1:3::1").status_code == 200


def test_whoever_has_many_networks_has_no_share_in_each(crowd: Crowd) -> None:
    sids = [crowd.open(f"2001:db8:1:{number // 50:x}::{number:x}") for number in range(MOST_OF_48)]
    assert crowd.knock("2001:db8:1:ffff::1").status_code == 429
    assert crowd.knock("2001:db8:2::1").status_code == 200
    crowd.say(sids[0], "1")
    crowd.open("2001:db8:1:ffff::1")


def test_all_together_are_bounded_too(crowd: Crowd) -> None:
    for number in range(MOST):
        crowd.open(f"203.0.113.{number // MOST_OF_ONE}")
    refused = crowd.knock("198.51.100.1")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0


def test_who_has_signed_in_is_no_stranger_and_who_leaves_is_one_again(crowd: Crowd) -> None:
    sids = [crowd.open(HOME) for _ in range(MOST_OF_ONE)]
    token = Guest.sign_in(crowd.url).token
    crowd.say(sids[0], "40" + json.dumps({"token": token}))
    assert crowd.hear(sids[0]).startswith("40{")
    crowd.say(sids[0], "41")
    assert crowd.knock(HOME).status_code == 429
    crowd.say(sids[0], "1")
    crowd.open(HOME)


def test_who_leaves_where_they_never_were_is_what_they_were(crowd: Crowd) -> None:
    sid = crowd.open(HOME)
    crowd.say(sid, "40" + json.dumps({"token": Guest.sign_in(crowd.url).token}))
    crowd.say(sid, "41/elsewhere,")
    sids = [crowd.open(HOME) for _ in range(MOST_OF_ONE)]
    crowd.say(sid, "41/elsewhere,")
    crowd.say(sids[0], "41")
    crowd.say(sids[0], "3")
    assert crowd.knock(HOME).status_code == 429


def test_who_leaves_where_there_is_no_room_for_strangers_is_put_out(crowd: Crowd) -> None:
    sid = crowd.open(HOME)
    crowd.say(sid, "40" + json.dumps({"token": Guest.sign_in(crowd.url).token}))
    sids = [crowd.open(HOME) for _ in range(MOST_OF_ONE)]
    assert crowd.post(sid, "41").status_code == 400
    assert crowd.post(sid, "3").json() == "Invalid session"
    assert crowd.knock(HOME).status_code == 429
    crowd.say(sids[0], "1")
    crowd.open(HOME)


def test_who_is_refused_stays_a_stranger(crowd: Crowd) -> None:
    sids = [crowd.open(HOME) for _ in range(MOST_OF_ONE)]
    crowd.say(sids[0], "40{}")
    assert crowd.hear(sids[0]).startswith("44{")
    assert crowd.knock(HOME).status_code == 429


def test_who_has_a_websocket_takes_no_place(crowd: Crowd) -> None:
    sids = [crowd.open(HOME) for _ in range(MOST_OF_ONE)]
    address = f"{crowd.url.replace('http', 'ws', 1)}{PATH}websocket&sid={sids[0]}"
    with closing(websocket.create_connection(address, timeout=TIMEOUT)) as wire:
        wire.send("2probe")
        assert wire.recv() == "3probe"
        assert crowd.knock(HOME).status_code == 429
        wire.send("5")
        eventually(lambda: crowd.knock(HOME).status_code == 200)


def test_a_stock_client_that_comes_back_finds_room(crowd: Crowd) -> None:
    sids = [crowd.open(HOME) for _ in range(MOST_OF_ONE)]
    client = socketio.Client(reconnection_delay=0.1, randomization_factor=0)
    refused: list[object] = []
    client.on("connect_error", refused.append)
    options = {"auth": {"token": Guest.sign_in(crowd.url).token}, "headers": {"X-Forwarded-For": HOME}}
    comes = Thread(target=client.connect, args=(crowd.url,), kwargs={"retry": True, **options})
    comes.start()
    try:
        eventually(lambda: bool(refused))
        crowd.say(sids[0], "1")
        comes.join(TIMEOUT)
        assert client.connected
    finally:
        client.disconnect()
        comes.join(TIMEOUT)
