"""The preview beside the editor: what is in the form, as it would look, written nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask

from porch.site.writing import write_sample
from tests.support.origin import OWN
from tests.support.pictures import photo
from tests.support.site_desk import EditorDesk, page_of, upload


@pytest.fixture
def desk(make_app: Callable[..., Flask], tmp_path: Path) -> EditorDesk:
    return EditorDesk(make_app(), tmp_path / "site")


def test_a_preview_is_the_page_with_what_is_in_the_form_and_writes_nothing(desk: EditorDesk) -> None:
    page = desk.get("/site/front/")
    form = dict(next(one for one in page.forms if one.action == "/site/front/").fields)
    answer = desk.client.post("/site/preview/", data=form | {"hero_headline": "Only a thought"}, headers=OWN)
    assert "Only a thought" in answer.text
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not desk.folder.exists()
    assert "frame-ancestors 'none'" in desk.client.get("/").headers["Content-Security-Policy"]


def test_a_preview_has_the_name_and_the_colours_that_are_in_the_form(desk: EditorDesk) -> None:
    page = desk.get("/site/front/")
    form = dict(next(one for one in page.forms if one.action == "/site/front/").fields)
    typed = form | {"name": "Ada’s porch", "accent": "#a03020"}
    answer = desk.client.post("/site/preview/", data=typed, headers=OWN)
    assert '<span class="clip">Ada’s porch</span>' in answer.text
    assert "<title>Ada’s porch" in answer.text
    (nonce,) = re.findall(r'<style nonce="(.+?)">@layer .*#a03020', answer.text)
    assert f"style-src-elem 'self' 'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
    assert "palette.css" not in answer.text


def test_a_preview_has_the_style_that_is_in_the_form_and_keeps_it_a_style(desk: EditorDesk) -> None:
    """As it would look once saved: nothing in it ends the element, and its images are those of the site."""
    write_sample(desk.folder)
    (desk.folder / "custom.css").write_text("h1 { color: navy }")
    upload(desk, "loom.jpg", photo())
    typed = "\ufeffh1::after { content: '</style><b id=out>' }\r\nh1 { background: url(media/loom.jpg) }"
    form = {"path": "custom.css", "text": typed}
    answer = desk.client.post("/site/preview/", data=form, headers=OWN)
    style, nonce = own_style(answer.text)
    assert f"style-src-elem 'self' 'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
    assert style.startswith(r"h1::after { content: '<\/style><b id=out>' }")
    assert re.search(r"h1 { background: url\(/media/\w+/\w+\.jpg\) }$", style)
    assert "custom.css" not in answer.text
    assert desk.text("custom.css") == "h1 { color: navy }"
    front = dict(next(one for one in desk.get("/site/front/").forms if one.action == "/site/front/").fields)
    other = desk.client.post("/site/preview/", data=front, headers=OWN)
    assert own_style(other.text)[0] == "h1 { color: navy }"


def own_style(preview: str) -> tuple[str, str]:
    """The last style element of a preview, and its nonce."""
    *_, (nonce, style) = re.findall(r'<style nonce="(.+?)">(.*?)</style>', preview, re.DOTALL)
    return style, nonce


def test_a_preview_of_a_draft_is_its_page_and_of_a_mistake_its_words(desk: EditorDesk) -> None:
    desk.post("/site/new/", {"kind": "project", "title": "Vane"})
    form = {"path": "projects/vane.md", "title": "Vane", "summary": "It turns.", "body": "**Soon.**"}
    assert "<strong>Soon.</strong>" in desk.client.post("/site/preview/", data=form, headers=OWN).text
    wrong = desk.client.post("/site/preview/", data=form | {"summary": ""}, headers=OWN)
    assert (wrong.status_code, "summary" in wrong.text) == (400, True)


@pytest.mark.parametrize(
    ("link", "stays"),
    [
        ('<a href="#about">', True),
        ("<a href='#about'>", True),
        ("<A HREF=#about>", True),
        ('<a class="x" href=" #about">', True),
        ('<a href="/projects/vane/">', False),
        ("<a href='https://a.example/#part'>", False),
        ('<a target="_self" href="/talk/">', False),
        ('<area shape="rect" coords="0,0,9,9" href="https://a.example/" alt="x">', False),
        ("<area href='#about' alt=''>", True),
        ('<a\nhref="/talk/">', False),
    ],
)
def test_links_of_the_owners_own_html_leave_the_preview_as_it_is(
    desk: EditorDesk, link: str, stays: bool
) -> None:
    write_sample(desk.folder)
    desk.post("/site/new/", {"kind": "html", "title": "Press"})
    form = {"path": "press.html", "title": "Press", "text": f"<p>Begin.</p>{link}<p>End.</p>"}
    page = page_of(desk.client, desk.client.post("/site/preview/", data=form, headers=OWN))
    (own,) = (
        one for before, one in pairwise(page.elements) if before.text == "Begin." and one.tag in ("a", "area")
    )
    assert own.attributes["target"] == ("_self" if stays else "_blank")
