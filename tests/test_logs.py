"""The log as JSON: each line an object, every request in it, nobody's secrets."""

from __future__ import annotations

import io
import json
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import gevent
import pytest
from flask import Flask
from flask.testing import FlaskClient

from porch.claim import claim_token
from porch.web.logs import TOLD, JsonLines, begin_log
from tests.conftest import UNLIMITED
from tests.support.people import Guest, Refused, refused
from tests.support.server import Server

NAME, PASSWORD, WORDS = "Somebody Unmistakable", "a password unheard of", "nobody else would say this"
ROOM = "A room without a second"


@pytest.fixture
def written() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines that are written meanwhile."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    porch = logging.getLogger("porch")
    porch.addHandler(handler)
    for name in TOLD:
        logging.getLogger(name).setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for name in TOLD:
        logging.getLogger(name).setLevel(logging.NOTSET)
    porch.removeHandler(handler)


def test_a_request_is_a_line_with_its_route_and_without_its_path(
    client: FlaskClient, written: Callable[[], list[dict[str, Any]]]
) -> None:
    client.get("/chatrooms/the-secret-part/", headers={"Accept": "text/html"})
    (line,) = written()
    assert line.pop("time").endswith("Z")
    assert line.pop("ms") > 0
    assert line == {
        "level": "INFO",
        "logger": "porch.web.requests",
        "event": "request",
        "method": "GET",
        "route": "/chatrooms/<hash_key>/",
        "status": 404,
        "code": "not_found",
    }


def test_an_error_has_its_traceback_and_the_request_it_met(
    app: Flask, client: FlaskClient, written: Callable[[], list[dict[str, Any]]]
) -> None:
    def fail() -> str:
        raise RuntimeError("first line\nsecond line")

    app.add_url_rule("/fail/<key>", "fail", fail)
    app.view_functions["fail"] = lambda key: fail()
    client.get("/fail/secret")
    error, request = written()
    assert (error["level"], error["event"], error["route"]) == ("ERROR", "an unexpected error", "/fail/<key>")
    assert "RuntimeError: first line\nsecond line" in error["error"]
    assert (request["status"], request["code"]) == (500, "error")


def test_what_nobody_waits_for_has_a_line_when_it_fails(
    written: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = gevent.get_hub()
    for place, name in ((sys, "excepthook"), (threading, "excepthook"), (hub, "print_exception")):
        monkeypatch.setattr(place, name, getattr(place, name))  # put back in the end
    begin_log("json")
    logging.captureWarnings(False)

    def fail() -> None:
        raise RuntimeError("beside the requests")

    for running in (gevent.spawn(fail), threading.Thread(target=fail)):
        if isinstance(running, threading.Thread):
            running.start()
        running.join()
    lines = written()
    assert [line["event"] for line in lines] == ["RuntimeError, for which nobody waits"] * 2
    assert all("beside the requests" in line["error"] for line in lines)


def test_a_link_that_gets_into_a_line_loses_its_secret(
    written: Callable[[], list[dict[str, Any]]],
) -> None:
    logging.getLogger("porch.somewhere").warning("next=%s", "/chatrooms/secret/?x=1")
    (line,) = written()
    assert line["event"] == "next=/chatrooms/***/?x=1"


def use(server: Server) -> list[str]:
    """Do all kinds of things; returns what may be in no log."""
    guest = Guest.sign_in(server.url, NAME)
    account = Guest(server.url).sign_up(f"{NAME} Two", PASSWORD)
    chat = account.open_chat(ROOM)
    guest.join(chat)
    guest.send(chat, WORDS)
    refused(guest.send, chat, f"{WORDS}\0")
    refused(guest.request, "PATCH", f"/chats/{chat['id']}/", json={"name": WORDS})
    refused(Guest(server.url).log_in, account.username, f"{PASSWORD}?")
    with suppress(Refused):
        guest.get("/search", q=WORDS)
    for path in (chat["url"], f"{chat['url']}messages/1/", f"/login/?next={chat['url']}", "/claim/a-token/"):
        guest.raw("GET", path, headers={"Accept": "text/html"})
    guest.raw("POST", chat["url"], data={"content": WORDS}, headers={"Origin": "https://elsewhere.example"})
    with account.socket() as listener:
        listener.enter(chat)
        listener.send(chat, WORDS)
        refused(listener.call, "send", {"chat_id": chat["id"], "content": f"{WORDS}\0", "client_id": "x"})
        refused(listener.call, "enter", {"chat_id": WORDS})
    say_nonsense(server, f"GET {chat['url']}\r\n\r\n")
    say_nonsense(server, f"{WORDS} {chat['url']} HTTP/9.9\r\n\r\n")
    say_nonsense(server, f"GET {chat['url']} HTTP/1.1\r\nCookie: porch={account.token}\r\nno header\r\n\r\n")
    tokens = [str(guest.token), str(account.token), claim_token(server.data)]
    return [NAME, PASSWORD, WORDS, ROOM, chat["hash_key"], *tokens]


def say_nonsense(server: Server, text: str) -> None:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(text.encode())
        with suppress(ConnectionResetError):
            connection.recv(4096)


def test_a_server_writes_nobodys_secrets(start_server: Callable[..., Server]) -> None:
    server = start_server(log_format="json", **UNLIMITED)
    secrets = use(server)
    assert server.stop() == 0
    lines = [json.loads(line) for line in server.output]
    assert all({"time", "level", "logger", "event"} <= line.keys() for line in lines)
    requests = [line for line in lines if line["event"] == "request"]
    assert {"/sessions", "/chats/<int:chat_id>/messages", "/chatrooms/<hash_key>/"} <= {
        line["route"] for line in requests
    }
    assert {201, 200, 400, 401, 403, 404} <= {line["status"] for line in requests}
    whole = "".join(server.output)
    assert [secret for secret in secrets if secret in whole] == []
