"""Editing the owner's site in a real browser: the form, and the preview beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser import LAPTOP, PHONE, Person
from tests.support.browser_axe import Axe
from tests.support.browser_layout import STICKING_OUT
from tests.support.server import Server
from tests.support.site import change as change_file
from tests.support.site import landscape

Make = Callable[..., Person]

FILES = ("projects/isobar.md", "interests/mending.md", "about.md", "press.html", "custom.css")


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


@pytest.mark.parametrize("locale", [pytest.param("en-GB", marks=pytest.mark.long), "de-DE"])  # longer words
def test_on_a_phone_the_buttons_of_a_draft_stand_in_one_row(desk: Make, locale: str) -> None:
    one = desk(**PHONE, locale=locale)
    page = one.open("/site/files/projects/secret.md/")
    buttons = page.locator(".deskbar .btn:visible")
    expect(buttons).to_have_count(3)
    assert len({button.bounding_box()["y"] for button in buttons.all()}) == 1  # type: ignore[index]
    assert page.evaluate(STICKING_OUT) == []


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
    one.was_asked()
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
    one.was_asked()
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


def test_a_change_made_meanwhile_is_shown_and_not_overwritten(own_desk: Make, own_server: Server) -> None:
    one = own_desk()
    one.expects("status of 409")
    page = one.open("/site/files/about.md/")
    change_file(own_server.site / "about.md", "I grew up", "I was born")
    page.get_by_label("Text").fill("Written here.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was overwritten.")
    expect(page.get_by_label("Text")).to_have_value("Written here.")
    expect(page.locator("pre")).to_contain_text("I was born")


def test_the_form_stays_where_it_is_when_another_page_is_looked_for(desk: Make) -> None:
    page = desk(**LAPTOP).open("/site/front/")
    form = page.locator("form[data-editor]")
    before = form.bounding_box()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Go to").get_by_role("combobox")).to_be_focused()
    assert form.bounding_box() == before


@pytest.mark.long
@pytest.mark.parametrize("width", [360, 768, 1440])
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
