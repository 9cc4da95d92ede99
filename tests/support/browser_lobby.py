"""The lobby's page by what a person sees of it, and people with accounts who look at it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Person
from tests.support.people import PASSWORD, a_name

# Said before the page's own scripts run: this browser asks again and again rather than keep a line open.
ASK = "if (location.protocol === 'http:') localStorage.setItem('porch.polling', 'yes')"
# A page that nobody looks at.
IN_THE_BACKGROUND = """
Object.defineProperty(document, "hidden", { get: () => true });
Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
"""


def sign_up(one: Person, name: str | None = None) -> Person:
    """Make an account and be it, without its page."""
    name = name or a_name("Member")
    answer = one.context.request.post(f"{one.url}/users", data={"username": name, "password": PASSWORD})
    assert answer.status == 201, answer.text()
    session = answer.json()
    one.name = one.guest.username = session["username"]
    one.guest.token, one.guest.user_id = session["token"], session["user_id"]
    return one


def log_in(one: Person, as_who: Person) -> Person:
    """Be somebody who has an account, in another browser."""
    answer = one.context.request.post(
        f"{one.url}/sessions", data={"username": as_who.name, "password": PASSWORD}
    )
    assert answer.status == 201, answer.text()
    session = answer.json()
    one.name = one.guest.username = session["username"]
    one.guest.token, one.guest.user_id = session["token"], session["user_id"]
    return one


class Lobby:
    """An open lobby."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.list = page.locator("#rooms")
        self.names = page.locator("#rooms .name bdi")
        self.notice = page.locator("#notice")
        self.announcer = page.locator("#announcer")
        self.search = page.get_by_role("searchbox", name="Find a room")

    @classmethod
    def of(cls, one: Person, *, polling: bool = False, page: Page | None = None) -> Lobby:
        if polling:
            one.context.add_init_script(ASK)
        return cls(one.open("/chatrooms/", page=page)).ready()

    def ready(self) -> Lobby:
        """Wait until the page's scripts have taken the list over."""
        expect(self.page.locator("#rooms")).to_have_attribute("data-live", "")
        return self

    def row(self, name: str) -> Locator:
        return self.page.locator("#rooms > .room").filter(has=self.page.get_by_text(name, exact=True))

    def order(self, *names: str) -> list[str]:
        """These rooms, in the order they stand in."""
        return [found for found in self.names.all_text_contents() if found in names]

    def manage(self, name: str) -> Locator:
        """Open a room's menu."""
        self.page.get_by_label(f"Manage {name}", exact=True).click()
        return self.row(name).locator(".menu")


def fill_in(page: Page, name: str, password: str) -> None:
    """The form for coming in with a password."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(password)
