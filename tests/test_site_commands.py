"""`porch site init`, `check` and `export`, and what the security policy will block."""

from __future__ import annotations

import functools
import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import chdir
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from porch.site.policy import blocked
from porch.site.writing import write_sample
from tests.support.pictures import photo
from tests.support.programs import porch
from tests.support.server import ROOT, clean_environ


def started(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """`porch site`, as a host types it."""
    command = [sys.executable, "-P", "-m", "porch.launch", "site", *arguments]
    environ = clean_environ(data=data / "data", site=data / "site") | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, cwd=data)


def site_command(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """The same within this process, which is much cheaper than a start of the program."""
    with chdir(data):
        return porch("site", *arguments, folder=data)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>ok</p>\n<script>x</script>", "a.html, line 5: <script> is blocked"),
        ("<p onclick='x'>", "onclick of <p> is blocked: scripts do not run here"),
        ("<a href=' javascript:x'>", "href of <a> is blocked"),
        ("<img src='https://a.example/x.png'>", "src of <img>: https://a.example/x.png is blocked"),
        ("<img src=//a.example/x.png>", "src of <img>: //a.example/x.png is blocked"),
        ("<img srcset='/a.png 1x, http://a.example/b.png 2x'>", "srcset of <img>"),
        ("<iframe src=/></iframe>", "<iframe> is blocked"),
        ("<style>p { color: red }</style>", "<style> is blocked: style stands in custom.css"),
        (
            "<link rel=stylesheet href='https://a.example/x.css'>",
            "<link> to https://a.example/x.css is blocked",
        ),
        ("<form action='https://a.example/'>", "<form> to https://a.example/ is blocked"),
        ("<button formaction='//a.example/'>", "formaction of <button>: //a.example/ is blocked: forms"),
        ("<button formaction='javascript:x'>", "formaction of <button> is blocked: scripts"),
        ("<svg><image href='https://a.example/x.png'/></svg>", "href of <image>: https://a.example/x.png"),
        ("<svg><use xlink:href='https://a.example/x.svg#y'/></svg>", "xlink:href of <use>: https://a.exa"),
        ("<svg><a xlink:href='javascript:x'>y</a></svg>", "xlink:href of <a> is blocked: scripts"),
        ("<svg><a><set attributeName=href to=javascript:x /></a></svg>", "to of <set> is blocked: scripts"),
        ("<svg><a><animate attributeName=href values='#y; javascript:x'/>", "values of <animate> is blocked"),
        ("<img src='\\\\a.example/x.png'>", "src of <img>: \\\\a.example/x.png is blocked"),
        ("<img src='/\\a.example/x.png'>", "src of <img>: /\\a.example/x.png is blocked"),
        ("<link rel=preload as=image imagesrcset='//a.example/x.png 2x'>", "imagesrcset of <link>: //a.exa"),
        ("<a href=/ ping='/x/ https://a.example/'>", "ping of <a>: /x/ https://a.example/ is blocked"),
        ("<base href=/x/>", "<base> is blocked"),
        ("<video src=/x.mp4></video>", "<video> is blocked"),
        (
            "<p style='background: url(https://a.example/x.png)'>",
            "https://a.example/x.png is blocked: an image",
        ),
    ],
)
def test_what_html_cannot_do_is_named_with_its_line(html: str, words: str) -> None:
    found = [str(one) for one in blocked({"a.html": f'+++\ntitle = "x"\n+++\n{html}'.encode()})]
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    ("css", "words"),
    [
        ("@import 'https://a.example/x.css';", "a style sheet comes from this site alone"),
        ("@import url(//a.example/x.css);", "a style sheet comes from this site alone"),
        (
            "p {}\np { background: url( 'https://a.example/x.png' ) }",
            "custom.css, line 2: https://a.example/x.png",
        ),
        (
            "p {}\np { background: image-set(url(a.jpg) type('a:b') 1x, 'https://a.example/x.png' 2x) }",
            "custom.css, line 2: https://a.example/x.png is blocked: an image",
        ),
        ("p { background: -webkit-image-set('//a.example/x.png' 1x) }", "//a.example/x.png is blocked"),
        ("p { background: image-set(url(https://a.example/x.png) 1x) }", "an image comes from this site"),
        ("@font-face { src: url(https://a.example/x.woff2) }", "a font comes from this site alone"),
        ("@font-face { src: url(data:font/woff2;base64,AA) }", "a font comes from this site alone"),
    ],
)
def test_what_style_cannot_load_is_named_with_its_line(css: str, words: str) -> None:
    found = [str(one) for one in blocked({"custom.css": css.encode()})]
    assert len(found) == 1
    assert words in found[0]


def test_what_works_is_not_named() -> None:
    html = """<p style="color: red; background: url(data:image/png;base64,AA)">
        <a href="https://a.example" download>x</a><form action="/chatrooms/"></form>
        <img src="media/a.jpg" srcset="/b.png 1x, data:image/png;base64,AA 2x">
        <button formaction="/x/">x</button>
        <link rel="preload" as="image" imagesrcset="/b.png 1x, media/a.jpg 2x"><a href="/" ping="/x/">x</a>
        <svg><a href="//a.example"><set attributeName="href" to="//b.example"/>x</a><use href="#y"/>
        <image href="data:image/png;base64,AA"/></svg>"""
    css = (
        "/* url(https://a.example/x.png) */ p { background: url(media/a.jpg), url(data:image/png;base64,AA) }"
        "p { background: image-set('media/a.jpg' 1x, 'data:image/png;base64,AA' 2x) }"
        "p { font-family: x, 'a:b' }"
    )
    assert blocked({"a.html": html.encode(), "custom.css": css.encode(), "about.md": b"<script>"}) == []


def test_init_then_check_then_what_is_wrong(tmp_path: Path) -> None:
    assert started("check", data=tmp_path).returncode != 0
    assert started("init", data=tmp_path).returncode == 0
    checked = site_command("check", data=tmp_path)
    assert (checked.returncode, checked.stdout) == (0, "All is well: 4 projects, 6 interests, 0 images.\n")
    again = site_command("init", data=tmp_path)
    assert (again.returncode, "not empty" in again.stderr) == (1, True)
    site = tmp_path / "site"
    (site / "press.html").write_text("<p>\n<script>x</script>")
    (site / "media" / "broken.jpg").write_bytes(b"no")
    (site / "stray.txt").write_text("x")
    checked = site_command("check", data=tmp_path)
    assert checked.returncode == 1
    assert "press.html, line 2: <script> is blocked: scripts do not run here" in checked.stdout
    assert "media/broken.jpg: This is not an image" in checked.stdout
    assert "Note: stray.txt: is not used" in checked.stderr
    (site / "site.toml").write_text("nam = 1")
    checked = site_command("check", data=tmp_path)
    assert checked.returncode == 1
    assert (
        "site.toml, line 1: nam: there is no such key; did you mean name? Allowed here: name,"
        in checked.stdout
    )


class Links(HTMLParser):
    """What a page names: what is loaded, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.found.append(value)
            if name == "srcset" and value:
                self.found += [part.split()[0] for part in value.split(",")]


@pytest.fixture
def file_server(tmp_path: Path) -> Iterator[str]:
    """A plain one, of the folder above what is exported: so nothing may count on the root."""
    handler = functools.partial(Quiet, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/out/"
    server.shutdown()
    thread.join()
    server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def everything(start: str) -> dict[str, str]:
    """All pages and files that can be reached from there on the same server, with their text."""
    found: dict[str, str] = {}
    waiting = [start]
    with requests.Session() as session:
        while waiting:
            address = waiting.pop()
            if address in found:
                continue
            answer = session.get(address, timeout=10)
            assert answer.status_code == 200, address
            found[address] = answer.text if "text" in answer.headers["Content-Type"] else ""
            named: list[str] = []
            if "html" in answer.headers["Content-Type"]:
                named = Links(answer.text).found
            elif address.partition("?")[0].endswith(".css"):
                named = re.findall(r"url\([\"']?([^\"')]+)", answer.text)
            for one in named:
                target = urljoin(address, one).partition("#")[0]
                if urlsplit(target).netloc == urlsplit(start).netloc:
                    waiting.append(target)
    return found


def test_an_export_is_whole_on_a_plain_file_server_below_its_root(tmp_path: Path, file_server: str) -> None:
    write_sample(tmp_path / "site")
    (tmp_path / "site" / "media" / "a.jpg").write_bytes(photo(900, 600))
    isobar = tmp_path / "site" / "projects" / "isobar.md"
    isobar.write_text(isobar.read_text().replace('drawing = "isobars"', 'image = "a.jpg"\nalt = "A thing"'))
    front = tmp_path / "site" / "site.toml"
    front.write_text(front.read_text().replace('"#185c68"', '"#7a1f3d"'))
    (tmp_path / "site" / "custom.css").write_text("h1 { background: url(media/a.jpg) }")
    done = site_command(
        "export", "out", "--url", "https://ada.example", "--chat", "https://porch.example/", data=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = everything(file_server)
    paths = {urlsplit(address).path.removeprefix("/out/") for address in found}
    assert {
        "",
        "projects/",
        "projects/isobar/",
        "projects/tagged/python/",
        "feed.xml",
        "favicon.svg",
    } <= paths
    assert {"palette.css", "custom.css"} <= paths
    assert any(path.endswith(".webp") for path in paths)
    assert any(path.endswith(".woff2") for path in paths)
    page = found[file_server]
    assert '<link rel="canonical" href="https://ada.example/">' in page
    assert '<a class="btn door" href="https://porch.example/talk/">Talk to me' in page
    assert "form" not in Links(page).tags
    assert "/login/" not in page
    assert (tmp_path / "out" / "404.html").exists()
    assert "https://ada.example/projects/isobar/" in (tmp_path / "out" / "sitemap.xml").read_text()


def test_an_export_without_rooms_leads_into_none(tmp_path: Path) -> None:
    done = site_command("export", "out", data=tmp_path)
    assert done.returncode == 0, done.stderr
    for page in (tmp_path / "out").rglob("*.html"):
        text = page.read_text()
        assert not any("chatrooms" in link or "talk/" in link for link in Links(text).found), page
        assert "<form" not in text
    assert site_command("export", "out", data=tmp_path).returncode == 1, "what is there is not written over"


def test_the_page_for_what_is_not_there_works_at_any_depth(tmp_path: Path) -> None:
    done = site_command("export", "out", "--url", "https://ada.example/site/", data=tmp_path)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "404.html").read_text()
    links = Links(text)
    assert "form" not in links.tags
    assert not any(word in text for word in ("Log in", "Sign up", "/login/"))
    own = [link for link in links.found if not link.startswith(("#", "http"))]
    assert own
    assert all(link.startswith("/site/") for link in own), own
    assert all((tmp_path / "out" / link.removeprefix("/site/")).exists() for link in own)


def test_the_picture_for_sharing_is_exported(tmp_path: Path) -> None:
    write_sample(tmp_path / "site")
    (tmp_path / "site" / "media" / "a.jpg").write_bytes(photo(1600, 900))
    isobar = tmp_path / "site" / "projects" / "isobar.md"
    isobar.write_text(isobar.read_text().replace('drawing = "isobars"', 'image = "a.jpg"\nalt = "A thing"'))
    done = site_command("export", "out", "--url", "https://ada.example/site", data=tmp_path)
    assert done.returncode == 0, done.stderr
    shared = set()
    for page in ("index.html", "projects/isobar/index.html"):
        found = re.search(r'property="og:image" content="([^"]+)"', (tmp_path / "out" / page).read_text())
        assert found
        assert (tmp_path / "out" / found[1].removeprefix("https://ada.example/site/")).is_file()
        shared.add(found[1])
    assert len(shared) == 2


def test_an_export_that_does_not_know_where_it_will_be_says_nothing_of_it(tmp_path: Path) -> None:
    done = site_command("export", "out", "--chat", "https://porch.example", data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Without --url there is no sitemap, no feed" in done.stderr
    assert not (tmp_path / "out" / "feed.xml").exists()
    assert not (tmp_path / "out" / "sitemap.xml").exists()
    assert "Sitemap" not in (tmp_path / "out" / "robots.txt").read_text()
    for page in (tmp_path / "out").rglob("*.html"):
        text = page.read_text()
        assert not any(word in text for word in ("canonical", "og:url", "og:image", "atom+xml", '"url"')), (
            page
        )


@pytest.mark.parametrize(
    ("file", "text", "page"),
    [
        ("press.html", '<img src="/static/none.png" alt="">', "/ loads /static/none.png"),
        ("custom.css", "h1 { background: url(/media/none/1.jpg) }", "/custom.css loads /media/none/1.jpg"),
    ],
)
def test_an_address_that_is_broken_ends_an_export_with_its_name(
    tmp_path: Path, file: str, text: str, page: str
) -> None:
    write_sample(tmp_path / "site")
    front = tmp_path / "site" / "site.toml"
    front.write_text(
        front.read_text().replace('"projects", "interests"', '"projects", "press.html", "interests"')
    )
    (tmp_path / "site" / "press.html").write_text("<p>Mine</p>")
    (tmp_path / "site" / file).write_text(text)
    done = site_command("export", "out", "--url", "https://ada.example", data=tmp_path)
    assert done.returncode == 1
    assert f"Error: {page}, which stands in {file}, and the answer is 404" in done.stderr
    assert not (tmp_path / "out").exists()
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".out")]


def test_an_image_that_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    write_sample(tmp_path / "site")
    (tmp_path / "site" / "press.html").write_text(
        "<!-- src='media/b.jpg' -->\n<img srcset='' src='media/a.jpg' alt=''>"
    )
    style = tmp_path / "site" / "custom.css"
    style.write_text("p {}\n/* url(media/b.jpg) */ h1 { background: url(media/a.jpg) }")
    words = [f"{file}, line 2: there is no image media/a.jpg\n" for file in ("custom.css", "press.html")]
    checked = site_command("check", data=tmp_path)
    assert (checked.returncode, checked.stdout) == (1, "".join(words))
    refused = site_command("export", "out", data=tmp_path)
    assert (refused.returncode, refused.stderr) == (1, f"Error: {''.join(words)}Nothing was written.\n")
    assert not (tmp_path / "out").exists()
    (tmp_path / "site" / "media" / "a.jpg").write_bytes(photo(90, 60))
    assert site_command("check", data=tmp_path).returncode == 0
    assert site_command("export", "out", data=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "option",
    [
        "--url=javascript:x",
        "--chat=//a.example",
        "--url=https://a.example/?x",
        "--url=http://[",
        "--url=http://a:b",
    ],
)
def test_an_address_that_is_none_is_refused(tmp_path: Path, option: str) -> None:
    assert site_command("export", "out", option, data=tmp_path).returncode == 2
