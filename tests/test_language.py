"""The language of a page: what the browser asks for, a choice that is kept, and the host's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from porch.languages import LANGUAGES
from tests.support.origin import OWN
from tests.support.people import Guest, a_name
from tests.support.server import Server
from tests.support.visitors import Visitor

HEADING = {"en": "Nobody home", "de": "Niemand zu Hause"}


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    with Visitor(server.url) as one:
        yield one


def language(client: FlaskClient, wanted: str | None) -> str:
    headers = {"Accept": "text/html"} | ({"Accept-Language": wanted} if wanted is not None else {})
    page = client.get("/nowhere/", headers=headers).text
    (found,) = [code for code in LANGUAGES if f'<html lang="{code}"' in page]
    assert HEADING[found] in page
    return found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("de-AT, en", "de"),
        ("DE", "de"),
        ("en-GB, de;q=0.8", "en"),
        ("fr, de;q=0.8, en;q=0.7", "de"),
        ("fr", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("*", "en"),
        ("de;q=x, ;;, \x7f", "en"),
        (", ".join(f"x{number}" for number in range(1000)), "en"),
    ],
)
def test_it_is_the_first_that_the_browser_asks_for(
    client: FlaskClient, wanted: str | None, found: str
) -> None:
    assert language(client, wanted) == found


def test_a_host_chooses_for_whoever_asks_for_none(make_app: Callable[..., Flask]) -> None:
    client = make_app(language="de").test_client()
    assert (language(client, None), language(client, "fr"), language(client, "en")) == ("de", "de", "en")


def test_a_choice_is_kept_for_a_year_and_goes_before_what_the_browser_asks(client: FlaskClient) -> None:
    answer = client.post("/language/", data={"language": "de", "next": "/chatrooms/?a=b"}, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/chatrooms/?a=b")
    cookie = client.get_cookie("porch-language")
    assert cookie is not None
    assert (cookie.value, cookie.max_age, cookie.path, cookie.same_site) == ("de", 31536000, "/", "Lax")
    assert language(client, "en") == "de"
    client.post("/language/", data={"language": ""}, headers=OWN)
    assert client.get_cookie("porch-language") is None


@pytest.mark.parametrize("chosen", ["xx", "de-DE", "DE", "../de", 'de"><script>', "de; Path=/x"])
def test_what_is_not_spoken_is_not_taken(client: FlaskClient, chosen: str) -> None:
    answer = client.post("/language/", data={"language": chosen}, headers=OWN)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (400, False)
    client.set_cookie("porch-language", chosen)
    assert language(client, None) == "en"


def test_another_site_cannot_choose(client: FlaskClient) -> None:
    answer = client.post("/language/", data={"language": "de"}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


def test_a_strangers_page_is_kept_for_each_language(client: FlaskClient) -> None:
    english, german = (client.get("/", headers={"Accept-Language": one}) for one in ("en", "de"))
    assert english.headers["ETag"] != german.headers["ETag"]
    for page in (english, german):
        assert "Accept-Language" in page.headers["Vary"]
    again = client.get("/", headers={"Accept-Language": "de", "If-None-Match": english.headers["ETag"]})
    assert again.status_code == 200


def test_every_page_has_the_switch_and_comes_back_in_the_language_chosen(visitor: Visitor) -> None:
    visitor.sign_in(a_name())
    room = visitor.open_room("Languages").path
    for path in ("/", "/chatrooms/", "/nowhere", room):
        page = visitor.get(path)
        back = visitor.submit(page.form("/language/"), ("language", "de"))
        assert (back.path, back.one("html").attributes["lang"]) == (path, "de")
        assert [one.text for one in back.all("button", name="language", aria_pressed="true")] == ["Deutsch"]
        visitor.submit(back.form("/language/"), ("language", "en"))


def test_an_error_of_the_api_is_told_in_the_language_that_is_asked_for(server: Server) -> None:
    told = {
        one: requests.get(f"{server.url}/chats", headers={"Accept-Language": one}, timeout=20).json()["error"]
        for one in ("en", "de", "fr")
    }
    assert told["en"] == told["fr"] == {"code": "unauthenticated", "message": "Sign in first."}
    assert told["de"]["code"] == "unauthenticated"
    assert told["de"]["message"] not in ("", "Sign in first.")


def test_an_error_on_a_socket_is_told_in_the_language_of_its_handshake(server: Server) -> None:
    ann = Guest.sign_in(server.url)
    messages = []
    for one in ("en", "de"):
        with ann.socket(headers={"Accept-Language": one}) as line:
            answer = line.client.call("enter", {"chat_id": 999_999, "after": 0}, timeout=20)
            messages.append(answer["error"]["message"])
    assert messages[0] == "There is no such room, or it is not yours to enter."
    assert messages[1] not in ("", messages[0])
