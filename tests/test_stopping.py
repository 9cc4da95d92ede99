"""A server that is asked to stop: what was begun comes to its end, and everybody finds their way back."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import socketio

from tests.conftest import UNLIMITED, skip_or_fail
from tests.support.database import locked, rows
from tests.support.people import TIMEOUT, Guest, Json
from tests.support.server import ROOT, Server
from tests.support.sockets import lasting_port
from tests.support.waiting import eventually


class Asking:
    """One request on a connection of its own, with the answer still to come."""

    def __init__(self, guest: Guest, method: str, path: str, body: object = None) -> None:
        headers = {"Authorization": f"Bearer {guest.token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(urlsplit(guest.url).netloc, timeout=TIMEOUT)
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)

    def close(self) -> None:
        """Give the answer up."""
        self._connection.close()

    def answer(self) -> tuple[int, str | None, Json]:
        """The status, what is said of the connection, and the JSON."""
        with closing(self._connection), self._connection.getresponse() as response:
            return response.status, response.getheader("Connection"), json.loads(response.read())


def nobody_listens(server: Server) -> bool:
    parts = urlsplit(server.url)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT).close()
    except ConnectionRefusedError:
        return True
    return False


def test_what_is_under_way_is_answered_and_stored_before_the_end(start_server: Callable[..., Server]) -> None:
    server = start_server(**UNLIMITED)
    ann = Guest.sign_in(server.url)
    chat = ann.open_chat()
    messages = f"/chats/{chat['id']}/messages"
    kept = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=TIMEOUT)
    kept.request("GET", "/healthz")
    kept.getresponse().read()
    with locked(server.data):
        poll = Asking(ann, "GET", f"{messages}?after=0&wait=30")
        client_id = "5a8a0c1c-7d53-4c2e-8f57-0d4f6b1f6f10"
        message = Asking(ann, "POST", messages, {"content": "Wait for me!", "client_id": client_id})
        ann.get("/healthz")  # so the two before it have been heard
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: nobody_listens(server))
        assert poll.answer()[:2] == (200, "close")
        kept.request("GET", "/readyz")
        with closing(kept), kept.getresponse() as ready:
            assert (ready.status, ready.getheader("Connection")) == (503, "close")
            assert json.loads(ready.read())["missing"] == ["stopping"]
    status, connection, stored = message.answer()
    assert (status, connection, stored["content"]) == (201, "close", "Wait for me!")
    assert server.process.wait(timeout=20) == 0
    assert rows(server.data, "SELECT content FROM message") == [("Wait for me!",)]


def test_a_second_signal_ends_it_at_once(start_server: Callable[..., Server]) -> None:
    server = start_server(lock_timeout=60, **UNLIMITED)
    ann = Guest.sign_in(server.url)
    chat = ann.open_chat()
    body = {"content": "Never mind", "client_id": "5a8a0c1c-7d53-4c2e-8f57-0d4f6b1f6f10"}
    with locked(server.data), closing(Asking(ann, "POST", f"/chats/{chat['id']}/messages", body)):
        ann.get("/healthz")
        server.process.send_signal(signal.SIGINT)
        eventually(lambda: nobody_listens(server))
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=3) == -signal.SIGTERM


# A stock client, which says when it has come and why it went.
STOCK = """
import { io } from "socket.io-client";
const [url, token, transport] = process.argv.slice(-3);
const socket = io(url, { auth: { token }, transports: [transport], reconnectionDelay: 100 });
socket.on("connect", () => console.log("connected"));
socket.on("disconnect", (reason) => console.log(reason));
"""


@contextmanager
def in_javascript(guest: Guest, transport: str) -> Iterator[list[str]]:
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "socket.io-client").exists():
        skip_or_fail("Node.js with socket.io-client is needed: npm ci")
    command = [str(node), "--input-type=module", "-e", STOCK, "--", guest.url, str(guest.token), transport]
    lines: list[str] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        reader = threading.Thread(target=lambda: lines.extend(line.strip() for line in process.stdout or ()))
        reader.start()
        try:
            yield lines
        finally:
            process.kill()
            reader.join(TIMEOUT)


@contextmanager
def in_python(guest: Guest, transport: str) -> Iterator[list[str]]:
    client = socketio.Client(reconnection_delay=0.1)
    lines: list[str] = []

    def gone(reason: str) -> None:
        lines.append(reason)
        if client.eio.ws is not None:
            client.eio.ws.shutdown()  # which the library leaves open

    client.on("connect", lambda: lines.append("connected"))
    client.on("disconnect", gone)
    client.connect(guest.url, auth={"token": guest.token}, transports=[transport], wait_timeout=TIMEOUT)
    yield lines
    client.shutdown()
    if client.eio.http is not None:
        client.eio.http.close()


@pytest.fixture
def stock_clients(start_server: Callable[..., Server]) -> Iterator[tuple[Server, list[list[str]]]]:
    """Clients of each kind that are connected, and what each says of itself."""
    server = start_server(port=lasting_port(), **UNLIMITED)
    opened: list[Any] = [
        client(Guest.sign_in(server.url), transport)
        for client in (in_javascript, in_python)
        for transport in ("websocket", "polling")
    ]
    told = [client.__enter__() for client in opened]
    eventually(lambda: all(lines == ["connected"] for lines in told))
    yield server, told
    for client in opened:
        client.__exit__(None, None, None)


@pytest.mark.long
def test_stock_clients_come_back_by_themselves(
    start_server: Callable[..., Server], stock_clients: tuple[Server, list[list[str]]]
) -> None:
    server, told = stock_clients
    assert server.stop() == 0
    eventually(lambda: all(len(lines) > 1 for lines in told))
    start_server(port=urlsplit(server.url).port, **UNLIMITED)
    eventually(lambda: all(lines[-1] == "connected" for lines in told))
    went = {lines[1] for lines in told}
    assert went <= {"transport close", "transport error"}, "else they would not have come back"
