"""What a page says to its server: a record of requests and sockets, and proxies that get in between."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, suppress
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Request, WebSocket

from tests.support.people import Json


class Wire:
    """Everything one page has sent since this was made."""

    def __init__(self, page: Page) -> None:
        self.requests: list[Request] = []
        self.sockets: list[WebSocket] = []
        self.frames_received = 0
        self.frames_sent: list[str] = []
        page.on("request", self._keep)
        page.on("websocket", self._listen)

    def polls(self, chat: Json) -> list[Request]:
        """The answered requests for what is new in a room, oldest first."""
        path = f"/chats/{chat['id']}/messages"
        return [r for r in self.answered() if r.method == "GET" and urlsplit(r.url).path == path]

    def answered(self) -> list[Request]:
        """The requests that have had their whole answer, oldest first."""
        return [r for r in list(self.requests) if r.timing["responseEnd"] > 0]

    def sends(self) -> list[Any]:
        """The bodies of messages sent by request, in order, repeats included."""
        return [
            r.post_data_json
            for r in list(self.requests)
            if r.method == "POST" and r.url.endswith("/messages")
        ]

    def _keep(self, request: Request) -> None:
        self.requests.append(request)

    def _listen(self, opened: WebSocket) -> None:
        self.sockets.append(opened)
        opened.on("framereceived", self._count)
        opened.on("framesent", lambda frame: self.frames_sent.append(str(frame)))

    def _count(self, _frame: object) -> None:
        self.frames_received += 1


def cursor(poll: Request) -> int:
    """The `after` that a poll carries."""
    return int(parse_qs(urlsplit(poll.url).query)["after"][0])


def answer(poll: Request) -> Json:
    response = poll.response()
    assert response is not None
    found: Json = response.json()
    return found


class Cable:
    """Passes everything on to a server, until it dies: what was under way stays open, and silent for ever.

    Connections that were at rest are closed, as browsers do by themselves after a sleep and on another
    network. What is opened after that goes through.
    """

    def __init__(self, url: str) -> None:
        self._server = (urlsplit(url).hostname, urlsplit(url).port)
        self._links: list[_Link] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in self._links:
            link.close()

    def die(self) -> None:
        for link in self._links:
            link.die()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._links.append(_Link(client, socket.create_connection(self._server)))


class _Link:
    """One connection of a cable."""

    def __init__(self, client: socket.socket, upstream: socket.socket) -> None:
        self._ends = (client, upstream)
        self._silent = False
        self._waits = False  # for an answer, or for whatever comes by a socket
        self._upgraded = False
        threading.Thread(target=self._pass_on, args=(client, upstream, True), daemon=True).start()
        threading.Thread(target=self._pass_on, args=(upstream, client, False), daemon=True).start()

    def die(self) -> None:
        self._silent = True
        if not self._waits:
            self.close()

    def close(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _pass_on(self, source: socket.socket, target: socket.socket, asking: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._upgraded |= asking and b"upgrade: websocket" in data.lower()
                self._waits = asking or self._upgraded
                if not self._silent:
                    target.sendall(data)
            if not self._silent:
                target.shutdown(socket.SHUT_WR)


class NoSocketsProxy:
    """Passes requests on to a server, and refuses every upgrade, as some companies' proxies do."""

    def __init__(self, url: str) -> None:
        self._server = (urlsplit(url).hostname, urlsplit(url).port)
        self.refused = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open = ExitStack()
        self._open.callback(self._listener.close)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._open.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """A browser opens a socket on a connection of its own, so the first bytes tell."""
        with suppress(OSError), client:
            first = client.recv(65536)
            if b"upgrade: websocket" in first.lower():
                self.refused += 1
                client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            elif first:
                with socket.create_connection(self._server) as upstream:
                    upstream.sendall(first)
                    back = threading.Thread(target=_pass_on, args=(upstream, client), daemon=True)
                    back.start()
                    _pass_on(client, upstream)
                    back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        with suppress(OSError):
            end.shutdown(how)
