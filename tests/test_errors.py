"""Errors: one JSON shape, one page, and nothing private in either."""

from __future__ import annotations

import inspect
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from porch import errors
from porch.errors import (
    Conflict,
    EpochPassed,
    EpochTaken,
    Forbidden,
    ForeignOrigin,
    Invalid,
    Moved,
    NameTaken,
    NoSpace,
    NotFound,
    OverQuota,
    PorchError,
    RetryLater,
    RoomDeleted,
    TooFast,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from porch.extensions import db
from tests.support import postgres
from tests.support.origin import OWN
from tests.support.people import TIMEOUT, Guest, a_name
from tests.support.server import Server

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PRIVATE = "the password of the database is hunter2"

THERE = {"id": 7, "name": "Supper", "url": "/chatrooms/key/"}

# Each with its status and code, and what it carries besides.
EVERY: list[tuple[PorchError, int, str, dict[str, Any]]] = [
    (Invalid("Wrong."), 400, "invalid", {}),
    (Invalid("Wrong.", fields={"name": "Empty."}), 400, "invalid", {"fields": {"name": "Empty."}}),
    (Unauthenticated(), 401, "unauthenticated", {}),
    (Forbidden("Not you.", cause=PRIVATE), 403, "forbidden", {}),
    (ForeignOrigin(cause=PRIVATE), 403, "foreign_origin", {}),
    (NotFound(), 404, "not_found", {}),
    (NameTaken("Taken.", suggestions=["Bo 2"]), 409, "name_taken", {"suggestions": ["Bo 2"]}),
    (Conflict("Otherwise.", cause=PRIVATE), 409, "conflict", {}),
    (EpochTaken("Another.", newest=3), 409, "conflict", {"newest": 3}),
    (EpochPassed(newest=3), 409, "epoch_passed", {"newest": 3}),
    (Moved(THERE), 409, "moved", {"to": THERE}),
    (RoomDeleted("Supper"), 410, "room_deleted", {}),
    (TooLarge("Too long."), 413, "too_large", {}),
    (OverQuota("Tomorrow."), 413, "over_quota", {}),
    (NoSpace(), 507, "no_space", {}),
    (TooFast("Slowly.", retry_after=2.1), 429, "too_fast", {"retry_after": 3}),
    (RetryLater(cause=PRIVATE), 503, "retry_later", {}),
    (Unavailable("Not here"), 503, "unavailable", {}),
]
every_error = pytest.mark.parametrize(
    ("error", "status", "code", "more"), EVERY, ids=lambda value: value if isinstance(value, str) else ""
)


@pytest.fixture
def raising(shared_app: Flask) -> Callable[[Exception], FlaskClient]:
    """A visitor of a site whose page /broken raises the error."""

    def prepare(error: Exception) -> FlaskClient:
        def broken() -> str:
            raise error

        if "broken" not in shared_app.view_functions:
            shared_app.add_url_rule("/broken", view_func=broken, methods=["GET", "POST"])
        shared_app.view_functions["broken"] = broken
        return shared_app.test_client()

    return prepare


@pytest.fixture
def visitor(client: FlaskClient) -> FlaskClient:
    """A browser that is signed in."""
    client.post("/sessions/new/", data={"username": "Ann"}, headers=OWN)
    return client


def error_of(answer: TestResponse | requests.Response) -> dict[str, Any]:
    """The error of a JSON answer, whose shape is checked on the way."""
    assert answer.headers["Content-Type"] == "application/json"
    body = json.loads(answer.text)
    assert body.keys() == {"error"}
    error: dict[str, Any] = body["error"]
    known = {"code", "message", "fields", "suggestions", "retry_after", "to", "newest"}
    assert {"code", "message"} <= error.keys() <= known
    assert re.fullmatch(r"[a-z_]+", error["code"])
    assert error["message"]
    return error


def test_every_kind_of_error_is_tried_here() -> None:
    kinds = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, PorchError)}
    assert {type(error) for error, *_ in EVERY} == kinds - {PorchError}


def test_the_tree_at_the_top_of_the_module_is_true() -> None:
    written = re.findall(r"[├└]── (\w+) +(\d+) (\w+)", errors.__doc__ or "")
    assert set(written) == {(type(error).__name__, str(status), code) for error, status, code, _ in EVERY}


@every_error
def test_every_error_has_one_shape(
    raising: Callable[[Exception], FlaskClient],
    error: PorchError,
    status: int,
    code: str,
    more: dict[str, Any],
) -> None:
    answer = raising(error).get("/broken")
    assert answer.status_code == status
    assert error_of(answer) == {"code": code, "message": error.message} | more


@every_error
def test_a_browser_gets_a_page_or_is_led_to_where_it_can_be_mended(
    raising: Callable[[Exception], FlaskClient],
    error: PorchError,
    status: int,
    code: str,
    more: dict[str, Any],
) -> None:
    answer = raising(error).get("/broken", headers=BROWSER)
    if code in ("unauthenticated", "name_taken"):
        page = "/login/" if code == "unauthenticated" else "/sessions/new/"
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{page}?next=/broken")
    else:
        assert answer.status_code == status
        assert answer.mimetype == "text/html"
        assert error.message in answer.text
    assert PRIVATE not in answer.text


@every_error
def test_the_cause_is_for_the_log_alone(
    raising: Callable[[Exception], FlaskClient],
    caplog: pytest.LogCaptureFixture,
    error: PorchError,
    status: int,
    code: str,
    more: dict[str, Any],
) -> None:
    answer = raising(error).get("/broken")
    assert PRIVATE not in answer.text
    assert (PRIVATE in caplog.text) is (error.cause == PRIVATE)


@pytest.mark.parametrize(("error", "seconds"), [(EVERY[-3][0], "3"), (EVERY[-2][0], "1")])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_whoever_shall_come_again_is_told_when(
    raising: Callable[[Exception], FlaskClient], error: PorchError, seconds: str, accept: str
) -> None:
    answer = raising(error).get("/broken", headers={"Accept": accept})
    assert answer.headers["Retry-After"] == seconds


# What the framework refuses.


@pytest.mark.parametrize("path", ["/nowhere", "/chats/x/", "/chats/-1/", "/static/nothing.js", "/sessions/x"])
def test_an_unknown_path_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, error_of(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/sessions", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("POST", "/sessions/current", {"GET", "HEAD", "DELETE", "OPTIONS"}),
        ("DELETE", "/chats/1/messages", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("POST", "/", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/theme/", {"POST", "OPTIONS"}),
    ],
)
@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["json", "page"])
def test_a_wrong_method_is_told_the_right_ones(
    client: FlaskClient, method: str, path: str, allowed: set[str], headers: dict[str, str]
) -> None:
    answer = client.open(path, method=method, headers=headers | OWN)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    if not headers:
        error_of(answer)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"username": "Ann"} x', id="something after it"),
        pytest.param(b"{'username': 'Ann'}", id="single quotes"),
        pytest.param(b'{"username": "Ann",}', id="comma"),
        pytest.param(b'{"username": NaN}', id="not a number"),
        pytest.param(b'{"username": "\xff\xfe"}', id="not UTF-8"),
        pytest.param(b'{"\xff": "Ann"}', id="name not UTF-8"),
        pytest.param(b'{"username": "\\ud800"}', id="half a character"),
        pytest.param('{"username": "Ann"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\0" * 1000, id="nulls"),
        pytest.param(b"[" * 100_000, id="deep and open"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="deep"),
        pytest.param(b'{"username":' * 20_000 + b"1" + b"}" * 20_000, id="deep objects"),
        pytest.param(b'{"username":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="deep field"),
        pytest.param(b'{"username":"Ann","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="deep unknown"),
        pytest.param(b"9" * 200_000, id="long number"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"Ann"', id="a text"),
        pytest.param(b'["Ann"]', id="a list"),
    ],
)
def test_a_body_that_is_not_the_right_json_is_invalid(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/sessions", data=body, content_type="application/json")
    assert (answer.status_code, error_of(answer)["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"],
)
def test_json_says_that_it_is_json(client: FlaskClient, content_type: str | None) -> None:
    answer = client.post("/sessions", data=b'{"username": "Ann"}', content_type=content_type)
    assert (answer.status_code, error_of(answer)["code"]) == (400, "invalid")


def test_json_may_name_its_character_set(client: FlaskClient) -> None:
    body = '{"username": "Zoë"}'.encode()
    answer = client.post("/sessions", data=body, content_type="application/json; charset=utf-8")
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/sessions", {}, "username"),
        ("/sessions", {"username": None}, "username"),
        ("/sessions", {"username": 7}, "username"),
        ("/sessions", {"username": ["Ann"]}, "username"),
        ("/sessions", {"username": {"name": "Ann"}}, "username"),
        ("/sessions", {"username": "Ann", "admin": True}, "admin"),
        ("/sessions", {"username": "Ann", "a-b": 1}, "a-b"),
        ("/sessions", {"username": ""}, "username"),
        ("/chats", {"name": True}, "name"),
        ("/chats", {"name": "A room", "kind": 1}, "kind"),
        ("/chats", {"name": "A room", "kind": "secret"}, "kind"),
        ("/chats", {"name": "A room", "rev": 7}, "rev"),
    ],
)
def test_a_field_that_is_wrong_or_unknown_is_named(
    client: FlaskClient, path: str, body: dict[str, Any], field: str
) -> None:
    answer = client.post(path, json=body)
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (400, "invalid")
    assert list(error["fields"]) == [field]
    assert error["fields"][field]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": "Hello"}, "client_id"),
        ({"client_id": "7e2f7d3c-1c1f-4d6e-9b59-0d3c4d6f1a2b"}, "content"),
        ({"content": 1, "client_id": "7e2f7d3c-1c1f-4d6e-9b59-0d3c4d6f1a2b"}, "content"),
        ({"content": "Hello", "client_id": 7}, "client_id"),
        ({"content": "Hello", "client_id": "7"}, "client_id"),
        ({"content": "Hello", "client_id": "7e2f7d3c-1c1f-4d6e-9b59-0d3c4d6f1a2b", "seq": 1}, "seq"),
    ],
)
def test_a_field_of_a_message_is_named_too(server: Server, body: dict[str, Any], field: str) -> None:
    ann = Guest.sign_in(server.url)
    chat = ann.open_chat()
    answer = ann.raw("POST", f"/chats/{chat['id']}/messages", json=body)
    assert (answer.status_code, list(error_of(answer)["fields"])) == (400, [field])
    assert ann.after(chat, 0)["head"] == 0


LIMIT = 256 * 1024


@pytest.mark.parametrize("extra", [1, LIMIT])
@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/sessions", "application/json"),
        ("/chats", "application/json"),
        ("/sessions/new/", "application/x-www-form-urlencoded"),
        ("/chatrooms/", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_over_256_kib_is_too_large(server: Server, path: str, content_type: str, extra: int) -> None:
    body = b"name=" + b"x" * (LIMIT - 5 + extra)
    answer = requests.post(
        server.url + path, data=body, headers={"Content-Type": content_type}, timeout=TIMEOUT
    )
    assert (answer.status_code, error_of(answer)["code"]) == (413, "too_large")


def test_a_form_with_files_over_256_kib_is_too_large(server: Server) -> None:
    answer = requests.post(
        server.url + "/chatrooms/",
        data={"name": "A room"},
        files={"file": b"x" * LIMIT},
        headers=BROWSER,
        timeout=TIMEOUT,
        allow_redirects=False,
    )
    assert answer.status_code == 413
    assert "<h1>" in answer.text


def test_a_body_of_256_kib_is_read(server: Server) -> None:
    text = json.dumps({"username": a_name()}).ljust(LIMIT)
    answer = requests.post(
        server.url + "/sessions", data=text, headers={"Content-Type": "application/json"}, timeout=TIMEOUT
    )
    assert answer.status_code == 201


def test_a_body_sent_in_chunks_is_bounded_too(server: Server) -> None:
    answer = requests.post(
        server.url + "/sessions",
        data=(b"x" * 1024 for _ in range(300)),
        headers={"Content-Type": "application/json"},
        timeout=TIMEOUT,
    )
    assert answer.status_code in (400, 413)
    error_of(answer)


def test_after_a_body_too_large_the_connection_can_be_used_again(server: Server) -> None:
    with requests.Session() as connection:
        for _ in range(3):
            large = connection.post(
                server.url + "/sessions", data=b"x" * (LIMIT + 1), headers={"Content-Type": "text/plain"}
            )
            assert large.status_code in (400, 413)
            assert connection.get(server.url + "/sessions/current").status_code == 401


# Bugs.


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["json", "page"])
def test_a_bug_is_logged_and_says_nothing_private(
    raising: Callable[[Exception], FlaskClient], caplog: pytest.LogCaptureFixture, headers: dict[str, str]
) -> None:
    answer = raising(RuntimeError(PRIVATE)).get("/broken", headers=headers)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert "RuntimeError" not in answer.text
    (record,) = (record for record in caplog.records if record.levelno >= logging.ERROR)
    assert record.exc_info
    assert str(record.exc_info[1]) == PRIVATE
    if not headers:
        assert error_of(answer)["code"] == "error"


def test_after_a_bug_the_next_request_is_answered(raising: Callable[[Exception], FlaskClient]) -> None:
    client = raising(RuntimeError("a bug"))
    for _ in range(3):
        assert client.get("/broken").status_code == 500
        assert client.get("/").status_code == 200


@pytest.fixture
def without_database(app: Flask, visitor: FlaskClient, tmp_path: Path) -> FlaskClient:
    """A browser that is signed in, on a site whose database has gone."""
    with app.app_context():
        db.engine.dispose()
    if postgres.is_chosen():
        postgres.drop(tmp_path / "data")
    for file in (tmp_path / "data").glob("chat.db*"):
        file.unlink()
    return visitor


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["json", "page"])
def test_a_database_that_cannot_be_read_is_an_error_and_no_crash(
    without_database: FlaskClient, headers: dict[str, str]
) -> None:
    answer = without_database.get("/" if headers else "/sessions/current", headers=headers)
    assert answer.status_code in (500, 503)
    assert "sqlite" not in answer.text.lower()
    assert "X-Content-Type-Options" in answer.headers


def test_the_log_of_a_failing_database_holds_no_link(
    without_database: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    without_database.delete_cookie("porch")
    answer = without_database.get("/chatrooms/Zm9vYmFyYmF6cXV1eGNvcg/")
    assert answer.status_code in (500, 503)
    assert ("does not exist" if postgres.is_chosen() else "OperationalError") in caplog.text
    assert "Zm9vYmFyYmF6cXV1eGNvcg" not in caplog.text


# Pages.


@pytest.mark.parametrize("path", ["/nowhere", "/chatrooms/AAAAAAAAAAAAAAAAAAAAAA/", "/static/nothing.js"])
def test_a_page_that_is_not_there_says_so_and_leads_on(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert re.search(r'<a [^>]*href="/"', answer.text.partition("<main")[2])


def test_an_error_page_has_the_way_out_for_whoever_is_signed_in(visitor: FlaskClient) -> None:
    page = visitor.get("/nowhere", headers=BROWSER).text
    assert '<form method="post" action="/logout/">' in page
    assert ">Log out</button>" in page
    assert "Ann" in page


def test_an_error_page_has_no_way_out_for_a_stranger(client: FlaskClient) -> None:
    page = client.get("/nowhere", headers=BROWSER).text
    assert "/logout/" not in page
    assert "/login/?next=/nowhere" in page


def test_logging_out_on_an_error_page_never_leads_back_to_the_error(visitor: FlaskClient) -> None:
    page = visitor.get("/nowhere", headers=BROWSER).text
    then = re.search(r'action="/logout/"><input type="hidden" name="next" value="([^"]*)"', page)
    assert then
    asked = visitor.post("/logout/", data={"next": then[1]}, headers=OWN)
    assert (asked.status_code, asked.headers["Location"].startswith("/logout/")) == (303, True)
    gone = visitor.post("/logout/", data={"next": then[1], "confirm": "yes"}, headers=OWN)
    assert (gone.status_code, gone.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("path", ["/<script>alert(1)</script>", "/%3Cimg%20src=x%20onerror=alert(1)%3E"])
def test_an_error_page_shows_no_address_as_markup(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers=BROWSER).text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_a_script_that_takes_anything_gets_json(client: FlaskClient) -> None:
    assert error_of(client.get("/nowhere", headers={"Accept": "*/*"}))["code"] == "not_found"


def test_the_json_door_answers_in_json_whoever_asks(client: FlaskClient) -> None:
    answer = client.get("/sessions/current", headers=BROWSER)
    assert (answer.status_code, error_of(answer)["code"]) == (401, "unauthenticated")
