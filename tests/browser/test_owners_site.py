"""The owner's site in a real browser: every section on every width, by day and night; and editing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from porch.site.colour import contrast
from porch.site.content import THEMES
from tests.browser.test_landing import CONTRAST, SHIFT, style_of
from tests.conftest import UNLIMITED
from tests.support.browser import LAPTOP, PHONE, Person
from tests.support.browser_axe import Axe
from tests.support.browser_layout import STICKING_OUT, TOO_SMALL
from tests.support.database import change
from tests.support.people import PASSWORD, a_name
from tests.support.server import Server
from tests.support.site import change as change_file
from tests.support.site import landscape, write_rich_site
from tests.support.waiting import eventually

Make = Callable[..., Person]

PATHS = ("/", "/projects/", "/projects/isobar/", "/projects/loomside/", "/projects/tagged/python/", "/talk/")
SECTIONS = ["hero", "banner", "about", "projects", "own-now", "interests", "own-press", "banner-2", "contact"]
FILES = ("projects/isobar.md", "interests/mending.md", "about.md", "press.html", "custom.css")
# How far lines may move when the letters of this machine, which are far wider, give way to the page's own.
LETTERS = 0.05
WIDTHS = (360, 768, 1440)
SHORT = ((360, "light"), (1440, "dark"))  # the rest at length


def serving(folder: Path, **site: Any) -> Iterator[Server]:
    write_rich_site(folder / "owners", **site)
    with Server(folder / "data", site=folder / "owners", **UNLIMITED) as running:
        eventually(lambda: requests.get(running.url, timeout=10).text.count("<picture>") == 4, within=60)
        running.site = folder / "owners"
        yield running


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from serving(tmp_path_factory.mktemp("rich"))


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """Begun before whoever visits it, so that they leave before it ends. Its images are small."""
    yield from serving(tmp_path, width=360)


@pytest.fixture
def desk(rich: Server, visitor: Make) -> Make:
    """Make hosts of a site that they only look at."""
    return hosts_of(rich, visitor)


@pytest.fixture
def own_desk(own_server: Server, visitor: Make) -> Make:
    """Make the host of a site of their own."""
    return hosts_of(own_server, visitor)


def hosts_of(server: Server, visitor: Make) -> Make:
    def make(**options: Any) -> Person:
        one = visitor(url=server.url, **options)
        one.open("/signup/")
        one.page.get_by_label("Your name").or_(one.page.get_by_label("Name", exact=True)).first.fill(a_name())
        one.page.get_by_label("Password", exact=True).fill(PASSWORD)
        one.page.get_by_role("main").get_by_role("button", name="Sign up").click()
        expect(one.page).to_have_url(f"{server.url}/chatrooms/")
        change(server.data, "UPDATE \"user\" SET role = 'admin'")
        one.guest.url = str(server.site)
        return one

    return make


@pytest.mark.parametrize("language", ["de", "en"])
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


def test_the_preview_follows_what_is_written_and_saving_shows_it(own_desk: Make) -> None:
    one = own_desk()
    page = one.open("/site/front/")
    preview = page.frame_locator("iframe[name=preview]")
    expect(preview.get_by_role("heading", level=1)).to_have_text("Come up and sit a while.")
    page.get_by_label("Headline").fill("Mind the step.")
    expect(preview.get_by_role("heading", level=1)).to_have_text("Mind the step.")
    page.get_by_label("Name", exact=True).fill("The green porch")
    page.get_by_label("Your colour").fill("#206030")
    expect(preview.locator(".brand")).to_have_text("The green porch")
    expect(preview.locator(".btn.door").first).to_have_css("background-color", "rgb(32, 96, 48)")
    expect(one.open("/", page=one.context.new_page()).get_by_role("heading", level=1)).to_have_text(
        "Come up and sit a while."
    )
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").first).to_have_text("Saved. It is on the page now.")
    expect(one.open("/").get_by_role("heading", level=1)).to_have_text("Mind the step.")


def test_the_preview_has_the_style_that_is_being_written(desk: Make) -> None:
    one = desk()
    page = one.open("/site/files/custom.css/")
    heading = page.frame_locator("iframe[name=preview]").get_by_role("heading", level=1)
    expect(heading).to_have_text("Come up and sit a while.")
    style = "h1::after { content: '</style><b>'; } h1 { letter-spacing: 7px; }"
    page.get_by_label("The file").fill(style)
    expect(heading).to_have_css("letter-spacing", "7px")
    assert heading.evaluate("(one) => getComputedStyle(one, '::after').content") == '"</style><b>"'
    heading = one.open("/", page=one.context.new_page()).get_by_role("heading", level=1)
    expect(heading).not_to_have_css("letter-spacing", "7px")


def test_the_preview_begins_at_the_section_that_is_edited_and_stays_where_it_was_scrolled_to(
    desk: Make,
) -> None:
    one = desk(**LAPTOP)
    page = one.open("/site/files/about.md/")
    preview = page.frame_locator("iframe[name=preview]")
    expect(preview.locator("#about")).to_be_in_viewport()
    page.get_by_label("Text").fill("Only a thought.")
    expect(preview.get_by_text("Only a thought.")).to_be_in_viewport()
    preview.locator("html").evaluate("(one) => one.ownerDocument.defaultView.scrollTo(0, 150)")
    page.get_by_label("Text").fill("Only a second thought.")
    page.get_by_role("button", name="Preview").click()
    expect(preview.get_by_text("Only a second thought.")).to_be_attached()
    expect(preview.locator("html")).to_have_js_property("scrollTop", 150)


def test_on_a_phone_the_editor_begins_at_its_top(desk: Make) -> None:
    one = desk(**PHONE)
    page = one.open("/site/files/about.md/")
    section = page.frame_locator("iframe[name=preview]").locator("#about")
    expect(section).to_be_attached()
    one.until(lambda: section.evaluate("(one) => one.ownerDocument.defaultView.scrollY") > 0)
    assert page.evaluate("scrollY") == 0


def test_on_a_phone_who_asks_for_the_preview_sees_it(desk: Make) -> None:
    one = desk(**PHONE)
    page = one.open("/site/front/")
    expect(page.frame_locator("iframe[name=preview]").locator("h1")).to_have_text("Come up and sit a while.")
    page.get_by_label("Headline").fill("Mind the step.")
    page.get_by_role("button", name="Preview").click()
    heading = page.frame_locator("iframe[name=preview]").get_by_role("heading", name="Mind the step.")
    expect(heading).to_be_in_viewport()


def test_on_a_phone_without_scripts_the_preview_is_a_page_of_its_own(desk: Make) -> None:
    one = desk(**PHONE, java_script_enabled=False)
    page = one.open("/site/files/about.md/")
    expect(page.locator("iframe")).to_be_hidden()
    page.get_by_label("Text").fill("Only a thought.")
    with one.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").click()
    expect(opened.value.get_by_text("Only a thought.")).to_be_in_viewport()
    expect(page.get_by_label("Text")).to_have_value("Only a thought.")


def test_where_there_is_room_the_preview_without_scripts_is_beside_the_form(desk: Make) -> None:
    one = desk(**LAPTOP, java_script_enabled=False)
    page = one.open("/site/files/about.md/")
    page.get_by_label("Text").fill("Only a thought.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("iframe")).to_be_in_viewport()
    expect(page.frame_locator("iframe").get_by_text("Only a thought.")).to_be_in_viewport()


def test_links_of_the_preview_leave_it_as_it_is(desk: Make) -> None:
    one = desk(**LAPTOP)
    page = one.open("/site/front/")
    preview = page.frame_locator("iframe[name=preview]")
    preview.locator(".within a").first.click()
    expect(preview.get_by_role("heading", level=1)).to_have_text("Come up and sit a while.")
    with one.context.expect_page() as opened:
        preview.get_by_role("link", name="Isobar").first.click()
    expect(opened.value).to_have_url(f"{one.url}/projects/isobar/")
    expect(preview.get_by_role("heading", level=1)).to_have_text("Come up and sit a while.")
    assert one.unexpected() == []


def test_who_leaves_what_is_not_saved_is_asked(own_desk: Make) -> None:
    one = own_desk()
    page = one.open("/site/files/about.md/")
    one.open("/site/")  # nothing is lost, so nobody asks
    page = one.open("/site/files/about.md/")
    page.get_by_label("Text").fill("Only a thought.")
    page.get_by_role("link", name="Your site").click()
    one.until(lambda: one.problems)
    assert [one.problems.pop()] == ["dialog: beforeunload "]  # which is dismissed
    expect(page.get_by_label("Text")).to_have_value("Only a thought.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status").first).to_contain_text("Published.")
    page.get_by_role("link", name="Your site").click()
    expect(page).to_have_url(f"{one.url}/site/")
    assert one.unexpected() == []


def test_what_was_refused_counts_as_not_saved(own_desk: Make) -> None:
    one = own_desk()
    one.expects("status of 400")
    page = one.open("/site/front/")
    page.get_by_label("Your colour").fill("#ffee00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Your colour")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Headline").focus()
    page.get_by_role("link", name="Your site").click()
    one.until(lambda: one.problems)
    assert [one.problems.pop()] == ["dialog: beforeunload "]
    expect(page.get_by_label("Your colour")).to_have_value("#ffee00")
    page.get_by_label("Your colour").fill("#206030")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")


def test_a_project_with_a_picture_is_made_without_scripts(own_desk: Make, tmp_path: Path) -> None:
    one = own_desk(java_script_enabled=False)
    file = tmp_path / "Vane.jpg"
    file.write_bytes(landscape(1000, 700))
    page = one.open("/")
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("link", name="Images").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status")).to_contain_text("Added.")
    page.get_by_role("link", name="Your site").click()
    page.get_by_label("A new project").fill("Weather Vane")
    page.locator("form.new", has=page.get_by_label("A new project")).get_by_role("button").click()
    page.get_by_label("Summary").fill("It turns.")
    page.get_by_label("Picture").select_option("vane.jpg")
    page.get_by_label("What is to be seen in it").fill("A vane on a roof")
    page.get_by_label("The page").fill("**Copper**, mostly.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status")).to_contain_text("Published.")
    page = one.open("/projects/weather-vane/")
    expect(page.get_by_role("img", name="A vane on a roof")).to_be_visible()
    expect(page.locator(".prose strong")).to_have_text("Copper")
    page = one.open("/site/")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_role("status")).to_contain_text("Brought back.")


def test_a_change_made_meanwhile_is_shown_and_not_overwritten(own_desk: Make) -> None:
    one = own_desk()
    one.expects("status of 409")
    page = one.open("/site/files/about.md/")
    change_file(Path(one.guest.url) / "about.md", "I grew up", "I was born")
    page.get_by_label("Text").fill("Written here.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was overwritten.")
    expect(page.get_by_label("Text")).to_have_value("Written here.")
    expect(page.locator("pre")).to_contain_text("I was born")


@pytest.mark.long
@pytest.mark.parametrize("width", WIDTHS)
def test_the_editor_stands_on_every_width(desk: Make, axe: Axe, width: int) -> None:
    one = desk(viewport={"width": width, "height": 900})
    one.expects("status of 400")
    paths = [f"/site/{name}" for name in ("", "front/", "images/")]
    paths += [f"/site/files/{name}/" for name in FILES]
    for path in paths:
        page = one.open(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(STICKING_OUT) == [], path
        assert axe.finds(page) == [], path
    page = one.open("/site/front/")
    page.get_by_label("Your colour").fill("#ffee00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("the nearest that passes is #")
    page.wait_for_load_state("networkidle")
    assert axe.finds(page) == []
