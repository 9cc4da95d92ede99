"""Requests in the same words on one connection, which the event loop answers as long as the answer holds."""

from __future__ import annotations

import io
import re
import socket as native_socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

import gevent
import pytest
import requests
from gevent import socket

from porch.realtime.websocket import CONNECTION
from porch.serving.connections import Connections
from porch.serving.http_server import HttpServer
from tests.conftest import UNLIMITED
from tests.support.certificates import make_certificate
from tests.support.people import TIMEOUT, Guest
from tests.support.server import Server

ASK = b"GET /news HTTP/1.1\r\nHost: localhost\r\n\r\n"
NOTHING = b"nothing" * 5000
PATIENCE = 10  # seconds, of a client for an answer


class News:
    """An application that knows of nothing new; `asked` and `repeated` say how often it was asked in which
    way.
    """

    def __init__(self) -> None:
        self.asked = self.repeated = 0
        self.news = NOTHING
        self.fails = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.asked += 1
        environ["wsgi.input"].read()
        environ[CONNECTION].repeats_while(self.holds)
        start_response("200 OK", [("Content-Length", str(len(self.news)))])
        return [self.news]

    def holds(self) -> bool:
        self.repeated += 1
        if self.fails:
            raise OverflowError
        return self.news == NOTHING


class Client:
    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._came = b""

    def ask(self, request: bytes = ASK) -> bytes:
        self.connection.sendall(request)
        return self.answer()

    def answer(self) -> bytes:
        """The next one."""
        while (end := self._came.find(b"\r\n\r\n")) < 0 or len(self._came) < end + 4 + len(NOTHING):
            data = self.connection.recv(65536)
            assert data, "the connection has ended"
            self._came += data
        end += 4 + len(NOTHING)
        answer, self._came = self._came[:end], self._came[end:]
        return answer


@pytest.fixture
def news() -> News:
    return News()


@pytest.fixture
def running(news: News, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    monkeypatch.setattr("porch.serving.connections.socket", socket)  # as where gevent has patched it
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = HttpServer(listener, news, Connections(1000))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(running: HttpServer) -> Iterator[Client]:
    connection = socket.create_connection(("127.0.0.1", running.server_port), timeout=PATIENCE)
    with closing(connection):
        yield Client(connection)


@pytest.fixture
def known(client: Client, news: News) -> Client:
    """A client who has asked until the answer is known."""
    client.ask()
    client.ask()
    assert (news.asked, news.repeated) == (2, 0)
    return client


def test_the_same_words_get_the_same_answer_without_the_application(known: Client, news: News) -> None:
    before = known.ask()
    assert before.startswith(b"HTTP/1.1 200 OK\r\n")
    assert (news.asked, news.repeated) == (2, 1)
    assert re.search(rb"\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n\r\nnothing", before)
    news.asked -= 1
    assert undated(known.ask()) == undated(before)


def undated(answer: bytes) -> bytes:
    return re.sub(rb"Date: .*\r\n", b"", answer)


def test_what_the_application_answers_is_the_same(client: Client, news: News) -> None:
    first, second, third = client.ask(), client.ask(), client.ask()
    assert news.repeated == 1
    assert undated(first) == undated(second) == undated(third)


def test_an_answer_that_does_not_hold_is_not_given(known: Client, news: News) -> None:
    news.news = b"Hello!!" * 5000
    assert known.ask().endswith(b"Hello!!" * 5000)
    assert news.asked == 3


def test_other_words_are_another_request(known: Client, news: News) -> None:
    other = ASK.replace(b"news", b"olds")
    assert known.ask(other).endswith(NOTHING)
    assert (news.asked, news.repeated) == (3, 0)


def test_two_at_once_are_answered_both(known: Client, news: News) -> None:
    assert known.ask(ASK + ASK).endswith(NOTHING)
    assert known.answer().endswith(NOTHING)
    assert known.ask().endswith(NOTHING)
    assert news.asked + news.repeated == 5


def test_two_that_fill_what_is_read_at_once_are_answered_both(
    start_server: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.authority))
    url = start_server(**UNLIMITED, cert=certificate.cert, key=certificate.key).url
    ann = Guest.sign_in(url)
    chat = ann.open_chat()
    place = f"/chats/{chat['id']}/messages?after={chat['rev']}"
    head = f"GET {place} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ann.token}\r\nPadding: "
    ask = head.encode().ljust(io.DEFAULT_BUFFER_SIZE - 4, b"x") + b"\r\n\r\n"
    plain = native_socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=PATIENCE)
    trusted = ssl.create_default_context(cafile=certificate.authority)
    with trusted.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
        for times in (1, 1, 1, 2):  # the last in one record of TLS
            connection.sendall(ask * times)
            came = b""
            while came.count(b'"more":false}') < times:
                came += connection.recv(65536)
            assert came.count(b"HTTP/1.1 200 OK") == times


def test_one_that_comes_in_pieces_is_waited_for(known: Client, news: News) -> None:
    known.connection.sendall(ASK[:20])
    gevent.sleep(0.05)
    assert known.ask(ASK[20:]).endswith(NOTHING)
    assert (news.asked, news.repeated) == (3, 0)


def test_a_request_with_a_body_is_never_a_repeat(client: Client, news: News) -> None:
    for _ in range(4):
        client.connection.sendall(ASK.replace(b"\r\n\r\n", b"\r\nContent-Length: 4\r\n\r\n"))
        gevent.sleep(0.05)
        client.ask(b"body")
    assert (news.asked, news.repeated) == (4, 0)


def test_what_fails_is_left_to_the_application(
    known: Client, news: News, caplog: pytest.LogCaptureFixture
) -> None:
    news.fails = True
    assert known.ask().endswith(NOTHING)
    assert news.asked == 3
    assert "not answered the short way" in caplog.text


def test_a_server_that_stops_says_that_this_was_the_last(
    known: Client, news: News, running: HttpServer
) -> None:
    running.connections.draining = True
    assert b"Connection: close\r\n" in known.ask()
    assert news.asked == 3


def test_who_asks_on_and_does_not_read_is_let_go(known: Client, news: News, running: HttpServer) -> None:
    with gevent.Timeout(PATIENCE), suppress(ConnectionError):
        while running.connections.open:
            repeated = news.repeated
            known.connection.sendall(ASK)
            while news.repeated == repeated and running.connections.open:
                gevent.sleep(0)
    assert news.asked == 2


def test_a_client_that_goes_is_forgotten(known: Client, running: HttpServer) -> None:
    known.connection.close()
    gevent.sleep(0.05)
    assert not running.connections.open


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_polls_on_one_connection_misses_nothing(
    start_server: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.authority))
    tls = {"cert": certificate.cert, "key": certificate.key} if scheme == "https" else {}
    url = start_server(**UNLIMITED, **tls).url
    ann, bob = Guest.sign_in(url), Guest.sign_in(url)
    chat = ann.open_chat()
    bob.join(chat)
    head = ann.get(f"/chats/{chat['id']}/")["rev"]
    with requests.Session() as connection:

        def poll() -> requests.Response:
            headers = {"Authorization": f"Bearer {ann.token}"}
            place = f"{url}/chats/{chat['id']}/messages?after={head}"
            return connection.get(place, headers=headers, timeout=TIMEOUT)

        polls = [poll() for _ in range(5)]
        assert [found.json()["messages"] for found in polls] == [[]] * 5
        assert len({tuple(found.headers.keys()) for found in polls}) == 1
        message = bob.send(chat, "Hello")
        assert poll().json()["messages"] == [message]
        head = message["rev"]
        polls = [poll() for _ in range(5)]
        assert [found.json()["messages"] for found in polls] == [[]] * 5
        ann.delete("/sessions/current")
        assert poll().status_code == 401
