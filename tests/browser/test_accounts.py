"""Coming in with a password and one's own account, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, Person, Room
from tests.support.browser_lobby import fill_in, sign_up
from tests.support.people import PASSWORD, Guest, Json, a_name
from tests.support.ways import with_scripts_and_at_length_without

Make = Callable[..., Person]

OTHER = "two envelopes of black kale"


def is_signed_in_as(page: Page, name: str) -> None:
    expect(page.locator(".top")).to_contain_text(f"You are {name}")


# Coming in


@with_scripts_and_at_length_without
def test_somebody_signs_up_logs_out_and_logs_in_again(visitor: Make, chat: Json, scripts: bool) -> None:
    mary, name = visitor(java_script_enabled=scripts), a_name("Mary")
    page = mary.open(chat["url"])
    page.get_by_role("main").get_by_role("link", name="sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(chat["name"])
    fill_in(page, name, PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page).to_have_url(mary.url + chat["url"])
    is_signed_in_as(page, name)

    page.get_by_role("banner").get_by_role("button", name="Log out").click()
    expect(page).to_have_url(mary.url + "/")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Log in").click()
    fill_in(page, name, PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    expect(page).to_have_url(mary.url + "/")
    is_signed_in_as(page, name)


@with_scripts_and_at_length_without
def test_a_wrong_password_is_said_in_its_place(visitor: Make, account: Make, scripts: bool) -> None:
    other, mary = visitor(java_script_enabled=scripts), account()
    other.expects("status of 401")
    page = other.open("/login/?next=/account/")
    fill_in(page, mary.name, OTHER)
    page.get_by_role("button", name="Log in").click()
    password = page.get_by_label("Password", exact=True)
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    expect(password).to_be_focused()
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_have_accessible_description("The name or the password is wrong.")
    expect(page.get_by_label("Name", exact=True)).to_have_value(mary.name)
    expect(password).to_have_value(OTHER if scripts else "")
    password.fill(PASSWORD)
    password.press("Enter")
    expect(page).to_have_url(other.url + "/account/")


@with_scripts_and_at_length_without
def test_a_taken_name_comes_with_free_ones(visitor: Make, account: Make, scripts: bool) -> None:
    other, mary = visitor(java_script_enabled=scripts), account()
    other.expects("status of 409")
    page = other.open("/signup/?next=/account/")
    fill_in(page, mary.name, PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    free = page.locator("button[name=username]").first
    name = free.inner_text()
    free.click()
    if not scripts:  # a password that was sent is not sent back
        expect(page.get_by_label("Name", exact=True)).to_have_value(name)
        expect(page.get_by_label("Password", exact=True)).to_be_focused()
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign up").click()
    expect(page).to_have_url(other.url + "/account/")
    is_signed_in_as(page, name)


@with_scripts_and_at_length_without
def test_one_error_goes_when_another_comes(visitor: Make, scripts: bool) -> None:
    one = visitor(java_script_enabled=scripts)
    one.expects("status of 400")
    page = one.open("/signup/")
    fill_in(page, "bell\x07", PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    fill_in(page, a_name("Mary"), "short")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).not_to_have_attribute("aria-invalid", "true")


def test_a_password_is_shown_on_request_and_hidden_before_it_is_sent(visitor: Make) -> None:
    one = visitor()
    one.expects("status of 401")
    page = one.open("/login/")
    fill_in(page, a_name("Nobody"), OTHER)
    password = page.get_by_label("Password", exact=True)
    button = page.get_by_role("button", name="Show password")
    expect(password).to_have_attribute("type", "password")
    button.click()
    expect(password).to_have_attribute("type", "text")
    expect(password).to_have_value(OTHER)
    expect(page.get_by_role("button", name="Hide password", pressed=True)).to_be_visible()
    password.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(password).to_have_attribute("type", "password")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_without_scripts_no_button_pretends_to_work(account: Make) -> None:
    mary = account(java_script_enabled=False)
    chat = mary.guest.open_chat("The ladder")
    page = mary.open("/account/")
    expect(page.get_by_role("button", name="Show")).to_have_count(0)
    page = mary.open(f"{chat['url']}settings/")
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("#invitation")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_signed_in_meanwhile_in_another_tab_leads_on(visitor: Make) -> None:
    one = visitor()
    one.expects("status of 409")
    page = one.open("/signup/?next=/account/")
    sign_up(one, a_name("Mary"))
    fill_in(page, a_name("Mary"), PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page).to_have_url(one.url + "/account/")
    is_signed_in_as(page, one.name)


@with_scripts_and_at_length_without
def test_going_back_after_logging_out_asks_for_no_form_again(
    visitor: Make, chat: Json, scripts: bool
) -> None:
    one = visitor(java_script_enabled=scripts)
    one.sign_in(a_name("Juno"))
    page = one.open(chat["url"])
    page.get_by_role("banner").get_by_role("button", name="Log out").click()
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    expect(page).to_have_url(one.url + "/")
    page.go_back()
    expect(page.get_by_label("What should we call you?")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("What should we call you?")).to_be_visible()


# One's own account


@with_scripts_and_at_length_without
def test_an_account_from_its_first_day_to_its_last(
    account: Make, visitor: Make, chat: Json, scripts: bool
) -> None:
    mary, phone = account(java_script_enabled=scripts), visitor(java_script_enabled=scripts, **PHONE)
    first = phone.open("/login/?next=/account/")
    fill_in(first, mary.name, PASSWORD)
    first.get_by_role("button", name="Log in").click()
    expect(first.locator(".device")).to_have_count(2)

    page = mary.open("/account/")
    expect(page.locator(".device")).to_have_count(2)
    expect(page.locator(".device").filter(has_text="This one")).to_have_count(1)
    page.get_by_role("button", name="End the session").click()
    expect(page.get_by_role("status")).to_contain_text("That session has ended.")
    expect(page.locator(".device")).to_have_count(1)
    first.reload()
    expect(first).to_have_url(f"{mary.url}/login/?next=/account/")

    name = a_name("Mary Ann")
    page.get_by_label("Another name").fill(name)
    page.get_by_role("button", name="Change the name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    is_signed_in_as(page, name)

    page.get_by_label("Password now", exact=True).fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(OTHER)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status")).to_contain_text("The password is changed.")
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("The password is changed.")  # nothing is sent again

    page.get_by_role("link", name="Delete my account").click()
    page.get_by_label("Your password", exact=True).fill(OTHER)
    page.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_role("status")).to_contain_text("Your account is deleted.")
    assert Guest.sign_in(mary.url, name).username == name


@with_scripts_and_at_length_without
def test_what_is_wrong_has_the_focus(account: Make, scripts: bool) -> None:
    mary = account(java_script_enabled=scripts, **PHONE)
    mary.expects("status of 4(00|01|09)")
    page = mary.open("/account/")
    page.get_by_label("Password now", exact=True).fill("not my password")
    page.get_by_label("New password", exact=True).fill(OTHER)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_label("Password now", exact=True)).to_be_focused()
    expect(page.get_by_role("alert")).to_be_in_viewport()
    page.get_by_label("Another name").fill("Moderator")
    page.get_by_role("button", name="Change the name").click()
    expect(page.get_by_label("Another name")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(1)


def test_a_room_shows_the_bar_of_an_account(account: Make, chat: Json) -> None:
    mary = account()
    room = Room(mary.open(chat["url"])).ready()
    room.page.get_by_role("banner").get_by_role("link", name=f"You are {mary.name}").click()
    expect(room.page).to_have_url(mary.url + "/account/")


@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "Etc/GMT+12"]
)  # in one of them it is never the day of UTC
def test_the_day_of_signing_in_is_that_of_the_reader(person: Make, zone: str) -> None:
    days = [f"{datetime.now(ZoneInfo(zone)):%-d %B}"]
    page = person(timezone_id=zone).open("/account/")
    device = page.locator(".device", has_text="This one")
    days.append(f"{datetime.now(ZoneInfo(zone)):%-d %B}")
    expect(device).to_contain_text(re.compile(f"Signed in on ({'|'.join(days)})$", re.MULTILINE))
