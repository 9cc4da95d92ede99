"""The switch between light and dark: a form, a cookie, and pages in the colours chosen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http.cookies import Morsel, SimpleCookie
from ipaddress import ip_network
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from porch.site.colour import palette
from tests.support.origin import OWN
from tests.support.people import a_name
from tests.support.server import Server
from tests.support.visitors import Page, Visitor

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
LIGHT, DARK = "#d5ebf0", "#153238"


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    with Visitor(server.url) as one:
        yield one


def choose(client: FlaskClient, theme: str, next: str = "/", **headers: str) -> TestResponse:
    return client.post("/theme/", data={"theme": theme, "next": next}, headers=OWN | headers)


def cookie_of(answer: TestResponse) -> Morsel[str]:
    (header,) = answer.headers.getlist("Set-Cookie")
    return SimpleCookie(header)["porch-theme"]


def colours(page: Page) -> tuple[str, list[str], str]:
    """What the page says of itself before any style: its attribute, the bar's colours, its scheme."""
    bars = [e.attributes["content"] for e in page.all("meta", name="theme-color")]
    return (
        page.one("html").attributes.get("data-theme", ""),
        bars,
        page.one("meta", name="color-scheme").attributes["content"],
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_choice_is_kept_for_a_year_on_the_whole_site(client: FlaskClient, theme: str) -> None:
    answer = choose(client, theme)
    assert answer.status_code == 303
    cookie = cookie_of(answer)
    assert cookie.value == theme
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == ("/", "Lax", "31536000")
    assert cookie["httponly"]
    assert not cookie["secure"]


def test_as_the_device_has_it_needs_no_cookie(client: FlaskClient) -> None:
    choose(client, "dark")
    assert cookie_of(choose(client, "system"))["max-age"] == "0"
    assert client.get_cookie("porch-theme") is None


def test_under_https_the_cookie_stays_there(make_app: Callable[..., Flask]) -> None:
    client = make_app(trusted_proxies=(ip_network("127.0.0.1"),)).test_client()
    headers = {"Origin": "https://localhost", "X-Forwarded-Proto": "https"}
    assert cookie_of(client.post("/theme/", data={"theme": "dark"}, headers=headers))["secure"]


@pytest.mark.parametrize("theme", ["", "Dark", "sepia", "dark ", 'dark"><script>', "dark; Path=/x"])
def test_only_the_three_are_taken(client: FlaskClient, theme: str) -> None:
    answer = choose(client, theme, **BROWSER)
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("kept", ["", "sepia", "system", 'dark"><script>', "DARK"])
def test_a_cookie_that_says_something_else_says_nothing(client: FlaskClient, kept: str) -> None:
    client.set_cookie("porch-theme", kept)
    page = client.get("/").text
    assert '<html lang="en">' in page
    assert 'value="system" aria-pressed="true"' in page


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:81"])
def test_another_site_cannot_choose(client: FlaskClient, origin: str) -> None:
    answer = client.post("/theme/", data={"theme": "dark"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("next", "place"),
    [
        ("/chatrooms/?a=b", "/chatrooms/?a=b"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_stays_on_this_site(client: FlaskClient, next: str, place: str) -> None:
    assert choose(client, "dark", next).headers["Location"] == place


def test_a_page_without_a_choice_follows_the_device(visitor: Visitor) -> None:
    assert colours(visitor.get("/")) == ("", [LIGHT, DARK], "light dark")


@pytest.mark.parametrize(("theme", "bar"), [("light", LIGHT), ("dark", DARK)])
def test_every_page_has_the_switch_and_comes_in_the_colours_chosen(
    visitor: Visitor, theme: str, bar: str
) -> None:
    visitor.sign_in(a_name())
    room = visitor.open_room("Colours").path
    for path in ("/", "/chatrooms/", "/nowhere", room):
        page = visitor.get(path)
        back = visitor.submit(page.form("/theme/"), ("theme", theme))
        assert back.path == path
        assert colours(back) == (theme, [bar, bar], theme)
        (pressed,) = back.all("button", name="theme", aria_pressed="true")
        assert pressed.attributes["value"] == theme
        visitor.submit(page.form("/theme/"), ("theme", "system"))


def test_signing_in_has_the_switch_and_remembers_the_way(visitor: Visitor) -> None:
    page = visitor.get("/sessions/new/", next="/chatrooms/?a=b&c=d")
    back = visitor.submit(page.form("/theme/"), ("theme", "dark"))
    assert colours(back)[0] == "dark"
    assert back.form("/sessions/new/")["next"] == "/chatrooms/?a=b&c=d"


def test_the_bar_follows_the_owners_colour_on_every_page(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "site.toml").write_text('name = "Ann"\naccent = "#5a3f8f"\n')
    own = palette("#5a3f8f")
    assert own.ceiling not in (LIGHT, palette().ceiling)
    client = make_app().test_client()
    for path in ("/", "/login/", "/nowhere"):
        text = client.get(path, headers=BROWSER).text
        assert re.findall(r'name="theme-color" content="(#\w{6})"', text) == [own.ceiling, own.ceiling_night]
