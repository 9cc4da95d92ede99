"""The front page: its files as they are read and checked, and the page as it is without scripts."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from msgspec.structs import fields

from porch.site.content import DRAWINGS, ICONS, KINDS, THEMES, Content
from porch.site.folder import SAMPLE, read_folder
from porch.site.markdown import to_html
from porch.site.problems import ContentError
from porch.site.reading import read_site
from porch.site.whole import Site
from tests.support.people import a_name
from tests.support.server import ROOT, Server
from tests.support.visitors import Page, Visitor

NAME = 'name = "Ann"\n'
PROJECT = '+++\ntitle = "A"\nsummary = "B"\n{}\n+++\n{}'
INTEREST = '+++\ntitle = "A"\nicon = "bird"\n{}\n+++\nSomething.\n'


def read(files: Mapping[str, str], media: set[str] | None = None) -> Site:
    return read_site(
        {"site.toml": NAME.encode()} | {path: text.encode() for path, text in files.items()}, media
    )


def refusal(files: Mapping[str, str], media: set[str] | None = None) -> str:
    """What is said about content that is wrong."""
    with pytest.raises(ContentError) as refused:
        read(files, media)
    return str(refused.value)


def sample() -> Site:
    return read_folder(Path("/no/such/folder")).site


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    with Visitor(server.url) as one:
        yield one


@pytest.fixture
def front(visitor: Visitor) -> Page:
    return visitor.get("/")


@pytest.fixture
def show(make_app: Callable[..., Flask], tmp_path: Path) -> Callable[..., str]:
    """A page of a site with these files, as HTML."""

    def show(files: Mapping[str, str | bytes], path: str = "/", **settings: Any) -> str:
        for name, content in ({"site.toml": NAME} | dict(files)).items():
            place = tmp_path / "site" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode())
        answer = make_app(**settings).test_client().get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    return show


def order(page: str) -> list[str]:
    return re.findall(r'<section [^>]*\bid="([\w\-]+)"', page)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"site.toml": ""}, "site.toml, line 1: name: is missing"),
        ({"site.toml": '\nname = ""'}, "site.toml, line 2: name: "),
        (
            {"site.toml": NAME + 'tag_line = "x"'},
            "line 2: tag_line: there is no such key; did you mean tagline?",
        ),
        ({"site.toml": NAME + "[hero]\nheadline = 7"}, "site.toml, line 3: hero.headline: "),
        (
            {"site.toml": NAME + '[hero]\nheadlin = "x"'},
            "line 3: hero.headlin: there is no such key; did you mean headline?",
        ),
        (
            {"site.toml": NAME + '[hero]\nheadlin = "x"'},
            "Allowed here: headline, text, buttons, image, alt, parallax",
        ),
        (
            {"site.toml": NAME + "[zzz]"},
            "site.toml, line 2: zzz: there is no such key. Allowed here: name, tagline",
        ),
        (
            {"site.toml": NAME + '[hero]\nbuttons = [\n  { text = "a" },\n  { txt = "b" },\n]'},
            "line 5: hero.buttons[2].txt",
        ),
        (
            {
                "site.toml": NAME
                + '[[contact.places]]\nlabel = "a"\ntext = "b"\n[[contact.places]]\nlabel = "c"'
            },
            "line 5: contact.places[2].text: is missing",
        ),
        (
            {"site.toml": NAME + 'theme = "pres"'},
            "line 2: theme: 'pres' is not one of: gallery, porch, press; did you mean press?",
        ),
        ({"site.toml": NAME + 'accent = "teal"'}, "line 2: accent: is not a colour such as #185c68"),
        ({"site.toml": NAME + 'accent = "#ffee00"'}, "site.toml, line 2: accent: #ffee00 has a contrast of"),
        ({"site.toml": NAME + '[contact]\nmail = "ann"'}, "line 3: contact.mail: is not a mail address"),
        (
            {"site.toml": NAME + 'sections = ["hero", "heros"]'},
            "line 2: sections[2]: is not one of: hero, banner",
        ),
        (
            {"site.toml": NAME + 'sections = ["now.md"]', "own.md": "x"},
            "there is no file now.md beside site.toml; there: own.md",
        ),
        ({"site.toml": NAME + "name = "}, "site.toml, line 2: is not TOML: "),
        (
            {"site.toml": NAME + '[hero]\ntext = """\nheadline = 3\n"""\nparallax = 1'},
            "site.toml, line 6: hero.parallax: ",
        ),
        (
            {"projects/a.md": PROJECT.format("tagz = []", "")},
            "projects/a.md, line 4: tagz: there is no such key; did you mean tags?",
        ),
        (
            {"projects/a.md": PROJECT.format('drawing = "moon"', "")},
            "line 4: drawing: 'moon' is not one of: house, isobars, moons, weave; did you mean moons?",
        ),
        ({"projects/a.md": '+++\ntitle = "A"\n+++\n'}, "projects/a.md, line 2: summary: is missing"),
        ({"projects/a.md": '+++\ntitle = "A"\n'}, "a line of +++ is missing"),
        ({"projects/a.md": "---\ntitle: A\n---\n"}, "front matter stands between lines of +++, not of ---"),
        (
            {"projects/a.md": PROJECT.format("", "x\n\n![y](media/z.jpg)")},
            "projects/a.md, line 8: there is no image media/z.jpg",
        ),
        (
            {"projects/a.md": PROJECT.format("", "![y](https://a.example/z.jpg)")},
            "the image https://a.example/z.jpg is elsewhere",
        ),
        (
            {"projects/a.md": PROJECT.format('image = "z.jpg"\nalt = "Z"', "")},
            "image: there is no image media/z.jpg",
        ),
        (
            {"projects/a.md": PROJECT.format('image = "there.jpg"', "")},
            "alt: is missing: say what is to be seen",
        ),
        ({"projects/a.md": PROJECT.format('image = "../site.toml"', "")}, "image: is not the name of a JPEG"),
        ({"projects/My First.md": PROJECT}, "projects/My First.md: cannot be used: names have small letters"),
        (
            {"interests/a.md": INTEREST.replace("bird", "cat").format("")},
            "icon: 'cat' is not one of: bird, bread",
        ),
        (
            {"interests/a.md": INTEREST.format("") + "x" * 300},
            "the text behind a door has at most 280 characters",
        ),
        ({"about.md": "\0"}, "about.md: is not text"),
        ({"about.md": "x" * 300_000}, "about.md: is larger than 256 KB"),
        ({"custom.css": "\0"}, "custom.css: is not text"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_key_and_what_is_allowed(
    files: dict[str, str], said: str
) -> None:
    assert said in refusal(files, {"there.jpg"})


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = refusal({"site.toml": NAME + "x = 1", "projects/a.md": "+++\n+++", "about.md": "\0"})
    assert [line.split(":")[0].split(",")[0] for line in said.splitlines()] == [
        "site.toml", "projects/a.md", "about.md",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "//evil.example", "/\\\\evil.example", "data:text/html,x", "page", "", " /",
     "https://a b", " https://a.example", "https://a.example\\n"],
)  # fmt: skip
def test_an_address_that_could_run_or_mislead_is_refused(url: str) -> None:
    said = refusal({"projects/a.md": PROJECT.format(f'links = [{{ text = "x", url = "{url}" }}]', "")})
    assert "links[1].url: is not an address that begins with https://" in said


@pytest.mark.parametrize(
    "url", ["https://a.example/b?c#d", "http://a.example", "mailto:ann@a.example", "/chatrooms/", "#projects"]
)
def test_addresses_lead_elsewhere_to_pages_and_to_parts_of_the_page(url: str) -> None:
    site = read({"projects/a.md": PROJECT.format(f'links = [{{ text = "x", url = "{url}" }}]', "")})
    assert site.projects[0].meta.links[0].url == url


@pytest.mark.parametrize("anchor", ["#about", "#nowhere", "#talk", "#"])
def test_a_link_to_a_part_that_is_not_shown_is_refused_with_those_that_are(anchor: str) -> None:
    buttons = f'[hero]\nheadline = "x"\nbuttons = [{{ text = "x", url = "{anchor}" }}]'
    said = refusal({"site.toml": NAME + buttons, "projects/a.md": PROJECT.format("", "")})
    assert f"site.toml, line 4: hero.buttons[1].url: {anchor} leads to no part of the front page" in said
    assert "#hero, #main, #projects" in said


def test_a_name_is_enough() -> None:
    assert read({}).shown == []


def test_content_cannot_change_once_it_is_read() -> None:
    with pytest.raises(AttributeError):
        sample().front.name = "Bob"  # type: ignore[misc]


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
    assert all(f"`{name}`" in text for name in (*KINDS, *DRAWINGS, *ICONS, *THEMES))


def test_the_sample_uses_what_there_is() -> None:
    site = sample()
    assert [section.id for section in site.shown] == list(KINDS)
    assert {item.meta.drawing for item in site.projects} == set(DRAWINGS)
    assert {item.meta.icon for item in site.interests} == set(ICONS)
    assert [item.meta.featured for item in site.projects] == [True, False, False, False]
    assert all(item.body.strip() and item.meta.date for item in site.projects)
    assert any(item.meta.link for item in site.interests)
    assert any(button.url is None for button in site.hero.buttons)
    assert site.contact.mail
    assert site.contact.places
    assert site.contact.social


def test_featured_projects_come_first_then_the_order() -> None:
    site = read({
        "projects/a.md": PROJECT.format("order = 3", ""),
        "projects/b.md": PROJECT.format("order = 1", ""),
        "projects/c.md": PROJECT.format("order = 9\nfeatured = true", ""),
        "projects/d.md": PROJECT.format("order = -1\ndraft = true", ""),
    })  # fmt: skip
    assert [item.slug for item in site.projects] == ["c", "b", "a"]


def test_sections_stand_in_the_order_of_the_content(show: Callable[..., str]) -> None:
    files = {path.relative_to(SAMPLE).as_posix(): path.read_bytes() for path in SAMPLE.rglob("*.*")}
    turned = ["interests", "projects", "about", "banner", "hero"]
    files["site.toml"] = re.sub(rb"(?m)^sections = .*", f"sections = {turned}".encode(), files["site.toml"])
    page = show(files)
    assert order(page) == turned
    assert re.findall(r'href="#([\w\-]+)"', page.partition("</header>")[0])[1:] == [
        "interests", "projects", "contact",
    ]  # fmt: skip


def test_a_section_can_be_there_twice_and_ids_stay_apart(show: Callable[..., str]) -> None:
    names = ["banner", "now.md", "banner", "now.md", "now.md", "now-2.md"]
    text = NAME + f'sections = {names}\n[banner]\nlead = "x"\nopen_room = true\n'
    page = show({"site.toml": text, "now.md": '+++\ntitle = "Now"\n+++\nHere.', "now-2.md": "There."})
    assert order(page) == ["banner", "own-now", "banner-2", "own-now-3", "own-now-4", "own-now-2"]
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<p>Here.</p>") == 3


def test_what_is_empty_not_named_or_a_draft_is_not_shown(show: Callable[..., str]) -> None:
    text = NAME + 'sections = ["about", "projects", "a.md", "b.md", "c.md"]\n'
    matter = '+++\ntitle = "{}"\nnav = "{}"\n{}\n+++\n{}'
    page = show({
        "site.toml": text,
        "about.md": matter.format("About", "About", "", "  \n"),
        "projects/p.md": PROJECT.format("draft = true", "secret"),
        "a.md": matter.format("A", "A", "draft = true", "secret"),
        "b.md": matter.format("B", "B", "", "said"),
        "c.md": matter.format("C", "C", "", ""),
        "d.md": matter.format("D", "D", "", "unnamed"),
    })  # fmt: skip
    assert order(page) == ["own-b"]
    assert "secret" not in page
    assert "unnamed" not in page
    assert re.findall(r'<nav class="within"[^>]*>(.*?)</nav>', page) == ['<a href="#own-b">B</a>']


@pytest.mark.parametrize("path", ["/projects/p/", "/projects/", "/projects/tagged/new/"])
def test_a_draft_is_served_nowhere(make_app: Callable[..., Flask], tmp_path: Path, path: str) -> None:
    folder = tmp_path / "site" / "projects"
    folder.mkdir(parents=True)
    (folder.parent / "site.toml").write_text(NAME)
    (folder / "p.md").write_text(PROJECT.format('draft = true\ntags = ["new"]', "secret"))
    client = make_app().test_client()
    assert client.get(path).status_code == 404
    for other in ("/", "/feed.xml", "/sitemap.xml"):
        assert "/p/" not in client.get(other).text


def test_a_page_of_nothing_but_a_name_is_a_page(show: Callable[..., str]) -> None:
    page = show({})
    assert order(page) == []
    assert re.search(r"<h1[^>]*>Ann</h1>", page)
    assert 'href="/chatrooms/"' in page
    assert 'action="/theme/"' in page


EVIL = '<img src=x onerror="alert(1)"><script>alert(1)</script>"\'><svg onload=alert(1)>'


def test_what_front_matter_says_is_text_and_never_markup(show: Callable[..., str]) -> None:
    evil = f"'''{EVIL}'''".replace("'\">", '">')
    interest = f"+++\ntitle = {evil[:60]}...'''\nicon = \"bird\"\n+++\nx"
    front = f"name = {evil[:58]}'''\ntagline = {evil}\n[hero]\nheadline = {evil[:70]}'''\ntext = {evil}\n"
    page = show({"site.toml": front, "interests/a.md": interest})
    assert "<img src=x" not in page
    assert "<svg onload" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x onerror=" in page


@pytest.mark.parametrize(
    "text",
    [
        EVIL,
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](javascript:alert(1))",
        '![" onerror=alert(1) x="](media/a.jpg)',
        '[x](<https://a.example" onmouseover=alert(1)>)',
        '<https://a.example/"onclick=alert(1)>',
        "```\n</code></pre><script>alert(1)</script>\n```",
        "[x]: javascript:alert(1)\n\n[x]",
        "<!-- --><iframe src=//evil.example></iframe>",
        "<style>*{display:none}</style>",
        "| a |\n|---|\n| <form action=//evil.example> |",
    ],
)
def test_markdown_cannot_do_anything(text: str) -> None:
    made = to_html(text, top=2, picture=lambda name, alt: f'<img src="/m/{name}" alt="{html.escape(alt)}">')
    assert not re.search(r"<(?!/?(?:p|a|code|pre|div|table|thead|tbody|tr|th|td|img)\b)", made), made
    assert not re.search(r"<[^>]*\s(?:on\w+|style)\s*=", re.sub(r'"[^"]*"', '""', made)), made
    assert not re.search(r'(?:href|src)="\s*(?:javascript|data|vbscript):', made, re.IGNORECASE), made


def test_headings_of_markdown_stand_below_those_of_the_page() -> None:
    for text in ("# One\n\n## Two\n\n###### Six", "## One\n\n### Two\n\n###### Six"):
        made = to_html(text, top=3, picture=lambda name, alt: "")
        assert re.findall(r"<h(\d)>", made) == ["3", "4", "6"]


def test_a_table_keeps_its_alignment() -> None:
    made = to_html("| a | b |\n|---|--:|\n| 1 | 2 |", top=2, picture=lambda name, alt: "")
    assert '<td align="right">2</td>' in made


def test_own_html_is_served_as_it_is_and_the_policy_lets_its_style_attributes_through(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.toml").write_text(NAME + 'sections = ["a.html"]')
    (folder / "a.html").write_text('+++\ntitle = "Mine"\n+++\n<p style="color: red">Mine</p>')
    client = make_app().test_client()
    answer = client.get("/")
    assert '<p style="color: red">Mine</p>' in answer.text
    assert "style-src-attr 'unsafe-inline'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in client.get("/chatrooms/").headers["Content-Security-Policy"]


def test_without_own_html_the_policy_is_as_everywhere(make_app: Callable[..., Flask]) -> None:
    policy = make_app().test_client().get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert re.search(r"script-src 'sha256-[\w+/=]+' 'sha256-[\w+/=]+' 'strict-dynamic'", policy)


def test_the_owners_style_comes_last_and_from_this_site(
    show: Callable[..., str], make_app: Callable[..., Flask]
) -> None:
    page = show({"custom.css": "h1 { color: red }"})
    address = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)[-1]
    assert address.startswith("/custom.css?v=")
    answer = make_app().test_client().get(address)
    assert (answer.text, answer.mimetype) == ("h1 { color: red }", "text/css")


def test_the_accent_is_on_every_page(show: Callable[..., str], make_app: Callable[..., Flask]) -> None:
    address = re.search(r'"(/palette\.css\?v=\w+)"', show({"site.toml": NAME + 'accent = "#7a1f3d"'}))
    assert address
    client = make_app().test_client()
    assert "--accent:light-dark(#7a1f3d," in client.get(address[1]).text
    assert address[1] in client.get("/chatrooms/").text


def test_a_site_without_a_colour_of_its_own_loads_no_palette(show: Callable[..., str]) -> None:
    assert "/palette.css" not in show({})


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_is_a_style_sheet_and_a_class(show: Callable[..., str], theme: str) -> None:
    page = show({"site.toml": NAME + f'theme = "{theme}"'})
    assert f'<body class="landing {theme}">' in page
    assert (f"theme_{theme}.css" in page) == (theme != "porch")


def test_the_setting_goes_before_the_name_in_the_content(make_app: Callable[..., Flask]) -> None:
    assert "<title>Oda Fenwick ·" in make_app().test_client().get("/").text
    page = make_app(name="The Allotment").test_client().get("/").text
    assert "<title>The Allotment ·" in page
    assert re.search(r'class="brand".*The Allotment</span>', page)


def test_everything_is_in_the_page_without_scripts(front: Page) -> None:
    site = sample()
    words = [
        site.hero.headline,
        site.hero.text,
        site.banner.lead,
        site.banner.text,
        *site.texts[0].body.split("\n\n"),
    ]
    words += [word for one in site.projects for word in (one.meta.title, one.meta.summary, *one.meta.tags)]
    words += [word for one in site.interests for word in (one.meta.title, one.body)]
    words += [word for one in site.contact.places for word in (one.label, one.text)]
    words += [one.text for one in site.contact.social] + [site.contact.note]
    for word in words:
        assert " ".join(word.split()) in front.text
    addresses = {link.attributes["href"] for link in front.all("a")}
    assert {one.url for one in site.contact.social} | {"#projects", "/projects/isobar/"} <= addresses
    assert {"/chatrooms/", "/sessions/new/?next=/"} <= addresses


def test_the_mail_address_can_be_read_and_is_not_for_gathering(visitor: Visitor, front: Page) -> None:
    source = front.response.text
    shown = re.sub(r"<span hidden>.*?</span>", "", source)
    assert "oda@fenwick.example" in html.unescape(re.sub(r"<[^>]+>", "", shown))
    for gathered in (source, html.unescape(source), html.unescape(re.sub(r"<[^>]+>", "", source))):
        assert "oda@fenwick.example" not in gathered
    assert "mailto:" not in source


def test_every_link_to_a_part_of_the_page_leads_to_one(front: Page) -> None:
    ids = [e.attributes["id"] for e in front.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    wanted = {e.attributes["href"][1:] for e in front.all("a") if e.attributes["href"].startswith("#")}
    named = {word for e in front.elements for word in e.attributes.get("aria-labelledby", "").split()}
    named |= {e.attributes["aria-controls"] for e in front.elements if "aria-controls" in e.attributes}
    assert wanted | named <= set(ids)


def test_every_link_of_the_site_leads_to_a_page(visitor: Visitor) -> None:
    waiting, seen = ["/"], set[str]()
    while waiting:
        path = waiting.pop()
        page = visitor.get(path)
        assert page.status == 200, path
        seen.add(path)
        found = {link.attributes["href"].partition("#")[0] for link in page.all("a")}
        own = {one for one in found if re.match(r"/(projects/|$)", one)}
        waiting += sorted(own - seen - set(waiting))
    assert len(seen) == 1 + 1 + 4 + 6


def test_words_behind_a_door_follow_their_heading(front: Page) -> None:
    for item in sample().interests:
        assert 0 < front.text.index(item.meta.title) < front.text.index(item.body.strip())


@pytest.mark.parametrize(
    "path", ["/", "/projects/", "/projects/isobar/", "/projects/tagged/python/", "/talk/"]
)
def test_headings_step_down_one_at_a_time(visitor: Visitor, path: str) -> None:
    page = visitor.get(path)
    levels = [int(e.tag[1]) for e in page.elements if re.fullmatch("h[1-6]", e.tag)]
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


def test_only_the_host_is_shown_the_way_to_edit(visitor: Visitor, front: Page) -> None:
    visitor.sign_in(a_name())
    for page in (front, visitor.get("/")):
        assert "/site/" not in {link.attributes["href"] for link in page.all("a")}
