"""`porch verify`: a site that serves other scripts, or lets others run, is found out."""

from __future__ import annotations

import hashlib
import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from porch.cli.verify import verify
from porch.web.assets import FOLDER, published
from tests.support.certificates import make_certificate
from tests.support.server import Server
from tests.support.sockets import free_port

Change = Callable[[str, bytes, dict[str, str]], bytes]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(verify, arguments)


@contextmanager
def between(server: Server, change: Change) -> Iterator[str]:
    """Somebody who stands before the site and changes what it serves; yields the address."""
    behind = urlsplit(server.url).netloc

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            connection = http.client.HTTPConnection(behind, timeout=20)
            connection.request("GET", self.path, headers=dict(self.headers))
            answer = connection.getresponse()
            kept = ("Content-Security-Policy", "Content-Type")
            headers = {name: answer.headers.get(name, "") for name in kept}
            content = change(self.path, answer.read(), headers)
            connection.close()
            self.send_response(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}"
        finally:
            proxy.shutdown()
            thread.join(timeout=20)


def test_a_site_of_this_version_is_found_to_be_one(server: Server) -> None:
    for path in ("", "/", "/login/", "/protected/"):
        done = run(server.url + path)
        assert (done.exit_code, "All is as in this version" in done.output) == (0, True), done.output


def test_without_an_address_the_hashes_are_printed() -> None:
    lines = {path: digest for digest, _, path in (line.partition("  ") for line in run().output.splitlines())}
    assert lines == published()
    assert lines["js/log/feed.js"] == hashlib.sha256((FOLDER / "js/log/feed.js").read_bytes()).hexdigest()
    assert {"joined/room.js", "joined/de/room.js", "joined/sw.js", "vendor/socket.io.esm.min.js"} <= set(
        lines
    )


def other_file(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content + b"\n" if path.startswith("/static/joined/de/sealed.js?") else content


def other_worker(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content + b"\n" if path == "/sw.js" else content


def inline_script(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content.replace(b"</head>", b"<script nonce=x>steal()</script></head>")


def other_script(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content.replace(b"</head>", b'<script src="/media/x.js"></script></head>')


def handler_attribute(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content.replace(b"<body ", b'<body onload="steal()" ')


def hidden(html: bytes) -> Change:
    """A script that another parser takes for something else than browsers do."""
    return lambda path, content, headers: content.replace(b"</body>", html + b"</body>")


def named_twice(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content.replace(b' src="/static/', b' src="/media/x.js" src="/static/')


def by_another_address(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content.replace(b"/static/joined/session.js?v=", b"/static/joined/session.js?w=")


def as_pages_ask_for_it(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content + b"\n" if path.startswith("/static/joined/session.js?v=") else content


def in_another_encoding(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    if path != "/login/":
        return content
    headers["Content-Type"] = "text/html; charset=utf-16le"
    return (content.decode() + "<script nonce=x>steal()</script>").encode("utf-16-le")


def of_another_type(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    headers["Content-Type"] = headers["Content-Type"].replace("text/html", "application/xhtml+xml")
    return content


def other_policy(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    headers["Content-Security-Policy"] = headers["Content-Security-Policy"].replace(
        "connect-src 'self'", "connect-src *"
    )
    return content


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (other_file, "joined/de/sealed.js is another file"),
        (other_worker, "/sw.js is another file"),
        (inline_script, "has a script of its own"),
        (other_script, "has the script /media/x.js"),
        (handler_attribute, "has the attribute onload"),
        (hidden(b"<!--><script nonce=x>steal()</script><!-- -->"), "has a script of its own"),
        (hidden(b"<!-- --!><script nonce=x>steal()</script><!-- -->"), "has a script of its own"),
        (hidden(b"<svg><style><script nonce=x>steal()</script></style></svg>"), "has a script of its own"),
        (hidden(b'<svg><script nonce="x" href="data:,steal()"></script></svg>'), "has a script of its own"),
        (hidden(b'<iframe srcdoc="&lt;script nonce=x>steal()"></iframe>'), "has a frame of its own"),
        (named_twice, "has a script of its own"),
        (by_another_address, "has the script /static/joined/session.js?w="),
        (as_pages_ask_for_it, "joined/session.js is another file"),
        (in_another_encoding, "is no page as this version sends it: text/html; charset=utf-16le"),
        (of_another_type, "is no page as this version sends it: application/xhtml+xml"),
        (other_policy, "has another security policy"),
    ],
)
def test_what_somebody_has_changed_is_named(server: Server, change: Change, words: str) -> None:
    with between(server, change) as address:
        done = run(f"{address}/login/")
    assert (done.exit_code, words in done.output) == (1, True), done.output


@pytest.mark.parametrize(
    "address", ["chat.example", "ftp://chat.example", "file:///etc/passwd", "http://", "http://["]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    assert "begins with https://" in run(address).output
    assert run(address).exit_code == 1


def test_a_site_that_does_not_answer_is_one_sentence() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    done = run(address)
    assert (done.exit_code, done.output) == (1, f"Error: {address} does not answer.\n")


def test_a_name_that_nobody_has_is_one_sentence() -> None:
    done = run("https://nowhere.invalid/login/")
    said = "Error: https://nowhere.invalid cannot be found: no computer of this name is known here.\n"
    assert (done.exit_code, done.output) == (1, said)


def test_a_certificate_that_nobody_vouches_for_is_one_sentence(tmp_path: Path) -> None:
    made = make_certificate(tmp_path)
    with Server(tmp_path / "data", cert=made.cert, key=made.key) as other:
        done = run(other.url)
    said = f"Error: {other.url} has a certificate that is not trusted here: "
    assert (done.exit_code, done.output.startswith(said), done.output.count("\n")) == (1, True, 1), (
        done.output
    )


def test_a_site_without_https_is_one_sentence(server: Server) -> None:
    address = server.url.replace("http:", "https:")
    done = run(address)
    assert (done.exit_code, done.output) == (
        1,
        f"Error: {address} speaks no HTTPS that is understood here.\n",
    )
