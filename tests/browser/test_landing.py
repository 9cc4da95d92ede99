"""The front page in a real browser: its doors, its switch, its widths and its weight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from porch.site.folder import SAMPLE, read_folder
from tests.support.browser import LAPTOP, PHONE, SMALL_PHONE, Person
from tests.support.browser_layout import CONTRAST, SHIFT, style_of
from tests.support.people import a_name

Make = Callable[..., Person]

SITE = read_folder(SAMPLE).site
BEHIND = [(item.meta.title, item.body.strip()) for item in SITE.interests]
RADIO, BREAD, MENDING = (SITE.interests[place].meta for place in (0, 1, -1))
WIDTHS = {
    "small-phone": SMALL_PHONE,
    "phone": PHONE,
    "tablet": {"viewport": {"width": 820, "height": 1180}},
    "laptop": LAPTOP,
    "wide": {"viewport": {"width": 2560, "height": 1300}},
}
LIGHT, DARK = "oklch(0.976 0.006 92)", "oklch(0.218 0.02 240)"
BUDGET = 100_000  # bytes of everything a first visit moves, headers included

ON_TOP = """
(words) => {
  const { x, y, width, height } = words.getBoundingClientRect();
  return words.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}
"""


class Doors:
    """The doors of a page, by what a person sees of them."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def doorway(self, title: str) -> Locator:
        return self.page.locator(".doorway").filter(
            has=self.page.get_by_role("button", name=title, exact=True)
        )

    def leaf(self, title: str) -> Locator:
        return self.page.get_by_role("button", name=title, exact=True)

    def words(self, title: str) -> Locator:
        return self.doorway(title).locator(".behind")

    def is_open(self, title: str) -> None:
        """Its words are there to be read, and nothing is over them."""
        expect(self.words(title)).to_have_css("opacity", "1")
        self.page.wait_for_function(ON_TOP, arg=self.words(title).element_handle())

    def is_shut(self, title: str) -> None:
        expect(self.words(title)).to_have_css("opacity", "0")


def show_doors(person: Person) -> Doors:
    page = person.open("/")
    page.locator(".doors").scroll_into_view_if_needed()
    return Doors(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_door_opens_while_it_is_pointed_at(visitor: Make, scripts: bool) -> None:
    doors = show_doors(visitor(java_script_enabled=scripts, reduced_motion="reduce"))
    for title, text in BEHIND:
        expect(doors.words(title)).to_have_css("opacity", "0")
        doors.doorway(title).hover()
        expect(doors.words(title)).to_have_css("opacity", "1")
        expect(doors.words(title)).to_contain_text(text)
        expect(doors.leaf(title)).to_have_css("opacity", "0")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_keyboards_focus_opens_one_door_after_the_other(visitor: Make, scripts: bool) -> None:
    doors = show_doors(visitor(java_script_enabled=scripts))
    doors.leaf(RADIO.title).focus()
    doors.page.keyboard.press("Tab")
    expect(doors.leaf(BREAD.title)).to_be_focused()
    expect(doors.words(BREAD.title)).to_have_css("opacity", "1")
    expect(doors.words(RADIO.title)).to_have_css("opacity", "0")
    doors.page.keyboard.press("Tab")
    expect(doors.words(BREAD.title)).to_have_css("opacity", "0")


def test_an_open_door_says_so_and_covers_nothing(visitor: Make) -> None:
    doors = show_doors(visitor())
    expect(doors.leaf(BREAD.title)).to_have_attribute("aria-expanded", "false")
    doors.doorway(BREAD.title).hover()
    doors.is_open(BREAD.title)
    expect(doors.leaf(BREAD.title)).to_have_attribute("aria-expanded", "true")


def test_a_tap_opens_a_door_and_another_closes_it(visitor: Make) -> None:
    doors = show_doors(visitor(**PHONE))
    doors.doorway(BREAD.title).tap()
    doors.is_open(BREAD.title)
    doors.doorway(RADIO.title).tap()
    doors.is_open(RADIO.title)
    doors.is_shut(BREAD.title)
    doors.doorway(RADIO.title).tap()
    doors.is_shut(RADIO.title)


def test_escape_closes_what_the_mouse_opened_until_it_comes_again(visitor: Make) -> None:
    doors = show_doors(visitor())
    doors.doorway(BREAD.title).hover()
    doors.is_open(BREAD.title)
    doors.page.keyboard.press("Escape")
    doors.is_shut(BREAD.title)
    doors.doorway(RADIO.title).hover()
    doors.doorway(BREAD.title).hover()
    doors.is_open(BREAD.title)


def test_escape_and_enter_work_a_door_that_has_the_focus(visitor: Make) -> None:
    doors = show_doors(visitor())
    doors.leaf(RADIO.title).focus()
    doors.page.keyboard.press("Tab")
    doors.is_open(BREAD.title)
    doors.page.keyboard.press("Escape")
    doors.is_shut(BREAD.title)
    expect(doors.leaf(BREAD.title)).to_be_focused()
    doors.page.keyboard.press("Enter")
    doors.is_open(BREAD.title)
    doors.page.keyboard.press("Enter")
    doors.is_shut(BREAD.title)


def test_escape_closes_what_a_tap_opened(visitor: Make) -> None:
    doors = show_doors(visitor(**PHONE))
    doors.doorway(BREAD.title).tap()
    doors.is_open(BREAD.title)
    doors.page.keyboard.press("Escape")
    doors.is_shut(BREAD.title)


def test_a_link_behind_a_door_can_be_reached_by_keyboard(visitor: Make) -> None:
    doors = show_doors(visitor())
    doors.leaf(MENDING.title).focus()
    doors.page.keyboard.press("Tab")
    assert MENDING.link is not None
    link = doors.page.get_by_role("link", name=MENDING.link.text)
    expect(link).to_be_focused()
    doors.is_open(MENDING.title)
    doors.page.keyboard.press("Enter")
    expect(doors.page.locator("#contact")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_behind_a_door_stand_out(visitor: Make, scheme: str) -> None:
    doors = show_doors(visitor(color_scheme=scheme))
    colours = [
        style_of(doors.words(BREAD.title), "color"),
        style_of(doors.doorway(BREAD.title), "backgroundColor"),
    ]
    assert doors.page.evaluate(CONTRAST, colours) >= 4.5


def test_one_door_is_ajar_as_a_hint(visitor: Make) -> None:
    doors = show_doors(visitor())
    assert style_of(doors.leaf(RADIO.title), "transform") != "none"
    assert style_of(doors.leaf(BREAD.title), "transform") == "none"


def test_with_less_motion_nothing_moves(visitor: Make) -> None:
    doors = show_doors(visitor(reduced_motion="reduce"))
    assert doors.page.evaluate("document.getAnimations().length") == 0
    doors.doorway(BREAD.title).hover()
    expect(doors.leaf(BREAD.title)).to_have_css("opacity", "0")
    assert style_of(doors.leaf(BREAD.title), "transform") == "none"
    assert doors.page.evaluate("document.getAnimations().length") == 0


def test_the_porch_has_depth_while_the_page_is_scrolled_and_nothing_shifts(visitor: Make) -> None:
    ann = visitor(fresh=True)
    ann.context.add_init_script(SHIFT)
    page = ann.open("/")
    page.evaluate("document.fonts.ready")
    assert style_of(page.locator(".scene .far"), "transform") in ("none", "matrix(1, 0, 0, 1, 0, 0)")
    page.evaluate("scrollTo({ top: 320, behavior: 'instant' })")
    page.wait_for_function(
        "() => new DOMMatrix(getComputedStyle(document.querySelector('.scene .far')).transform).f > 5"
    )
    assert page.evaluate("window.shift") < 0.01


@pytest.mark.parametrize("device", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize(
    "signed_in", [True, pytest.param(False, marks=pytest.mark.long)], ids=["signed-in", "signed-out"]
)
def test_nothing_sticks_out_sideways(
    visitor: Make, person: Make, device: dict[str, object], signed_in: bool
) -> None:
    page = (person if signed_in else visitor)(**device).open("/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    outside = page.evaluate(
        "[...document.querySelectorAll('a, button, input, h1, h2, h3, p, li, dd')]"
        ".filter((one) => !one.closest('.skip')).map((one) => [one.getBoundingClientRect(), one])"
        ".filter(([box]) => box.width && (box.left < -1 || box.right > innerWidth + 1))"
        ".map(([, one]) => one.outerHTML.slice(0, 80))"
    )
    assert outside == []


def test_letters_of_twice_the_size_still_fit(visitor: Make) -> None:
    ann = visitor(viewport={"width": 640, "height": 800})
    page = ann.open("/")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("device", [SMALL_PHONE, PHONE, LAPTOP], ids=["small-phone", "phone", "laptop"])
def test_every_part_of_the_page_can_be_reached_from_the_bar(visitor: Make, device: dict[str, object]) -> None:
    page = visitor(**device).open("/")
    bar = page.get_by_role("navigation", name="This page")
    for link in SITE.nav:
        page.evaluate("scrollTo(0, 0)")
        expect(bar.get_by_role("link", name=link.text)).to_be_in_viewport()
        bar.get_by_role("link", name=link.text).click()
        expect(page.locator(link.url).get_by_role("heading").first).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("link", name="Rooms")).to_be_in_viewport()


@pytest.mark.parametrize("device", [SMALL_PHONE, PHONE], ids=["small-phone", "phone"])
def test_what_a_thumb_presses_is_large_enough(visitor: Make, device: dict[str, object]) -> None:
    page = visitor(**device).open("/")
    small = page.evaluate(
        "[...document.querySelectorAll('a, button, input:not([type=hidden])')]"
        ".filter((one) => !one.closest('.skip, .behind')).map((one) => [one.getBoundingClientRect(), one])"
        ".filter(([box]) => box.width < 24 || box.height < 24).map(([, one]) => one.outerHTML)"
    )
    assert small == []


def test_the_button_of_the_hero_leads_straight_to_talking(visitor: Make) -> None:
    page = visitor().open("/")
    page.get_by_role("button", name="Talk to me").click()
    page.get_by_label("What should we call you?").fill(a_name("Visitor"))
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Talk with Oda Fenwick")
    expect(page.get_by_role("log")).to_be_visible()


def test_the_switch_works_at_once_and_is_kept(visitor: Make) -> None:
    ann = visitor(color_scheme="light")
    page = ann.open("/")
    body = page.locator("html")
    expect(body).to_have_css("background-color", LIGHT)
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="Dark").click()
    expect(body).to_have_css("background-color", DARK)
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert (
        page.locator("meta[name=theme-color]").evaluate_all("all => all.map((m) => m.content)")
        == ["#153238"] * 2
    )
    expect(page).to_have_url(ann.url + "/")
    for path in ("/", "/chatrooms/", "/sessions/new/"):
        ann.open(path)
        expect(body).to_have_css("background-color", DARK)
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="System").click()
    expect(body).to_have_css("background-color", LIGHT)
    assert page.locator("meta[name=theme-color]").evaluate_all("all => all.map((m) => m.content)") == [
        "#d5ebf0",
        "#153238",
    ]
    page.emulate_media(color_scheme="dark")
    expect(body).to_have_css("background-color", DARK)


def test_the_switch_works_without_scripts(visitor: Make) -> None:
    ann = visitor(color_scheme="dark", java_script_enabled=False)
    page = ann.open("/chatrooms/")
    page.get_by_role("button", name="Light").click()
    expect(page).to_have_url(ann.url + "/chatrooms/")
    expect(page.locator("html")).to_have_css("background-color", LIGHT)


def test_in_forced_colours_every_door_has_an_edge_and_words(visitor: Make) -> None:
    doors = show_doors(visitor(forced_colors="active"))
    assert style_of(doors.doorway(BREAD.title), "borderTopStyle") == "solid"
    doors.doorway(BREAD.title).hover()
    doors.is_open(BREAD.title)


def test_on_paper_the_words_behind_the_doors_are_printed(visitor: Make) -> None:
    page = visitor(color_scheme="dark").open("/")
    page.emulate_media(media="print")
    doors = Doors(page)
    for title, _ in BEHIND:
        expect(doors.words(title)).to_have_css("opacity", "1")
        assert style_of(doors.leaf(title), "position") == "static"
    expect(page.get_by_role("navigation")).to_have_count(0)


def test_a_first_visit_is_light(visitor: Make) -> None:
    ann = visitor(fresh=True)
    sizes: dict[str, int] = {}

    def note(request: Request) -> None:
        size = request.sizes()
        sizes[request.url] = size["responseBodySize"] + size["responseHeadersSize"]

    ann.page.on("requestfinished", note)
    ann.open("/").wait_for_load_state("networkidle")
    ann.page.evaluate("document.fonts.ready")
    ann.until(lambda: sum("/fonts/" in address for address in sizes) == 3)
    assert sum(sizes.values()) < BUDGET, sizes
    fonts = sum(size for address, size in sizes.items() if "/fonts/" in address)
    assert fonts < 46_000
    assert not any(name in address for address in sizes for name in ("message", "composer", "room", "socket"))


def test_a_room_does_not_load_the_front_page(person: Make) -> None:
    ann = person(fresh=True)
    addresses: list[str] = []

    def note(request: Request) -> None:
        addresses.append(request.url)

    ann.page.on("request", note)
    ann.enter(ann.guest.open_chat("Light")).ready()
    assert not any(name in address for address in addresses for name in ("landing", "doors", "prose"))
