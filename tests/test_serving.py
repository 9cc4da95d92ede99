"""The bounds of HTTP connections: their number, their time, the size and shape of what is asked."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import websocket

from porch.serving.connections import Connections, most_descriptors
from tests.conftest import UNLIMITED
from tests.support.people import TIMEOUT, Guest, a_name
from tests.support.server import Server
from tests.support.sockets import RawSocket
from tests.support.waiting import eventually

SOON = 0.6  # seconds that a hasty server has patience for
HASTY = ("-m", "tests.support.hasty")
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
LIMIT = 256 * 1024


def hasty(data: Path, **bounds: float) -> Server:
    return Server(data, command=(*HASTY, json.dumps({"SWEEP": 0.2} | bounds)), **UNLIMITED)


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    bounds = {"HEADERS": SOON, "IDLE": SOON, "PATIENCE": SOON, "SLOWEST": 1_000_000}
    with hasty(tmp_path_factory.mktemp("hasty"), **bounds) as running:
        yield running
    assert "Traceback" not in "".join(running.output)


def connected(server: Server) -> socket.socket:
    parts = urlsplit(server.url)
    assert parts.port is not None
    return socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT)


def rest(connection: socket.socket) -> bytes:
    """What comes until the server ends the connection."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65536):
            found += data
    return found


def goes_on_until_cut_off(connection: socket.socket, data: bytes, *, pause: float = 0.0) -> int:
    """How often the same could be sent; at most a thousand times."""
    with contextlib.suppress(ConnectionError):
        for number in range(1000):  # noqa: B007  # returned
            time.sleep(pause)
            connection.sendall(data)
    return number


def answered(server: Server, request: bytes) -> bytes:
    """All that is answered to these bytes, until the end of the connection."""
    with connected(server) as connection:
        connection.sendall(request)
        return rest(connection)


# Time.


def test_half_sent_headers_go_away_and_others_are_served_meanwhile(impatient: Server) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connected(impatient)) for _ in range(300)]
        for number, connection in enumerate(slow):
            connection.sendall(GET[: number % (len(GET) - 1)])
        assert requests.get(impatient.url, timeout=TIMEOUT).status_code == 200
        assert {rest(connection) for connection in slow} == {b""}
    assert requests.get(impatient.url, timeout=TIMEOUT).status_code == 200


def test_a_header_line_now_and_then_does_not_buy_time(impatient: Server) -> None:
    with connected(impatient) as connection:
        connection.sendall(GET[:-2])
        assert goes_on_until_cut_off(connection, b"X: y\r\n", pause=SOON / 5) < 50


def test_a_connection_that_asks_nothing_more_is_closed(impatient: Server) -> None:
    with connected(impatient) as connection:
        connection.sendall(GET)
        assert rest(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("path", [b"/healthz", b"/socket.io/?EIO=4&transport=polling"])
def test_who_asks_without_a_pause_lets_others_have_their_turn(server: Server, path: bytes) -> None:
    """As many requests as a connection takes, while somebody else wants an answer."""
    over = threading.Event()
    request = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path

    def read(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                pass

    def ask(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while not over.is_set():
                connection.sendall(request * 200)

    with connected(server) as connection:
        threads = [threading.Thread(target=each, args=(connection,)) for each in (read, ask)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(3):
                assert requests.get(f"{server.url}/healthz", timeout=TIMEOUT).status_code == 200
        finally:
            over.set()
            connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(TIMEOUT)


def test_a_body_has_to_come_on_and_on(impatient: Server) -> None:
    """Of a long one, for which there is time, nothing may be kept back for long."""
    ann = Guest.sign_in(impatient.url)
    chat = ann.open_chat()
    begun = (
        b"POST /chats/%d/uploads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n"
        b"Content-Type: application/octet-stream\r\nContent-Length: 20000000\r\n\r\nx"
    ) % (chat["id"], str(ann.token).encode())
    assert answered(impatient, begun) == b""


@pytest.mark.parametrize(
    "head", [b"Content-Length: 1000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"]
)
def test_a_body_that_does_not_come_is_not_waited_for(impatient: Server, head: bytes) -> None:
    begun = b"POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    assert answered(impatient, begun + head) == b""


def test_a_reader_who_does_not_read_is_given_up(impatient: Server) -> None:
    """Whoever asks for more than fits between the two sides, and reads nothing of it."""
    script = b"GET /static/vendor/socket.io.esm.min.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(TIMEOUT)
        parts = urlsplit(impatient.url)
        connection.connect((parts.hostname, parts.port))
        for _ in range(20):
            connection.sendall(script * 20)
        time.sleep(SOON)
        assert goes_on_until_cut_off(connection, script * 100) < 999


def test_a_websocket_and_a_long_poll_take_their_time(impatient: Server) -> None:
    ann = Guest.sign_in(impatient.url)
    chat = ann.open_chat()
    with RawSocket(impatient.url, str(ann.token)) as line:
        line.enter(chat)
        began = time.monotonic()
        assert ann.get(f"/chats/{chat['id']}/messages?after=0&wait=2")["messages"] == []
        assert time.monotonic() - began > 3 * SOON
        ann.send(chat, "Still there?")
        assert line.next_event("message")["content"] == "Still there?"


# Number.


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may have few files open."""
    with hasty(tmp_path_factory.mktemp("narrow"), files=160) as running:
        yield running
    assert "Traceback" not in "".join(running.output)


def test_when_all_places_are_taken_who_waits_makes_room(narrow: Server) -> None:
    with contextlib.ExitStack() as stack:
        ann = Guest.sign_in(narrow.url)
        line = stack.enter_context(RawSocket(narrow.url, str(ann.token)))
        chat = ann.open_chat()
        line.enter(chat)
        lazy = [stack.enter_context(connected(narrow)) for _ in range(200)]
        for connection in lazy:
            connection.sendall(GET[:20])
        for connection in lazy[:100]:  # the longest there
            assert rest(connection) == b""
        assert requests.get(narrow.url, timeout=TIMEOUT).status_code == 200
        ann.send(chat, "Who is working stays.")
        assert line.next_event("message")["content"] == "Who is working stays."


def test_when_everybody_is_busy_a_newcomer_is_told_so(narrow: Server) -> None:
    with contextlib.ExitStack() as stack:
        people = [Guest.sign_in(narrow.url) for _ in range(10)]
        tokens = itertools.cycle(str(one.token) for one in people)
        opened = 0
        with contextlib.suppress(websocket.WebSocketBadStatusException):
            for _ in range(200):
                stack.enter_context(RawSocket(narrow.url, next(tokens)))
                opened += 1
        assert 30 < opened < 160
    eventually(lambda: _status(narrow) == 200)


def _status(server: Server) -> int:
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{server.url}/healthz", timeout=TIMEOUT).status_code
    return 0


def test_the_oldest_of_too_many_that_begin_gives_way() -> None:
    """Without a network: half of the places are for those who have asked for nothing yet."""

    class Client(socket.socket):
        cut = False

        def fileno(self) -> int:
            return 1

        def shutdown(self, how: int) -> None:
            self.cut = True

    connections = Connections(most=4)
    clients = [Client() for _ in range(3)]
    admitted: list[Any] = [connections.admit(client) for client in clients]
    assert [one in connections.open for one in admitted] == [False, True, True]
    assert connections.busy == 0
    for client in clients:
        client.close()


def test_the_limit_leaves_room_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (1024, 1024))
    assert most_descriptors() == 1024 - 256
    monkeypatch.setattr("resource.getrlimit", lambda _: (100, 100))
    assert most_descriptors() == 50


# Size and shape.


def test_a_body_in_chunks_past_the_limit_is_too_large_and_not_cut(server: Server) -> None:
    text = json.dumps({"username": a_name()}).encode()
    for size, status in ((LIMIT, 201), (LIMIT + 1, 413), (4 * LIMIT, 413)):
        body = text.ljust(size)
        answer = requests.post(
            f"{server.url}/sessions",
            data=(body[start : start + 8192] for start in range(0, size, 8192)),
            headers={"Content-Type": "application/json"},
            timeout=TIMEOUT,
        )
        assert answer.status_code == status, answer.text
    form = requests.post(
        f"{server.url}/sessions/new/",
        data=(b"name=" + b"x" * LIMIT for _ in range(2)),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=TIMEOUT,
    )
    assert form.status_code == 413


def test_who_waits_to_be_told_to_go_on_is_refused_without_the_body(server: Server) -> None:
    head = b"POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    begun = time.monotonic()
    said = answered(server, head + b"Expect: 100-continue\r\nContent-Length: 100000000\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 413")
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("expectation", [b"100-continue", b"100-Continue"])
def test_who_waits_to_be_told_to_go_on_is_told(server: Server, expectation: bytes) -> None:
    head = b"POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    body = json.dumps({"username": a_name()}).encode()
    with connected(server) as connection:
        connection.sendall(head + b"Expect: " + expectation + b"\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n")
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 201 ")


SECRET = "ThisPartIsSecret"
LINK = f"/chatrooms/{SECRET}/".encode()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET " + LINK + b" HTTP/1.1\r\n\r\n", b"400"),
        (b"GET " + LINK + b" HTTP/7.1\r\n\r\n", b"400"),
        (b"GET " + LINK + b" too many words HTTP/1.1\r\n\r\n", b"400"),
        (b"GET " + LINK + b"\r\n\r\n", b"400"),
        (b"POST " + LINK + b" HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n12345", b"400"),
        (
            b"POST " + LINK + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
            b"400",
        ),
        (b"POST " + LINK + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n12345", b"400"),
        (b"POST " + LINK + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"404"),
        (b"GET " + LINK + b" HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"431"),
        (b"GET " + LINK + b" HTTP/1.1\r\n" + b"X: " + b"y" * 40_000 + b"\r\n\r\n", b"431"),
        (b"GET " + LINK + b"y" * 9000 + b" HTTP/1.1\r\n\r\n", b"414"),
    ],
)
def test_what_cannot_be_read_is_refused_and_says_nothing_in_the_log(
    server: Server, request_: bytes, status: bytes
) -> None:
    assert answered(server, request_)[9:12] == status
    assert requests.get(server.url, timeout=TIMEOUT).status_code == 200
    assert SECRET not in "".join(server.output)
    assert "Traceback" not in "".join(server.output)


@pytest.mark.parametrize(
    "body",
    [b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"Content-Length: 9\r\n\r\n40"],
    ids=["no chunk", "half"],
)
def test_of_what_a_poller_sends_a_broken_body_is_refused_in_a_line(server: Server, body: bytes) -> None:
    polled = requests.get(server.url + "/socket.io/?EIO=4&transport=polling", timeout=TIMEOUT)
    path = f"/socket.io/?EIO=4&transport=polling&sid={json.loads(polled.text[1:])['sid']}"
    with connected(server) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = rest(connection)
    assert (answer[:13], answer.count(b"HTTP/1.1 ")) == (b"HTTP/1.1 400 ", 1)
    assert "Traceback" not in "".join(server.output)


def test_headers_that_end_in_the_middle_are_no_request(server: Server) -> None:
    """What is missing may be what makes the difference."""
    ann = Guest.sign_in(server.url)
    request = f"DELETE /sessions/current HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ann.token}\r\n"
    with connected(server) as connection:
        connection.sendall(request.encode())
        connection.shutdown(socket.SHUT_WR)
        assert rest(connection) == b""
    assert ann.get("/sessions/current")["user_id"] == ann.user_id
