"""Pages that are kept for strangers: by tag, compressed, apart from those of people who are signed in."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from porch.site import folder
from porch.site.writing import write_sample
from porch.web import kept
from tests.support.origin import OWN
from tests.support.waiting import eventually


@pytest.fixture
def signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.post("/sessions/new/", data={"username": "Ann"}, headers=OWN)
    return client


def drawn(client: FlaskClient) -> None:
    """Wait for the picture that is shown where the site is shared: with it the pages change."""
    eventually(lambda: b"og:image" in client.get("/").data)


@pytest.mark.parametrize(
    "path", ["/", "/projects/", "/projects/isobar/", "/feed.xml", "/sitemap.xml", "/favicon.svg"]
)
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, path: str, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    drawn(client)
    first = client.get(path, headers=headers)
    again = client.get(path, headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert first.headers["Cache-Control"] == "no-cache"


def test_a_304_says_nothing_that_the_page_does_not(client: FlaskClient) -> None:
    """The policy of a 304 replaces the kept one: with a new nonce the kept page's scripts would be dead."""
    drawn(client)
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    for name in ("Content-Security-Policy", "ETag", "Vary"):
        assert again.headers[name] == first.headers[name]
    for one in re.findall(r'integrity="([^"]+)"', first.text):
        assert f"'{one}'" in again.headers["Content-Security-Policy"]


def test_compressed_and_plain_have_the_same_text_and_tags_of_their_own(client: FlaskClient) -> None:
    drawn(client)
    plain, zipped = (client.get("/", headers={"Accept-Encoding": one}) for one in ("identity", "gzip"))
    assert gzip.decompress(zipped.data) == plain.data
    assert len(zipped.data) < len(plain.data) / 2
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert {"Accept-Encoding", "Cookie"} <= set(re.split(r",\s*", zipped.headers["Vary"]))


def test_whoever_is_signed_in_gets_a_page_that_is_kept_nowhere(
    client: FlaskClient, signed_in: FlaskClient
) -> None:
    drawn(client)
    strangers = client.get("/")
    own = signed_in.get("/", headers={"If-None-Match": strangers.headers["ETag"], "Accept-Encoding": "gzip"})
    assert (own.status_code, "You are" in own.text) == (200, True)
    assert own.headers["Cache-Control"] == "no-store"
    assert "ETag" not in own.headers
    assert "Content-Encoding" not in own.headers
    after = client.get("/", headers={"If-None-Match": strangers.headers["ETag"]})
    assert after.status_code == 304


def test_each_choice_of_colours_is_a_page_of_its_own(app: Flask) -> None:
    dark, plain = app.test_client(), app.test_client()
    dark.set_cookie("porch-theme", "dark")
    assert 'data-theme="dark"' in dark.get("/").text
    assert "data-theme" not in plain.get("/").text
    answer = plain.get("/", headers={"If-None-Match": dark.get("/").headers["ETag"]})
    assert answer.status_code == 200


def test_each_host_name_is_a_page_of_its_own_and_they_do_not_pile_up(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 3)
    client = app.test_client()
    for number in range(9):
        page = client.get("/", headers={"Host": f"h{number}.example"}).text
        assert f'<link rel="canonical" href="http://h{number}.example/">' in page
    assert len(app.extensions["porch_kept"]._pages) <= 3


def test_large_pages_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 100)
    pages = kept.KeptPages()
    made: list[int] = []

    def page(number: int, size: int) -> None:
        def render() -> str:
            made.append(number)
            return "x" * size

        assert len(pages.get(number, render).content) == size

    for number, size in ((1, 40), (2, 40), (1, 40), (3, 40), (1, 40), (2, 40), (4, 101), (5, 40), (5, 40)):
        page(number, size)
    assert made == [1, 2, 3, 2, 4, 5]


def test_a_change_of_the_files_is_a_change_of_the_page(
    make_app: Callable[..., Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "LOOK", 0.0)
    write_sample(tmp_path / "site")
    client = make_app().test_client()
    first = client.get("/")
    about = tmp_path / "site" / "about.md"
    about.write_text(about.read_text() + "\n\nOne more thing.\n")
    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, "One more thing." in again.text) == (200, True)
