"""Where a form may send a browser next: to this site, nowhere else."""

from __future__ import annotations

from urllib.parse import unquote, urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from porch.web.local import LONGEST_PATH, local_path
from tests.support.origin import OWN
from tests.support.people import a_name

LOCAL = [
    "/",
    "/chatrooms/",
    "/chatrooms/Zm9v_-bar/",
    "/chatrooms/?after=3&before=4",
    "/chatrooms/#end",
    "/chatrooms/?next=https://evil.example",
    "/a:b",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/.//evil.example",
    "/räume/",
    "/" + "x" * (LONGEST_PATH - 1),
]
FOREIGN = [
    "",
    "evil.example",
    "chatrooms/",
    "//evil.example",
    "///evil.example",
    "////evil.example/chatrooms/",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/chatrooms\\..\\..\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    " /chatrooms/",
    "/\0/evil.example",
    "/\u2028/evil.example",
    "/\u00a0/evil.example",
    "/chatrooms/\r\nSet-Cookie: porch=stolen",
    "https:",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example/chatrooms/",
    "https:\\\\evil.example",
    "http://localhost@evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "%2f%2fevil.example",
    "?next=/",
    "#end",
    "@evil.example",
    "//localhost@evil.example",
    "//[::1",
    "/" + "x" * LONGEST_PATH,
]


@pytest.mark.parametrize("path", LOCAL)
def test_a_path_of_this_site_is_kept(path: str) -> None:
    assert local_path(path, "/default/") == path


@pytest.mark.parametrize("path", FOREIGN)
def test_anything_else_becomes_the_default(path: str) -> None:
    assert local_path(path, "/default/") == "/default/"


def test_none_becomes_the_default() -> None:
    assert local_path(None) == "/"


@pytest.fixture
def client(shared_app: Flask) -> FlaskClient:
    return shared_app.test_client()


def sign_in(client: FlaskClient, **form: str) -> str:
    """Sign in by the form; returns where it leads."""
    answer = client.post("/sessions/new/", data={"username": a_name(), **form}, headers=OWN)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


@pytest.mark.parametrize("path", FOREIGN)
def test_the_sign_in_form_leads_nowhere_else(client: FlaskClient, path: str) -> None:
    assert sign_in(client, next=path) == "/chatrooms/"


@pytest.mark.parametrize("path", FOREIGN)
def test_whoever_is_signed_in_is_sent_nowhere_else(client: FlaskClient, path: str) -> None:
    sign_in(client)
    answer = client.get("/sessions/new/", query_string={"next": path})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/chatrooms/")


@pytest.mark.parametrize("path", FOREIGN)
def test_the_pages_carry_no_foreign_address_along(client: FlaskClient, path: str) -> None:
    form = client.get("/sessions/new/", query_string={"next": path}).text
    assert 'name="next" value="/chatrooms/"' in form
    sign_in(client)
    asked = client.post("/logout/", data={"next": path}, headers=OWN)
    assert asked.headers["Location"] == "/logout/?next=/"
    farewell = client.get("/logout/", query_string={"next": path}).text
    assert 'name="next" value="/"' in farewell


@pytest.mark.parametrize("path", LOCAL)
def test_wherever_the_form_leads_a_browser_stays_here(client: FlaskClient, path: str) -> None:
    location = sign_in(client, next=path)
    where = urlsplit(urljoin("http://localhost/sessions/new/", location))
    assert (where.scheme, where.netloc) == ("http", "localhost")
    assert unquote(location) == unquote(path)
