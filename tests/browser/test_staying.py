"""Forms with long texts, when what they send does not arrive: they stay, with all that was written."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import UNREACHABLE, Person
from tests.support.people import Guest, Json

Make = Callable[..., Person]

LONG = "It took an evening to write.\n\nAnd then another."
TOO_LONG = "a" * 10_001


def stays(page: Page, label: str, words: str) -> None:
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_in_viewport()
    expect(page.get_by_label(label, exact=True)).to_have_value(LONG)


def test_the_sites_editor_keeps_what_could_not_be_saved_and_saves_it_then(own_desk: Make) -> None:
    one = own_desk()
    one.expects(UNREACHABLE)
    page = one.open("/site/files/about.md/")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Text", exact=True).fill(LONG)
    one.context.set_offline(True)
    page.get_by_role("button", name="Publish").click()
    stays(page, "Text", "Not saved: The server does not answer. What you wrote is still here.")
    page.get_by_role("link", name="Your site").click()
    one.was_asked()
    one.context.set_offline(False)
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved as a draft.")
    expect(page.get_by_label("Text", exact=True)).to_have_value(LONG)
    page.get_by_role("link", name="Your site").click()
    expect(page).to_have_url(f"{one.url}/site/")


def test_what_was_saved_without_the_answer_arriving_is_no_change_by_somebody_else(own_desk: Make) -> None:
    one = own_desk()
    one.expects(UNREACHABLE)
    page = one.open("/site/front/")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Headline").fill("Mind the step.")
    page.route("**/site/front/", lambda route: [route.fetch(max_redirects=0), route.abort()])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="Not saved")).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(one.open("/").get_by_role("heading", level=1)).to_have_text("Mind the step.")


def test_a_preview_while_it_is_saved_is_nothing_that_is_not_saved(own_desk: Make) -> None:
    page = own_desk().open("/site/files/about.md/")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Text", exact=True).fill(LONG)
    saves: list[Route] = []

    def hold(save: Route) -> None:
        saves.append(save)

    page.route("**/site/files/about.md/", hold, times=1)
    page.get_by_role("button", name="Save as a draft").click()
    with page.expect_request("**/site/preview/"):
        page.get_by_role("button", name="Preview").click()
    saves[0].continue_()
    expect(page.get_by_role("status").first).to_contain_text("Saved as a draft.")


def test_who_went_on_writing_while_it_was_saved_and_stays_can_save_that(own_desk: Make) -> None:
    one = own_desk()
    one.expects("status of 409")
    page = one.open("/site/files/about.md/")
    page.wait_for_load_state("networkidle")
    text = page.get_by_label("Text", exact=True)
    text.fill(LONG)
    saves: list[Route] = []

    def hold(save: Route) -> None:
        saves.append(save)

    page.route("**/site/files/about.md/", hold, times=1)
    with page.expect_request("**/site/files/about.md/"):
        page.get_by_role("button", name="Save as a draft").click()
    text.press_sequentially("!")
    saves[0].continue_()
    one.was_asked()
    with page.expect_request(lambda request: request.method == "POST" and "/files/" in request.url):
        page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("alert").filter(has_text="changed")).to_be_visible()
    expect(text).to_have_value(re.compile("!"))


@pytest.fixture
def ann(person: Make) -> Person:
    one = person()
    one.expects(UNREACHABLE)
    return one


@pytest.fixture
def form(request: pytest.FixtureRequest, ann: Person, host: Guest, chat: Json) -> tuple[Page, str, str]:
    """One that a person fills in at length: its page, the field's label, and what the button says."""
    ann.guest.join(chat)
    name, label, button = request.param
    writer = host if name == "report" else ann.guest
    seq = writer.send(chat, "Of a morning")["seq"]
    page = ann.open(f"{chat['url']}messages/{seq}/{name}/")
    page.wait_for_load_state("networkidle")
    page.get_by_label(label).fill(LONG)
    return page, label, button


REPORT = ("report", "What is wrong with it?", "Report")
EDIT = ("edit", "What you said", "Save")


@pytest.mark.parametrize("form", [REPORT, EDIT], indirect=True, ids=["report", "edit"])
def test_a_form_that_finds_no_server_stays(ann: Person, form: tuple[Page, str, str]) -> None:
    page, label, button = form
    ann.expects("status of 502")
    ann.expects("status of 403")
    there = page.url
    ann.context.set_offline(True)
    page.get_by_role("button", name=button).click()
    stays(page, label, "The server does not answer. What you wrote is still here.")
    ann.context.set_offline(False)
    page.route(there, lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad</h1>"))
    page.get_by_role("button", name=button).click()
    stays(page, label, "The server does not answer.")
    page.unroute_all()
    page.route(there, lambda route: route.fulfill(status=403, json={"error": {"reason": "none of ours"}}))
    page.get_by_role("button", name=button).click()
    stays(page, label, "The server did not understand.")
    page.unroute_all()
    page.get_by_role("button", name=button).click()
    expect(page).not_to_have_url(there)
    expect(page.get_by_text("Reported." if button == "Report" else "And then another.")).to_be_visible()


@pytest.mark.parametrize("form", [EDIT], indirect=True)
def test_a_form_of_somebody_who_was_logged_out_waits_for_them(
    ann: Person, form: tuple[Page, str, str]
) -> None:
    page, label, button = form
    ann.expects("status of 401")
    cookies = ann.context.cookies()
    ann.context.clear_cookies()
    page.get_by_role("button", name=button).click()
    stays(page, label, "Not saved: Sign in first.")
    ann.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("And then another.")).to_be_visible()


@pytest.mark.parametrize("form", [EDIT], indirect=True)
def test_what_is_wrong_with_a_form_is_said_on_its_page(ann: Person, form: tuple[Page, str, str]) -> None:
    page, label, button = form
    ann.expects("status of 400")
    page.get_by_label(label).fill(TOO_LONG)
    page.get_by_role("button", name=button).click()
    expect(page.get_by_label(label)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label(label)).to_have_value(TOO_LONG)
