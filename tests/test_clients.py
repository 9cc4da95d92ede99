"""Stock Socket.IO clients: the examples of the documentation, talking to each other."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.conftest import skip_or_fail
from tests.support.people import Guest, Json, a_name
from tests.support.server import ROOT
from tests.support.waiting import eventually

EXAMPLES = ROOT / "docs" / "examples"
LIMIT = 20.0  # seconds, for whatever a client is waited for


class Client:
    """One of the example programs, and the lines that it prints."""

    def __init__(self, command: list[str], **environ: str) -> None:
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | environ
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def next_line(self) -> str:
        return self._lines.get(timeout=LIMIT)

    def end(self) -> None:
        self._process.kill()
        self._process.wait(LIMIT)
        self._reader.join(LIMIT)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._lines.put(line.rstrip("\n"))


def python(link: str, *arguments: str) -> Client:
    return Client([sys.executable, str(EXAMPLES / "talk.py"), link, *arguments], PYTHONUNBUFFERED="1")


def javascript(link: str, *arguments: str, **environ: str) -> Client:
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "socket.io-client").exists():
        skip_or_fail("Node.js with socket.io-client is needed: npm ci")
    return Client([str(node), str(EXAMPLES / "talk.mjs"), link, *arguments], **environ)


@pytest.fixture
def link(server: object, ann: Guest, chat: Json) -> str:
    return f"{ann.url}{chat['url']}"


@pytest.fixture(params=["python", "javascript", "javascript, websocket only"])
def make_client(request: pytest.FixtureRequest, link: str) -> Iterator[tuple[Client, str]]:
    """A client that came in and said something, and its name."""
    name = a_name("Stock")
    match request.param:
        case "python":
            client = python(link, name, "I am new here.")
        case "javascript":
            client = javascript(link, name, "I am new here.")
        case _:
            client = javascript(link, name, "I am new here.", TRANSPORTS="websocket")
    yield client, name
    client.end()


def test_a_stock_client_has_the_history_and_talks_both_ways(
    ann: Guest, chat: Json, make_client: tuple[Client, str]
) -> None:
    client, name = make_client
    assert client.next_line() == f"{name}: I am new here."
    eventually(lambda: [m["username"] for m in ann.after(chat, 0)["messages"]] == [name])
    ann.send(chat, "Welcome!")
    assert client.next_line() == f"{ann.username}: Welcome!"


def test_a_stock_client_tells_what_was_edited_and_taken_back(
    ann: Guest, chat: Json, make_client: tuple[Client, str]
) -> None:
    client, name = make_client
    assert client.next_line() == f"{name}: I am new here."
    message = f"/chats/{chat['id']}/messages/{ann.send(chat, 'Welcom')['seq']}"
    ann.patch(message, {"content": "Welcome"})
    ann.delete(message)
    told = [f"{ann.username}: Welcom", f"{ann.username}, edited: Welcome"]
    told += [f"({ann.username} took a message back.)"]
    assert [client.next_line() for _ in told] == told


def test_a_stock_client_shows_edited_messages_where_they_were_sent(link: str, ann: Guest, chat: Json) -> None:
    first, *_, gone = [ann.send(chat, f"Line {number}")["seq"] for number in range(1, 61)]  # two pages
    ann.patch(f"/chats/{chat['id']}/messages/{first}", {"content": "Line one"})
    ann.delete(f"/chats/{chat['id']}/messages/{gone}")
    for make in (python, javascript):
        client = make(link, a_name("Late"))
        try:
            seen = [client.next_line().partition(": ")[2] for _ in range(59)]
        finally:
            client.end()
        assert seen == ["Line one", *(f"Line {number}" for number in range(2, 60))]


def test_stock_clients_of_two_languages_see_the_same(link: str) -> None:
    first = python(link, ada := a_name("Ada"), "First")
    assert first.next_line() == f"{ada}: First"
    second = javascript(link, bo := a_name("Bo"), "Second", "Third")
    try:
        for client in (first, second):
            seen = [client.next_line() for _ in range(2 if client is first else 3)]
            assert seen[-2:] == [f"{bo}: Second", f"{bo}: Third"]
    finally:
        first.end()
        second.end()
