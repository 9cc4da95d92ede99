"""The pages about keys: the account page's part, and the one on which two people compare theirs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Person
from tests.support.keys import Keys
from tests.support.people import PASSWORD

Make = Callable[..., Person]
HAS_KEYS = "This browser has your keys."


@pytest.fixture
def ann(account: Make) -> Person:
    """Somebody whose browser has keys, on the account page."""
    one = account()
    one.open("/account/")
    says(one.page, HAS_KEYS)
    return one


def says(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator("#keys-word")).to_contain_text(words)


def groups(page: Page) -> list[str]:
    """The recovery key that is shown."""
    return [text.strip() for text in page.locator("#recovery-groups li").all_text_contents()]


def save_recovery(page: Page) -> str:
    """Look at the recovery key, and say that it is saved."""
    page.get_by_role("button", name="Show the recovery key").click()
    shown = groups(page)
    for field in page.locator("#check-recovery input").all():
        number = int(re.sub(r"\D", "", field.get_attribute("id") or ""))
        field.fill(shown[number].lower())
    page.get_by_role("button", name="I have saved it").click()
    expect(page.locator("#keys-recovery")).to_be_hidden()
    return " ".join(shown)


def test_a_new_browser_is_let_in_shut_out_and_comes_back_by_the_recovery_key(
    ann: Person, account: Make
) -> None:
    page = ann.page
    key = save_recovery(page)
    assert re.fullmatch(r"([0-9A-Z]{4} ){13}[0-9A-Z]{4}", key)
    phone = account(of=ann)
    there = phone.open("/account/")
    says(there, "This browser does not have your keys")
    there.get_by_role("button", name="Ask to be let in").click()
    code = there.locator("#own-code")
    expect(code).to_have_text(re.compile(r"^(\d{4} ){5}\d{4}$"))
    expect(there.locator("#own-qr svg")).to_be_visible()
    request = page.locator("#keys-requests li")
    expect(request.locator(".key-code")).to_have_text(code.text_content() or "")
    request.get_by_role("button", name="The code is the same").click()
    says(there, "until you have said so yourself")
    expect(there.locator("#let-in-code")).to_have_text(code.text_content() or "")
    there.get_by_role("button", name="Yes, it was the same").click()
    says(there, HAS_KEYS)
    expect(there.locator("#keys-recovery")).to_be_hidden()
    rows = page.locator("#keys-devices > li")
    expect(rows).to_have_count(3)
    expect(rows.filter(has=page.locator(".lead:visible"))).to_have_count(1)
    expect(rows.get_by_role("button", name=re.compile("^Shut out"))).to_have_count(1)
    rows.get_by_role("button", name=re.compile("^Shut out")).click()
    page.get_by_role("button", name="Shut it out").click()
    expect(rows).to_have_count(2)
    says(there, "This browser does not have your keys")
    there.get_by_label("With the recovery key").fill(key[:-1] + ("0" if key[-1] != "0" else "1"))
    there.get_by_role("button", name="Use the recovery key").click()
    expect(there.locator("#recover #keys-error")).to_contain_text("one of its letters is another")
    there.get_by_label("With the recovery key").fill(key.lower().replace(" ", ""))
    there.get_by_role("button", name="Use the recovery key").click()
    says(there, HAS_KEYS)
    expect(rows).to_have_count(3)


def test_a_browser_is_called_in_the_readers_language(account: Make) -> None:
    page = account(locale="de-DE").open("/account/")
    expect(page.locator("#keys-devices h4").first).to_have_text("Chrome auf Linux")


def test_the_recovery_key_is_offered_until_two_groups_show_that_it_is_saved(ann: Person) -> None:
    page = ann.page
    page.get_by_role("button", name="Show the recovery key").click()
    shown = groups(page)
    assert len(shown) == 14
    saved = page.get_by_role("link", name="Save as a file").get_attribute("href") or ""
    assert "%20".join(shown) in saved
    for field in page.locator("#check-recovery input").all():
        field.fill("0000")
    page.get_by_role("button", name="I have saved it").click()
    expect(page.locator("#check-error")).to_contain_text("is another")
    page.reload()
    says(page, HAS_KEYS)
    page.get_by_role("button", name="Show the recovery key").click()
    assert groups(page) == shown, "it is the same until it was saved"
    page.reload()
    assert save_recovery(page) == " ".join(shown)
    page.reload()
    says(page, HAS_KEYS)
    expect(page.locator("#keys-recovery")).to_be_hidden()
    page.get_by_text("Make another recovery key", exact=True).click()
    page.get_by_role("button", name="Make another").click()
    expect(page.locator("#recovery-groups li")).to_have_count(14)
    assert groups(page) != shown
    told = ann.guest.get("/keys")
    assert [device["kind"] for device in told["devices"]].count("recovery") == 1


def scan(page: Page, address: str) -> None:
    """What a camera does with the link in a code."""
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_function("location.hash === ''")


@pytest.mark.long
def test_the_page_that_lets_in_compares_what_was_scanned(ann: Person, account: Make) -> None:
    phone = account(of=ann)
    there = phone.open("/account/")
    there.get_by_role("button", name="Ask to be let in").click()
    expect(there.locator("#own-qr svg")).to_be_visible()
    code = (there.locator("#own-code").text_content() or "").replace(" ", "")
    equal = ann.page.get_by_text("Equal: it is the code that you have just scanned")
    other = ann.page.get_by_text("NOT the same")
    scan(ann.page, f"{ann.url}/account/#let-in={code[::-1]}")
    expect(other).to_be_visible()
    expect(equal).to_be_hidden()
    # A link that is opened in the very page.
    ann.page.evaluate("(code) => { location.hash = `let-in=${code}`; }", code)
    expect(equal).to_be_visible()
    expect(other).to_be_hidden()
    ann.page.get_by_role("button", name="The code is the same").click()
    expect(ann.page.locator("#keys-requests")).to_be_hidden()
    expect(other).to_be_hidden()
    there.get_by_role("button", name="Yes, it was the same").click()
    says(there, HAS_KEYS)
    ann.page.get_by_role("button", name=re.compile("^Shut out")).click()
    ann.page.get_by_role("button", name="Shut it out").click()
    says(there, "does not have your keys")
    expect(ann.page.locator("#keys-devices > li")).to_have_count(2)
    expect(other).to_be_hidden()


@pytest.mark.long
def test_what_was_scanned_is_not_lost_where_somebody_has_to_log_in_first(ann: Person, visitor: Make) -> None:
    phone = visitor()
    scan(phone.page, f"{phone.url}/account/#let-in={'1' * 24}")
    phone.page.get_by_label("Name").fill(ann.name)
    phone.page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.page.get_by_role("button", name="Log in").click()
    expect(phone.page.get_by_text("this one here cannot let it in")).to_be_visible()
    assert "#" not in phone.page.url


def test_who_has_lost_everything_begins_anew_and_an_old_browser_notices(ann: Person, account: Make) -> None:
    before = ann.guest.get("/keys")["identity"]
    phone = account(of=ann)
    there = phone.open("/account/")
    says(there, "This browser does not have your keys")
    there.get_by_text("You have neither").click()
    there.get_by_label("Your password").fill("wrong")
    phone.expects("401")
    there.get_by_role("button", name="Begin anew").click()
    expect(there.locator("#keys-error")).to_contain_text("not your password")
    there.get_by_label("Your password").fill(PASSWORD)
    there.get_by_role("button", name="Begin anew").click()
    says(there, HAS_KEYS)
    assert ann.guest.get("/keys")["identity"] != before
    says(ann.page, "tells other keys for your account")
    ann.page.get_by_text("It was you who began anew").click()
    ann.page.get_by_role("button", name="Take the new keys for mine").click()
    says(ann.page, "This browser does not have your keys")


def test_two_people_compare_and_another_key_of_a_verified_contact_is_told(ann: Person, account: Make) -> None:
    bob = account()
    bob.open("/account/")
    says(bob.page, HAS_KEYS)
    chat = ann.guest.open_direct(bob.guest)
    pages = [one.open(f"{chat['url']}verify/") for one in (ann, bob)]
    for page in pages:
        expect(page.locator("#safety-number li")).to_have_count(12)
        expect(page.locator("#safety-code svg")).to_be_visible()
    here, there = pages
    number, code = (here.locator(f"#{name}").bounding_box() for name in ("safety-number", "safety-code"))
    assert number
    assert code
    assert code["x"] > number["x"] + number["width"], "side by side"
    digits = "".join(here.locator("#safety-number li").all_text_contents())
    scan(there, f"{bob.url}{chat['url']}verify/#number={digits[::-1]}")
    expect(there.get_by_text("NOT equal.")).to_be_visible()
    expect(there.get_by_role("button", name="They match")).to_be_hidden()
    scan(there, f"{bob.url}{chat['url']}verify/#number={digits}")
    expect(there.get_by_text("Equal.", exact=True)).to_be_visible()
    expect(there.locator("#verified")).to_be_hidden()  # that it came from the other's screen is not known
    numbers = [page.locator("#safety-number li").all_text_contents() for page in pages]
    assert numbers[0] == numbers[1]
    here.get_by_role("button", name="They match").click()
    expect(here.locator("#verified")).to_be_visible()
    here.reload()
    expect(here.locator("#verified")).to_be_visible()
    expect(there.locator("#verified")).to_be_hidden()
    bob.guest.delete("/keys", {"password": PASSWORD})
    Keys(bob.guest).publish()
    expect(here.locator("#verify-notice")).to_contain_text("have changed since you compared them")
    expect(here.locator("#verified")).to_be_hidden()
    assert here.locator("#safety-number li").all_text_contents() != numbers[0]
    expect(there.locator("#verify-word")).to_contain_text("tells other keys for your account")
    expect(here.locator("#verify-notice")).to_contain_text("Load the page anew")
    expect(here.get_by_role("button", name="Take the new keys")).to_be_hidden()
    here.reload()
    here.get_by_role("button", name="Take the new keys").click()
    expect(here.get_by_role("button", name="They match")).to_be_visible()
    expect(here.locator("#verify-notice")).to_be_hidden()


def test_a_key_that_was_never_compared_is_replaced_and_told(ann: Person, account: Make) -> None:
    bob = Keys(account().guest)
    bob.publish()
    chat = ann.guest.open_direct(bob.person)
    here = ann.open(f"{chat['url']}verify/")
    expect(here.locator("#safety-number li")).to_have_count(12)
    bob.person.delete("/keys", {"password": PASSWORD})
    Keys(bob.person).publish()
    expect(here.locator("#verify-notice")).to_contain_text("were replaced by others")
    # Whoever has compared the number that stood here, and only presses now, would confirm another one.
    expect(here.locator("#verify-notice")).to_contain_text("Load the page anew")
    expect(here.get_by_role("button", name="They match")).to_be_hidden()
    here.reload()
    here.get_by_role("button", name="They match").click()
    expect(here.locator("#verified")).to_be_visible()
    expect(here.locator("#verify-notice")).to_be_hidden()


def test_with_a_guest_there_is_nothing_to_compare(ann: Person, person: Make) -> None:
    guest = person()
    chat = ann.guest.open_direct(guest.guest)
    page = ann.open(f"{chat['url']}verify/")
    expect(page.get_by_text("Guests have no keys")).to_be_visible()
    expect(guest.open("/account/").locator("#keys")).to_have_count(0)
