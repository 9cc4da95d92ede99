"""The pages for coming in and for one's account, and what is read off them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from tests.support.people import PASSWORD, Guest, Json
from tests.support.visitors import Page, Visitor

OTHER = "two envelopes of black kale"


def sign_up(browser: Visitor, name: str, password: str = PASSWORD, then: str = "/account/") -> Page:
    page = browser.get("/signup/", next=then)
    return browser.submit(page.form("/signup/"), username=name, password=password)


def log_in(browser: Visitor, name: str, password: str = PASSWORD, then: str = "/account/") -> Page:
    page = browser.get("/login/", next=then)
    return browser.submit(page.form("/login/"), username=name, password=password)


def me(browser: Visitor) -> Json:
    """Who this browser is, asked by the other door."""
    return Guest(browser.url, browser.session.cookies["porch"]).who()


def name_of(browser: Visitor) -> str:
    return str(me(browser)["username"])


def bar(page: Page) -> dict[str, str]:
    """What the top bar offers: words and addresses."""
    end = next(n for n, e in enumerate(page.elements) if e.attributes.get("id") == "main")
    links = [e for e in page.elements[:end] if e.tag == "a" and "skip" not in e.attributes.get("class", "")]
    return {" ".join(e.text.split()): e.attributes["href"] for e in links}


def next_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["next"][0]


def notice(page: Page) -> str:
    return " ".join(page.one("div", role="status").text.split())


def field(page: Page, name: str) -> dict[str, str]:
    return page.one("input", id=name).attributes


def assert_refused(page: Page, status: int, name: str) -> None:
    """The page says what is wrong at this field alone, and the focus is there."""
    assert page.status == status
    assert len(page.errors) == 1
    assert field(page, name)["aria-invalid"] == "true"
    focused = [e.attributes["id"] for e in page.all("input") if "autofocus" in e.attributes]
    assert focused == [name]
    shown = [e for e in page.all("p", class_="error") if "hidden" not in e.attributes]
    assert shown[0].attributes["id"] in field(page, name)["aria-describedby"].split()
    assert PASSWORD not in page.response.text
    assert OTHER not in page.response.text
