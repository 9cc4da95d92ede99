"""The front page: its content as it is read and checked, and the page as it is without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from msgspec.structs import fields, replace

import porch.app
from porch.launch import explained
from porch.site.content import DRAWINGS, ICONS, SECTIONS, Content, Interest, Link, Projects, Site
from porch.site.reading import SAMPLE, ContentError, read_site
from tests.support.people import a_name
from tests.support.server import ROOT, Server
from tests.support.visitors import Page, Visitor

SMALLEST = 'name = "Ann"\n'
PROJECT = '[[projects.items]]\ntitle = "A"\nsummary = "B"\n'
INTEREST = '[[interests.items]]\ntitle = "A"\ntext = "B"\nicon = "bird"\n'


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Site]:
    """Read content that is written here."""

    def read(text: str) -> Site:
        file = tmp_path / "mine.toml"
        file.write_text(text, encoding="utf-8")
        return read_site(file)

    return read


@pytest.fixture
def refusal(read: Callable[[str], Site]) -> Callable[[str], str]:
    """What is said about content that is wrong."""

    def refusal(text: str) -> str:
        with pytest.raises(ContentError) as refused:
            read(text)
        return str(refused.value)

    return refusal


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    with Visitor(server.url) as one:
        yield one


@pytest.fixture
def front(visitor: Visitor) -> Page:
    return visitor.get("/")


@pytest.fixture
def show(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The front page of a site with this content, as HTML."""

    def show(site: Site, **settings: Any) -> str:
        monkeypatch.setattr(porch.app, "read_site", lambda: site)
        return make_app(**settings).test_client().get("/").text

    return show


def order(html: str) -> list[str]:
    return re.findall(r'<section [^>]*\bid="(\w+)"', html)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "name: is missing"),
        ('name = ""', "name: "),
        ("name = 3", "name: "),
        (f'name = "{"x" * 61}"', "name: "),
        (SMALLEST + 'tag_line = "x"', "tag_line: there is no such key; did you mean tagline?"),
        (SMALLEST + "[hero]\nheadline = 7", "hero.headline: "),
        (SMALLEST + '[hero]\nheadlin = "x"', "hero.headlin: there is no such key; did you mean headline?"),
        (SMALLEST + "[zzz]", "zzz: there is no such key"),
        (SMALLEST + 'hero = "x"', "hero: "),
        (SMALLEST + '[banner]\nopen_room = "yes"', "banner.open_room: "),
        (SMALLEST + "[about]\ntext = [1]", "about.text: "),
        (SMALLEST + PROJECT + PROJECT + "featured = 1", "projects.items[2].featured: "),
        (SMALLEST + PROJECT + '[[projects.items]]\ntitle = "C"', "projects.items[2].summary: is missing"),
        (SMALLEST + PROJECT + 'drawing = "moon"', "projects.items[1].drawing: 'moon' is not one of: isobars"),
        (SMALLEST + INTEREST.replace("bird", "cat"), "interests.items[1].icon: 'cat' is not one of: bird"),
        (SMALLEST + "[projects]\nitems = 3", "projects.items: "),
        (SMALLEST + '[contact]\nmail = "ann"', "contact.mail: is not a mail address"),
        (SMALLEST + '[contact]\nplaces = [{ label = "x" }]', "contact.places[1].text: is missing"),
        ('sections = ["hero", "heroes"]\n' + SMALLEST, "sections[2]: 'heroes' is not one of: hero"),
        ('sections = ["hero", "hero"]\n' + SMALLEST, "sections: hero is named twice"),
    ],
)
def test_what_is_wrong_is_said_with_the_file_and_the_key(
    refusal: Callable[[str], str], text: str, key: str
) -> None:
    said = refusal(text)
    assert said.startswith("mine.toml: ")
    assert key in said


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//evil.example",
        "/\\\\evil.example",
        "data:text/html,x",
        "page",
        "",
        " /",
        "https://a b",
        " https://a.example",
    ],
)
def test_an_address_that_could_run_or_mislead_is_refused(refusal: Callable[[str], str], url: str) -> None:
    said = refusal(SMALLEST + PROJECT + f'link = "{url}"')
    assert "projects.items[1].link: is not an address that begins with https://" in said


@pytest.mark.parametrize(
    "url", ["https://a.example/b?c#d", "http://a.example", "mailto:ann@a.example", "/chatrooms/", "#projects"]
)
def test_addresses_lead_elsewhere_to_pages_and_to_parts_of_the_page(
    read: Callable[[str], Site], url: str
) -> None:
    assert read(SMALLEST + PROJECT + f'link = "{url}"').projects.items[0].link == url


@pytest.mark.parametrize("anchor", ["#about", "#nowhere", "#talk", "#"])
def test_a_link_to_a_part_that_is_not_shown_is_refused_with_those_that_are(
    refusal: Callable[[str], str], anchor: str
) -> None:
    said = refusal(
        SMALLEST + PROJECT + f'[hero]\nheadline = "x"\nbuttons = [{{ text = "x", url = "{anchor}" }}]'
    )
    assert "hero.buttons[1].url: leads to no part of this page" in said
    assert "#hero, #main, #projects" in said


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"name = ", "is not TOML"),
        (b"\xff", "is not text in UTF-8"),
        (b"#" * 300_000, "is larger than 256 KB"),
    ],
)
def test_a_file_that_is_no_content_is_said_to_be_none(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    with pytest.raises(ContentError, match=f"mine.toml: {problem}"):
        read_site(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"mine\.toml: No such file"):
        read_site(tmp_path / "mine.toml")


def test_wrong_content_ends_the_start_with_a_sentence() -> None:
    with pytest.raises(SystemExit, match=r"^mine\.toml: name: is missing$"), explained():
        raise ContentError(Path("mine.toml"), "name", "is missing")


def test_a_name_is_enough(read: Callable[[str], Site]) -> None:
    assert read(SMALLEST).shown == []


def test_prose_is_paragraphs_with_empty_lines_between(read: Callable[[str], Site]) -> None:
    site = read(SMALLEST + '[about]\ntext = """\nOne\nline.\n\n\nTwo.\n"""')
    assert site.about.paragraphs == ["One line.", "Two."]


def test_content_cannot_change_once_it_is_read() -> None:
    with pytest.raises(AttributeError):
        read_site().name = "Bob"  # type: ignore[misc]


def test_every_part_refuses_keys_it_does_not_know() -> None:
    kinds = Content.__subclasses__()
    assert len(kinds) >= 10
    assert all(
        kind.__struct_config__.frozen and kind.__struct_config__.forbid_unknown_fields for kind in kinds
    )


def test_the_documentation_has_every_key() -> None:
    text = (ROOT / "docs" / "site.md").read_text()
    for kind in Content.__subclasses__():
        for field in fields(kind):
            assert f"`{field.name}`" in text, f"{kind.__name__}.{field.name}"
    assert all(f"`{name}`" in text for name in (*SECTIONS, *DRAWINGS, *ICONS))


def test_the_sample_uses_everything_there_is() -> None:
    site = read_site(SAMPLE)
    assert site.shown == list(SECTIONS)
    assert {project.drawing for project in site.projects.items} == set(DRAWINGS)
    assert {interest.icon for interest in site.interests.items} == set(ICONS)
    assert any(project.featured for project in site.projects.items)
    assert any(interest.link for interest in site.interests.items)
    assert site.contact.mail
    assert site.contact.places
    assert site.contact.social


def test_sections_stand_in_the_order_of_the_content(show: Callable[..., str]) -> None:
    turned = tuple(reversed(SECTIONS))
    html = show(replace(read_site(), sections=turned))
    assert order(html) == list(turned)
    assert re.findall(r'href="#(\w+)"', html.partition("</header>")[0])[1:] == [
        "interests",
        "projects",
        "contact",
    ]


def test_an_empty_section_is_not_shown_and_not_linked(show: Callable[..., str]) -> None:
    html = show(replace(read_site(), projects=Projects()))
    assert order(html) == ["hero", "banner", "about", "interests"]
    assert ">Projects</a>" not in html


def test_a_section_that_is_not_named_is_not_shown(show: Callable[..., str]) -> None:
    html = show(replace(read_site(), sections=("about",)))
    assert order(html) == ["about"]
    assert "<h1" in html


def test_a_page_of_nothing_but_a_name_is_a_page(show: Callable[..., str]) -> None:
    html = show(Site(name="Ann"))
    assert order(html) == []
    assert re.search(r"<h1[^>]*>Ann</h1>", html)
    assert 'href="/chatrooms/"' in html
    assert 'action="/theme/"' in html


def test_content_is_text_and_never_markup(show: Callable[..., str]) -> None:
    evil = '<img src=x onerror="alert(1)">'
    door = Interest(title=evil, text=evil, icon="bird", link=Link(text=evil, url='/"><script>'))
    site = read_site()
    html = show(replace(site, name=evil, interests=replace(site.interests, items=(door,))))
    assert "<img" not in html
    assert '"><script>' not in html


def test_the_setting_goes_before_the_name_in_the_content(make_app: Callable[..., Flask]) -> None:
    assert "<title>Oda Fenwick ·" in make_app().test_client().get("/").text
    html = make_app(name="The Allotment").test_client().get("/").text
    assert "<title>The Allotment ·" in html
    assert re.search(r'class="brand".*The Allotment</span>', html)


def test_everything_is_in_the_page_without_scripts(front: Page) -> None:
    site = read_site()
    words = [site.hero.headline, site.hero.text, site.banner.lead, site.banner.text, *site.about.paragraphs]
    words += [word for one in site.projects.items for word in (one.title, one.summary, *one.tags)]
    words += [word for one in site.interests.items for word in (one.title, one.text)]
    words += [word for one in site.contact.places for word in (one.label, one.text)]
    words += [one.text for one in site.contact.social] + [site.contact.note]
    for word in words:
        assert " ".join(word.split()) in front.text
    addresses = {link.attributes["href"] for link in front.all("a")}
    assert {one.url for one in (*site.contact.social, *site.hero.buttons)} <= addresses
    assert {f"mailto:{site.contact.mail}", "/chatrooms/", "/sessions/new/?next=/"} <= addresses


def test_every_link_to_a_part_of_the_page_leads_to_one(front: Page) -> None:
    ids = [e.attributes["id"] for e in front.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    wanted = {e.attributes["href"][1:] for e in front.all("a") if e.attributes["href"].startswith("#")}
    named = {word for e in front.elements for word in e.attributes.get("aria-labelledby", "").split()}
    named |= {e.attributes["aria-controls"] for e in front.elements if "aria-controls" in e.attributes}
    assert wanted | named <= set(ids)


def test_words_behind_a_door_follow_their_heading(front: Page) -> None:
    for interest in read_site().interests.items:
        assert 0 < front.text.index(interest.title) < front.text.index(interest.text)


def test_headings_step_down_one_at_a_time(front: Page) -> None:
    levels = [int(e.tag[1]) for e in front.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_a_room_can_be_opened_from_the_front_page(visitor: Visitor, front: Page) -> None:
    name = a_name("Supper")
    assert visitor.submit(front.form("/chatrooms/"), name=name).one("h1").text == name


def test_signed_in_the_front_page_says_who_one_is(visitor: Visitor) -> None:
    name = a_name()
    visitor.sign_in(name)
    front = visitor.get("/")
    assert f"You are {name}" in front.text
    assert "Sign in" not in front.text
    front.form("/logout/")
