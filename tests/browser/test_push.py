"""Being told on a device that nobody looks at: asking for it, being told, and the end of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Person
from tests.support.database import rows
from tests.support.people import Guest
from tests.support.push_service import PushedBrowser, PushService
from tests.support.server import Server

Make = Callable[..., Person]
# This browser has no push service behind it: its part is played by one of the tests'.
SUBSCRIBE = """
const fake = %s;
let subscription = null;
PushManager.prototype.getSubscription = async () => subscription;
PushManager.prototype.subscribe = async (options) => {
  if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error("refused");
  subscription = {
    endpoint: fake.endpoint, options, toJSON: () => fake,
    unsubscribe: async () => { subscription = null; return true; },
  };
  return subscription;
};
Notification.requestPermission = async () => "granted";
// A browser without windows has "denied", whatever it is granted.
Object.defineProperty(Notification, "permission", { get: () => "granted" });
"""


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as service:
        yield service


def play(bob: Person, browser: PushedBrowser) -> None:
    bob.context.grant_permissions(["notifications"])
    bob.context.add_init_script(SUBSCRIBE % json.dumps({"endpoint": browser.endpoint, "keys": browser.keys}))


def be_told_here(page: Page) -> None:
    """Ask for it in a room."""
    page.get_by_role("button", name="Tell me on this device").click()
    expect(page.get_by_text("also when no page of this site is open")).to_be_visible()


def test_whoever_asked_is_told_when_they_have_gone_and_no_more_when_they_have_enough(
    visitor: Make, start_server: Callable[..., Server], service: PushService
) -> None:
    site = start_server(push_services="127.0.0.1")
    ann = Guest.sign_in(site.url)
    chat = ann.open_chat("The ridge station")
    bob = visitor(url=site.url)
    browser = service.browser("bob")
    play(bob, browser)
    room = bob.come_in(chat, "Bob")
    with room.page.expect_response("**/sessions/current/active"):  # that somebody looks
        be_told_here(room.page)
    assert room.page.evaluate("navigator.serviceWorker.ready.then((one) => one.active.scriptURL)").endswith(
        "/sw.js"
    )
    room.page.goto("about:blank")
    ann.send(chat, "The kettle is on")
    _, _, body = service.next(within=30)
    assert browser.read(body)["content"] == "The kettle is on"

    room = bob.enter(chat).ready()
    room.page.get_by_role("button", name="Do not tell me on this device").click()
    expect(room.page.get_by_role("button", name="Tell me on this device", exact=True)).to_be_visible()
    assert rows(site.data, "SELECT count(*) FROM push_subscription") == [(0,)]


def test_whoever_comes_next_has_not_asked_to_be_told(
    visitor: Make, start_server: Callable[..., Server], service: PushService
) -> None:
    site = start_server(push_services="127.0.0.1")
    chat = Guest.sign_in(site.url).open_chat()
    bob = visitor(url=site.url)
    play(bob, service.browser("bob"))
    # Nothing can be shown in a browser without windows: its part is played by these.
    bob.context.add_init_script(
        "ServiceWorkerRegistration.prototype.getNotifications = async () =>"
        " [{ close: () => { localStorage.closed = 'yes'; } }];"
    )
    page = bob.come_in(chat, "Bob").page
    be_told_here(page)
    page.goto(f"{site.url}/logout/")
    page.get_by_role("button", name="Log out").last.click()
    page.wait_for_url(f"{site.url}/")
    assert page.evaluate("localStorage.closed") == "yes"
    assert page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one === undefined)")

    page = bob.come_in(chat, "Cleo").page
    expect(page.get_by_role("button", name="Tell me on this device", exact=True)).to_be_visible()
    assert rows(site.data, "SELECT count(*) FROM push_subscription") == [(0,)]


def test_without_a_network_the_app_says_so(
    visitor: Make, start_server: Callable[..., Server], service: PushService
) -> None:
    site = start_server(push_services="127.0.0.1")
    chat = Guest.sign_in(site.url).open_chat()
    bob = visitor(url=site.url)
    play(bob, service.browser("bob"))
    room = bob.come_in(chat, "Bob")
    be_told_here(room.page)
    bob.expects("net::ERR", "Failed to load")
    site.kill()
    room.page.goto(f"{site.url}/chatrooms/")
    expect(room.page.get_by_role("heading", name="There is no network")).to_be_visible()
