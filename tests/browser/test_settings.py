"""A room's settings in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, Person
from tests.support.people import Guest, a_name
from tests.support.server import Server
from tests.support.ways import with_scripts_and_at_length_without

Make = Callable[..., Person]


@with_scripts_and_at_length_without
def test_a_room_from_its_settings_to_its_end(
    account: Make, visitor: Make, host: Guest, scripts: bool
) -> None:
    mary, juno = account(java_script_enabled=scripts), visitor(java_script_enabled=scripts)
    juno.sign_in(a_name("Juno"))
    chat = mary.guest.open_chat("Choir", "listed")
    page = mary.open(f"{chat['url']}settings/")
    expect(page.get_by_role("radio", name=re.compile("^Listed"))).to_be_checked()
    page.get_by_label("Name", exact=True).fill("Choir, second voices")
    page.get_by_role("radio", name=re.compile("^Private")).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Choir, second voices")
    expect(page.get_by_role("radio", name=re.compile("^Private"))).to_be_checked()

    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#invitation").inner_text()
    theirs = juno.open(urlsplit(link).path)
    theirs.get_by_role("button", name="Come in").click()
    expect(theirs).to_have_url(juno.url + chat["url"])

    page.get_by_label("Invite by name").fill(host.username)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("status")).to_contain_text("a member now")
    expect(page.locator(".member")).to_have_count(3)
    page.get_by_role("link", name=f"Remove {juno.name}").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".member")).to_have_count(2)

    page.get_by_role("link", name="Delete the room").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete “Choir, second voices”?")
    page.get_by_role("main").get_by_role("button", name="Delete the room").click()
    expect(page).to_have_url(mary.url + "/chatrooms/?done=deleted")
    juno.expects("status of 4(04|10)", "WebSocket")
    mary.expects("status of 4(04|10)")


@pytest.mark.parametrize(
    ("device", "scripts"),
    [
        pytest.param({}, True, marks=pytest.mark.long),
        pytest.param({}, False, marks=pytest.mark.long),
        (PHONE, True),
        pytest.param(PHONE, False, marks=pytest.mark.long),
    ],
    ids=["desktop-scripts", "desktop-no-scripts", "phone-scripts", "phone-no-scripts"],
)
def test_whoever_is_in_a_room_reads_who_is_a_member(
    visitor: Make, server: Server, device: dict[str, Any], scripts: bool
) -> None:
    owner = Guest.sign_in(server.url)
    chat = owner.open_chat("Choir", "link")
    for _ in range(49):
        Guest.sign_in(server.url).join(chat)
    juno = visitor(java_script_enabled=scripts, **device)
    juno.sign_in(a_name("Juno"))
    juno.guest.join(chat)
    page = juno.open(chat["url"])
    if device:
        page.get_by_role("link", name="The link to this room").tap()
    page.get_by_role("link", name="Members", exact=True).click()
    expect(page.get_by_role("heading", name="Who is a member")).to_be_visible()
    expect(page.locator(".member")).to_have_count(50)
    expect(page.locator(".member").first).to_contain_text(owner.username)
    expect(page.locator(".member").first).to_contain_text("opened the room")
    page.get_by_role("link", name="More members").click()
    expect(page.locator(".member")).to_have_count(1)
    expect(page.locator(".member")).to_contain_text(juno.name)
    page.get_by_role("link", name="From the first").click()
    expect(page.locator(".member")).to_have_count(50)
    page.get_by_role("link", name="Back to the room").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choir")


def test_a_one_time_link_is_copied(account: Make) -> None:
    mary = account()
    mary.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat = mary.guest.open_chat("Choir")
    page = mary.open(f"{chat['url']}settings/")
    page.get_by_role("button", name="Make a link").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#invitation").inner_text()
