"""`porch verify`: a site that serves other scripts, or lets others run, is found out."""

from __future__ import annotations

import hashlib
import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from porch.cli.verify import verify
from porch.web.assets import FOLDER, published
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
            headers = {"Content-Security-Policy": answer.headers.get("Content-Security-Policy", "")}
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
    return content + b"\n" if path == "/static/joined/de/sealed.js" else content


def other_worker(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content + b"\n" if path == "/sw.js" else content


def inline_script(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content.replace(b"</head>", b"<script nonce=x>steal()</script></head>")


def other_script(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content.replace(b"</head>", b'<script src="/media/x.js"></script></head>')


def handler_attribute(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    return content.replace(b"<body ", b'<body onload="steal()" ')


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
        (other_policy, "has another security policy"),
    ],
)
def test_what_somebody_has_changed_is_named(server: Server, change: Change, words: str) -> None:
    with between(server, change) as address:
        done = run(f"{address}/login/")
    assert (done.exit_code, words in done.output) == (1, True), done.output


@pytest.mark.parametrize("address", ["chat.example", "ftp://chat.example", "file:///etc/passwd", "http://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    assert "begins with https://" in run(address).output


def test_a_site_that_does_not_answer_is_one_sentence() -> None:
    done = run(f"http://127.0.0.1:{free_port()}")
    assert (done.exit_code, "does not answer" in done.output, "Traceback" in done.output) == (1, True, False)
