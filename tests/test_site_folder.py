"""The owner's folder while Porch runs: changes, mistakes, the last good version, and what is not read."""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from porch.engines.files import site_pictures
from porch.engines.files.images import Picture
from porch.errors import RetryLater
from porch.site import folder as module
from porch.site.folder import SAMPLE, SiteFolder, look_at, read_folder
from porch.site.problems import ContentError
from porch.site.reading import read_site
from porch.site.writing import write_sample
from tests.support.pictures import photo
from tests.support.server import Server
from tests.support.visitors import Visitor
from tests.support.waiting import eventually

NAME = 'name = "Ann"\n'


@pytest.fixture(autouse=True)
def look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK", 0.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_sample(tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture
def client(make_app: Callable[..., Flask], folder: Path) -> FlaskClient:
    return make_app().test_client()


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_what_init_writes_is_what_is_shown_without_a_folder(tmp_path: Path, folder: Path) -> None:
    assert read_folder(folder).site.front == read_folder(tmp_path / "nothing").site.front
    assert read_folder(folder).files == read_folder(tmp_path / "nothing").files


def test_a_folder_with_something_in_it_is_not_written_over(folder: Path) -> None:
    with pytest.raises(FileExistsError):
        write_sample(folder)


def test_a_change_is_shown_without_a_restart(client: FlaskClient, folder: Path) -> None:
    assert "Come up and sit a while." in client.get("/").text
    replace(folder / "site.toml", "Come up and sit a while.", "Mind the step.")
    assert "Mind the step." in client.get("/").text
    (folder / "projects" / "new.md").write_text('+++\ntitle = "New"\nsummary = "Thing"\n+++\nHere.')
    assert client.get("/projects/new/").status_code == 200
    (folder / "projects" / "new.md").unlink()
    assert client.get("/projects/new/").status_code == 404


def test_a_running_server_shows_a_change_soon(start_server: Callable[..., Server], tmp_path: Path) -> None:
    server = start_server(site=tmp_path / "site")
    with Visitor(server.url) as visitor:
        assert "Oda Fenwick" in visitor.get("/").text
        write_sample(tmp_path / "site")
        replace(tmp_path / "site" / "site.toml", "Come up and sit a while.", "Mind the step.")
        eventually(lambda: "Mind the step." in visitor.get("/").text)


def test_a_mistake_shows_the_last_good_version_until_it_is_mended(
    client: FlaskClient, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    replace(folder / "site.toml", "Come up and sit a while.", "Mind the step.")
    assert "Mind the step." in client.get("/").text
    replace(folder / "site.toml", "headline =", "headlin =")
    for _ in range(3):
        answer = client.get("/")
        assert (answer.status_code, "Mind the step." in answer.text) == (200, True)
    assert caplog.text.count("hero.headlin: there is no such key; did you mean headline?") == 1
    replace(folder / "site.toml", "headlin =", "headline =")
    replace(folder / "site.toml", "Mind the step.", "Mended.")
    assert "Mended." in client.get("/").text


def test_the_last_good_version_outlives_a_restart(make_app: Callable[..., Flask], folder: Path) -> None:
    replace(folder / "site.toml", "Come up and sit a while.", "Mind the step.")
    make_app().test_client().get("/")
    (folder / "site.toml").write_text("name = ")
    assert "Mind the step." in make_app().test_client().get("/").text


def test_a_first_start_with_a_mistake_shows_a_plain_page_and_not_somebody_else(
    make_app: Callable[..., Flask], folder: Path
) -> None:
    (folder / "site.toml").write_text("name = ")
    answer = make_app(name="Ann").test_client().get("/")
    assert answer.status_code == 200
    assert ("Ann" in answer.text, "Oda" in answer.text) == (True, False)


def test_a_folder_that_goes_away_leaves_the_sample(client: FlaskClient, folder: Path) -> None:
    replace(folder / "site.toml", "Come up and sit a while.", "Mind the step.")
    client.get("/")
    folder.rename(folder.with_name("elsewhere"))
    assert "Come up and sit a while." in client.get("/").text


def test_a_file_that_cannot_be_read_is_a_mistake(
    client: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/")

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(folder / "about.md"))

    monkeypatch.setattr(module, "load", denied)
    (folder / "about.md").write_text("Another.")
    assert "I grew up above a repair shop" in client.get("/").text
    state = client.application.extensions["porch_engines"].site.state()
    assert str(state.error) == "about.md: Permission denied"


def test_links_pipes_and_litter_are_left_alone(tmp_path: Path, folder: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text('+++\ntitle = "Secret"\nsummary = "Secret"\n+++\nSecret')
    (folder / "projects" / "linked.md").symlink_to(secret)
    (folder / "media" / "linked.jpg").symlink_to(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes(photo())
    os.mkfifo(folder / "pipe.md")
    for name in ("about.md~", ".about.md.swp", "README.md", "#about.md#", ".git"):
        (folder / name).write_text("x")
    state = read_folder(folder)
    assert state.files == read_folder(SAMPLE).files
    assert state.media == {}
    assert {problem.file for problem in state.notes} == {"projects/linked.md", "media/linked.jpg", "pipe.md"}


def test_a_folder_that_is_a_link_to_elsewhere_is_not_read(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.jpg").write_bytes(photo())
    (folder / "media").rmdir()
    (folder / "media").symlink_to(tmp_path / "elsewhere")
    assert read_folder(folder).media == {}


def test_of_a_huge_file_no_more_is_read_than_is_allowed(client: FlaskClient, folder: Path) -> None:
    client.get("/")
    (folder / "about.md").touch()
    os.truncate(folder / "about.md", 8 * 1024**3)
    assert client.get("/").status_code == 200


def test_an_image_is_shown_when_it_is_ready(client: FlaskClient, folder: Path) -> None:
    (folder / "media" / "a.jpg").write_bytes(photo(900, 600))
    replace(folder / "projects" / "isobar.md", 'drawing = "isobars"', 'image = "a.jpg"\nalt = "A thing"')
    eventually(lambda: '<img src="/media/' in client.get("/projects/isobar/").text)
    page = client.get("/projects/isobar/").text
    assert 'alt="A thing" width="900" height="600"' in page
    address = page.partition('<img src="')[2].partition('"')[0]
    answer = client.get(address)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == (
        "image/jpeg",
        "public, max-age=31536000, immutable",
    )
    assert 'property="og:image" content="http://localhost/media/' in page


def test_what_is_read_in_a_feed_leads_back_to_the_site(client: FlaskClient, folder: Path) -> None:
    """Many readers do not know where the feed came from."""
    (folder / "media" / "a.jpg").write_bytes(photo(800, 600))
    project = folder / "projects" / "isobar.md"
    links = "![It](media/a.jpg) [a](/projects/) [b](//b.example/) [c](#d) `[e](/f)`"
    project.write_text(project.read_text() + f"\n\n{links}\n")
    eventually(lambda: "<img" in client.get("/projects/isobar/").text.partition("<main")[2])
    for path, base in (("/feed.xml", "http://localhost"), ("/projects/isobar/", "")):
        text = html.unescape(client.get(path).text)
        assert f'srcset="{base}/media/' in text
        assert f".webp 320w, {base}/media/" in text
        assert f'src="{base}/media/' in text
        assert f'<a href="{base}/projects/"' in text
        assert '<a href="//b.example/"' in text
        assert '<a href="#d"' in text
        assert "[e](/f)" in text


def test_an_image_that_cannot_be_read_is_left_out(client: FlaskClient, folder: Path) -> None:
    (folder / "media" / "a.jpg").write_bytes(b"no image")
    replace(folder / "projects" / "isobar.md", 'drawing = "isobars"', 'image = "a.jpg"\nalt = "A thing"')
    assert client.get("/projects/isobar/").status_code == 200
    pictures = client.application.extensions["porch_engines"].pictures
    site: SiteFolder = client.application.extensions["porch_engines"].site
    eventually(lambda: pictures.problems(site.state()))
    assert "not an image" in pictures.problems(site.state())["a.jpg"]
    assert client.get("/projects/isobar/").status_code == 200


def test_what_could_not_be_made_is_tried_again_after_a_pause(
    client: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = client.application.extensions["porch_engines"]
    now, tried = [0.0], []

    def too_much(path: Path) -> Picture:
        tried.append(path.name)
        raise RetryLater(cause="too many wait")

    monkeypatch.setattr(site_pictures, "time", SimpleNamespace(monotonic=lambda: now[0]))
    (folder / "media" / "a.jpg").write_bytes(photo(90, 60))
    with monkeypatch.context() as patched:
        patched.setattr(engines.images, "prepare", too_much)
        for later, times in ((0, 1), (site_pictures.PAUSE - 1, 1), (2, 2), (1, 2)):
            now[0] += later
            client.get("/")
            eventually(lambda: engines.pictures._making is None)
            assert len(tried) == times
    now[0] += site_pictures.PAUSE
    client.get("/")
    eventually(lambda: engines.pictures.of(engines.site.state(), "a.jpg"))


def test_nothing_is_read_again_while_nothing_has_changed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = SiteFolder(folder, tmp_path / "kept")
    first = site.state()
    monkeypatch.setattr(module, "load", None)
    assert site.state() is first


# What a file may be made of: pieces of real ones, and whatever a disk can hold.
PIECES = [
    *(file.read_bytes() for file in SAMPLE.rglob("*.*")),
    b"+++\n",
    b"\n+++\n",
    b"+++",
    b"title = ",
    b'"',
    b'"""',
    b"[",
    b"]",
    b"[hero]",
    b"[[hero]]",
    b"[hero.buttons]",
    b"name = 1\n",
    b"image = '../x.jpg'\n",
    b"= = =",
    b"\0",
    b"\xff\xfe",
    b"\r\n",
    "\ufeff".encode(),
    "\u202e\u0000".encode(),
    b"a" * 5000,
    b"[" * 3000,
    b"- " * 2000,
    b"> " * 2000,
    b"![x](media/a.jpg)",
    b"![](javascript:x)",
    b"|a|\n|-|\n|" + b"b|" * 500,
    b"`" * 999,
    b"*_" * 999,
    b"[a](" * 500,
    b"date = 1979-05-27T07:32:00Z\n",
    b"date = 07:32:00\n",
    b"order = 99999999999999999999999\n",
    b"order = nan\n",
    b"tags = ['\\u0000', '']\n",
    b"draft = true\n",
    b"<p style='x'>{{ 7 * 7 }}{% raw %}</p>",
    b"sections = ['a.md', 'a.html', 'projects']\n",
    b"accent = '#fff'\n",
]
NAMES = [
    "site.toml",
    "about.md",
    "a.md",
    "a.html",
    "custom.css",
    "projects/a.md",
    "projects/isobar.md",
    "interests/a.md",
    "projects/A b.md",
    "media/a.jpg",
    "projects/new.md",
]
CONTENT = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=6).map(b"".join)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(NAMES), CONTENT, min_size=1, max_size=4))
def test_whatever_is_in_the_files_no_page_fails(
    client: FlaskClient, folder: Path, files: dict[str, bytes]
) -> None:
    before = {name: (folder / name).read_bytes() for name in files if (folder / name).exists()}
    try:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        for path in (
            "/",
            "/projects/",
            "/projects/isobar/",
            "/projects/a/",
            "/feed.xml",
            "/sitemap.xml",
            "/custom.css",
            "/favicon.svg",
            "/chatrooms/",
        ):
            assert client.get(path).status_code in (200, 404), path
        assert client.get("/").status_code == 200
    finally:
        for name in files:
            (folder / name).unlink()
        for name, content in before.items():
            (folder / name).write_bytes(content)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), CONTENT, max_size=5))
def test_whatever_is_in_the_files_is_read_or_refused_with_words(files: dict[str, bytes]) -> None:
    try:
        site = read_site(files | {"site.toml": files.get("site.toml", NAME.encode())}, {"a.jpg"})
    except ContentError as error:
        words = str(error)
    else:
        words = site.name
    assert words.strip()


def test_a_look_costs_nothing_that_is_read(folder: Path) -> None:
    look = look_at(folder)
    assert look is not None
    assert len(look.files) == len(read_folder(folder).files)
