"""Requests and answers of our handler beside gevent's: the same for what is in order, and nothing else."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from wsgiref.types import StartResponse

import pytest
from gevent.pywsgi import WSGIHandler, WSGIServer

from porch.realtime.websocket import CONNECTION
from porch.serving.connections import Connections
from porch.serving.handler import Handler
from porch.serving.head import LARGEST, MOST, HeadTooLarge, read_head

ADDRESS = ("192.0.2.7", 4711)
OF_THE_SERVER = ("wsgi.input", "wsgi.errors", CONNECTION)

IN_ORDER = [
    b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    b"GET /chats/7/messages?after=3&limit=5 HTTP/1.1\r\nHost: example.org\r\n\r\n",
    b"GET /a%20b/%C3%A4?x=%C3%A4?y HTTP/1.1\r\nhost:example.org\r\n\r\n",
    b"GET /a\xc3 HTTP/1.1\r\nHost: example.org\r\nX: \xc3\xa4 b\t c \r\n\r\n",
    b"GET * HTTP/1.1\r\nHost: example.org\r\n\r\n",
    b"GET / HTTP/1.1\nHost: example.org\nX:\n\n",
    b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.2\r\nHost: example.org\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: close\r\n\r\n",
    b"DELETE /chats/7 HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\nX-A: 1\r\nX_A: 2\r\ncookie: c=d\r\nX-A: 3\r\n\r\n",
    b"POST /sessions HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain; a=b\r\nContent-Length: 5\r\n\r\n12345",
    b"POST /sessions HTTP/1.1\r\nHost: example.org\r\nContent-Length: 0\r\n\r\n",
    b"POST /sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n",
]


class Line:
    """A connection on which all of this has come, as far as handlers know one."""

    def __init__(self, came: bytes) -> None:
        self._came = came
        self.said = b""

    def makefile(self, *_: object) -> Any:
        return io.BufferedReader(io.BytesIO(self._came))

    def send(self, data: bytes) -> int:
        """A part of it, as of what is long."""
        part = data[:1000]
        self.said += part
        return len(part)

    def sendall(self, data: bytes) -> None:
        self.said += data

    def settimeout(self, _: float | None) -> None:
        """Nobody waits: all has come."""

    def fileno(self) -> int:
        return 7

    def close(self) -> None:
        """Nothing is open."""


class Asked:
    """What an application is asked, and answers."""

    def __init__(self, status: str = "200 OK", headers: list[tuple[str, str]] | None = None, *body: bytes):
        self._answer = status, headers or [], list(body)
        self.environ: dict[str, Any] = {}
        self.body = b""

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        self.environ = {name: value for name, value in environ.items() if name not in OF_THE_SERVER}
        self.body = environ["wsgi.input"].read()
        status, headers, body = self._answer
        start_response(status, headers)
        return body


def by_gevent(request: bytes, asked: Asked) -> bytes:
    line: Any = Line(request)
    address: Any = ADDRESS
    WSGIHandler(line, address, WSGIServer(("127.0.0.1", 0), asked, log=None)).handle()
    return bytes(line.said)


def by_us(request: bytes, asked: Asked) -> bytes:
    line = Line(request)
    connection = Connections(1000).admit(line)
    assert connection is not None
    Handler(connection, ADDRESS, WSGIServer(("127.0.0.1", 0), asked, log=None)).handle()
    return line.said


def without_time(answer: bytes) -> bytes:
    found, count = re.subn(rb"(?<=\r\nDate: )\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT(?=\r\n)", b"now", answer)
    assert count == 1
    return found


@pytest.mark.parametrize("request_", IN_ORDER)
def test_a_request_in_order_is_what_gevent_makes_of_it(request_: bytes) -> None:
    theirs, ours = Asked(), Asked()
    expected = by_gevent(request_, theirs)
    assert without_time(by_us(request_, ours)) == without_time(expected)
    assert ours.environ == theirs.environ
    assert ours.body == theirs.body


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        ("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")], [b"Hello"]),
        ("200 OK", [("Set-Cookie", "a=\xe4"), ("Set-Cookie", "b")], [b"", b"Hel", b"lo"]),
        ("404 NOT FOUND", [("connection", "close")], [b"x" * 200_000]),
        ("200 OK", [("Content-Length", "100000")], [b"x" * 50_000, b"y" * 50_000]),
        ("304 NOT MODIFIED", [("ETag", '"x"')], []),
        ("204 NO CONTENT", [], []),
    ],
)
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_an_answer_is_what_gevent_would_send(
    status: str, headers: list[tuple[str, str]], body: list[bytes], version: bytes
) -> None:
    request = b"GET / HTTP/" + version + b"\r\nHost: example.org\r\n\r\n"
    expected = by_gevent(request, Asked(status, headers, *body))
    assert without_time(by_us(request, Asked(status, headers, *body))) == without_time(expected)


def test_a_date_that_is_given_is_the_only_one() -> None:
    answer = by_us(IN_ORDER[0], Asked("200 OK", [("date", "yesterday")]))
    assert answer.lower().count(b"\r\ndate: ") == 1


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\rb"])
def test_no_value_makes_another_header(value: str) -> None:
    answer = by_us(IN_ORDER[0], Asked("200 OK", [("X", value)], b"Hello"))
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"X: a" not in answer


@pytest.mark.parametrize(
    "head",
    [
        b"\r\n",
        b"GET  / HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"GET /\tx HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"GET / HTTP/1.1 \r\n\r\n",
        b"GET / HTTP/1.10\r\n\r\n",
        b"GET / http/1.1\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1\rX: y\r\n\r\n",
        b"G\xc3T / HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: example.org\r\nno field\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: example.org\r\n: no name\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: example.org\r\nX : y\r\n\r\n",
        b"GET / HTTP/1.1\r\n X: y\r\nHost: example.org\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: example.org\r\nX: folded\r\n into two\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: example.org\r\nX: a\rContent-Length: 5\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: example.org\r\nX: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: example.org\r\nX\xe4: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5, 5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length:\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: \xb25\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: example.org\r\nHost: example.net\r\n\r\n",
        b"HEAD / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: example.org\r\nHost: example.org\r\n\r\n",
        b"GET http://example.org/ HTTP/1.1\r\n\r\n",
        b"GET http://somebody@example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"GET http:///path HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"GET ftp://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"GET path HTTP/1.1\r\nHost: example.org\r\n\r\n",
    ],
)
def test_what_others_may_read_otherwise_is_refused(head: bytes) -> None:
    asked = Asked()
    assert by_us(head, asked).startswith(b"HTTP/1.1 400 ")
    assert asked.environ == {}


@pytest.mark.parametrize(
    ("target", "host", "path", "query"),
    [
        (b"http://example.net/a%20b?c=d", "example.net", "/a b", "c=d"),
        (b"HTTPS://example.net:8443", "example.net:8443", "/", ""),
        (b"http://[::1]:5000?c=/", "[::1]:5000", "/", "c=/"),
    ],
)
@pytest.mark.parametrize("head", [b" HTTP/1.1\r\nHost: example.org\r\n\r\n", b" HTTP/1.0\r\n\r\n"])
def test_a_whole_address_is_asked_for_by_its_own_host(
    target: bytes, host: str, path: str, query: str, head: bytes
) -> None:
    asked = Asked()
    assert by_us(b"GET " + target + head, asked).startswith(b"HTTP/1.1 200 ")
    found = [asked.environ[name] for name in ("HTTP_HOST", "PATH_INFO", "QUERY_STRING")]
    assert found == [host, path, query]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"HTTP/1.1\r\nConnection: TE, Close", ["/"]),
        (b"HTTP/1.1\r\nConnection: te", ["/", "/further"]),
        (b"HTTP/1.0\r\nConnection: TE, Keep-Alive", ["/", "/further"]),
        (b"HTTP/1.0\r\nConnection: keep-alive, close", ["/"]),
    ],
)
def test_what_a_connection_is_to_do_may_stand_in_a_list(head: bytes, expected: list[str]) -> None:
    asked = Patient()
    by_us(b"GET / " + head + b"\r\nHost: example.org\r\n\r\n" + FURTHER, asked)
    assert asked.paths == expected


@pytest.mark.parametrize("size", range(len(IN_ORDER[1])))
def test_a_head_that_ends_anywhere_is_none(size: int) -> None:
    asked = Asked()
    assert by_us(IN_ORDER[1][:size], asked) == b""
    assert asked.environ == {}


def test_fields_are_taken_up_to_the_bound() -> None:
    line = "GET / HTTP/1.0\r\n"
    many = b"X: y\r\n" * MOST
    assert read_head(line, io.BytesIO(many + b"\r\n")).fields == {"HTTP_X": ",".join("y" * MOST)}
    long = b"X: " + b"y" * (LARGEST - 7) + b"\r\n\r\n"
    assert len(read_head(line, io.BytesIO(long)).fields["HTTP_X"]) == LARGEST - 7
    for fields in (many + b"X: y\r\n\r\n", b"X: y" + long[3:], b"X" * 2 * LARGEST):
        with pytest.raises(HeadTooLarge):
            read_head(line, io.BytesIO(fields))


CHUNKED = b"POST / HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n"
FURTHER = b"GET /further HTTP/1.1\r\nHost: example.org\r\n\r\n"


class Patient(Asked):
    """One that answers also where there is no body, and notes each address."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        self.paths.append(environ["PATH_INFO"])
        with suppress(OSError):
            return super().__call__(environ, start_response)
        start_response("400 BAD REQUEST", [("Content-Length", "0")])
        return []


@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"\r\n12345\r\n0\r\n\r\n",
        b"5\n12345\r\n0\r\n\r\n",
        b"5 \r\n12345\r\n0\r\n\r\n",
        b"0x5\r\n12345\r\n0\r\n\r\n",
        b"5;a\nb\r\n12345\r\n0\r\n\r\n",
        b"5;" + b"a" * 9000 + b"\r\n12345\r\n0\r\n\r\n",
        b"0" * 17 + b"5\r\n12345\r\n0\r\n\r\n",
        b"5\r\n123456\r\n0\r\n\r\n",
        b"0\r\nno field\r\n\r\n",
        b"0\r\nX: folded\r\n into two\r\n\r\n",
        b"0\r\n" + b"X: y\r\n" * (MOST + 1) + b"\r\n",
    ],
)
def test_nothing_behind_chunks_that_cannot_be_read_is_a_request(body: bytes) -> None:
    asked = Patient()
    assert by_us(CHUNKED + body + FURTHER, asked).startswith(b"HTTP/1.1 400 ")
    assert asked.paths == ["/"]


@pytest.mark.parametrize(
    "body",
    [
        b"5\r\n12345\r\n0\r\n\r\n",
        b'3;a="b c"\r\n123\r\n02\r\n45\r\n000;b\r\n\r\n',
        b"5\r\n12345\r\n0\r\nX: y\r\nZ: a\r\n\r\n",
    ],
)
def test_what_is_behind_the_last_chunk_is_the_next_request(body: bytes) -> None:
    first, both = Asked(), Patient()
    by_us(CHUNKED + body, first)
    assert first.body == b"12345"
    by_us(CHUNKED + body + FURTHER, both)
    assert both.paths == ["/", "/further"]
