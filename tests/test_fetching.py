"""Fetching what strangers name: what is not gone to, and how much is taken."""

from __future__ import annotations

import gzip
import ipaddress
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from porch.engines.outside.fetching import LARGEST_BODY, Fetching, Unfetched, is_public, target_of
from porch.engines.outside.links import first_link
from porch.engines.outside.page_head import PageHead, head_of
from tests.support.certificates import Certificate, make_certificate

PUBLIC = "93.184.216.34"


class Answer(NamedTuple):
    body: bytes = b"<title>A page</title>"
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({"Content-Type": "text/html"})


class Web:
    """One local server that stands for all public hosts. `hosts` says which addresses a name has (an
    address is its own), `answers` what a path answers; `asked` is what came, `connected` where a connection
    was made to.
    """

    def __init__(self, certificate: Certificate | None = None) -> None:
        web = self
        self.hosts: dict[str, Sequence[str]] = {}
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.looked_up: list[str] = []
        self.connected: list[tuple[str, int]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append((self.path, {name.lower(): text for name, text in self.headers.items()}))
                answer = web.answers.get(self.path, Answer())
                self.send_response(answer.status)
                for name, text in answer.headers.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who has enough hangs up
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.cert, certificate.key)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def look_up(self, host: str, _port: int) -> Sequence[str]:
        self.looked_up.append(host)
        return self.hosts.get(host, [host] if is_address(host) else [PUBLIC])

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        self.connected.append((address, port))
        return socket.create_connection(("127.0.0.1", self.server.server_port), seconds)

    def fetching(self, **options: Any) -> Fetching:
        return Fetching(look_up=self.look_up, connect=self.connect, **options)

    def redirects(self, path: str, to: str, status: int = 302) -> None:
        self.answers[path] = Answer(b"", status, {"Location": to, "Set-Cookie": "a=b"})


def is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.server.shutdown()
    web.server.server_close()


def unfetched(fetch: Callable[[str], object], url: str) -> str:
    with pytest.raises(Unfetched) as refused:
        fetch(url)
    assert url not in str(refused.value), "the log would tell who reads what"
    return str(refused.value)


def test_where_one_address_does_not_answer_the_next_is_tried(web: Web) -> None:
    others = [f"8.8.8.{number}" for number in range(1, 6)]
    tried: list[str] = []

    def connect(address: str, port: int, seconds: float) -> socket.socket:
        tried.append(address)
        if address != others[1]:
            raise ConnectionRefusedError
        return web.connect(address, port, seconds)

    def fetching(addresses: Sequence[str]) -> Fetching:
        return Fetching(look_up=lambda *_: addresses, connect=connect)

    web.answers["/"] = Answer(b"<title>There</title>", 200, {"Content-Type": "text/html"})
    found = fetching(others)("http://two.example/")
    assert found is not None
    assert (found.title, tried) == ("There", others[:2])
    tried.clear()
    unfetched(fetching(others[2:] + others[:2]), "http://none.example/")
    assert tried == others[2:], "nobody who names a host has many others knocked at"


NOT_PUBLIC = """
0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1
192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 224.0.1.1 239.255.255.255
240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 fc00::1
fd00:ec2::254 fe80::1 fe80::1%eth0 2001:4860::1%eth0 fec0::1 ff02::1 ff0e::1 2001::1 2001:db8::1
2002:7f00:1::1 2002:808:808::1 3fff::1 5f00::1 4000::1 localhost 127.1 0x7f000001
""".split()


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001:800::1"]
)
def test_an_address_of_the_public_internet_is_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)", "//x", "",
        "http://example.org:8080/", "http://example.org:443/", "https://example.org:80/", "https://example.org:0/",
        "http://a@example.org/", "http://a:b@example.org/", "http://@example.org/", "http:///x", "http://[::1",
        "http://example.org\\@127.0.0.1/", "http://example.org/a b", "http://exa\nmple.org/", "http://exa\tmple.org/",
        "http://fe80::1%25eth0/", "http://[fe80::1%25eth0]/", "http://a..b/", f"http://{'a' * 64}.org/",
        f"http://{'a.' * 130}org/", "http://example.org/" + "x" * 2048, f"http://{'ü' * 63}.org/",
        f"http://{'ü' * 60}.{'ü' * 60}.{'ü' * 60}.{'ü' * 60}/", "http://a℀.example/", "http://a＠b.example/",
        "http://./", "http://ü..example/", "http://a\u200db.example/",
    ],
)  # fmt: skip
def test_an_address_that_is_not_asked_is_not_looked_up_either(web: Web, url: str) -> None:
    unfetched(web.fetching(), url or "x")
    assert (web.looked_up, web.connected) == ([], [])


def test_what_goes_over_the_line_is_ascii() -> None:
    target = target_of("HTTPS://Bücher.example.:443/ö/%20?q=ä&r=<'>#part")
    assert target == ("https", "xn--bcher-kva.example", "/%C3%B6/%20?q=%C3%A4&r=%3C%27%3E")
    assert target_of("http://[2606:4700::1111]").host == "2606:4700::1111"


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("straße.example", "xn--strae-oqa.example"),
        ("ΟΔΟΣ.example", "xn--pxavbq.example"),
        ("οδος.example", "xn--pxavbm.example"),
        ("BÜCHER。example", "xn--bcher-kva.example"),
    ],
)
def test_a_redirect_leads_to_the_host_that_a_link_leads_to(web: Web, host: str, asked: str) -> None:
    web.redirects("/", f"http://{host}/next".encode().decode("latin-1"))
    web.fetching()("http://example.org/")
    assert web.looked_up == ["example.org", asked]
    assert first_link(f"http://{host}/next") == f"http://{asked}/next"


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1", PUBLIC], ["::ffff:93.184.216.34"], []],
)
def test_a_host_with_one_address_that_is_not_public_is_not_connected_to(
    web: Web, addresses: list[str]
) -> None:
    web.hosts["inside.example"] = addresses
    assert unfetched(web.fetching(), "http://inside.example/") == "no public address"
    assert web.connected == []


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "[::1]", "①②⑦.0.0.1"]
)
def test_other_spellings_of_this_machine_are_seen_through(host: str) -> None:
    unfetched(Fetching(), f"http://{host}/")


def test_the_connection_goes_to_the_address_that_was_looked_at(web: Web) -> None:
    answers = itertools.chain([[PUBLIC]], itertools.repeat(["127.0.0.1"]))
    fetch = Fetching(look_up=lambda *_: next(answers), connect=web.connect)
    assert fetch("http://rebinding.example/") == PageHead("A page", "", "")
    assert web.connected == [(PUBLIC, 80)]
    unfetched(fetch, "http://rebinding.example/")
    assert web.connected == [(PUBLIC, 80)]


def test_nothing_of_the_server_goes_along(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    web.redirects("/", "/next")
    web.fetching()("http://example.org/#part")
    for (path, headers), expected in zip(web.asked, ("/", "/next"), strict=True):
        assert path == expected
        assert headers == {
            "host": "example.org",
            "user-agent": "Porch link preview",
            "accept": "text/html, application/xhtml+xml",
            "accept-encoding": "gzip",
            "connection": "close",
        }


@pytest.mark.parametrize(
    "place",
    ["http://inside.example/", "//inside.example/x", "http://127.0.0.1/", "http://[::ffff:127.0.0.1]/",
     "http://example.org:22/", "file:///etc/passwd", "http://a:b@example.org/", "https://example.org:8443/"],
)  # fmt: skip
def test_a_redirect_is_looked_at_like_any_address(web: Web, place: str) -> None:
    web.hosts["inside.example"] = ["10.0.0.1"]
    web.redirects("/", place)
    unfetched(web.fetching(), "http://example.org/")
    assert web.connected == [(PUBLIC, 80)]


def test_three_redirects_are_followed_and_no_more(web: Web) -> None:
    for number, status in enumerate((301, 303, 307, 308)):
        web.redirects(f"/{number}", f"/{number + 1}", status)
    assert web.fetching()("http://example.org/1") == PageHead("A page", "", "")
    assert len(web.asked) == 4
    assert unfetched(web.fetching(), "http://example.org/0") == "too many redirects"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=404),
        Answer(status=302),
        Answer(headers={"Content-Type": "application/json"}),
        Answer(headers={"Content-Type": "image/svg+xml"}),
        Answer(headers={}),
        Answer(headers={"Content-Type": "text/html;" + 'a="' * 1000}),
        Answer(headers={"Content-Type": "text/html", "Content-Encoding": "br"}),
        Answer(b"no gzip", headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}),
        Answer(headers={"Content-Type": "text/html", "X-Long": "x" * 100_000}),
    ],
)
def test_what_is_no_page_is_not_read(web: Web, answer: Answer) -> None:
    web.answers["/"] = answer
    unfetched(web.fetching(), "http://example.org/")


def test_of_a_large_page_the_beginning_is_read(web: Web) -> None:
    page = b"<title>Large</title>" + b" " * 20_000_000
    web.answers["/"] = Answer(page)
    assert web.fetching()("http://example.org/") == PageHead("Large", "", "")
    web.answers["/"] = Answer(b" " * LARGEST_BODY + page)
    assert web.fetching()("http://example.org/") is None


def test_a_page_that_unpacks_to_much_is_unpacked_as_far_as_it_is_read(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = gzip.compress(b"<title>Bomb</title>" + b" " * 50_000_000, 1)
    web.answers["/"] = Answer(bomb, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})
    read: list[int] = []

    def noted(body: bytes, charset: str | None) -> PageHead | None:
        read.append(len(body))
        return head_of(body, charset)

    monkeypatch.setattr("porch.engines.outside.fetching.head_of", noted)
    assert web.fetching()("http://example.org/") == PageHead("Bomb", "", "")
    assert read == [LARGEST_BODY]


def fetched_from(first: bytes, more: bytes, clock: Callable[[], float]) -> str:
    """Why nothing is had of who sends one thing, and then another for ever."""
    here, there = socket.socketpair()
    ended = threading.Event()

    def drip() -> None:
        try:
            there.sendall(first)
            while not ended.is_set():
                there.sendall(more)
        except OSError:
            pass

    dripping = threading.Thread(target=drip, daemon=True)
    dripping.start()
    try:
        fetch = Fetching(look_up=lambda *_: [PUBLIC], connect=lambda *_: here, clock=clock)
        return unfetched(fetch, "http://slow.example/")
    finally:
        ended.set()
        there.close()
        dripping.join()


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"]
)
def test_who_sends_byte_after_byte_is_not_listened_to_for_long(first: bytes) -> None:
    seconds = itertools.count()  # each look at the clock is a second later
    assert fetched_from(first, b"x", lambda: float(next(seconds))) in ("TimeoutError", "LineTooLong")
    assert next(seconds) <= 14


def test_who_sends_without_end_is_not_listened_to_for_long() -> None:
    assert fetched_from(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, time.monotonic) == "OSError"


def test_a_lookup_that_hangs_is_not_waited_for() -> None:
    hangs = threading.Event()
    fetch = Fetching(look_up=lambda *_: [PUBLIC] if hangs.wait(30) else [], clock=iter([0.0, 9.99]).__next__)
    assert unfetched(fetch, "http://slow.example/") == "the lookup takes too long"
    hangs.set()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), "example.org")


def trusting(path: Path) -> Callable[[], ssl.SSLContext]:
    return lambda: ssl.create_default_context(cafile=str(path))


def test_over_tls_the_certificate_is_that_of_the_host(certificate: Certificate) -> None:
    web = Web(certificate)
    web.answers["/"] = Answer(b"<title>Safe</title>" + b"<!-- -->" * 10_000)
    fetch = web.fetching(trusted=trusting(certificate.authority))
    assert fetch("https://example.org/") == PageHead("Safe", "", "")
    assert web.connected == [(PUBLIC, 443)]
    assert web.asked[0][1]["host"] == "example.org"
    assert "CertVerif" in unfetched(fetch, "https://other.example/")
    assert "CertVerif" in unfetched(web.fetching(), "https://example.org/")
    assert len(web.asked) == 1
    web.server.shutdown()
    web.server.server_close()


@pytest.mark.parametrize(
    ("page", "head"),
    [
        ("<title> A\n title </title>", ("A title", "", "")),
        ("<TITLE lang=en>&lt;b&gt; &amp; c</TITLE>", ("<b> & c", "", "")),
        (
            """<title>Plain</title><meta property='og:title' content="It's &quot;so&quot;">
            <meta content=Words name=Description /><meta property=og:site_name content='The site'>""",
            ('It\'s "so"', "Words", "The site"),
        ),
        (
            """<meta name="description" content="Second"><title>T</title>
            <meta property="og:description" content="First > all">""",
            ("T", "First > all", ""),
        ),
        ("<!-- <title>No</title> --><script>'<title>No</title>'</script><title>Yes</title>", ("Yes", "", "")),
        ("<title>T</title></head><meta name=description content=late>", ("T", "", "")),
        ("<title>T</title><title>Second</title>", ("T", "", "")),
        ("<title>left\u202eright\u2066\x00\x1b[2J\u200b</title>", ("leftright [2J", "", "")),
        ("<meta property=og:title content='\u200b '><title>T</title>", ("T", "", "")),
        ("<title>&#x202e;&#8238;T</title>", ("T", "", "")),
        ("<title>👩\u200d🚀 می\u200cخواهم</title>", ("👩\u200d🚀 می\u200cخواهم", "", "")),
        (f"<title>{'x' * 500}</title>", ("x" * 199 + "…", "", "")),
    ],
)
def test_what_a_page_says_of_itself(page: str, head: tuple[str, str, str]) -> None:
    assert head_of(page.encode(), None) == head


@pytest.mark.parametrize(
    "page", ["", "<title></title>", "<title>\u3000\u200b</title>", "<p>Hello", "<title", "<!--"]
)
def test_a_page_without_a_title_says_nothing(page: str) -> None:
    assert head_of(page.encode(), None) is None


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("<title>Grüße</title>".encode(), None),
        ("<title>Grüße</title>".encode("latin-1"), "ISO-8859-1"),
        ('<meta charset="windows-1252"><title>Grüße</title>'.encode("cp1252"), None),
        ("<title>Grüße</title>".encode(), "punycode"),
        ("<title>Grüße</title>".encode(), "zip"),
        ("<title>Grüße</title>".encode(), "../x"),
    ],
)
def test_a_page_is_read_in_its_encoding(content: bytes, charset: str | None) -> None:
    head = head_of(content, charset)
    assert head is not None
    assert head.title == "Grüße"


@pytest.mark.parametrize(
    "piece",
    ["<a ", "<!--", "<!", "<meta ", '<meta a="', "<meta a='x' ", "<title", "<title>", "<script>", "&#1", "</",
     "<meta/", "<meta =", "<meta a   =   ", "\u0301", "<title>\u0301"],
)  # fmt: skip
def test_no_page_keeps_it_busy(piece: str) -> None:
    evil = (piece * LARGEST_BODY).encode()[:LARGEST_BODY]
    begun = time.process_time()
    head_of(evil, None)
    head_of(b"<title>" + evil, None)
    first_link(piece * 1000)
    assert time.process_time() - begun < 5, (
        "these take tens of milliseconds; what is not linear takes minutes"
    )


@pytest.mark.parametrize(
    ("content", "link"),
    [
        ("See https://example.org/a.", "https://example.org/a"),
        ("(http://example.org/a_(b))", "http://example.org/a_(b)"),
        ("[words](https://example.org/x) and https://other.example", "https://example.org/x"),
        ("**https://example.org**", "https://example.org/"),
        ("> - https://example.org\nhttps://other.example", "https://example.org/"),
        ("- a\n  - *[b](https://example.org)*\n- https://other.example", "https://example.org/"),
        ("`https://code.example` https://example.org", "https://example.org/"),
        ("``https://code.example` https://code.example`` https://example.org", "https://example.org/"),
        ("~~~\nhttps://code.example\n~~~\nHTTPS://example.org", "https://example.org/"),
        ("```\nhttps://code.example\n``` never closed https://code.example", None),
        ("`https://example.org", "https://example.org/"),
        ("https://a@evil.example https://example.org", "https://example.org/"),
        ("https://grüße.example/ü", "https://xn--gre-6ka8l.example/%C3%BC"),
        ("mailto:a@example.org", None),
        ("mailto:a@example.org https://example.org", "https://example.org/"),
        ("ftp://example.org xhttps://example.org", None),
        ("https:// http://[", None),
        ("Nothing", None),
        ("https://example.org/" + "x" * 2048, None),
    ],
)
def test_the_first_link_of_a_message(content: str, link: str | None) -> None:
    assert first_link(content) == link
