"""The owner's site in a real browser: every section on every width, by day and night."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from porch.site.colour import contrast
from porch.site.content import THEMES
from tests.support.browser import Person
from tests.support.browser_axe import Axe
from tests.support.browser_layout import CONTRAST, SHIFT, STICKING_OUT, TOO_SMALL, style_of
from tests.support.browser_site import serving
from tests.support.server import Server

Make = Callable[..., Person]

PATHS = ("/", "/projects/", "/projects/isobar/", "/projects/loomside/", "/projects/tagged/python/", "/talk/")
SECTIONS = ["hero", "banner", "about", "projects", "own-now", "interests", "own-press", "banner-2", "contact"]
# How far lines may move when the letters of this machine, which are far wider, give way to the page's own.
LETTERS = 0.05
WIDTHS = (360, 768, 1440)
SHORT = ((360, "light"), (1440, "dark"))  # the rest at length


@pytest.mark.parametrize("language", ["de", pytest.param("en", marks=pytest.mark.long)])
def test_the_name_of_the_site_is_readable_beside_the_hosts_links(desk: Make, language: str) -> None:
    one = desk(viewport={"width": 360, "height": 740})
    page = one.open("/")
    page.locator(f".language [value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.locator(".brand .clip").evaluate("(name) => name.scrollWidth <= name.clientWidth")
    assert page.evaluate(STICKING_OUT) == []


def test_names_in_one_line_show_what_letters_have_below_it(desk: Make) -> None:
    one = desk()
    page = one.open("/chatrooms/")
    page.get_by_label("What is the room about?").fill("A gypsy jig, by the quay")
    page.get_by_role("button", name="Open the room").click()
    expect(page).to_have_url(re.compile("/chatrooms/.+"))
    one.open("/chatrooms/")
    expect(page.locator("#rooms .clip")).to_have_text("A gypsy jig, by the quay")
    for name in page.locator(".clip:visible").all():
        assert name.evaluate("(name) => name.scrollHeight <= name.clientHeight"), name.inner_text()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        pytest.param(width, scheme, marks=[] if (width, scheme) in SHORT else pytest.mark.long)
        for width in WIDTHS
        for scheme in ("light", "dark")
    ],
)
def test_every_section_stands_on_every_width(
    visitor: Make,
    rich: Server,
    axe: Axe,
    width: int,
    scheme: str,
) -> None:
    device = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "reduced_motion": "reduce"}
    one = visitor(url=rich.url, fresh=True, **device)
    one.context.add_init_script(SHIFT)
    for path in PATHS:
        page = one.open(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(STICKING_OUT) == [], path
        assert page.evaluate(TOO_SMALL, 24) == [], path
        assert axe.finds(page) == [], path
        assert page.evaluate("window.shift") < LETTERS, path
    page = one.open("/")
    page.evaluate("document.fonts.ready.then(() => { window.shift = 0; })")
    for name in SECTIONS:
        page.locator(f"#{name}").scroll_into_view_if_needed()
        expect(page.locator(f"#{name}")).to_be_in_viewport()
    for image in page.locator("picture img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("(one) => one.naturalWidth > 0 && one.currentSrc.endsWith('.webp')")
    assert page.evaluate("window.shift") < 0.01
    assert "Secret" not in page.content()


@pytest.mark.parametrize(
    "theme", [THEMES[0], *(pytest.param(theme, marks=pytest.mark.long) for theme in THEMES[1:])]
)
def test_a_theme_has_the_colours_that_were_computed_for_it(
    visitor: Make,
    tmp_path: Path,
    axe: Axe,
    theme: str,
) -> None:
    servers = serving(tmp_path, theme=theme, accent="#8a1c3b")
    server = next(servers)
    for scheme in ("light", "dark"):
        one = visitor(url=server.url, color_scheme=scheme)
        page = one.open("/")
        assert page.evaluate(STICKING_OUT) == []
        assert axe.finds(page) == []
        link = page.locator(".prose a").first
        ground = style_of(page.locator("html"), "backgroundColor")
        assert page.evaluate(CONTRAST, [style_of(link, "color"), ground]) >= 4.5
        one.page.close()
    assert contrast("#8a1c3b", "#ffffff") >= 4.5
    servers.close()  # type: ignore[attr-defined]


def test_a_first_visit_with_pictures_moves_under_100_kb_without_them(visitor: Make, rich: Server) -> None:
    one = visitor(url=rich.url, fresh=True, viewport={"width": 390, "height": 844})
    sizes: dict[str, int] = {}

    def note(request: Any) -> None:
        size = request.sizes()
        sizes[request.url] = size["responseBodySize"] + size["responseHeadersSize"]

    one.page.on("requestfinished", note)
    one.open("/").wait_for_load_state("networkidle")
    one.page.evaluate("document.fonts.ready")
    assert any("/media/" in address for address in sizes)
    assert sum(size for address, size in sizes.items() if "/media/" not in address) < 100_000, sizes


def test_projects_are_filtered_in_place_and_by_pages_without_scripts(visitor: Make, rich: Server) -> None:
    page = visitor(url=rich.url).open("/")
    kinds = page.get_by_role("navigation", name="Kinds of projects")
    kinds.get_by_role("link", name="Python").click()
    expect(page.locator("#projects .work:visible h3")).to_have_text(["Isobar", "Porch"])
    expect(page.locator("[data-count]")).to_have_text("2 projects")
    expect(page).to_have_url(f"{rich.url}/")
    kinds.get_by_role("link", name="All").click()
    expect(page.locator("#projects .work:visible")).to_have_count(4)
    page = visitor(url=rich.url, java_script_enabled=False).open("/")
    page.get_by_role("navigation", name="Kinds of projects").get_by_role("link", name="Python").click()
    expect(page).to_have_url(f"{rich.url}/projects/tagged/python/")
    expect(page.locator(".work h2")).to_have_text(["Isobar", "Porch"])


def test_the_mail_address_is_a_link_with_scripts_and_words_without(visitor: Make, rich: Server) -> None:
    page = visitor(url=rich.url).open("/")
    expect(page.get_by_role("link", name="oda@fenwick.example")).to_have_attribute(
        "href", "mailto:oda@fenwick.example"
    )
    page = visitor(url=rich.url, java_script_enabled=False).open("/")
    assert page.locator(".mail").inner_text() == "oda@fenwick.example"


def test_a_page_from_the_browsers_own_store_still_runs_its_scripts(visitor: Make, rich: Server) -> None:
    """A 304 must not make the kept page's scripts foreign to its policy."""
    one = visitor(url=rich.url)
    statuses: list[int] = []
    one.page.on(
        "response", lambda answer: statuses.append(answer.status) if answer.url == f"{rich.url}/" else None
    )
    for _ in range(3):
        page = one.open("/chatrooms/")
        page = one.open("/")
        expect(page.locator(".doors")).to_have_attribute("data-live", "")
    assert one.unexpected() == []
